"""What could not be used, and why; with the page that was kept, as text."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Response

from finews.web.pages.body import safe_url
from finews.web.pages.showing import CleanAddress, TheView
from finews.web.problems import WebError
from pipelines.store import queries
from pipelines.store.queries import RejectFilter, watching

router = APIRouter(route_class=CleanAddress)
_PAGE = 50
LONGEST = 65_536
"""Bytes of a kept page that are shown."""
# Signs that no browser shows, or that turn the order of others, are shown as what they are.
_UNSEEN = {
    sign: f"[U+{sign:04X}]"
    for sign in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if sign not in (9, 10, 13)
}

Text = Annotated[str | None, Query(max_length=64)]
Number = Annotated[int | None, Query(ge=1, lt=2**31)]


@dataclass(frozen=True, slots=True)
class Given:
    """What the form asks for."""

    stage: str | None
    reason: str | None
    run: int | None
    open: str | None

    @property
    def words(self) -> dict[str, object]:
        """As words of an address."""
        return {name: value for name, value in asdict(self).items() if value}


def given(
    stage: Text = None,
    reason: Text = None,
    run: Number = None,
    is_open: Annotated[Literal["yes"] | None, Query(alias="open")] = None,
) -> Given:
    """The dependency that reads the form."""
    return Given(stage, reason, run, is_open)


@router.get("/crawl/rejects")
def rejects(
    view: TheView, asked: Annotated[Given, Depends(given)], before: Number = None
) -> Response:
    """Rejects that meet a filter, the newest first."""
    wanted = RejectFilter(
        stage=asked.stage,
        reason=asked.reason,
        run_id=asked.run,
        open_only=asked.open == "yes",
        before=before,
    )
    found, words = queries.rejects(view.engine, _PAGE + 1, wanted), asked.words
    reasons = watching.reject_reasons(view.engine)
    context = {
        "rows": found[:_PAGE],
        "given": asked,
        "stages": _choices((one.stage for one in reasons), asked.stage),
        "reasons": _choices((one.reason for one in reasons), asked.reason),
        "older": _address(words | {"before": found[_PAGE - 1].id}) if len(found) > _PAGE else None,
        "first": _address(words) if before else None,
    }
    return view.shown("rejects.html", "crawl", context)


def _choices(known: Iterable[str], chosen: str | None) -> list[str]:
    return sorted({*known, *([chosen] if chosen else ())})


def _address(words: Mapping[str, object]) -> str:
    return f"/crawl/rejects?{urlencode(words)}" if words else "/crawl/rejects"


@router.get("/crawl/rejects/{number}")
def reject(view: TheView, number: Annotated[int, Path(ge=1, lt=2**31)]) -> Response:
    """One reject, and the begin of the answer that it is about."""
    row = next(iter(queries.rejects(view.engine, 1, RejectFilter(ids=(number,)))), None)
    if row is None:
        raise WebError(404, view.say("no_reject", number=number))
    kept = watching.kept_text(view.engine, number, LONGEST)
    context = {
        "row": row,
        "href": safe_url(row.url),
        "kept": kept,
        "text": plain(kept.text) if kept else "",
    }
    return view.shown("reject.html", "crawl", context)


def plain(text: str) -> str:
    """A text in which nothing is hidden and nothing turns what stands beside it."""
    return text.translate(_UNSEEN)
