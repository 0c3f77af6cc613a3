"""What a list is asked with, beside the filter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from finews.web.api.answers import Table, chosen_format, table_answer, tag_of, unchanged
from finews.web.api.cursors import Cursor, at_one_moment, cursor_of, word_of
from finews.web.depends import TheEngine, Wanted
from finews.web.words import address
from pipelines.store.queries import Filter, known_until

DEFAULT_LIMIT, HIGHEST_LIMIT = 50, 500

Limit = Annotated[
    int, Query(ge=1, le=HIGHEST_LIMIT, description="Rows at most.", examples=[DEFAULT_LIMIT])
]
CursorWord = Annotated[
    str | None,
    Query(max_length=200, description="Where the part before ended: take it from `next`."),
]
Fields = Annotated[
    str | None,
    Query(
        max_length=1000,
        description="Fields of the article to send, with commas between; without it, all.",
        examples=["code,title,published_at,symbols"],
    ),
]
Place = tuple[int | None, ...]
Read = Callable[[Filter, Place | None, int], Sequence[Any]]


@dataclass(frozen=True)
class Question:
    """What every list of articles is asked with."""

    request: Request
    engine: TheEngine
    wanted: Wanted
    limit: Limit = DEFAULT_LIMIT


@dataclass(frozen=True)
class PagedQuestion(Question):
    """The same of a list that is sent in parts."""

    cursor: CursorWord = None


Asked = Annotated[Question, Depends()]
AskedInParts = Annotated[PagedQuestion, Depends()]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list that is sent in parts, all as of one moment."""

    order: str
    """Tells its cursors from those of other lists."""
    length: int
    """How many numbers make a place in it."""
    read: Read
    """Gives rows as of a moment behind a place; this many at most."""
    place_of: Callable[[Any], Place]
    columns: Sequence[str]
    row_of: Callable[[Any], dict[str, Any]]

    def answer(self, question: PagedQuestion, more: Sequence[tuple[str, object]] = ()) -> Response:
        """A part of it; `more` are the words of the address that only this list understands.

        Raises:
            QueryError: the cursor or the moment cannot be understood.
            WebError: the client takes none of the forms.
        """
        request, word, limit = question.request, question.cursor, question.limit
        cursor = None if word is None else cursor_of(word, self.order, self.length)
        asked = at_one_moment(question.engine, question.wanted, cursor)
        media = chosen_format(request)
        path, known = request.url.path, known_until(question.engine)
        tag = tag_of(media, path, known, asked, limit, word, more)
        if (kept := unchanged(request, tag)) is not None:
            return kept
        rows = self.read(asked, cursor.place if cursor else None, limit + 1)
        words = [("limit", limit), *more]
        table = self._table(
            rows,
            limit,
            asked,
            lambda behind: address(path, question.wanted, [*words, ("cursor", behind)]),
        )
        return table_answer(table, media, tag)

    def _table(
        self, rows: Sequence[Any], limit: int, asked: Filter, address_of: Callable[[str], str]
    ) -> Table:
        following = None
        if len(rows) > limit and asked.as_of is not None:
            place = self.place_of(rows[limit - 1])
            following = address_of(word_of(Cursor(self.order, asked.as_of, place)))
        return Table(
            rows=[self.row_of(row) for row in rows[:limit]],
            columns=self.columns,
            around={"as_of": asked.as_of, "next": following},
            next=following,
        )
