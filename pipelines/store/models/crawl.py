"""What crawls did: runs, listings, rejects, and the state of what is derived."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.store.models.base import AGAIN, Base


class CrawlRun(Base):
    """One row per crawl.

    Inserted before the first request, completed once at the end; after a kill it stays incomplete.
    """

    __tablename__ = "crawl_run"
    __table_args__ = (CheckConstraint("outcome IN ('ok', 'failed')", name="outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    spider: Mapped[str] = mapped_column(String(64), doc="`archive`, `category` or `share`.")
    arguments: Mapped[dict[str, Any]] = mapped_column(
        doc="Object: spider argument to its text, as given."
    )
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(
        doc="Null while it runs, and for ever when the process was killed.", info=AGAIN
    )
    reason: Mapped[str | None] = mapped_column(
        String(64),
        doc="Scrapy's closing reason, `finished` or why not; null with `finished_at`.",
        info=AGAIN,
    )
    outcome: Mapped[str | None] = mapped_column(
        String(16), doc="`ok` or `failed`; null with `finished_at`.", info=AGAIN
    )
    message: Mapped[str | None] = mapped_column(
        Text, doc="The line that the crawl printed; null with `finished_at`.", info=AGAIN
    )
    counts: Mapped[dict[str, Any]] = mapped_column(
        doc="Object: statistic to whole number, `finews/store/new`; empty until the end.",
        info=AGAIN,
    )


class Listing(Base):
    """What a category page listed.

    A new row only when heading or entries differ from the category's newest row; otherwise that
    row's `last_…` columns move.
    """

    __tablename__ = "listing"
    __table_args__ = (Index("ix_listing_category_id_id", "category_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    url: Mapped[str] = mapped_column(Text, doc="The page.")
    heading: Mapped[str | None] = mapped_column(
        String(200), doc="Null on a page without posts and in the site's older layout."
    )
    entry_count: Mapped[int] = mapped_column(doc="Length of `entries`.")
    entries: Mapped[list[Any]] = mapped_column(
        doc="List of strings, newest first: 18 digits, or the URL path of a post without them."
    )
    first_seen_at: Mapped[datetime] = mapped_column(doc="When the page first listed this.")
    last_seen_at: Mapped[datetime] = mapped_column(doc="When it last did.", info=AGAIN)
    first_run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id"))
    last_run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id"), info=AGAIN)


class Reject(Base):
    """What could not be used, and why. Rows are never changed or deleted."""

    __tablename__ = "reject"
    __table_args__ = (Index("uq_reject_key", "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(
        String(32), doc="Random; a batch that is sent twice counts once. Null in oldest rows."
    )
    run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id"), index=True)
    stage: Mapped[str] = mapped_column(
        String(32), doc="`argument`, `fetch`, `extract`, `validate`, `normalise` or `store`."
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
