"""What is wrong with a site, as its listings show it, and how a run's findings are kept."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from pipelines.store.models import Finding as FindingTable
from pipelines.store.upserts import insert_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that an operator should know."""

    kind: str
    """`gap`, `silent_source`, …"""
    subject: str
    """The category, source, host or field; empty: the whole run."""
    detail: str
    since_at: datetime | None = None
    until_at: datetime | None = None

    @property
    def line(self) -> str:
        """One line for a terminal; by its kind the documents tell what to do."""
        return f"{f'{self.kind} {self.subject}'.strip()}: {self.detail}"


def write_findings(
    connection: Connection, findings: Sequence[Finding], run_id: int, at: datetime
) -> None:
    """Keep a run's findings; of the same kind and subject only the first."""
    if not findings:
        return
    statement = insert_of(connection, FindingTable).on_conflict_do_nothing(
        index_elements=["run_id", "kind", "subject"]
    )
    rows = [{**asdict(one), "run_id": run_id, "seen_at": at} for one in findings]
    connection.execute(statement, rows)


def load_findings(connection: Connection, run_id: int) -> list[Finding]:
    """Read a run's findings, in the order in which they were made."""
    columns = (FindingTable.kind, FindingTable.subject, FindingTable.detail)
    query = select(*columns, FindingTable.since_at, FindingTable.until_at)
    wanted = query.where(FindingTable.run_id == run_id).order_by(FindingTable.id)
    return [Finding(**row._mapping) for row in connection.execute(wanted)]
