"""The tables that migration 0002 makes anew; those that hold articles and what they point to."""

import sqlalchemy as sa
from alembic import op

from pipelines.store.types import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FORM = r"^[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+$"


def _form(table: str, column: str) -> sa.CheckConstraint:
    """Each engine has its own words for a pattern."""
    text = f"{column} ~ '{FORM}'"
    if op.get_bind().dialect.name == "sqlite":
        text = (
            f"{column} GLOB '?*.?*' AND {column} NOT GLOB '*.*.*'"
            f" AND {column} NOT GLOB '*[^0-9A-Za-z._-]*'"
        )
    return sa.CheckConstraint(text, name=op.f(f"ck_{table}_{column}_form"))


def security() -> None:
    """Make the table."""
    op.create_table(
        "security",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("symbol", sa.String(length=64), nullable=True),
        sa.Column("secid", sa.String(length=64), nullable=False),
        sa.Column("mic", sa.String(length=4), nullable=True),
        sa.Column("asset_class", sa.String(length=16), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "asset_class IN ('stock', 'fund', 'index', 'board', 'bond', 'future', 'option', 'fx', 'rate', 'spot', 'unknown')",
            name=op.f("ck_security_asset_class"),
        ),
        _form("security", "symbol"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security")),
        sa.UniqueConstraint("key", name=op.f("uq_security_key")),
    )


def security_alias() -> None:
    """Make the table."""
    op.create_table(
        "security_alias",
        sa.Column("symbol", sa.String(length=64), nullable=False),
        sa.Column("security_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        _form("security_alias", "symbol"),
        sa.CheckConstraint("since < until", name=op.f("ck_security_alias_span")),
        sa.ForeignKeyConstraint(
            ["security_id"], ["security.id"], name=op.f("fk_security_alias_security_id_security")
        ),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_security_alias")),
    )
    op.create_index(
        op.f("ix_security_alias_security_id"), "security_alias", ["security_id"], unique=False
    )


def _article_rules() -> tuple[sa.Constraint, ...]:
    return (
        sa.CheckConstraint("body_kind IN ('full', 'digest')", name=op.f("ck_article_body_kind")),
        sa.CheckConstraint(
            "page_kind IN ('post', 'markdown', 'feed', 'origin', 'share_json', 'share_html', 'list')",
            name=op.f("ck_article_page_kind"),
        ),
        sa.CheckConstraint(
            "published_precision IN ('second', 'minute', 'day')",
            name=op.f("ck_article_published_precision"),
        ),
        sa.CheckConstraint(
            "published_quality IN ('stated', 'zone_corrected', 'zone_doubtful', 'disagrees', 'future', 'missing')",
            name=op.f("ck_article_published_quality"),
        ),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_precision IS NULL)",
            name=op.f("ck_article_precise"),
        ),
        sa.CheckConstraint("first_seen_at <= last_seen_at", name=op.f("ck_article_seen")),
        sa.CheckConstraint("length(code) = 18", name=op.f("ck_article_code")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_article_revision")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_article_source_id_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("code", name=op.f("uq_article_code")),
        sa.UniqueConstraint("identity", name=op.f("uq_article_identity")),
    )


def article() -> None:
    """Make the table."""
    op.create_table(
        "article",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("identity", sa.String(length=400), nullable=False),
        sa.Column("code", sa.String(length=18), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_precision", sa.String(length=16), nullable=True),
        sa.Column("published_quality", sa.String(length=16), nullable=False),
        sa.Column("known_late", sa.Boolean(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("source_raw", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_kind", sa.String(length=16), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("images", sa.JSON(), nullable=False),
        sa.Column("related", sa.JSON(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("share_url", sa.Text(), nullable=True),
        sa.Column("origin_url", sa.Text(), nullable=True),
        sa.Column("page_kind", sa.String(length=16), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("extractor", sa.String(length=32), nullable=False),
        sa.Column("provenance", sa.JSON(), nullable=False),
        *_article_rules(),
    )
    op.create_index("ix_article_published_at", "article", ["published_at"], unique=False)


def printing() -> None:
    """Make the table."""
    op.create_table(
        "printing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("page_kind", sa.String(length=16), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "page_kind IN ('post', 'markdown', 'feed', 'origin', 'share_json', 'share_html', 'list')",
            name=op.f("ck_printing_page_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_printing_article_id_article")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printing")),
        sa.UniqueConstraint(
            "article_id",
            "page_kind",
            "address",
            name=op.f("uq_printing_article_id_page_kind_address"),
        ),
    )


def article_category() -> None:
    """Make the table."""
    op.create_table(
        "article_category",
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_category_article_id_article")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_article_category_category_id_category")
        ),
        sa.PrimaryKeyConstraint("article_id", "category_id", name=op.f("pk_article_category")),
    )
    op.create_index(
        "ix_article_category_category_id_article_id",
        "article_category",
        ["category_id", "article_id"],
        unique=False,
    )


def _article_revision_rules() -> tuple[sa.Constraint, ...]:
    return (
        sa.CheckConstraint(
            "body_kind IN ('full', 'digest')", name=op.f("ck_article_revision_body_kind")
        ),
        sa.CheckConstraint(
            "published_precision IN ('second', 'minute', 'day')",
            name=op.f("ck_article_revision_published_precision"),
        ),
        sa.CheckConstraint(
            "published_quality IN ('stated', 'zone_corrected', 'zone_doubtful', 'disagrees', 'future', 'missing')",
            name=op.f("ck_article_revision_published_quality"),
        ),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_precision IS NULL)",
            name=op.f("ck_article_revision_precise"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_article_revision_number")),
        sa.CheckConstraint("seen_at <= superseded_at", name=op.f("ck_article_revision_span")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_revision_article_id_article")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_article_revision_source_id_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_revision")),
        sa.UniqueConstraint(
            "article_id", "number", name=op.f("uq_article_revision_article_id_number")
        ),
    )


def article_revision() -> None:
    """Make the table."""
    op.create_table(
        "article_revision",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("superseded_at", UtcDateTime(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_precision", sa.String(length=16), nullable=True),
        sa.Column("published_quality", sa.String(length=16), nullable=False),
        sa.Column("known_late", sa.Boolean(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("source_raw", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_kind", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("extractor", sa.String(length=32), nullable=False),
        *_article_revision_rules(),
    )
    op.create_index(
        "ix_article_revision_published_at", "article_revision", ["published_at", "id"], unique=False
    )
    op.create_index("ix_article_revision_seen_at", "article_revision", ["seen_at"], unique=False)
    op.create_index(
        "ix_article_revision_source_id_published_at",
        "article_revision",
        ["source_id", "published_at", "id"],
        unique=False,
    )


def _mention_rules() -> tuple[sa.Constraint, ...]:
    return (
        sa.CheckConstraint(
            "NOT kind IN ('chart', 'listed') OR (start_offset IS NULL AND end_offset IS NULL)",
            name=op.f("ck_mention_no_offsets"),
        ),
        sa.CheckConstraint(
            "asset_class IN ('stock', 'fund', 'index', 'board', 'bond', 'future', 'option', 'fx', 'rate', 'spot', 'unknown')",
            name=op.f("ck_mention_asset_class"),
        ),
        sa.CheckConstraint(
            "kind IN ('chart', 'link', 'repeat', 'listed')", name=op.f("ck_mention_kind")
        ),
        sa.CheckConstraint(
            "kind IN ('chart', 'listed') OR coalesce(start_offset >= 0 AND end_offset - start_offset = length(surface) AND surface <> '', false)",
            name=op.f("ck_mention_offsets"),
        ),
        _form("mention", "secid"),
        _form("mention", "symbol"),
        sa.CheckConstraint("position >= 0", name=op.f("ck_mention_position")),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["article_revision.id"],
            name=op.f("fk_mention_revision_id_article_revision"),
        ),
        sa.ForeignKeyConstraint(
            ["security_id"], ["security.id"], name=op.f("fk_mention_security_id_security")
        ),
        sa.PrimaryKeyConstraint("revision_id", "position", name=op.f("pk_mention")),
    )


def mention() -> None:
    """Make the table."""
    op.create_table(
        "mention",
        sa.Column("revision_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("secid", sa.String(length=64), nullable=False),
        sa.Column("symbol", sa.String(length=64), nullable=True),
        sa.Column("mic", sa.String(length=4), nullable=True),
        sa.Column("asset_class", sa.String(length=16), nullable=False),
        sa.Column("surface", sa.Text(), nullable=True),
        sa.Column("start_offset", sa.Integer(), nullable=True),
        sa.Column("end_offset", sa.Integer(), nullable=True),
        sa.Column("inside_word", sa.Boolean(), nullable=False),
        sa.Column("security_id", sa.Integer(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        *_mention_rules(),
    )
    op.create_index(
        "ix_mention_security_id_published_at",
        "mention",
        ["security_id", "published_at", "revision_id"],
        unique=False,
    )
