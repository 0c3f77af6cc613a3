"""The tables. Times are UTC; null means that no page says it."""

from datetime import datetime
from typing import Any, get_args

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from finews_crawler.items import (
    AssetClass,
    BodyKind,
    MentionKind,
    PageKind,
    Precision,
    Quality,
)
from pipelines.store.types import UtcDateTime

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def one_of(column: str, words: object) -> CheckConstraint:
    """A check that a column holds one of a Literal's words (or null)."""
    listed = ", ".join(f"'{word}'" for word in get_args(words))
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Base(DeclarativeBase):
    """All tables, with a naming convention so that migrations can name constraints."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime, list[Any]: JSON, dict[str, Any]: JSON}


class Source(Base):
    """A medium that articles name (文章来源), under its canonical name."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    slug: Mapped[str] = mapped_column(String(200))
    first_seen_at: Mapped[datetime]


class Category(Base):
    """A category of the site by its slug; `TechWeb` and `Techweb` are two."""

    __tablename__ = "category"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    heading: Mapped[str | None] = mapped_column(String(200))
    first_seen_at: Mapped[datetime]


class Security(Base):
    """What mentions point to; known by its canonical symbol, else by the raw secid."""

    __tablename__ = "security"
    __table_args__ = (one_of("asset_class", AssetClass),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    symbol: Mapped[str | None] = mapped_column(String(64))
    secid: Mapped[str] = mapped_column(String(64))
    mic: Mapped[str | None] = mapped_column(String(4))
    asset_class: Mapped[str] = mapped_column(String(16))
    first_seen_at: Mapped[datetime]


class Article(Base):
    """One row per article identity: its newest revision."""

    __tablename__ = "article"
    __table_args__ = (
        CheckConstraint("length(code) = 18", name="code"),
        CheckConstraint("revision >= 1", name="revision"),
        one_of("published_precision", Precision),
        one_of("published_quality", Quality),
        one_of("body_kind", BodyKind),
        one_of("page_kind", PageKind),
        Index("ix_article_published_at", "published_at"),
        Index("ix_article_source_id_published_at", "source_id", "published_at"),
        Index("ix_article_first_seen_at", "first_seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(String(400), unique=True)
    code: Mapped[str | None] = mapped_column(String(18), unique=True)
    title: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    published_precision: Mapped[str | None] = mapped_column(String(16))
    published_quality: Mapped[str] = mapped_column(String(16))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"))
    source_raw: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(Text)
    body_text: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    body_kind: Mapped[str] = mapped_column(String(16))
    tags: Mapped[list[Any]]
    images: Mapped[list[Any]]
    related: Mapped[list[Any]]
    url: Mapped[str] = mapped_column(Text)
    share_url: Mapped[str | None] = mapped_column(Text)
    origin_url: Mapped[str | None] = mapped_column(Text)
    page_kind: Mapped[str] = mapped_column(String(16))
    fetched_at: Mapped[datetime]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    revision: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    extractor: Mapped[str] = mapped_column(String(32))
    provenance: Mapped[dict[str, Any]]


class Printing(Base):
    """What one page prints of an article; the article's row is made from all of them."""

    __tablename__ = "printing"
    __table_args__ = (
        UniqueConstraint("article_id", "page_kind", "address"),
        one_of("page_kind", PageKind),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    page_kind: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]]
    seen_at: Mapped[datetime]


class ArticleRevision(Base):
    """Every version of an article, whole; number 1 is the first seen."""

    __tablename__ = "article_revision"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    number: Mapped[int]
    seen_at: Mapped[datetime]
    content_hash: Mapped[str] = mapped_column(String(64))
    changed: Mapped[list[Any]]
    title: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    published_precision: Mapped[str | None] = mapped_column(String(16))
    published_quality: Mapped[str] = mapped_column(String(16))
    source: Mapped[str | None] = mapped_column(String(200))
    source_raw: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(Text)
    body_text: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    body_kind: Mapped[str] = mapped_column(String(16))
    mentions: Mapped[list[Any]]
    url: Mapped[str] = mapped_column(Text)
    extractor: Mapped[str] = mapped_column(String(32))


class Mention(Base):
    """A stock widget of an article's newest revision, in reading order."""

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("article_id", "position"),
        one_of("kind", MentionKind),
        one_of("asset_class", AssetClass),
        CheckConstraint("kind IN ('chart', 'listed') OR start_offset < end_offset", name="offsets"),
        CheckConstraint(
            "kind NOT IN ('chart', 'listed') OR start_offset IS NULL", name="no_offsets"
        ),
        Index("ix_mention_security_id_article_id", "security_id", "article_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    secid: Mapped[str] = mapped_column(String(64))
    symbol: Mapped[str | None] = mapped_column(String(64))
    mic: Mapped[str | None] = mapped_column(String(4))
    asset_class: Mapped[str] = mapped_column(String(16))
    surface: Mapped[str | None] = mapped_column(Text)
    start_offset: Mapped[int | None]
    end_offset: Mapped[int | None]
    inside_word: Mapped[bool]
    security_id: Mapped[int] = mapped_column(ForeignKey("security.id"))


article_category = Table(
    "article_category",
    Base.metadata,
    Column("article_id", Integer, ForeignKey("article.id"), primary_key=True),
    Column("category_id", Integer, ForeignKey("category.id"), primary_key=True, index=True),
)


class CrawlRun(Base):
    """One crawl; `finished_at` stays null when the process was killed."""

    __tablename__ = "crawl_run"
    __table_args__ = (CheckConstraint("outcome IN ('ok', 'failed')", name="outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    spider: Mapped[str] = mapped_column(String(64))
    arguments: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(64))
    outcome: Mapped[str | None] = mapped_column(String(16))
    message: Mapped[str | None] = mapped_column(Text)
    counts: Mapped[dict[str, Any]]


class Listing(Base):
    """What a category page listed, in its order; a new row only when that changes."""

    __tablename__ = "listing"
    __table_args__ = (Index("ix_listing_category_id_id", "category_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    url: Mapped[str] = mapped_column(Text)
    heading: Mapped[str | None] = mapped_column(String(200))
    entry_count: Mapped[int]
    entries: Mapped[list[Any]]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    first_run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id"))
    last_run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id"))


class Reject(Base):
    """A page or an item that could not be used, and why."""

    __tablename__ = "reject"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id"), index=True)
    stage: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(String(18))
    seen_at: Mapped[datetime]
