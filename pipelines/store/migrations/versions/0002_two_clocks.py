"""Two clocks, a change feed, mentions of every revision, stories, dated symbols.

Revisions are numbered anew in the order in which they were seen: the id of a revision is the number
of the change that made it. What lies in the tables is taken along in both directions.
"""

import sqlalchemy as sa
from alembic import op

from pipelines.store.migrations import copy_0002 as data
from pipelines.store.migrations import tables_0002 as tables
from pipelines.store.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = tables.BIG


def _clock() -> None:
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )


def _derived() -> None:
    op.create_table(
        "derived",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_derived")),
    )


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("committed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('new', 'revised', 'completed', 'story')", name=op.f("ck_change_kind")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_change_article_id_article")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")),
    )


def _story() -> None:
    op.create_table(
        "story",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("first_article_id", BIG, nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_article_id"], ["article.id"], name=op.f("fk_story_first_article_id_article")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
    )


def _story_member() -> None:
    op.create_table(
        "story_member",
        sa.Column("id", BIG, nullable=False),
        sa.Column("story_id", BIG, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('first', 'exact', 'near')", name=op.f("ck_story_member_kind")),
        sa.CheckConstraint("seen_at <= left_at", name=op.f("ck_story_member_span")),
        sa.CheckConstraint("similarity BETWEEN 0 AND 1", name=op.f("ck_story_member_similarity")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_story_member_article_id_article")
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_story_member_story_id_story")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_member")),
    )
    op.create_index("ix_story_member_story_id", "story_member", ["story_id"], unique=False)
    op.create_index(
        "uq_story_member_article_id",
        "story_member",
        ["article_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )


ASIDE = ("mention", "article_revision", "article_category", "printing", "article", "security")
TABLES = (
    _clock,
    _derived,
    tables.security,
    tables.security_alias,
    tables.article,
    tables.printing,
    tables.article_category,
    tables.article_revision,
    _change,
    tables.mention,
    _story,
    _story_member,
)


def upgrade() -> None:
    """Put what is replaced aside, make the new tables, bring the rows back."""
    data.put_aside(ASIDE)
    for make in TABLES:
        make()
    op.add_column("reject", sa.Column("key", sa.String(length=32), nullable=True))
    op.create_index("uq_reject_key", "reject", ["key"], unique=True)
    data.bring_forward()
    data.drop_aside(ASIDE)


def downgrade() -> None:
    """Go back: articles, all revisions and the newest mentions stay; feed and stories go."""
    for name in ("revision_words", "revision_bands"):  # see pipelines.store.derived
        op.execute(f"DROP TABLE IF EXISTS {name}")
    for name in ("story_member", "story", "change", "security_alias"):
        op.drop_table(name)
    data.put_aside(ASIDE)
    for name in ("derived", "clock"):
        op.drop_table(name)
    op.drop_index("uq_reject_key", "reject")
    op.drop_column("reject", "key")
    data.make_first_tables(ASIDE)
    data.bring_back()
    data.drop_aside(ASIDE)
