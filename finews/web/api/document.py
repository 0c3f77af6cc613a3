"""The OpenAPI document, and a page that shows it."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from finews.web.api.answers import CSV, LINES
from finews.web.api.models import Problem
from finews.web.events import MEDIA_TYPE as EVENTS
from finews.web.problems import MEDIA_TYPE as PROBLEM
from finews.web.templating import page

PATH = "/api/v1/openapi.json"
router = APIRouter(include_in_schema=False)

_SCHEMAS = "#/components/schemas/"
_REFUSALS = {
    "401": "A token is needed, or it is wrong.",
    "404": "There is no such thing.",
    "406": "It cannot be had in a form that the client takes.",
    "422": "A word of the address cannot be understood: `errors` names it.",
    "503": "The database does not answer, or too many clients wait: try again.",
}
_TABLE = {
    LINES: {"schema": {"type": "string"}, "example": '{"code":"202206133778412487"}\n'},
    CSV: {"schema": {"type": "string"}, "example": "code,title\n202206133778412487,…\n"},
}
_EVENTS = {
    EVENTS: {
        "schema": {"type": "string"},
        "example": 'event: change\nid: 4711\ndata: {"seq":4711}\n\n',
    }
}
_ABOUT = """\
Articles of Chinese financial news, with the securities that they mention. Reads only.

Times are ISO 8601 in China's zone. A list is sent in parts: `next`, also in the header `Link`, is
the address of the next part; all parts are read as of one moment. Lists can be had as JSON, JSON
Lines or CSV: say so in the header `Accept`. An answer has an `ETag`; whoever sends it back in
`If-None-Match` gets 304 while nothing has changed. Errors are problem details (RFC 9457).
"""


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for operation in item.values():
            yield path, operation


def _is_table(operation: Mapping[str, Any]) -> bool:
    content = operation["responses"]["200"].get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    name = str(schema.get("$ref", "")).removeprefix(_SCHEMAS)
    return name.startswith(("Page", "Listed", "Chain", "ChangePage", "Found"))


def _without_null(parameter: dict[str, Any]) -> None:
    """A word that may be missing: an address has no other null."""
    schema = parameter["schema"]
    either = [one for one in schema.pop("anyOf", []) if one != {"type": "null"}]
    parameter["schema"] = {**(either[0] if either else {}), **schema}


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Add to an operation what every one of its kind answers."""
    for parameter in operation.get("parameters", ()):
        _without_null(parameter)
    responses = operation["responses"]
    problem = {"schema": {"$ref": f"{_SCHEMAS}Problem"}}
    refusals = dict(_REFUSALS)
    if "{" not in path:
        del refusals["404"]
    for status, told in refusals.items():
        responses[status] = {"description": told, "content": {PROBLEM: problem}}
    responses["304"] = {"description": "Nothing has changed."}
    content = responses["200"].get("content", {})
    if _is_table(operation):
        content |= _TABLE
    if path.endswith("/changes"):
        content |= _EVENTS


def document_of(app: FastAPI, *, has_token: bool) -> dict[str, Any]:
    """The document of an application's API."""
    found = get_openapi(
        title="finews",
        version=app.version,
        openapi_version="3.1.0",
        description=_ABOUT,
        routes=app.routes,
    )
    schemas = found["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template=f"{_SCHEMAS}{{model}}")
    schemas |= {**problem.pop("$defs", {}), "Problem": problem}
    for path, operation in _operations(found):
        _complete(path, operation)
    if has_token:
        found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
    return found


def _document(request: Request) -> dict[str, Any]:
    app = request.app
    if app.openapi_schema is None:
        app.openapi_schema = document_of(app, has_token=app.state.settings.token is not None)
    known: dict[str, Any] = app.openapi_schema
    return known


@router.get(PATH)
def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return Response(orjson.dumps(_document(request)), media_type="application/json")


@router.get("/api")
def overview(request: Request) -> Response:
    """The same for people."""
    return page(request, "api.html", document=_document(request), document_address=PATH)
