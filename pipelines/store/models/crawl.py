"""What crawls did: runs, listings, rejects, and the state of what is derived."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.store.models.base import AGAIN, BIG, Base

UNIQUE_FINDING = ("run_id", "kind", "subject")


class CrawlRun(Base):
    """One row per crawl.

    Inserted before the first request, told now and then that it lives, completed once at the end;
    after a kill it stays incomplete.
    """

    __tablename__ = "crawl_run"
    __table_args__ = (CheckConstraint("outcome IN ('ok', 'degraded', 'failed')", name="outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    spider: Mapped[str] = mapped_column(String(64), doc="`archive`, `category`, `live` …")
    arguments: Mapped[dict[str, Any]] = mapped_column(
        doc="Object: spider argument to its text, as given."
    )
    job: Mapped[str | None] = mapped_column(
        String(64), doc="Name of the scheduled job; null when it was called by hand."
    )
    host: Mapped[str | None] = mapped_column(
        String(255), doc="Machine on which it ran; null in oldest rows."
    )
    pid: Mapped[int | None] = mapped_column(doc="Process on that machine; null in oldest rows.")
    started_at: Mapped[datetime]
    alive_at: Mapped[datetime | None] = mapped_column(
        doc="When it last said that it lives, each half a minute; null in oldest rows.", info=AGAIN
    )
    finished_at: Mapped[datetime | None] = mapped_column(
        doc="Null while it runs, and for ever when the process was killed.", info=AGAIN
    )
    reason: Mapped[str | None] = mapped_column(
        String(64),
        doc="Scrapy's closing reason, `finished` or why not; null with `finished_at`.",
        info=AGAIN,
    )
    outcome: Mapped[str | None] = mapped_column(
        String(16), doc="`ok`, `degraded` or `failed`; null with `finished_at`.", info=AGAIN
    )
    message: Mapped[str | None] = mapped_column(
        Text, doc="The line that the crawl printed; null with `finished_at`.", info=AGAIN
    )
    counts: Mapped[dict[str, Any]] = mapped_column(
        doc="Object: statistic to whole number, `finews/store/new`; renewed while it lives.",
        info=AGAIN,
    )
    received_bytes: Mapped[int | None] = mapped_column(
        BIG, doc="Of all answers, compressed as they came; null until the end.", info=AGAIN
    )
    peak_memory_bytes: Mapped[int | None] = mapped_column(
        BIG, doc="The most its process ever held; null until the end.", info=AGAIN
    )
    latency_p50_ms: Mapped[int | None] = mapped_column(
        doc="Half of the answers came within so many milliseconds; null without one.", info=AGAIN
    )
    latency_p95_ms: Mapped[int | None] = mapped_column(
        doc="19 of 20 answers came within so many milliseconds; null without one.", info=AGAIN
    )


class Finding(Base):
    """What a crawl found wrong with its site: what makes a run `degraded`. Never changed."""

    __tablename__ = "finding"
    __table_args__ = (Index("uq_finding_run_id_kind_subject", *UNIQUE_FINDING, unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id"))
    kind: Mapped[str] = mapped_column(
        String(32), doc="`gap`, `silent_source`, `strategy_shift`, …: docs/monitoring.md."
    )
    subject: Mapped[str] = mapped_column(
        String(200), doc="The category, source, host or field that it is about; empty: the run."
    )
    detail: Mapped[str] = mapped_column(Text, doc="One sentence with the figures.")
    since_at: Mapped[datetime | None] = mapped_column(
        doc="Begin of the span that it is about; null when it is about none."
    )
    until_at: Mapped[datetime | None] = mapped_column(doc="Its end; null with `since_at`.")
    seen_at: Mapped[datetime]


class Listing(Base):
    """What a category page, or a list of Eastmoney (`eastmoney:` and its column), listed.

    A new row only when heading or entries differ from the category's newest row; otherwise that
    row's `last_…` columns move.
    """

    __tablename__ = "listing"
    __table_args__ = (Index("ix_listing_category_id_id", "category_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    url: Mapped[str] = mapped_column(Text, doc="The page.", info=AGAIN)
    heading: Mapped[str | None] = mapped_column(
        String(200), doc="Null on a page without posts and in the site's older layout."
    )
    entry_count: Mapped[int] = mapped_column(doc="Length of `entries`.")
    entries: Mapped[list[Any]] = mapped_column(
        doc="List of strings, newest first: 18 digits, or the URL path of a post without them."
    )
    addresses: Mapped[list[Any] | None] = mapped_column(
        doc="List of strings: the URL path of each entry; null in oldest rows.", info=AGAIN
    )
    etag: Mapped[str | None] = mapped_column(
        Text, doc="What the server called this version of the page.", info=AGAIN
    )
    last_modified: Mapped[str | None] = mapped_column(
        Text, doc="The server's own time of this version, as it sent it.", info=AGAIN
    )
    first_seen_at: Mapped[datetime] = mapped_column(
        doc="When the page first listed this; of a list of Eastmoney when its first page was read."
    )
    last_seen_at: Mapped[datetime] = mapped_column(doc="When it last did.", info=AGAIN)
    first_run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id"))
    last_run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id"), info=AGAIN)


class Reject(Base):
    """What could not be used, and why. Rows are never deleted."""

    __tablename__ = "reject"
    __table_args__ = (Index("uq_reject_key", "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(
        String(32), doc="Random; a batch that is sent twice counts once. Null in oldest rows."
    )
    run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id"), index=True)
    stage: Mapped[str] = mapped_column(
        String(32),
        doc="`argument`, `fetch`, `list`, `extract`, `validate`, `normalise` or `store`.",
    )
    reason: Mapped[str] = mapped_column(
        String(64),
        doc=(
            "One word, for counting: `unknown_layout`, `http_404`; `internal_error` is a bug of "
            "this program."
        ),
    )
    detail: Mapped[str] = mapped_column(Text, doc="What was missing or wrong.")
    url: Mapped[str] = mapped_column(Text, doc="The page, or the argument that was given.")
    code: Mapped[str | None] = mapped_column(
        String(18), doc="The 18 digits; null when they are not known."
    )
    seen_at: Mapped[datetime]
    retried_at: Mapped[datetime | None] = mapped_column(
        doc="When `finews rejects retry` last tried it again; null when it never did.", info=AGAIN
    )
    settled_at: Mapped[datetime | None] = mapped_column(
        doc="When its article was found in the database; null as long as it was not.", info=AGAIN
    )


class RejectPage(Base):
    """The answer that was rejected, as it came."""

    __tablename__ = "reject_page"

    reject_key: Mapped[str] = mapped_column(
        String(32), primary_key=True, doc="`key` of the reject."
    )
    status: Mapped[int] = mapped_column(doc="The HTTP status.")
    headers: Mapped[list[Any]] = mapped_column(doc="List of pairs of strings, in their order.")
    body: Mapped[bytes] = mapped_column(
        LargeBinary, doc="After its transfer encoding was undone; compressed with zlib."
    )
    reader: Mapped[str] = mapped_column(
        String(32), doc="What reads it as an article, `post`; empty: nothing does."
    )
    body_bytes: Mapped[int] = mapped_column(doc="Length of the body before it was compressed.")


class MissedPage(Base):
    """A page that gave no article: it is asked for again only after a while."""

    __tablename__ = "missed_page"
    __table_args__ = (Index("ix_missed_page_code", "code"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True, doc="Hex SHA-256 of the URL.")
    url: Mapped[str] = mapped_column(Text, doc="The page.")
    code: Mapped[str | None] = mapped_column(String(18), doc="As in `reject`.")
    stage: Mapped[str] = mapped_column(
        String(32), doc="As in `reject`; or `share`: the text behind a flash.", info=AGAIN
    )
    reason: Mapped[str] = mapped_column(String(64), doc="As in `reject`.", info=AGAIN)
    times: Mapped[int] = mapped_column(doc="How often it was missed.", info=AGAIN)
    first_missed_at: Mapped[datetime] = mapped_column(doc="When it first gave none.")
    last_missed_at: Mapped[datetime] = mapped_column(doc="When it last did.", info=AGAIN)
    due_at: Mapped[datetime] = mapped_column(
        doc="From when on a crawl asks for it again.", info=AGAIN
    )


class Derived(Base):
    """What is made from other tables, and by which version of the program.

    When the program makes it otherwise now, opening the database makes it anew.
    """

    __tablename__ = "derived"

    name: Mapped[str] = mapped_column(
        String(32), primary_key=True, doc="`words`, `stories` or `aliases`."
    )
    version: Mapped[str] = mapped_column(String(64), info=AGAIN)
    made_at: Mapped[datetime] = mapped_column(info=AGAIN)
