"""What the scheduler remembers of its jobs."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.store.models.base import AGAIN, Base


class JobState(Base):
    """One row per job of a jobs file."""

    __tablename__ = "job_state"

    name: Mapped[str] = mapped_column(String(64), primary_key=True, doc="As in the jobs file.")
    definition: Mapped[dict[str, Any]] = mapped_column(
        doc="Object: the job as the file defined it when it was last planned or run.", info=AGAIN
    )
    last_started_at: Mapped[datetime | None] = mapped_column(
        doc="Null when it never ran.", info=AGAIN
    )
    last_finished_at: Mapped[datetime | None] = mapped_column(
        doc="Null when it never ended.", info=AGAIN
    )
    last_exit_code: Mapped[int | None] = mapped_column(
        doc="Of its last run that ended; null when none did.", info=AGAIN
    )
    last_run_id: Mapped[int | None] = mapped_column(
        doc="The row in `crawl_run`; null when the run made none.", info=AGAIN
    )
    next_at: Mapped[datetime | None] = mapped_column(
        doc=(
            "When it is due next, before any jitter; a scheduler that starts takes a past one for "
            "a missed run. Null when no scheduler plans it."
        ),
        info=AGAIN,
    )
    host: Mapped[str | None] = mapped_column(
        String(255), doc="Machine that ran it last.", info=AGAIN
    )
    updated_at: Mapped[datetime] = mapped_column(doc="When this row was last written.", info=AGAIN)
