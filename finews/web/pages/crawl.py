"""The crawl: what runs, what each category got when, what is wrong."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi import Path as InPath

from finews.web.depends import settings
from finews.web.pages import crawl_runs, heat, strategies
from finews.web.pages.article import FIELDS
from finews.web.pages.showing import CleanAddress, TheView, View
from finews.web.problems import WebError
from finews_crawler.errors import ConfigurationError, QueryError
from finews_crawler.options import read_options
from pipelines.store import queries
from pipelines.store.engine import shown_url
from pipelines.store.queries import coverage, volume, watching
from pipelines.store.spool import Spool

router = APIRouter(route_class=CleanAddress)
SPANS = {48: (48, 1), 168: (42, 4)}
"""Hours of the table of coverage -> its columns, and hours of each."""
_RUNS, _LOOKED_AT, _PAGE = 15, 200, 50
_FINDINGS, _REJECTS = 200, 50

RunNumber = Annotated[int, InPath(ge=1, lt=2**31)]
Before = Annotated[int | None, Query(ge=1, lt=2**31, description="Only lower numbers.")]


@router.get("/crawl")
def crawl(
    view: TheView, hours: Annotated[int, Query(description="Length of the table.")] = 48
) -> Response:
    """What is going on, and what went on in the last hours."""
    if hours not in SPANS:
        raise QueryError(f"hours: {hours} is none of {', '.join(map(str, SPANS))}")
    now = datetime.now(UTC)
    latest = queries.runs(view.engine, _LOOKED_AT)
    span = heat.last_hours(now, *SPANS[hours])
    found = watching.findings_since(view.engine, span.begin, _FINDINGS)
    rows = [crawl_runs.shown(view, one, now) for one in latest]
    context = {
        "rows": rows[:_RUNS],
        "older": latest[_RUNS - 1].id if len(latest) > _RUNS else None,
        "troubles": _troubles(view, rows),
        "hours": hours,
        "spans": tuple(SPANS),
        "heat": _heat(view, span, found),
        "gaps": [one for one in found if one.kind == "gap"],
        "shifts": [one for one in found if one.kind == "strategy_shift"],
        "other_findings": [one for one in found if one.kind not in {"gap", "strategy_shift"}],
        "finding_kinds": crawl_runs.FINDINGS,
        "field_names": FIELDS,
        "fields": strategies.fields(latest),
        "reasons": watching.reject_reasons(view.engine),
        "most_rejects": watching.MOST_REJECTS,
    }
    return view.shown("crawl.html", "crawl", context)


def _troubles(view: View, rows: Sequence[crawl_runs.Shown]) -> dict[str, Any]:
    """What runs, what died, what waits on the disk."""
    return {
        "running": [one for one in rows if one.state == "running"],
        "lost": [one for one in rows if one.state == "lost"],
        "unsent": _unsent(view),
    }


def _unsent(view: View) -> int:
    """Batches on this machine's disk that could not be written."""
    try:
        folder = Path(str(read_options(os.environ)["FINEWS_UNSENT_FOLDER"]))
    except ConfigurationError:  # a setting of crawls; that it is wrong is theirs to say
        return 0
    return len(Spool(folder, shown_url(settings(view.request).database_url)).files())


def _heat(view: View, span: heat.Span, found: Sequence[watching.FoundRow]) -> heat.Heat:
    names = volume.categories(view.engine)
    listed = [one.category_id for one in coverage.newest_listings(view.engine)]
    arrived = coverage.arrived(view.engine, span.begin)
    facts = heat.Facts(
        by_hour=arrived.by_hour,
        counted_from=arrived.begin,
        stood=coverage.stood(view.engine, listed, span.begin),
        gaps=[one for one in found if one.kind == "gap"],
    )
    return heat.heat(span, names, facts)


@router.get("/crawl/runs")
def runs(view: TheView, before: Before = None) -> Response:
    """All crawls, the newest first."""
    found = queries.runs(view.engine, _PAGE + 1, before)
    context = {
        "rows": [crawl_runs.shown(view, one) for one in found[:_PAGE]],
        "older": f"/crawl/runs?before={found[_PAGE - 1].id}" if len(found) > _PAGE else None,
        "first": "/crawl/runs" if before else None,
    }
    return view.shown("crawl_runs.html", "crawl", context)


@router.get("/crawl/runs/{number}")
def run(view: TheView, number: RunNumber) -> Response:
    """One crawl."""
    found = queries.run(view.engine, number)
    if found is None:
        raise WebError(404, view.say("no_run", number=number))
    row = crawl_runs.shown(view, found)
    rejected = queries.rejects(view.engine, _REJECTS + 1, queries.RejectFilter(run_id=number))
    context = {
        "row": row,
        "facts": list(crawl_runs.facts(view, row)),
        "finding_kinds": crawl_runs.FINDINGS,
        "findings": queries.findings(view.engine, number),
        "counts": crawl_runs.grouped(found.counts),
        "rejects": rejected[:_REJECTS],
        "has_more": len(rejected) > _REJECTS,
        "is_live": found.finished_at is None and row.state == "running",
    }
    return view.shown("crawl_run.html", "crawl", context)
