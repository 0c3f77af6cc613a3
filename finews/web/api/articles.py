"""`/api/v1/articles`, `/api/v1/mentions`, `/api/v1/search`."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy import Engine

from finews.asking import filter_of
from finews.web.api import models, rows
from finews.web.api.answers import (
    Table,
    one_answer,
    whole_table,
)
from finews.web.api.asked import AskedInParts, Fields, Listing, Place
from finews.web.api.cursors import moment_of, number_of
from finews.web.depends import TheEngine
from finews.web.problems import WebError
from finews_crawler.items import MentionKind
from pipelines.store import queries
from pipelines.store.queries import ArticleRow, Filter, MentionRow
from pipelines.store.queries.reading import article_at, article_version, stored_article

router = APIRouter()

AsOf = Annotated[
    str | None,
    Query(
        description="As it could be read at this moment, whatever came later.",
        examples=["2022-06-14T09:30:00+08:00"],
    ),
]
Key = Annotated[
    str,
    Path(
        pattern=r"^[0-9]{1,18}$",
        description="The 18 digits of the article, or its `id` in this database.",
        examples=["202206133778412487"],
    ),
]


# --- articles -------------------------------------------------------------------------------------


def _newest(engine: Engine, wanted: Filter, place: Place | None, limit: int) -> list[ArticleRow]:
    after = queries.Place(moment_of(place[0]), place[1] or 0) if place else None
    return queries.articles(engine, limit, wanted, after)


def _seen(engine: Engine, wanted: Filter, place: Place | None, limit: int) -> list[ArticleRow]:
    return queries.known_articles(engine, limit, wanted, (place or (0,))[0] or 0)


def _listing(engine: Engine, order: str, names: tuple[str, ...]) -> Listing:
    is_newest = order == "newest"
    return Listing(
        order=order,
        length=2 if is_newest else 1,
        read=partial(_newest if is_newest else _seen, engine),
        place_of=_place_newest if is_newest else _place_seen,
        columns=names,
        row_of=lambda row: rows.picked(row, names),
    )


def _place_newest(row: ArticleRow) -> Place:
    return (number_of(row.published_at), row.revision_id)


def _place_seen(row: ArticleRow) -> Place:
    return (row.revision_id,)


@router.get("/articles", response_model=models.Page[models.ArticlePart])
def list_articles(
    question: AskedInParts,
    order: Annotated[
        Literal["newest", "seen"],
        Query(
            description="`newest` by the time of publishing, without a time last; or `seen`: in "
            "the order in which they became known, for who takes all."
        ),
    ] = "newest",
    fields: Fields = None,
) -> Response:
    """List articles."""
    listing = _listing(question.engine, order, rows.fields_of(fields))
    more = (("order", order), ("fields", fields))
    return listing.answer(question, more)


def _key(text: str) -> str | int:
    return text if len(text) == 18 else int(text)


def _found(engine: Engine, key: str, wanted: Filter) -> ArticleRow:
    found = article_at(engine, _key(key), wanted.as_of)
    if found is None:
        raise WebError(404, f"there is no article {key}")
    return found


@router.get("/articles/{code}", response_model=models.WholeArticle)
def get_article(request: Request, engine: TheEngine, code: Key, as_of: AsOf = None) -> Response:
    """Give one article, with where each field's value is from."""
    row = _found(engine, code, filter_of({"as_of": [] if as_of is None else [as_of]}))
    stored = None if as_of is not None else stored_article(engine, row.id)
    return one_answer(
        request,
        {
            **rows.picked(row, rows.ARTICLE),
            "details": stored and rows.details(stored),
            "revisions": f"{request.url.path}/revisions",
        },
    )


@router.get("/articles/{code}/revisions", response_model=models.Listed[models.Article])
def list_revisions(request: Request, engine: TheEngine, code: Key) -> Response:
    """List all versions of an article, the oldest first."""
    row = _found(engine, code, Filter())
    found = _versions(engine, row)
    items = [rows.picked(one, rows.ARTICLE) for one in found]
    return whole_table(request, Table(rows=items, columns=rows.ARTICLE, around={}))


def _versions(engine: Engine, row: ArticleRow) -> list[ArticleRow]:
    if row.code is not None:
        return queries.revisions(engine, row.code)
    found = (article_version(engine, row.id, number + 1) for number in range(row.revision))
    return [one for one in found if one is not None]


# --- mentions -------------------------------------------------------------------------------------


def _mentions(
    engine: Engine,
    kinds: tuple[MentionKind, ...],
    wanted: Filter,
    place: Place | None,
    limit: int,
) -> list[MentionRow]:
    revision_id, position = place or (0, -1)
    after = (revision_id or 0, -1 if position is None else position)
    return queries.known_mentions(engine, limit, wanted, after, kinds)


@router.get("/mentions", response_model=models.Page[models.MentionRow])
def list_mentions(
    question: AskedInParts,
    mention_kind: Annotated[
        list[MentionKind] | None,
        Query(description="Only mentions of this kind; repeat it for several."),
    ] = None,
) -> Response:
    """List stock mentions in the order in which they became known, then in reading order."""
    kinds = tuple(dict.fromkeys(mention_kind or ()))
    listing = Listing(
        order="mentions",
        length=2,
        read=partial(_mentions, question.engine, kinds),
        place_of=lambda row: (row.revision_id, row.position),
        columns=rows.MENTION,
        row_of=lambda row: rows.picked(row, rows.MENTION),
    )
    more = tuple(("mention_kind", kind) for kind in kinds)
    return listing.answer(question, more)
