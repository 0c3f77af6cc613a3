"""`/api/v1/search`."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from finews.web.api import models, rows
from finews.web.api.answers import (
    CSV,
    JSON,
    Table,
    chosen_format,
    table_answer,
    tag_of,
    unchanged,
)
from finews.web.api.asked import Asked, Fields
from finews.web.api.cursors import at_one_moment
from pipelines.search.snippets import marked
from pipelines.store import queries
from pipelines.store.queries import Hit

router = APIRouter()

Words = Annotated[
    str,
    Query(
        min_length=1,
        max_length=500,
        description='Words apart by a space must all occur; "words in quotes" stand together; '
        "-word must not occur.",
        examples=["江苏银行 业绩"],
    ),
]


def _flat(found: Hit, names: tuple[str, ...]) -> dict[str, object]:
    """A hit in one row; words that were searched for stand in «»."""
    snippet = marked(found.snippet, "«", "»")
    return {"score": found.score, "snippet": snippet, **rows.picked(found.article, names)}


@router.get("/search", response_model=models.Found)
def search(question: Asked, q: Words, fields: Fields = None) -> Response:
    """Find articles by their words, the best first; looks among the newest that hold them."""
    engine, names = question.engine, rows.fields_of(fields)
    asked, media = at_one_moment(engine, question.wanted, None), chosen_format(question.request)
    tag = tag_of(media, queries.known_until(engine), asked, q, question.limit, names)
    if (kept := unchanged(question.request, tag)) is not None:
        return kept
    found = queries.search(engine, q, question.limit, asked)
    make = rows.hit if media == JSON else _flat
    table = Table(
        rows=[make(one, names) for one in found],
        columns=(*rows.FOUND, *names) if media == CSV else (),
        around={"as_of": asked.as_of},
    )
    return table_answer(table, media, tag)
