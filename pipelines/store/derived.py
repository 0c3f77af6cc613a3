"""What is made from other tables: made anew when the program makes it otherwise now.

Opening a database checks it, so that an index is never asked in a form in which it was not written.
The tables of an index are made here and not by a migration: their form belongs to the program.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, text

from pipelines.code_changes import beijing_aliases
from pipelines.reprints import signature, similarity
from pipelines.store import bands, words
from pipelines.store.aliases import rebuild_aliases
from pipelines.store.clock import database_now
from pipelines.store.models import Derived
from pipelines.store.stories import rebuild_stories


@dataclass(frozen=True, slots=True)
class Part:
    """How one derived part is made, and a word that changes whenever that does."""

    version: Callable[[], str]
    rebuild: Callable[[Connection], None]


def _aliases_version() -> str:
    pairs = sorted(map(repr, beijing_aliases().values()))
    return hashlib.sha256("\\n".join(pairs).encode()).hexdigest()


def _made_anew(connection: Connection, table: str, statements: Sequence[str]) -> None:
    connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    for statement in statements:
        connection.execute(text(statement))


def _rebuild_words(connection: Connection) -> None:
    statements = words.create_statements(connection.dialect.name)
    _made_anew(connection, "revision_words", statements)
    words.rebuild(connection)


def _rebuild_stories(connection: Connection) -> None:
    statements = bands.create_statements(connection.dialect.name)
    _made_anew(connection, "revision_bands", statements)
    rebuild_stories(connection)


def _stories_version() -> str:
    rules = (signature.VERSION, similarity.ALIKE, similarity.SAME_NUMBERS, similarity.SAME_SYMBOLS)
    return "/".join(map(str, rules))


PARTS: Mapping[str, Part] = {
    "aliases": Part(_aliases_version, rebuild_aliases),
    "stories": Part(_stories_version, _rebuild_stories),
    "words": Part(lambda: str(words.VERSION), _rebuild_words),
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
