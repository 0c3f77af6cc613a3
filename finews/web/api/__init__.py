"""The HTTP API for programs: JSON, CSV, JSON Lines, the change feed."""

from fastapi import APIRouter, Depends

from finews.web.api import articles, catalogue, changes, document, health, searching
from finews.web.depends import only_known_words

PREFIX = "/api/v1"

router = APIRouter(dependencies=[Depends(only_known_words)])
for _part in (articles, searching, changes, catalogue):
    router.include_router(_part.router, prefix=PREFIX)
for _part in (document, health):
    router.include_router(_part.router)
