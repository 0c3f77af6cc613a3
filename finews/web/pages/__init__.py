"""Pages: HTML for people."""

from fastapi import APIRouter, Depends

from finews.web.depends import only_known_words
from finews.web.pages import (
    article,
    categories,
    crawl,
    rejects,
    security,
    sources,
    stream,
    versions,
)

router = APIRouter(dependencies=[Depends(only_known_words)], include_in_schema=False)
for _part in (stream, article, versions, security, sources, categories, rejects, crawl):
    router.include_router(_part.router)
