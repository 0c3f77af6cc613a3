"""Articles as they are now, and the pages that tell them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from finews_crawler.items import BodyKind, PageKind, Precision, Quality
from pipelines.store.models.base import AGAIN, BIG, Base, one_of

# A time without its precision, or a precision without a time, would be a claim that no page makes.
PRECISE = "(published_at IS NULL) = (published_precision IS NULL)"


class Article(Base):
    """One row per article, its newest revision.

    Inserted when an article is first stored, and updated when a crawl learns something new about
    it. Rows are never deleted.
    """

    __tablename__ = "article"
    __table_args__ = (
        CheckConstraint("length(code) = 18", name="code"),
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint(PRECISE, name="precise"),
        CheckConstraint("first_seen_at <= last_seen_at", name="seen"),
        one_of("published_precision", Precision),
        one_of("published_quality", Quality),
        one_of("body_kind", BodyKind),
        one_of("page_kind", PageKind),
        Index("ix_article_published_at", "published_at"),
    )

    id: Mapped[int] = mapped_column(
        BIG,
        primary_key=True,
        autoincrement=False,
        doc="Grows in the order of first seeing.",
    )
    identity: Mapped[str] = mapped_column(
        String(400),
        unique=True,
        doc="The 18 digits of the Eastmoney id; for a page without them its canonical URL.",
    )
    code: Mapped[str | None] = mapped_column(
        String(18), unique=True, doc="The 18 digits; null for the site's own notices."
    )
    title: Mapped[str] = mapped_column(Text, doc="Empty when no page states one.", info=AGAIN)
    published_at: Mapped[datetime | None] = mapped_column(
        doc="What the page claims; null when it claims nothing.", info=AGAIN
    )
    published_precision: Mapped[str | None] = mapped_column(
        String(16), doc="`second`, `minute` or `day`; null with `published_at`.", info=AGAIN
    )
    published_quality: Mapped[str] = mapped_column(
        String(16), doc="How far to trust it: see [fields](fields.md).", info=AGAIN
    )
    known_late: Mapped[bool | None] = mapped_column(
        doc=(
            "First seen more than 24 hours after the claimed time: backfilled; nobody read it here "
            "when it was news. Null with `published_at`."
        ),
        info=AGAIN,
    )
    source_id: Mapped[int | None] = mapped_column(
        ForeignKey("source.id"), doc="The medium; null when the page names none.", info=AGAIN
    )
    source_raw: Mapped[str | None] = mapped_column(Text, doc="The medium as printed.", info=AGAIN)
    digest: Mapped[str | None] = mapped_column(
        Text, doc="The summary that stands apart from the body.", info=AGAIN
    )
    body_text: Mapped[str] = mapped_column(
        Text, doc="Paragraphs apart by a blank line; what offsets count in.", info=AGAIN
    )
    body_html: Mapped[str] = mapped_column(Text, doc="Clean HTML.", info=AGAIN)
    body_kind: Mapped[str] = mapped_column(
        String(16), doc="`full`, or `digest` for a flash.", info=AGAIN
    )
    tags: Mapped[list[Any]] = mapped_column(doc="List of strings, as printed.", info=AGAIN)
    images: Mapped[list[Any]] = mapped_column(doc="List of pictures: see below.", info=AGAIN)
    related: Mapped[list[Any]] = mapped_column(
        doc="List of links: other articles that a 相关报道 block names; no part of the text.",
        info=AGAIN,
    )
    url: Mapped[str] = mapped_column(Text, doc="The page's canonical address.", info=AGAIN)
    share_url: Mapped[str | None] = mapped_column(
        Text, doc="The share page, as the post prints it.", info=AGAIN
    )
    origin_url: Mapped[str | None] = mapped_column(
        Text, doc="The article at Eastmoney, as the post prints it.", info=AGAIN
    )
    page_kind: Mapped[str] = mapped_column(
        String(16),
        doc=(
            "The page that gave title and address: `post`, `markdown`, `feed`, `origin`, "
            "`share_json`, `share_html`, `list`."
        ),
        info=AGAIN,
    )
    fetched_at: Mapped[datetime] = mapped_column(
        doc="When the page that gave the body was fetched.", info=AGAIN
    )
    first_seen_at: Mapped[datetime] = mapped_column(
        doc="When this database first knew the article."
    )
    last_seen_at: Mapped[datetime] = mapped_column(
        doc="When a crawl last saw it; may lag by `FINEWS_LAST_SEEN_SECONDS`.", info=AGAIN
    )
    revision: Mapped[int] = mapped_column(doc="Number of the newest revision, from 1.", info=AGAIN)
    content_hash: Mapped[str] = mapped_column(
        String(64), doc="Hex SHA-256 of what makes a revision.", info=AGAIN
    )
    extractor: Mapped[str] = mapped_column(
        String(32), doc="Name and version of the code that read the body.", info=AGAIN
    )
    provenance: Mapped[dict[str, Any]] = mapped_column(
        doc="Where each field's value is from: see below.", info=AGAIN
    )


class ArticleCategory(Base):
    """Which article is in which category.

    Grows only; the one row that can go is a misspelt slug whose true spelling has become known.
    """

    __tablename__ = "article_category"
    __table_args__ = (
        Index("ix_article_category_category_id_article_id", "category_id", "article_id"),
    )

    article_id: Mapped[int] = mapped_column(BIG, ForeignKey("article.id"), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), primary_key=True)
    first_seen_at: Mapped[datetime] = mapped_column(doc="When this database first knew it.")


class Printing(Base):
    """What each page prints of an article; its row is a function of the set of these.

    The same article stands on several pages ([precedence](precedence.md)). A page that is read
    again replaces its row. Programs that read news need this table only to see which page says
    what.
    """

    __tablename__ = "printing"
    __table_args__ = (
        UniqueConstraint("article_id", "page_kind", "address"),
        one_of("page_kind", PageKind),
    )

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    article_id: Mapped[int] = mapped_column(BIG, ForeignKey("article.id"))
    page_kind: Mapped[str] = mapped_column(String(16), doc="As in `article`.")
    address: Mapped[str] = mapped_column(Text, doc="Path and query of the page, on whatever host.")
    hash: Mapped[str] = mapped_column(String(64), doc="Hex SHA-256 of all that the page says.")
    content: Mapped[dict[str, Any]] = mapped_column(
        doc="Object: the article as this page alone tells it, named as in [fields](fields.md)."
    )
    seen_at: Mapped[datetime] = mapped_column(doc="When this database knew it so.")
