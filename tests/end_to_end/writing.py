"""What the drills' processes run: batches that are a function of a seed, written and reported.

`python -m tests.end_to_end.writing serve` reads orders, a line each: `URL SEED FIRST LAST`. It
forks for each, so that a round costs no imports; the child says `started PID`, `opened`, the number
of each batch when it is committed, and `ended`. However it ends, `gone` follows.

`… hang URL MINUTES PATIENCE` stops itself while it holds the clock, and tells what came of its
batch; for `MINUTES` the server waits for it.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import Engine, event, select

import pipelines.store.engine as engine_module
from finews_crawler.errors import StorageError
from finews_crawler.items import Article, Reject
from pipelines.store.batch import Item
from pipelines.store.clock import WRITERS_LOCK
from pipelines.store.engine import open_engine
from pipelines.store.models import Article as ArticleTable
from pipelines.store.models import ArticleRevision
from pipelines.store.models import Reject as RejectTable
from pipelines.store.queries import changes
from pipelines.store.runs import start_run
from pipelines.store.writer import Patience, Writer
from tests.pipelines.making import FETCHED, PAGE, article, reject

Told = tuple[int, str, int, str]
PATIENCE = 600.0
FOREVER = 1_000_000_000
OF_A_SEED = 100_000
SHARED = 90_000_000
# Of a batch: so many new articles, and one more that reprints an older one.
NEW = 4


# --- batches --------------------------------------------------------------------------------------


@lru_cache
def words(story: str) -> str:
    """A text that is like no other but its reprints."""
    signs = Random(story)
    return "。".join(
        "".join(chr(signs.randrange(0x4E00, 0x9000)) for _ in range(30)) for _ in "1234"
    )


def numbered(number: int, version: int, story: str) -> Article:
    """An article as its page tells it at the time of a batch."""
    code = f"20220614{3_000_000_000 + number}"
    return article(
        code=code,
        identity=code,
        title=f"第{number}条，第{version}版",
        body_text=words(story),
        body_html=f"<p>{words(story)}</p>",
        url=PAGE.replace(PAGE[-23:-5], code),
        fetched_at=FETCHED + timedelta(seconds=version),
    )


def _revised(number: int, version: int, dice: Random) -> Article:
    """Often with the old text: a reprint that is revised with another leaves its story."""
    return numbered(number, version, str(number) if dice.random() < 0.7 else f"{number}/{version}")


def _rejects(seed: int, number: int, dice: Random) -> list[Reject]:
    keys = [f"{seed}/{number}/{place}" for place in range(dice.randrange(3))]
    return [reject(key=sha256(key.encode()).hexdigest()[:32]) for key in keys]


def batch(seed: int, number: int) -> list[Item]:
    """The `number`-th batch: new articles, a reprint, revisions, rejects, one that seeds share."""
    dice = Random(f"{seed}/{number}")
    start = seed * OF_A_SEED
    first = start + number * (NEW + 1)
    older = [
        start + dice.randrange(number) * (NEW + 1) + dice.randrange(NEW) if number else first
        for _ in range(3)
    ]
    made: list[Item] = [numbered(first + place, number, str(first + place)) for place in range(NEW)]
    made.append(numbered(first + NEW, number, str(older[0])))
    made += [_revised(one, number, dice) for one in set(older[1:]) if one < first]
    shared = SHARED + number % 7
    made.append(numbered(shared, number, str(shared)))
    made += _rejects(seed, number, dice)
    dice.shuffle(made)
    return made


# --- what a database has of them ------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """All that a drill knows of a database; two histories of the same batches have the same."""

    feed: list[Told]
    articles: list[tuple[Any, ...]]
    revisions: list[tuple[Any, ...]]
    rejects: list[str]


_ARTICLES = select(ArticleTable.identity, ArticleTable.title, ArticleTable.revision)
_REVISIONS = select(
    ArticleTable.identity,
    ArticleRevision.number,
    ArticleRevision.title,
    ArticleRevision.content_hash,
).join(ArticleRevision, ArticleRevision.article_id == ArticleTable.id)


def feed(engine: Engine, after: int = 0) -> list[Told]:
    """What a consumer of the change feed reads."""
    told = changes(engine, after, FOREVER)
    return [(one.seq, one.identity, one.revision, one.kind) for one in told]


def state(engine: Engine) -> State:
    """Read a database whole."""
    with engine.connect() as connection:
        return State(
            feed=feed(engine),
            articles=sorted(map(tuple, connection.execute(_ARTICLES))),
            revisions=sorted(map(tuple, connection.execute(_REVISIONS))),
            rejects=sorted(str(key) for key in connection.scalars(select(RejectTable.key))),
        )


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """A database, opened for a moment."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def writer_of(engine: Engine, patience: float = PATIENCE) -> Writer:
    """A writer with a run of its own."""
    run = start_run(engine, "category", {}, datetime.now(UTC))
    return Writer(engine, run, timedelta(days=1), patience=Patience(patience))


# --- processes ------------------------------------------------------------------------------------


def say(*told: object) -> None:
    """Tell the parent, at once and in one write."""
    sys.stdout.write(" ".join(map(str, told)) + "\n")
    sys.stdout.flush()


def write(url: str, seed: int, first: int, last: int) -> None:
    """Write batches one after the other."""
    say("started", os.getpid())
    with opened(url) as engine:
        say("opened")
        writer = writer_of(engine)
        for number in count(first):
            writer.write(batch(seed, number))
            say(number)
            if number == last:
                break
    say("ended")


def serve() -> None:
    """Do what each line orders, in a process of its own."""
    import_module("pypinyin")  # with the first source; else each child would do it anew
    for line in sys.stdin:
        url, *numbers = line.split()
        seed, first, last = map(int, numbers)
        child = os.fork()
        if child == 0:
            write(url, seed, first, last)
            os._exit(0)
        os.waitpid(child, 0)
        say("gone")


def hang(url: str, minutes: str, patience: str) -> None:
    """Stop once with the clock in hand."""
    vars(engine_module)["IDLE_MINUTES"] = float(minutes)
    with opened(url) as engine:
        writer = writer_of(engine, float(patience))
        _stop_when_locked(engine)
        try:
            say(*writer.write(batch(0, 0)))
        except StorageError as error:
            say(error)


def _stop_when_locked(engine: Engine) -> None:
    stopped: list[bool] = []

    def look(_c: Any, _cursor: Any, statement: str, given: Any, *_: object) -> None:
        is_clock = "pg_advisory_xact_lock" in statement and WRITERS_LOCK in dict(given).values()
        if is_clock and not stopped:
            stopped.append(True)
            os.kill(os.getpid(), signal.SIGSTOP)

    event.listen(engine, "after_cursor_execute", look)


COMMANDS: Mapping[str, Callable[..., None]] = {"serve": serve, "hang": hang}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
