"""A database with rejects of each kind, and what became of them."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import update

from finews_crawler.items import Answer, Reject
from pipelines.store.engine import open_engine, writing
from pipelines.store.models import Reject as RejectTable
from pipelines.store.queries import rejects
from tests.finews.filling import START, written
from tests.finews_crawler.spiders.pages import NOT_FOUND_PAGE, post_page

OTHER, THIRD = "202206143000000007", "202206143000000008"
SITE = "http://127.0.0.1:9"
GOOD = post_page().encode()
ODD = bytes(range(256)) + b"\r\n\xff\0"
HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a=1"))


def post(code: str) -> str:
    return f"{SITE}/wind/2022/06/14/NW{code}.html"


def of(answer: bytes, reader: str = "post", status: int = 200) -> Answer:
    return Answer(status=status, headers=HEADERS, body=answer, reader=reader)


def rejected(code: str | None, **changed: object) -> Reject:
    made = Reject(
        stage="extract",
        reason="unknown_layout",
        detail="no section",
        url=post(code or ""),
        code=code,
        seen_at=START,
        answer=of(GOOD),
    )
    return replace(made, **changed)  # type: ignore[arg-type]


MENDED = rejected(OTHER)
"""A page that an older reader could not read, and today's can."""
ABSENT = rejected(
    THIRD,
    stage="fetch",
    reason="http_404",
    detail="the site answered 404",
    answer=of(NOT_FOUND_PAGE.encode(), reader="", status=404),
)
LISTING = rejected(None, url=f"{SITE}/category/Wind.html", answer=of(ODD, reader=""))
WORD = rejected(
    None, stage="argument", reason="bad_code", detail="no code", url="NW12", answer=None
)


def database_of(folder: Path, *found: Reject) -> str:
    url = f"sqlite:///{folder / 'finews.db'}"
    written(url, list(found))
    return url


def settled(database: str, number: int) -> None:
    engine = open_engine(database)
    at_noon = update(RejectTable).where(RejectTable.id == number).values(settled_at=START)
    with writing(engine).begin() as connection:
        connection.execute(at_noon)
    engine.dispose()


def standing(database: str) -> list[tuple[int, bool, bool]]:
    """Number, whether it was tried again, whether it is settled."""
    engine = open_engine(database)
    found = rejects(engine, 99)
    engine.dispose()
    return [(row.id, row.retried_at is not None, row.settled_at is not None) for row in found]
