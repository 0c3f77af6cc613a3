"""`finews.connect`: ask a database."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar, Unpack, cast, get_args

from sqlalchemy import Engine

from finews.asking import symbol_of
from finews.reader.arrow import flat_hit
from finews.reader.rows import Changes, Rows, clear_errors
from finews.reader.wanted import Moment, Names, Wanted, filter_of_keywords
from finews_crawler.errors import QueryError, StorageError
from finews_crawler.items import MentionKind
from finews_crawler.options import option_values
from pipelines.search.bigrams import parse
from pipelines.store import engine as database
from pipelines.store import queries
from pipelines.store.queries import (
    ArticleRow,
    ChangeRow,
    Filter,
    Hit,
    MentionRow,
    Place,
    SecurityRow,
    StoryRow,
)
from pipelines.store.queries.bulk import (
    Asked,
    Parts,
    Point,
    bulk_articles,
    bulk_mentions,
    bulk_revisions,
    reading_point,
)
from pipelines.store.queries.filter import at_one_moment
from pipelines.store.queries.reading import article_at

Row = TypeVar("Row")
# A mention is small beside an article.
SMALL = 10
_CODE = re.compile(r"(?:NW)?(\d{18})", re.IGNORECASE)


def connect(url: str | None = None) -> "Reader":
    """Open a database to read it: as it is, nothing is made or brought up to date.

    Without a URL it is that of the setting `FINEWS_DATABASE_URL`.

    Raises:
        StorageError: it cannot be opened, or its schema is not the one that this program reads.
        ConfigurationError: the setting cannot be understood.
    """
    url = url or str(option_values(os.environ)["FINEWS_DATABASE_URL"])
    engine = database.connect(url)
    try:
        _check_schema(engine, url)
    except StorageError:
        engine.dispose()
        raise
    return Reader(engine)


def _check_schema(engine: Engine, url: str) -> None:
    with clear_errors(), engine.connect() as connection:
        found = database.schema_version(connection)
    wanted = database.newest_schema()
    if found != wanted:
        raise StorageError(
            f"{database.shown_url(url)} has schema {found or 'none'}; this finews reads {wanted}: "
            "run finews db upgrade"
        )


def identity_of(text: str) -> str:
    """What an article is known by: 18 digits, with `NW` in front or without, else its address."""
    found = _CODE.fullmatch(text.strip())
    return found[1] if found else text.strip()


def mention_kinds_of(given: Names | None) -> tuple[MentionKind, ...]:
    """Kinds of mentions from keywords.

    Raises:
        QueryError: one of them is no kind.
    """
    listed = () if given is None else (given,) if isinstance(given, str) else tuple(given)
    known: dict[str, MentionKind] = {kind: kind for kind in get_args(MentionKind)}
    for kind in listed:
        if kind not in known:
            raise QueryError(f"mention_kinds: {kind!r} is none: {', '.join(known)}")
    if given is not None and not listed:
        raise QueryError("mention_kinds: the list is empty; leave it out to ask for any")
    return tuple(known[kind] for kind in listed)


def _known(engine: Engine, wanted: Filter, size: int) -> Iterator[ArticleRow]:
    return queries.stream_articles(engine, wanted, size=size)


def _newest_first(engine: Engine, wanted: Filter, size: int) -> Iterator[ArticleRow]:
    after: Place | None = None
    while rows := queries.articles(engine, size, wanted, after):
        yield from rows
        after = Place(rows[-1].published_at, rows[-1].revision_id)


def _feed(engine: Engine, after: int, wanted: Filter, size: int) -> Iterator[ChangeRow]:
    while rows := queries.feed(engine, after, size, wanted).changes:
        yield from rows
        after = rows[-1].seq


class Reader:
    """A database, to be read.

    Lists take the keywords of `Wanted`, are read when they are gone through, and hold what could be
    read at the moment of the call, or as of the moment that is asked for. A reader can be used by
    several threads. It is its own context manager.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine: Engine | None = engine

    def __repr__(self) -> str:
        """Say which database it is."""
        if self._engine is None:
            return "<finews reader, closed>"
        return f"<finews reader of {database.shown_url(str(self._engine.url))}>"

    def __enter__(self) -> Self:
        """Give the reader itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let the database go; asking again is an error."""
        if self._engine is not None:
            self._engine.dispose()
        self._engine = None

    @property
    def _open(self) -> Engine:
        if self._engine is None:
            raise StorageError("this reader is closed")
        return self._engine

    def _settled(self, given: Wanted) -> Filter:
        with clear_errors():
            return at_one_moment(self._open, filter_of_keywords(given))

    # --- lists --------------------------------------------------------------------------------

    def articles(self, *, newest_first: bool = False, **wanted: Unpack[Wanted]) -> Rows[ArticleRow]:
        """Articles, each in the version that could be read.

        In the order in which these became known; `newest_first` gives the newest by the time that
        they claim first, and those without a time last.

        Raises:
            QueryError: a keyword or its value cannot be understood, or `as_of` lies ahead.
        """
        settled = self._settled(wanted)
        if newest_first:
            return self._rows("article", settled, _newest_first)
        return self._rows("article", settled, _known, bulk_articles)

    def mentions(
        self, *, mention_kinds: Names | None = None, **wanted: Unpack[Wanted]
    ) -> Rows[MentionRow]:
        """Stock mentions, each with what matters of its article, as these became known.

        `mention_kinds` are `chart`, `link`, `repeat`, `listed`. With `symbols` only the mentions of
        these securities are given.

        Raises:
            QueryError: as for `articles`.
        """
        kinds = mention_kinds_of(mention_kinds)

        def read(engine: Engine, asked: Filter, size: int) -> Iterator[MentionRow]:
            return queries.stream_mentions(engine, asked, kinds, SMALL * size)

        return self._rows("mention", self._settled(wanted), read, None if kinds else bulk_mentions)

    def revisions(self, code: str | None = None, **wanted: Unpack[Wanted]) -> Rows[ArticleRow]:
        """Every version of the articles, or of one, in the order in which they became known.

        `code` is its 18 digits, or the address of an article without them.

        Raises:
            QueryError: as for `articles`.
        """
        identity = None if code is None else identity_of(code)

        def read(engine: Engine, asked: Filter, size: int) -> Iterator[ArticleRow]:
            return queries.stream_revisions(engine, asked, size, identity)

        bulk = bulk_revisions if identity is None else None
        return self._rows("revision", self._settled(wanted), read, bulk)

    def stories(self, **wanted: Unpack[Wanted]) -> Rows[StoryRow]:
        """Stories with an article that is asked for; each has all its members.

        Raises:
            QueryError: as for `articles`.
        """
        return self._rows("story", self._settled(wanted), queries.stream_stories)

    def changes(self, after: int = 0, **wanted: Unpack[Wanted]) -> Changes:
        """The changes after a number, in the order of their commit; `.after` is where to go on.

        A filter is asked of the version that a change left behind.

        Raises:
            QueryError: as for `articles`.
        """
        asked, engine = filter_of_keywords(wanted), self._open
        with clear_errors():
            point = reading_point(engine, asked.as_of)
        settled = replace(asked, as_of=point.at)
        return Changes(
            table="change",
            as_of=point.at,
            read=lambda size: _feed(self._open, after, settled, size),
            after=max(after, point.seq),
        )

    def search(self, words: str, limit: int = 20, **wanted: Unpack[Wanted]) -> Rows[Hit]:
        """The articles that hold words, the best first, among the newest that do.

        Words apart by a space must all occur; "words in quotes" stand together; -word must not
        occur. A frame has the article's columns behind `score` and `snippet`.

        Raises:
            QueryError: no word can be searched for, or as for `articles`.
        """
        parse(words)
        if limit < 1:
            raise QueryError(f"limit: {limit} is less than 1")

        def read(engine: Engine, asked: Filter, _size: int) -> Iterable[Hit]:
            return queries.search(engine, words, limit, asked)

        rows = self._rows("hit", self._settled(wanted), read)
        return replace(rows, parts=lambda: [map(flat_hit, rows)])

    def _rows(
        self,
        table: str,
        settled: Filter,
        read: Callable[[Engine, Filter, int], Iterable[Row]],
        bulk: Callable[[Engine, Asked], Parts] | None = None,
    ) -> Rows[Row]:
        moment = cast("datetime", settled.as_of)
        asked = Asked(wanted=settled, point=Point(moment, 0))
        return Rows(
            table=table,
            as_of=moment,
            read=lambda size: iter(read(self._open, settled, size)),
            parts=None if bulk is None else lambda: bulk(self._open, asked),
        )

    # --- one row ------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The newest moment at which something became readable.

        Note it beside what you have read: `as_of` this moment gives exactly that, for ever.
        """
        with clear_errors():
            return queries.known_until(self._open)

    def article(self, code: str, as_of: Moment | None = None) -> ArticleRow | None:
        """One article, by its 18 digits or its address; None: it cannot, or could not, be read.

        Raises:
            QueryError: `as_of` cannot be understood, or lies ahead.
        """
        asked = filter_of_keywords({"as_of": as_of})
        with clear_errors():
            return article_at(self._open, identity_of(code), asked.as_of)

    def security(self, symbol: str) -> SecurityRow | None:
        """A security by any symbol that it has had, or by its secid; None: no article names it.

        Raises:
            QueryError: it is neither.
        """
        with clear_errors():
            return queries.security(self._open, symbol_of(symbol))
