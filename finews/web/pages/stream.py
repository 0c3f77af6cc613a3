"""The stream: the newest first, what meets a filter, what a search finds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from finews.asking import MANY, ONE, WORDS
from finews.web.depends import Wanted
from finews.web.pages.addresses import exact
from finews.web.pages.listing import hit_item, listing
from finews.web.pages.showing import CleanAddress, TheView, View, securities_called
from pipelines.store.queries import Filter, newest_change, search

router = APIRouter(route_class=CleanAddress)
_BEST = 50

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition of the filter, and the address without it."""

    label: str
    address: str


def _address(pairs: Pairs) -> str:
    return f"/?{urlencode(pairs)}" if pairs else "/"


def _asked(view: View, pairs: Pairs) -> Iterator[Asked]:
    for place, (word, value) in enumerate(pairs):
        rest = pairs[:place] + pairs[place + 1 :]
        label = view.say(f"asked_{word}")
        if word != "late":
            label += f" {view.say(f'kind_{value}') if word == 'kind' else value}"
        yield Asked(label, _address(rest))


def _given(pairs: Pairs) -> dict[str, Any]:
    """What the form shows: a list for words that can be given several times, else a text."""
    many = {word: [value for name, value in pairs if name == word] for word in MANY}
    one = {word: next((value for name, value in pairs if name == word), "") for word in ONE}
    return {**many, **one}


@router.get("/")
def stream(
    view: TheView,
    wanted: Wanted,
    q: Annotated[str, Query(description="Words to search for.")] = "",
    after: Annotated[str, Query(description="Where the page before ended.")] = "",
) -> Response:
    """What meets the filter, the newest first; with words the best first."""
    given = [one for one in view.request.query_params.multi_items() if one[0] in WORDS]
    with_words = [("q", q), *given] if q else given
    is_live = wanted.as_of is None and not after and not q
    # Asked before the list: what comes in between is announced.
    newest = newest_change(view.engine) if is_live else None
    found = _found(view, wanted, q, after)
    older = found.pop("after")
    context = {
        "words": q,
        "given": _given(given),
        "with_late": wanted.with_late,
        "asked": list(_asked(view, with_words)),
        "feed_query": f"?{urlencode(given)}" if given else "",
        "as_of": wanted.as_of,
        "as_of_word": exact(wanted.as_of),
        "now_address": _address([one for one in with_words if one[0] != "as_of"]),
        "newest": newest,
        "older": _address([*given, ("after", older)]) if older else None,
        "first": _address(given) if after else None,
        "is_later": bool(after),
    }
    return view.shown("stream.html", "stream", context | found)


def _found(view: View, wanted: Filter, words: str, after: str) -> dict[str, Any]:
    if not words:
        page = listing(view, wanted, after)
        return {"groups": page.days, "hits": [], "found_securities": [], "after": page.after}
    hits = search(view.engine, words, _BEST, wanted)
    return {
        "groups": (),
        "hits": [hit_item(one, view) for one in hits],
        "found_securities": securities_called(view.request, words.strip()),
        "after": None,
    }
