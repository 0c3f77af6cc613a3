"""Which articles tell the same story in several sources' copies."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.store.models.base import AGAIN, BIG, Base, one_of

MemberKind = Literal["first", "exact", "near"]


class Story(Base):
    """Articles that are reprints of each other; an article without reprints has none."""

    __tablename__ = "story"

    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    first_article_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("article.id"), doc="The member that was seen first.", info=AGAIN
    )
    first_seen_at: Mapped[datetime] = mapped_column(doc="When its second member was seen.")


class StoryMember(Base):
    """An article in a story, from when until when; at most in one at a time.

    An article leaves when a revision of it no longer tells the same. Rows are never deleted.
    """

    __tablename__ = "story_member"
    __table_args__ = (
        one_of("kind", MemberKind),
        CheckConstraint("seen_at <= left_at", name="span"),
        CheckConstraint("similarity BETWEEN 0 AND 1", name="similarity"),
        Index("ix_story_member_story_id", "story_id"),
        Index("ix_story_member_article_id", "article_id"),
        Index(
            "uq_story_member_article_id",
            "article_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    story_id: Mapped[int] = mapped_column(BIG, ForeignKey("story.id"))
    article_id: Mapped[int] = mapped_column(BIG, ForeignKey("article.id"))
    kind: Mapped[str] = mapped_column(
        String(16),
        doc="`first`: the member that was there before; `exact` or `near`: how its text agrees.",
    )
    similarity: Mapped[float] = mapped_column(
        doc="How much of the text is the same, 0 to 1, when it joined; 1 for `first`."
    )
    seen_at: Mapped[datetime] = mapped_column(doc="When this database knew it.")
    left_at: Mapped[datetime | None] = mapped_column(
        doc="When it left; null while it belongs to the story.", info=AGAIN
    )
