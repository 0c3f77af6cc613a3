"""The page on which a person gives the token."""

import time
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from finews.web.depends import settings
from finews.web.guard import COOKIE, SESSION_SECONDS, is_token, session
from finews.web.problems import WebError
from finews.web.templating import page

router = APIRouter(include_in_schema=False)
_LONGEST_FORM = 8_192


def own_address(text: str) -> str:
    """Where to go on: an address of this server, else the first page.

    Two slashes, or a slash and a backslash, begin the address of another server.
    """
    is_own = text.startswith("/") and text[1:2] not in {"/", "\\"} and text.isprintable()
    return text if is_own else "/"


@router.get("/sign-in")
def ask(request: Request, next: Annotated[str, Query()] = "/") -> Response:  # noqa: A002
    """Ask for the token."""
    if settings(request).token is None:
        return RedirectResponse("/", status_code=303)
    return page(request, "sign_in.html", next=own_address(next), is_wrong=False)


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise WebError(413)
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Let a browser in that gives the token."""
    form, known = await _form(request), settings(request)
    address = own_address(form.get("next", "/"))
    if known.token is None or not is_token(known, form.get("token", "")):
        return page(request, "sign_in.html", status=401, next=address, is_wrong=True)
    answer = RedirectResponse(address, status_code=303)
    answer.set_cookie(
        COOKIE,
        session(known.token, int(time.time()) + SESSION_SECONDS),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/sign-out")
def sign_out() -> Response:
    """Let the browser forget."""
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer
