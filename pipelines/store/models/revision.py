"""Every version of an article, the mentions of each, and the feed of changes."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from finews_crawler.items import AssetClass, BodyKind, MentionKind, Precision, Quality
from pipelines.store.models.article import PRECISE
from pipelines.store.models.base import AGAIN, BIG, Base, one_of, symbol_form

ChangeKind = Literal["new", "revised", "completed", "story", "re-extracted", "backfilled"]
RevisionKind = Literal["read", "re-extracted", "backfill"]

_UNPLACED = "kind IN ('chart', 'listed')"
_FITS = "start_offset >= 0 AND end_offset - start_offset = length(surface) AND surface <> ''"
# A comparison with null is no failure to a check.
_SPAN = f"coalesce({_FITS}, false)"


class Clock(Base):
    """The database's own time and the number of its last change: one row.

    Written by every transaction that changes articles, under a lock that is held until it has
    committed: what is in here is readable, and whatever comes later has a later time and a higher
    number.
    """

    __tablename__ = "clock"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, doc="1.")
    at: Mapped[datetime] = mapped_column(
        doc="The newest `seen_at`; `as_of` this moment is what can be read now.", info=AGAIN
    )
    seq: Mapped[int] = mapped_column(BIG, doc="The newest `change.seq`.", info=AGAIN)


class Change(Base):
    """The change feed: every change of an article once, in the order of commit.

    Keep the last `seq` that you have handled and ask for those above it: none is missed, none comes
    twice, none appears later below it. Numbers can have gaps. Rows are never changed or deleted.
    """

    __tablename__ = "change"
    __table_args__ = (one_of("kind", ChangeKind),)

    seq: Mapped[int] = mapped_column(
        BIG, primary_key=True, autoincrement=False, doc="Grows in the order of commit."
    )
    article_id: Mapped[int] = mapped_column(BIG, ForeignKey("article.id"))
    revision: Mapped[int] = mapped_column(
        doc="Number of the revision that was newest then; of `backfilled`: of the one that it made."
    )
    kind: Mapped[str] = mapped_column(
        String(16),
        doc=(
            "`new`; `revised`: a page changed; `completed`: another page told more, with a new "
            "revision or without; `story`: it joined or left a story; `re-extracted`: the program "
            "reads a kept page better now; `backfilled`: an archive told a version of the past, "
            "and nothing that is read now has changed."
        ),
    )
    committed_at: Mapped[datetime] = mapped_column(
        doc="The database clock; equals `seen_at` of the revision that the change made."
    )


class ArticleRevision(Base):
    """Every version of an article, whole.

    Number 1 is written with the article; another when title, time, its precision or quality,
    source, digest, text, its kind, or mentions have changed. What changes besides (addresses, tags,
    categories, pictures, HTML, `source_raw`) updates `article` alone. Rows are never deleted.
    """

    __tablename__ = "article_revision"
    __table_args__ = (
        UniqueConstraint("article_id", "number"),
        CheckConstraint("(number >= 1) = (kind <> 'backfill')", name="number"),
        CheckConstraint(PRECISE, name="precise"),
        CheckConstraint("seen_at <= superseded_at", name="span"),
        one_of("kind", RevisionKind),
        one_of("published_precision", Precision),
        one_of("published_quality", Quality),
        one_of("body_kind", BodyKind),
        Index("ix_article_revision_published_at", "published_at", "id"),
        Index("ix_article_revision_source_id_published_at", "source_id", "published_at", "id"),
        Index("ix_article_revision_seen_at", "seen_at"),
    )

    id: Mapped[int] = mapped_column(
        BIG,
        primary_key=True,
        autoincrement=False,
        doc="The `seq` of the change that made it.",
    )
    article_id: Mapped[int] = mapped_column(BIG, ForeignKey("article.id"))
    number: Mapped[int] = mapped_column(
        doc="1, 2, … within the article; 0, -1, … for those of kind `backfill`."
    )
    seen_at: Mapped[datetime] = mapped_column(
        doc="When this database knew this version; number 1 equals `first_seen_at`."
    )
    superseded_at: Mapped[datetime | None] = mapped_column(
        doc="When the next version came; null for the newest.", info=AGAIN
    )
    content_hash: Mapped[str] = mapped_column(String(64), doc="As in `article`.")
    changed: Mapped[list[Any]] = mapped_column(
        doc="List of the names of what differs from the version before; empty for number 1."
    )
    title: Mapped[str] = mapped_column(Text, doc="As in `article`; so are all below.")
    published_at: Mapped[datetime | None]
    published_precision: Mapped[str | None] = mapped_column(String(16))
    published_quality: Mapped[str] = mapped_column(String(16))
    known_late: Mapped[bool | None]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"))
    source_raw: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(Text)
    body_text: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    body_kind: Mapped[str] = mapped_column(String(16))
    url: Mapped[str] = mapped_column(Text)
    extractor: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(
        String(16),
        doc=(
            "`read`: from a page; `re-extracted`: from a page that was kept, as the program reads "
            "it since `seen_at`; `backfill`: an archive told later how the page once was. Nobody "
            "could read that one here: it ends when it begins, and no `as_of` shows it."
        ),
    )
    archived_at: Mapped[datetime | None] = mapped_column(
        doc=(
            "When the archive that it is from knew this version, by the archive's clock; null "
            "where it is from the page itself."
        )
    )


class Mention(Base):
    """The stock widgets of each revision, in reading order.

    Written with the revision, never deleted.
    """

    __tablename__ = "mention"
    __table_args__ = (
        one_of("kind", MentionKind),
        one_of("asset_class", AssetClass),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint(f"{_UNPLACED} OR {_SPAN}", name="offsets"),
        CheckConstraint(
            f"NOT {_UNPLACED} OR (start_offset IS NULL AND end_offset IS NULL)", name="no_offsets"
        ),
        *symbol_form("symbol"),
        *symbol_form("secid"),
        Index("ix_mention_security_id_published_at", "security_id", "published_at", "revision_id"),
    )

    revision_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("article_revision.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, doc="Reading order within the article, from 0."
    )
    kind: Mapped[str] = mapped_column(String(16), doc="`chart`, `link`, `repeat` or `listed`.")
    secid: Mapped[str] = mapped_column(String(64), doc="Eastmoney's `<market>.<code>` as printed.")
    symbol: Mapped[str | None] = mapped_column(
        String(64),
        doc="Canonical symbol on the article's day, `600919.SH`; null when it is not certain.",
    )
    mic: Mapped[str | None] = mapped_column(
        String(4),
        doc="ISO 10383 code of the exchange; null when there is none or it is not certain.",
    )
    asset_class: Mapped[str] = mapped_column(String(16), doc="See [fields](fields.md).")
    surface: Mapped[str | None] = mapped_column(
        Text, doc="The words that carry the link; null for a chart or a listed code."
    )
    start_offset: Mapped[int | None] = mapped_column(
        doc="First character of `surface` in `body_text`, from 0; null where `surface` is."
    )
    end_offset: Mapped[int | None] = mapped_column(
        doc="The character after its last; null where `surface` is."
    )
    inside_word: Mapped[bool] = mapped_column(
        doc="The name is a part of a longer word (高通 in 高通胀): probably no mention."
    )
    security_id: Mapped[int] = mapped_column(
        ForeignKey("security.id"),
        doc="What it points to; written again when two securities turn out to be one.",
        info=AGAIN,
    )
    published_at: Mapped[datetime | None] = mapped_column(
        doc="The revision's, here for the index; a revision never changes."
    )
