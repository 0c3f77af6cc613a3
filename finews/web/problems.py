"""Errors as they are answered: problem details (RFC 9457) for programs, a page for people."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from finews.web.templating import page
from finews_crawler.errors import FinewsError, QueryError, StorageError, one_line

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLED = {400, 401, 404, 405, 406, 413, 421, 422, 500, 503}
"""What a person is told of each of them stands in `app_texts`."""
_FOR_PROGRAMS = ("/api/", "/healthz", "/feed.", "/live")
_RETRY = {"retry-after": "5"}


class WebError(FinewsError):
    """A request that is refused; with the status of the answer."""

    def __init__(
        self, status: int, detail: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


def is_for_programs(path: str) -> bool:
    """Whether programs ask this address."""
    return path.startswith(_FOR_PROGRAMS)


def problem(
    request: Request,
    status: int,
    detail: str = "",
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with an error in the form that the asker reads."""
    if is_for_programs(request.url.path):
        return _problem_details(request, status, detail, errors, headers)
    found = page(request, "error.html", status=status, detail=detail)
    found.headers.update(headers or {})
    return found


def _problem_details(
    request: Request,
    status: int,
    detail: str,
    errors: Sequence[Mapping[str, str]],
    headers: Mapping[str, str] | None,
) -> Response:
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    body |= {"detail": detail} if detail else {}
    body |= {"instance": request.url.path}
    body |= {"errors": list(errors)} if errors else {}
    return Response(
        orjson.dumps(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def _of_query(request: Request, error: Exception) -> Response:
    """The message of a `QueryError` begins with the word that it is about."""
    message = str(error)
    name, _, rest = message.partition(" ")
    is_named = name.endswith(":") or name in request.query_params
    errors = [{"parameter": name.rstrip(":"), "detail": rest}] if is_named else []
    return problem(request, 422, message, errors=errors)


def _of_validation(request: Request, error: Exception) -> Response:
    found = [
        {"parameter": str(one["loc"][-1]), "detail": str(one["msg"])}
        for one in cast("RequestValidationError", error).errors()
    ]
    told = "; ".join(f"{one['parameter']}: {one['detail']}" for one in found)
    return problem(request, 422, told, errors=found)


def refused(request: Request, error: WebError) -> Response:
    """Answer what is refused; a person who is not signed in is led to where that is done."""
    if error.status == 401 and not is_for_programs(request.url.path):
        return RedirectResponse(f"/sign-in?{_next(request)}", status_code=303)
    return problem(request, error.status, error.detail, headers=error.headers)


def _of_web(request: Request, error: Exception) -> Response:
    return refused(request, cast("WebError", error))


def _next(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return urlencode({"next": request.url.path + query})


def _of_http(request: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)
    status = known.status_code if known.status_code in TITLED else 400
    return problem(request, status, headers=known.headers)


def _of_database(request: Request, error: Exception) -> Response:
    _log.warning("the database does not answer: %s", one_line(error))
    return problem(request, 503, headers=_RETRY)


def _of_finews(request: Request, error: Exception) -> Response:
    _log.error("%s: %s", request.url.path, error)
    return problem(request, 500)


def _of_fault(request: Request, _error: Exception) -> Response:
    """Starlette hands the error on and the server logs it; the page leans on no other."""
    if is_for_programs(request.url.path):
        return problem(request, 500)
    return page(request, "fault.html", status=500)


def answer_errors(app: FastAPI) -> None:
    """Let no error reach a client in another form."""
    for kind, handler in (
        (QueryError, _of_query),
        (WebError, _of_web),
        (StorageError, _of_database),
        (SQLAlchemyError, _of_database),
        (FinewsError, _of_finews),
        (RequestValidationError, _of_validation),
        (HTTPException, _of_http),
        (Exception, _of_fault),
    ):
        app.add_exception_handler(kind, handler)
