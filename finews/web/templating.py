"""HTML from templates: everything is escaped unless it says that it is clean."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from finews import messages
from finews.web import app_texts, texts
from finews.web.files import static
from finews_crawler.items import SHANGHAI, isoformat_shanghai
from finews_crawler.language import Language

_TEXTS: Mapping[str, Mapping[Language, str]] = {
    **messages.TEXTS,
    **app_texts.TEXTS,
    **texts.TEXTS,
}


def sentence(language: Language, name: str, /, **values: object) -> str:
    """A sentence in a reader's language: of the pages, of the server, else of the commands."""
    return _TEXTS[name][language].format(**values)


@pass_context
def _t(context: Context, name: str, /, **values: object) -> str:
    return sentence(context["language"], name, **values)


def _shaped(form: str, value: datetime | None) -> str:
    return "" if value is None else value.astimezone(SHANGHAI).strftime(form)


def moment(value: datetime | None) -> str:
    """China time to the second."""
    return _shaped("%Y-%m-%d %H:%M:%S", value)


def minute(value: datetime | None) -> str:
    """China time to the minute."""
    return _shaped("%Y-%m-%d %H:%M", value)


def day(value: datetime | None) -> str:
    """The day in China."""
    return _shaped("%Y-%m-%d", value)


def clock_time(value: datetime | None) -> str:
    """Hours and minutes in China."""
    return _shaped("%H:%M", value)


def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    found = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(t=_t, static=static)
    found.filters.update(
        moment=moment, minute=minute, day=day, clock_time=clock_time, iso=isoformat_shanghai
    )
    return found


def _of_request(request: Request) -> dict[str, Any]:
    settings = request.app.state.settings
    return {"language": request.state.language, "has_token": settings.token is not None}


templates = Jinja2Templates(env=_environment(), context_processors=[_of_request])


def page(request: Request, name: str, status: int = 200, **context: object) -> Response:
    """Fill a template; it also knows `request`, `status`, `language` and `has_token`."""
    context = {"status": status, **context}
    return templates.TemplateResponse(request, name, context, status_code=status)
