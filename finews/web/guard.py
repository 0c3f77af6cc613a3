"""Who may look: the name by which the server is called, and the token."""

import hmac
import time
from base64 import b64decode
from collections.abc import Iterable
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie

from fastapi import Request
from fastapi.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from finews.web.problems import WebError, refused
from finews.web.settings import WebSettings, is_loopback

COOKIE = "finews_session"
SESSION_SECONDS = 30 * 24 * 3600
_OPEN = ("/sign-in", "/healthz", "/static/")
_BEARER = {"www-authenticate": 'Bearer realm="finews"'}
# A browser that is challenged so asks its user: only where it must, for readers of feeds.
_BASIC = {"www-authenticate": 'Basic realm="finews", charset="UTF-8"'}


def is_token(settings: WebSettings, given: str) -> bool:
    """Whether this is the token; takes the same time however much of it is right."""
    known = (settings.token or "").encode()
    return bool(known) and hmac.compare_digest(known, given.encode())


def session(token: str, end: int) -> str:
    """What a browser keeps instead of the token: the end of its right, signed with the token.

    Another token makes every one of them worthless.
    """
    signed = hmac.new(token.encode(), f"finews session until {end}".encode(), sha256).hexdigest()
    return f"{end}.{signed}"


def is_session(settings: WebSettings, given: str, now: float) -> bool:
    """Whether a browser was signed in with the token, not too long ago."""
    end, _, _ = given.partition(".")
    if settings.token is None or not (end.isascii() and end.isdecimal() and len(end) < 12):
        return False
    expected = session(settings.token, int(end)).encode()
    return hmac.compare_digest(expected, given.encode()) and now < int(end)


def given_token(header: str) -> str:
    """The token in an `Authorization` header; of readers of feeds it is the password."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            return b64decode(given, validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return given.strip() if scheme.lower() == "bearer" else ""


def _is_known(settings: WebSettings, headers: Headers) -> bool:
    if is_token(settings, given_token(headers.get("authorization", ""))):
        return True
    try:
        kept = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return False
    return kept is not None and is_session(settings, kept.value, time.time())


def host_name(header: str) -> str:
    """The name in a `Host` header, without its port."""
    name, _, rest = header.strip().lower().rpartition(":")
    is_port = rest.isdecimal() and not (name.startswith("[") and not name.endswith("]"))
    return (name if is_port and name else header.strip().lower()).strip("[]").rstrip(".")


def is_own_name(header: str, settings: WebSettings) -> bool:
    """Whether a request calls the server by a name of its own.

    A page of another site can let its name lead to 127.0.0.1 (DNS rebinding) and then read what
    only this machine may; but it cannot let its name be `localhost`.
    """
    name = host_name(header)
    return is_loopback(name) or name in _lower((settings.host, *settings.names))


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


class GuardMiddleware:
    """Refuses who does not know the token, and names that are not the server's."""

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        self._app = app
        self._settings = settings

    def _refusal(self, path: str, headers: Headers) -> WebError | None:
        settings, called = self._settings, headers.get("host", "")
        if settings.is_loopback and not is_own_name(called, settings):
            return WebError(421, f"{called[:80]!r} is not the name of this server")
        is_open = path == _OPEN[0] or path.startswith(_OPEN[1:])
        if settings.token is None or is_open or _is_known(settings, headers):
            return None
        challenge = _BASIC if path.startswith("/feed.") else _BEARER
        return WebError(401, "give the token as `Authorization: Bearer …`", challenge)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        refusal = None
        if scope["type"] == "http":
            refusal = self._refusal(scope["path"], Headers(scope=scope))
        app = self._app if refusal is None else refused(Request(scope), refusal)
        await app(scope, receive, send)
