"""In which language a reader is answered.

What `?lang=` asks for (a cookie keeps it), else what the browser asks for, else the server's own.
"""

from http.cookies import SimpleCookie
from typing import get_args
from urllib.parse import parse_qs

from fastapi.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from finews.web.settings import WebSettings
from finews_crawler.language import Language

COOKIE = "finews_language"
_YEAR = 365 * 24 * 3600
_KNOWN: tuple[Language, ...] = get_args(Language)


def _known(text: str) -> Language | None:
    name = text.strip().lower()
    return next((one for one in _KNOWN if one == name), None)


def accepted(header: str) -> Language | None:
    """The best known language of an `Accept-Language` header."""
    ranked: list[tuple[float, int, Language]] = []
    for place, part in enumerate(header.split(",")):
        tag, _, rest = part.partition(";")
        found = _known(tag.split("-")[0])
        quality = _quality(rest)
        if found and quality > 0:
            ranked.append((-quality, place, found))
    return min(ranked)[2] if ranked else None


def _quality(text: str) -> float:
    name, _, number = text.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(number)
    except ValueError:
        return 0.0


class LanguageMiddleware:
    """Sets `request.state.language`."""

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        self._app = app
        self._default: Language = settings.language or "zh"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = _known(parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1])
        kept = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        found = asked or (_known(kept.value) if kept else None)
        scope.setdefault("state", {})["language"] = (
            found or accepted(headers.get("accept-language", "")) or self._default
        )

        async def send_kept(message: Message) -> None:
            if asked and message["type"] == "http.response.start":
                cookie = f"{COOKIE}={asked}; Path=/; Max-Age={_YEAR}; SameSite=Lax; HttpOnly"
                message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
            await send(message)

        await self._app(scope, receive, send_kept)
