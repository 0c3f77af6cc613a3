"""What every page has: the clock at its foot, the names that its forms offer."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy import Engine

from finews.web import templating
from finews.web.depends import TheEngine, TheLanguage
from finews.web.pages.addresses import FILTERS
from finews_crawler.language import Language
from pipelines.store.queries import known_until, overview

templating.templates.env.filters.update(FILTERS)

# What changes slowly and costs something to ask is asked once in so many seconds.
_KEPT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Known:
    """Names that forms offer, and how much there is."""

    securities: tuple[overview.NamedSecurity, ...]
    sources: tuple[str, ...]
    categories: dict[str, str | None]
    articles: int


@dataclass(frozen=True, slots=True)
class Clock:
    """What the foot of a page says of the database."""

    at: datetime
    articles: int


class CleanAddress(APIRoute):
    """Leads a form's address to the one that it means.

    A browser sends empty fields, too; and a person types a code or a name where a symbol is asked.
    """

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler, behind that."""
        handle = super().get_route_handler()

        async def clean(request: Request) -> Response:
            given = request.query_params.multi_items()
            meant = [(name, value.strip()) for name, value in given if value.strip()]
            if any(_is_bare(*one) for one in meant):
                meant = await run_in_threadpool(_completed, request, meant)
            if meant == given:
                return await handle(request)
            query = f"?{urlencode(meant)}" if meant else ""
            return RedirectResponse(quote(request.url.path) + query, status_code=303)

        return clean


def _is_bare(name: str, value: str) -> bool:
    return name == "symbol" and "." not in value


def _completed(request: Request, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The query with the symbols that bare codes and names stand for, where there is only one."""
    found = []
    for name, value in pairs:
        meant = securities_called(request, value) if _is_bare(name, value) else []
        found.append((name, meant[0].key if len(meant) == 1 else value))
    return found


def _ask(engine: Engine) -> Known:
    return Known(
        securities=tuple(overview.lively_securities(engine)),
        sources=tuple(overview.source_names(engine)),
        categories=overview.category_headings(engine),
        articles=overview.number_of_articles(engine),
    )


def known(request: Request) -> Known:
    """The names that forms offer; may lag by a minute."""
    state, now = request.app.state, time.monotonic()
    kept: tuple[float, Known] | None = getattr(state, "known", None)
    if kept is None or now - kept[0] > _KEPT_SECONDS:
        kept = (now, _ask(state.engine))
        state.known = kept
    return kept[1]


@dataclass(frozen=True, slots=True)
class View:
    """A request for a page, with what every page needs to answer it."""

    request: Request
    engine: Engine
    language: Language

    def say(self, name: str, /, **values: object) -> str:
        """A sentence in the reader's language."""
        return templating.sentence(self.language, name, **values)

    def shown(self, template: str, section: str, context: dict[str, Any]) -> Response:
        """Fill a template; `section` is the entry of the navigation that the page belongs to."""
        found = known(self.request)
        context |= {
            "section": section,
            "clock": Clock(known_until(self.engine), found.articles),
            "known": found,
        }
        return templating.page(self.request, template, **context)


def view(request: Request, engine: TheEngine, language: TheLanguage) -> View:
    """The dependency of every page."""
    return View(request, engine, language)


TheView = Annotated[View, Depends(view)]


def securities_called(request: Request, words: str) -> list[overview.NamedSecurity]:
    """Securities with this symbol, code or name; names only of those that are often in the news."""
    named = [one for one in known(request).securities if words in {one.key, one.name}]
    return named[:3] or overview.securities_by_code(request.app.state.engine, words, limit=3)
