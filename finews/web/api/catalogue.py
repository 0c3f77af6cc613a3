"""`/api/v1/securities`, `/sources`, `/categories`, `/runs`, `/clock`."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from finews.asking import filter_of
from finews.web.api import models, rows
from finews.web.api.answers import Table, one_answer, whole_table
from finews.web.api.asked import DEFAULT_LIMIT, HIGHEST_LIMIT, Limit
from finews.web.api.catalogue_models import (
    Category,
    Clock,
    Run,
    Security,
    SecurityRow,
    Source,
    WholeRun,
)
from finews.web.depends import TheEngine
from finews.web.problems import WebError
from finews.web.words import address
from pipelines.store import queries
from pipelines.store.queries import Filter, overview

router = APIRouter()


def _table(items: list[dict[str, Any]], columns: tuple[str, ...]) -> Table:
    return Table(rows=items, columns=columns, around={})


# --- securities -----------------------------------------------------------------------------------


@router.get("/securities", response_model=models.Chain[SecurityRow])
def list_securities(
    request: Request,
    engine: TheEngine,
    limit: Limit = DEFAULT_LIMIT,
    after: Annotated[
        str, Query(max_length=64, description="Securities whose `key` comes after this one.")
    ] = "",
) -> Response:
    """List what articles mention, by `key`."""
    found = queries.securities(engine, limit + 1, after)
    following = None
    if len(found) > limit:
        words = (("limit", limit), ("after", found[limit - 1].key))
        following = address(request.url.path, Filter(), words)
    table = Table(
        rows=[rows.picked(one, rows.SECURITY) for one in found[:limit]],
        columns=rows.SECURITY,
        around={"next": following},
        next=following,
    )
    return whole_table(request, table)


@router.get("/securities/{symbol}", response_model=Security)
def get_security(
    request: Request,
    engine: TheEngine,
    symbol: Annotated[
        str,
        Path(
            max_length=64,
            description="Any symbol that it has had, or Eastmoney's secid.",
            examples=["600919.SH"],
        ),
    ],
) -> Response:
    """Tell what is known of a security, and where its articles are."""
    (asked,) = filter_of({"symbol": [symbol]}).symbols
    found = queries.security(engine, asked)
    if found is None:
        raise WebError(404, f"no article mentions {asked}")
    articles = address("/api/v1/articles", Filter(symbols=(found.key,)))
    return one_answer(request, {**rows.picked(found, rows.SECURITY), "articles": articles})


# --- names ----------------------------------------------------------------------------------------


@router.get("/sources", response_model=models.Listed[Source])
def list_sources(request: Request, engine: TheEngine, limit: Limit = HIGHEST_LIMIT) -> Response:
    """List the media that articles name, those known longest first."""
    names = overview.source_names(engine, limit)
    return whole_table(request, _table([{"name": name} for name in names], ("name",)))


@router.get("/categories", response_model=models.Listed[Category])
def list_categories(request: Request, engine: TheEngine, limit: Limit = HIGHEST_LIMIT) -> Response:
    """List the categories of the site, those known longest first."""
    found = overview.category_headings(engine, limit)
    items = [{"slug": slug, "heading": heading} for slug, heading in found.items()]
    return whole_table(request, _table(items, ("slug", "heading")))


# --- crawls ---------------------------------------------------------------------------------------


@router.get("/runs", response_model=models.Listed[Run])
def list_runs(request: Request, engine: TheEngine, limit: Limit = DEFAULT_LIMIT) -> Response:
    """List the latest crawls, the newest first."""
    now = datetime.now(UTC)
    found = [rows.run(one, now) for one in queries.runs(engine, limit)]
    return whole_table(request, _table(found, rows.RUN))


@router.get("/runs/{number}", response_model=WholeRun)
def get_run(
    request: Request,
    engine: TheEngine,
    number: Annotated[int, Path(ge=1, lt=2**31, description="The crawl's `id`.", examples=[1])],
) -> Response:
    """Tell what a crawl did, and what it found wrong."""
    found = queries.run(engine, number)
    if found is None:
        raise WebError(404, f"no crawl has the number {number}")
    findings = [asdict(one) for one in queries.findings(engine, number)]
    return one_answer(request, {**rows.run(found, datetime.now(UTC)), "findings": findings})


# --- the clock ------------------------------------------------------------------------------------


@router.get("/clock", response_model=Clock)
def get_clock(request: Request, engine: TheEngine) -> Response:
    """Tell how far the database has come.

    Note both before you take all articles: `/changes?after=` the number goes on from there.
    """
    # The number first: a change that is committed in between comes twice then, and is not lost.
    seq = queries.newest_change(engine)
    return one_answer(request, {"at": queries.known_until(engine), "seq": seq})
