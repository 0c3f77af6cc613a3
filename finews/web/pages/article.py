"""One article: its text, its facts, its history, what tells the same."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Engine

from finews.asking import filter_of
from finews.web.pages.addresses import exact, with_query
from finews.web.pages.body import body_of, safe_url
from finews.web.pages.durations import duration
from finews.web.pages.listing import chips
from finews.web.pages.showing import CleanAddress, TheView, View
from finews.web.problems import WebError
from finews.web.templating import moment
from finews_crawler.extraction.ids import article_code
from finews_crawler.items import Link
from pipelines.store.queries import ArticleRow, Reprint
from pipelines.store.queries.reading import (
    Headline,
    article_at,
    headlines,
    stored_article,
    versions,
)
from pipelines.store.stored import StoredArticle

router = APIRouter(route_class=CleanAddress)

Number = Annotated[int, Path(ge=0, lt=2**63)]
AsOf = Annotated[str, Query(description="As it could be read then.")]
# Fields whose provenance is told under the name that readers know.
FIELDS = frozenset({"title", "published_at", "source", "digest", "body", "categories", "code"})


def moment_asked(text: str) -> datetime | None:
    """The moment as of which a page is asked for.

    Raises:
        QueryError: it is none.
    """
    return filter_of({"as_of": [text]}).as_of if text else None


def missing(view: View, as_of: datetime | None) -> WebError:
    """The answer where there is no such article, or was none then."""
    name = "no_article_then" if as_of else "no_such_article"
    return WebError(404, view.say(name, moment=moment(as_of)))


@router.get("/article/{code}")
def by_code(view: TheView, code: str, as_of: AsOf = "") -> Response:
    """The article with an Eastmoney id."""
    return _article(view, code, as_of)


@router.get("/article/id/{number}")
def by_number(view: TheView, number: Number, as_of: AsOf = "") -> Response:
    """An article by its number in this database."""
    return _article(view, number, as_of)


def _article(view: View, key: str | int, as_of: str) -> Response:
    when = moment_asked(as_of)
    row = article_at(view.engine, key, when)
    if row is None:
        raise missing(view, when)
    stored = stored_article(view.engine, row.id)
    # What is known of the newest version only is told of no other: nobody could read it then.
    now = stored if stored and stored.revision == row.revision else None
    context = {
        "row": row,
        "now": now,
        "as_of": when,
        "as_of_word": exact(when),
        "chips": chips(row.mentions),
        "body": body_of(row.body_html, row.body_text, row.mentions),
        "times": list(_times(view, row)),
        "addresses": list(_addresses(row, now)),
        "api_address": _api_address(row, when),
        "versions": versions(view.engine, row.id, when),
        "reprints": _reprints(view.engine, row, when),
        "related": _related(view.engine, now) if now else [],
        "field_names": FIELDS,
    }
    return view.shown("article.html", "", context)


def _times(view: View, row: ArticleRow) -> Iterator[tuple[str, str]]:
    """The times of an article, each under the name of its text."""
    said = view.say(f"quality_{row.published_quality}")
    if row.published_at is None:
        yield "published", said
    else:
        precision = view.say(f"precision_{row.published_precision}")
        shown_at = moment(row.published_at)
        if row.published_precision == "day":
            shown_at = shown_at[:10]
        yield "published", f"{shown_at} ({precision}); {said}"
    yield "first_seen", moment(row.first_seen_at)
    if row.published_at is not None and row.published_precision != "day":
        yield "delay", duration(view, row.first_seen_at - row.published_at)
    if row.revision > 1:
        yield "this_version", moment(row.seen_at)


def _addresses(row: ArticleRow, now: StoredArticle | None) -> Iterator[tuple[str, str]]:
    """Where else it can be read; only what is an address of the web is a link."""
    found = {"page_url": row.url}
    if now is not None:
        found |= {
            "origin_url": now.article.origin_url or "",
            "share_url": now.article.share_url or "",
        }
    for name, address in found.items():
        if safe_url(address):
            yield name, address


def _api_address(row: ArticleRow, as_of: datetime | None) -> str:
    return with_query(f"/api/v1/articles/{row.code or row.id}", as_of=exact(as_of))


def _reprints(
    engine: Engine, row: ArticleRow, as_of: datetime | None
) -> list[tuple[Reprint, Headline]]:
    lines = headlines(engine, [one.identity for one in row.reprints], as_of)
    return [(one, lines[one.identity]) for one in row.reprints if one.identity in lines]


def _related(engine: Engine, now: StoredArticle) -> list[tuple[Link, Headline | None]]:
    """Links to other articles; those that are stored lead to their page here."""
    codes = {link: article_code(link.url) or "" for link in now.article.related}
    lines = headlines(engine, [code for code in codes.values() if code])
    links = [link for link in codes if codes[link] in lines or safe_url(link.url)]
    return [(link, lines.get(codes[link])) for link in links]
