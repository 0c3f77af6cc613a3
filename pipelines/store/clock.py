"""The database's own time, and the order of its changes.

`seen_at` must never run backwards, and a consumer of the change feed that keeps one number must
miss nothing. Numbers from a sequence cannot promise that: a transaction that took number 7 can
commit after the one that took 8, and whoever has read up to 8 never asks for 7 again. So time and
numbers are given out under a lock that is held until the commit (SQLite: its one write lock;
PostgreSQL: an advisory lock, taken when all reading and deciding is done). Whoever holds it sees
what the one before has committed, and takes a later time and higher numbers.

The price is that writers write one after the other; what they do before (fetching, extracting,
comparing) they do at the same time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select, update

from finews_crawler.items import Precision
from pipelines.store.models import Clock

Now = Callable[[], datetime]
# Any number that no other program uses for its advisory locks.
WRITERS_LOCK = 0x66696E657774
STEP = timedelta(microseconds=1)
LATE = timedelta(hours=24)
_DAY = timedelta(days=1)


def database_now(connection: Connection) -> datetime:
    """The time of the database: PostgreSQL's own clock; SQLite is on this machine."""
    if connection.dialect.name == "postgresql":
        moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)
    return datetime.now(UTC)


@dataclass(slots=True)
class Tick:
    """The moment of one writing transaction, and the numbers of its changes."""

    at: datetime
    seq: int
    """The last number given out."""

    def next_seq(self) -> int:
        """Give out a number."""
        self.seq += 1
        return self.seq

    def save(self, connection: Connection) -> None:
        """Write the clock: the last statement of the transaction that looks at it."""
        connection.execute(update(Clock).values(at=self.at, seq=self.seq))


def wait_for_writers(connection: Connection, *, shared: bool) -> None:
    """Wait until no other transaction is between its tick and its commit (PostgreSQL).

    Shared is for readers, which keep writers waiting only for as long as they hold it. It needs no
    right to write, so that a read-only role can take it.
    """
    if connection.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        connection.execute(select(lock(WRITERS_LOCK)))


def tick(connection: Connection, now: Now | None = None) -> Tick:
    """Take the lock, and the moment of this transaction: later than every one before.

    `now` replaces the database's clock in tests.
    """
    wait_for_writers(connection, shared=False)
    row = connection.execute(select(Clock.at, Clock.seq)).one()
    moment = now() if now else database_now(connection)
    return Tick(at=max(moment, row.at + STEP), seq=row.seq)


def is_known_late(
    published_at: datetime | None, precision: Precision | None, first_seen_at: datetime
) -> bool | None:
    """Whether an article was first seen when it was no news any more; None without a time.

    More than 24 hours after the time that it claims; where only the day is known, after its end.

    Raises:
        ValueError: the time has no zone.
    """
    if published_at is None:
        return None
    if published_at.tzinfo is None:
        raise ValueError(f"naive time {published_at!r}: times are stored with their zone known")
    span = LATE + _DAY if precision == "day" else LATE
    return first_seen_at - published_at > span
