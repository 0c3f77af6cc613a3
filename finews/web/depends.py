"""What the handlers of pages and of the API get from a request."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Annotated, Any, cast

from fastapi import Depends, Query, Request
from sqlalchemy import Engine

from finews.asking import MANY, WORDS, filter_of
from finews.web.problems import is_for_programs
from finews.web.settings import WebSettings
from finews.web.watching import Watcher
from finews_crawler.errors import QueryError
from finews_crawler.language import Language
from pipelines.store.queries import Filter

LANGUAGE_WORD = "lang"


@dataclass(frozen=True, slots=True)
class Word:
    """How the interface tells of a word of the filter."""

    help: str
    example: str


WORD_HELP: dict[str, Word] = {
    "symbol": Word("Articles that mention this security; repeat it for several.", "600919.SH"),
    "source": Word("Articles of this source; repeat it for several.", "财联社"),
    "category": Word("Articles of this category; repeat it for several.", "emnews"),
    "kind": Word("`full` for whole articles, `digest` for flashes.", "full"),
    "published_from": Word(
        "Published then or later: a day in China, an ISO 8601 time with its zone, or a span ago "
        "(`6h`, `3d`).",
        "2022-06-13",
    ),
    "published_to": Word("Published before.", "2022-06-14T09:30:00+08:00"),
    "seen_from": Word("First seen by this database then or later.", "2022-06-13"),
    "seen_to": Word("First seen by this database before.", "2022-06-14"),
    "as_of": Word("As it could be read then, whatever came later.", "2022-06-14T09:30:00+08:00"),
    "late": Word("`no`: without what was first seen when it was no news any more.", "no"),
}


def settings(request: Request) -> WebSettings:
    """What the server was told."""
    return cast("WebSettings", request.app.state.settings)


def engine(request: Request) -> Engine:
    """The database, opened when the server started."""
    return cast("Engine", request.app.state.engine)


def watcher(request: Request) -> Watcher:
    """What tells of changes."""
    return cast("Watcher", request.app.state.watcher)


def language(request: Request) -> Language:
    """What the reader reads: see `finews.web.languages`."""
    return cast("Language", request.state.language)


def _wanted(request: Request, **_given: list[str] | None) -> Filter:
    """The filter of a query string, by the words of `finews.asking`.

    A form sends its empty fields, too; a program that sends one has made a mistake.
    """
    given = request.query_params
    texts = {word: given.getlist(word) for word in WORDS if word in given}
    if not is_for_programs(request.url.path):
        texts = {word: [text for text in one if text.strip()] for word, one in texts.items()}
    return filter_of(texts)


def _parameter(word: str) -> Parameter:
    told = WORD_HELP[word]
    kind: Any = list[str] if word in MANY else str
    # Read by `finews.asking`; declared for the OpenAPI document and for `only_known_words`.
    query = Query(
        description=told.help, examples=[[told.example] if word in MANY else told.example]
    )
    annotation = Annotated[kind | None, query]
    return Parameter(word, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _with_words(function: Callable[..., Filter]) -> Callable[..., Filter]:
    request = Parameter("request", Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    signature = Signature([request, *(_parameter(word) for word in WORDS)])
    function.__signature__ = signature  # type: ignore[attr-defined]
    return function


wanted = _with_words(_wanted)


def _words(dependant: Any) -> Iterator[str]:
    for one in dependant.query_params:
        yield one.alias
    for below in dependant.dependencies:
        yield from _words(below)


def only_known_words(request: Request) -> None:
    """Refuse a word in the query string that the route does not understand.

    Raises:
        QueryError: the message names it.
    """
    known = {LANGUAGE_WORD, *_words(request.scope["route"].dependant)}
    for word in request.query_params:
        if word not in known:
            listed = ", ".join(sorted(known - {LANGUAGE_WORD})) or "nothing"
            raise QueryError(f"{word}: not understood; it can be {listed}")


TheEngine = Annotated[Engine, Depends(engine)]
Wanted = Annotated[Filter, Depends(wanted)]
TheWatcher = Annotated[Watcher, Depends(watcher)]
TheLanguage = Annotated[Language, Depends(language)]
