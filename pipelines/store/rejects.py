"""Write rejects with the answers that were rejected, and remember pages that gave no article."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Row, select, union_all, update

from finews_crawler.addresses import split_url
from finews_crawler.items import Miss, Reject
from finews_crawler.share_requests import is_share_address
from pipelines.misses import ABSENT, pause_after
from pipelines.store.engine import writing
from pipelines.store.listings import Moment
from pipelines.store.models import Article, ArticleRevision, Base, MissedPage, RejectPage
from pipelines.store.models import Reject as RejectTable
from pipelines.store.upserts import insert_of

_COLUMNS = tuple(one.name for one in fields(Reject) if one.name != "answer")
_LATELY = timedelta(days=1)
_ARTICLE_PAGE = re.compile(r"/a/\d{18}\.html")
"""The path of an article's own page at Eastmoney."""
_FAST = 1
"""Level of zlib: what is rejected must not hold up what is good."""


def insert_once(connection: Connection, table: type[Base], key: str) -> Insert:
    """An INSERT that leaves a row alone which is there: a batch may be sent twice."""
    return insert_of(connection, table).on_conflict_do_nothing(index_elements=[key])


def page_key(url: str) -> str:
    """What a missed page is known by."""
    return sha256(url.encode("utf-8", "replace")).hexdigest()


def _page_row(reject: Reject) -> dict[str, Any] | None:
    answer = reject.answer
    if answer is None or reject.key is None:
        return None
    return {
        "reject_key": reject.key,
        "status": answer.status,
        "headers": [list(pair) for pair in answer.headers],
        "body": zlib.compress(answer.body, _FAST),
        "reader": answer.reader,
        "body_bytes": len(answer.body),
    }


def write_rejects(connection: Connection, rejects: Sequence[Reject], run_id: int) -> None:
    """Write the rejects of a batch, each with the answer that it is about."""
    if not rejects:
        return
    rows = [
        {**{name: getattr(one, name) for name in _COLUMNS}, "run_id": run_id} for one in rejects
    ]
    connection.execute(insert_once(connection, RejectTable, "key"), rows)
    pages = [row for one in rejects if (row := _page_row(one))]
    if pages:
        connection.execute(insert_once(connection, RejectPage, "reject_key"), pages)


def write_misses(connection: Connection, missed: Sequence[Reject | Miss], seen: Moment) -> None:
    """Remember pages that gave no article, where that says something about the page.

    A page counts once for each time that it was asked for: a batch may be sent twice, and a miss
    may follow the reject of the same page. Of the two the miss says what the page was asked for.
    """
    rejects_first = sorted(missed, key=lambda one: isinstance(one, Miss))
    last = {page_key(one.url): one for one in rejects_first}
    if not last:
        return
    columns = (MissedPage.key, MissedPage.times, MissedPage.last_missed_at)
    found = connection.execute(select(*columns).where(MissedPage.key.in_(list(last))))
    known = {row.key: row for row in found}
    rows = [
        row
        for key, one in sorted(last.items())  # two writers in one order wait, and never deadlock
        if (row := _missed_row(key, one, known.get(key), seen.at))
    ]
    if rows:
        connection.execute(_upsert(connection), rows)


def _missed_row(
    key: str, one: Reject | Miss, known: Row[str, int, datetime] | None, at: datetime
) -> dict[str, Any] | None:
    times = known.times if known else 0
    if known and known.last_missed_at >= one.seen_at:
        at = known.last_missed_at
    else:
        times += 1
    pause = pause_after(one.stage, one.reason, times)
    if pause is None:
        return None
    return {
        "key": key,
        "url": one.url,
        "code": one.code,
        "stage": one.stage,
        "reason": one.reason,
        "times": times,
        "first_missed_at": at,
        "last_missed_at": at,
        "due_at": at + pause,
    }


def _upsert(connection: Connection) -> Insert:
    statement = insert_of(connection, MissedPage)
    again = ("stage", "reason", "times", "last_missed_at", "due_at")
    changed = {name: statement.excluded[name] for name in again}
    return statement.on_conflict_do_update(index_elements=["key"], set_=changed)


# --- once more --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """The answer that a reject is about."""

    reject_id: int
    url: str
    seen_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    reader: str
    """What reads it as an article, a name of `extraction.readers`; empty: nothing does."""


def readable(engine: Engine, ids: Sequence[int]) -> list[int]:
    """Those of some rejects of which an article page is kept, in their order."""
    query = (
        select(RejectTable.id)
        .join(RejectPage, RejectPage.reject_key == RejectTable.key)
        .where(RejectTable.id.in_(ids), RejectPage.reader != "")
        .order_by(RejectTable.id)
    )
    with engine.connect() as connection:
        return list(connection.scalars(query))


def kept_pages(engine: Engine, ids: Sequence[int]) -> list[KeptPage]:
    """The answers that were kept of rejects, in their order."""
    query = (
        select(RejectTable.id, RejectTable.url, RejectTable.seen_at, RejectPage.__table__)
        .join(RejectPage, RejectPage.reject_key == RejectTable.key)
        .where(RejectTable.id.in_(ids))
        .order_by(RejectTable.id)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return [
        KeptPage(
            reject_id=row.id,
            url=row.url,
            seen_at=row.seen_at,
            status=row.status,
            headers=tuple((name, value) for name, value in row.headers),
            body=zlib.decompress(row.body),
            reader=row.reader,
        )
        for row in rows
    ]


def settle(engine: Engine, ids: Sequence[int], now: datetime) -> set[int]:
    """Note that rejects were tried again; gives those that have their article in the database.

    A text behind a flash, or the page of what a list of Eastmoney told in short, has come when the
    article is whole, or its host says that there is none.
    What was settled earlier stays as it was noted then.
    """
    wanted = RejectTable.id.in_(ids)
    with writing(engine).begin() as connection:
        rows = connection.execute(select(RejectTable.__table__).where(wanted)).all()
        done = _settled(connection, rows, now)
        still_open = update(RejectTable).where(wanted, RejectTable.settled_at.is_(None))
        connection.execute(still_open.values(retried_at=now))
        is_done = RejectTable.id.in_(done)
        connection.execute(still_open.where(is_done).values(settled_at=now))
    return done


def _stored(
    connection: Connection, rows: Sequence[Row[Any]], now: datetime
) -> Sequence[Row[str | None, str, str, str]]:
    """The articles that rejects are about, each way by an index: addresses have none.

    That of a page whose address has no code may have one all the same; then it came just now.
    """
    codes = {row.code for row in rows if row.code}
    urls = {row.url for row in rows if not row.code}
    lately = select(ArticleRevision.article_id).where(ArticleRevision.seen_at > now - _LATELY)
    ways = (
        Article.code.in_(codes),
        Article.identity.in_(urls),
        Article.code.is_(None) & Article.url.in_(urls),
        Article.id.in_(lately) & Article.url.in_(urls),
    )
    columns = (Article.code, Article.identity, Article.url, Article.body_kind)
    wanted = (select(*columns).where(way) for way in ways[: None if urls else 1])
    return connection.execute(union_all(*wanted)).all()


def _settled(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> set[int]:
    stored = _stored(connection, rows, now)
    known = {word for row in stored for word in (row.code, row.identity, row.url)} - {None}
    whole = {row.code for row in stored if row.body_kind == "full"}
    absent = _absent(connection, [row.url for row in rows if _gives_text(row.url)])

    def is_settled(row: Row[Any]) -> bool:
        if row.code in known and _gives_text(row.url):
            return row.code in whole or absent.get(row.url, row.seen_at) > row.seen_at
        return row.code in known or row.url in known

    return {row.id for row in rows if is_settled(row)}


def _gives_text(url: str) -> bool:
    """Whether what stands at an address makes an article whole of which the digest is known."""
    return is_share_address(url) or bool(_ARTICLE_PAGE.fullmatch(split_url(url).path))


def _absent(connection: Connection, urls: Sequence[str]) -> dict[str, datetime]:
    """When a host last said that there is no such page."""
    is_asked = MissedPage.key.in_([page_key(url) for url in urls])
    columns = (MissedPage.url, MissedPage.last_missed_at)
    query = select(*columns).where(is_asked, MissedPage.reason.in_(ABSENT))
    return {row.url: row.last_missed_at for row in connection.execute(query)}
