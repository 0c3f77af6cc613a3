"""What is made from other tables: made anew when the program makes it otherwise now.

Opening a database checks it, so that an index is never asked in a form in which it was not written.
The tables of an index are made here and not by a migration: their form belongs to the program.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from pipelines.code_changes import beijing_aliases
from pipelines.reprints import signature, similarity
from pipelines.store import words
from pipelines.store.aliases import rebuild_aliases
from pipelines.store.clock import database_now, wait_for_writers
from pipelines.store.models import Derived
from pipelines.store.stories import rebuild_stories


@dataclass(frozen=True, slots=True)
class Part:
    """How one derived part is made, and a word that changes whenever that does."""

    version: Callable[[str], str]
    """For the name of an engine, where it may be made in another way."""
    rebuild: Callable[[Connection], object]


def _aliases_version(_engine: str) -> str:
    pairs = sorted(map(repr, beijing_aliases().values()))
    return hashlib.sha256("\\n".join(pairs).encode()).hexdigest()


def _stories_version(_engine: str) -> str:
    rules = (signature.VERSION, similarity.ALIKE, similarity.SAME_NUMBERS, similarity.SAME_SYMBOLS)
    return "/".join(map(str, rules))


PARTS: Mapping[str, Part] = {
    "aliases": Part(_aliases_version, rebuild_aliases),
    "stories": Part(_stories_version, rebuild_stories),
    "words": Part(lambda engine: str(words.VERSIONS[engine]), words.rebuild),
}


def stale(connection: Connection) -> list[str]:
    """The names of the parts that were made by another version, or never."""
    made = dict(connection.execute(select(Derived.name, Derived.version)).all())
    engine = connection.dialect.name
    return [name for name, part in PARTS.items() if made.get(name) != part.version(engine)]


def is_fresh(connection: Connection) -> bool:
    """Whether everything is made as this program makes it."""
    return not stale(connection)


def rebuild(connection: Connection, names: list[str]) -> None:
    """Make parts anew."""
    if names:  # else a writer in the middle of its work and a rebuild could wait for each other
        wait_for_writers(connection, shared=False)
    for name in names:
        PARTS[name].rebuild(connection)
        row = {
            "name": name,
            "version": PARTS[name].version(connection.dialect.name),
            "made_at": database_now(connection),
        }
        connection.execute(delete(Derived).where(Derived.name == name))
        connection.execute(insert(Derived).values(row))


def refresh(connection: Connection) -> None:
    """Make anew what is stale."""
    rebuild(connection, stale(connection))
