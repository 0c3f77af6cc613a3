"""What is made from other tables: made anew when the program makes it otherwise now.

Opening a database checks it, so that an index is never asked in a form in which it was not written.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from pipelines.normalise.symbols import beijing_aliases
from pipelines.store.aliases import rebuild_aliases
from pipelines.store.clock import database_now
from pipelines.store.models import Derived


@dataclass(frozen=True, slots=True)
class Part:
    """How one derived part is made, and a word that changes whenever that does."""

    version: Callable[[], str]
    rebuild: Callable[[Connection], None]


def _aliases_version() -> str:
    pairs = sorted(map(repr, beijing_aliases().values()))
    return hashlib.sha256("\\n".join(pairs).encode()).hexdigest()


PARTS: Mapping[str, Part] = {
    "aliases": Part(_aliases_version, rebuild_aliases),
}


def stale(connection: Connection) -> list[str]:
    """The names of the parts that were made by another version, or never."""
    made = dict(connection.execute(select(Derived.name, Derived.version)).all())
    return [name for name, part in PARTS.items() if made.get(name) != part.version()]


def is_fresh(connection: Connection) -> bool:
    """Whether everything is made as this program makes it."""
    return not stale(connection)


def rebuild(connection: Connection, names: list[str]) -> None:
    """Make parts anew."""
    for name in names:
        PARTS[name].rebuild(connection)
        row = {
            "name": name,
            "version": PARTS[name].version(),
            "made_at": database_now(connection),
        }
        connection.execute(delete(Derived).where(Derived.name == name))
        connection.execute(insert(Derived).values(row))


def refresh(connection: Connection) -> None:
    """Make anew what is stale."""
    rebuild(connection, stale(connection))
