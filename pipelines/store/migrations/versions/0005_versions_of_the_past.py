"""How a version came to be known: read from a page, re-extracted, or backfilled from an archive."""

import sqlalchemy as sa
from alembic import op

from pipelines.store.migrations.checks import replace_check
from pipelines.store.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# With its check: SQLite adds none later.
_KIND = (
    "ALTER TABLE article_revision ADD COLUMN kind VARCHAR(16) DEFAULT 'read' NOT NULL "
    "CONSTRAINT ck_article_revision_kind CHECK (kind IN ('read', 're-extracted', 'backfill'))"
)
_NUMBER = ("number >= 1", "(number >= 1) = (kind <> 'backfill')")
_CHANGES = (
    "kind IN ('new', 'revised', 'completed', 'story')",
    "kind IN ('new', 'revised', 'completed', 'story', 're-extracted', 'backfilled')",
)
_PAST = "SELECT id FROM article_revision WHERE kind = 'backfill'"


def upgrade() -> None:
    """Add the columns; all that is stored was read."""
    op.execute(_KIND)
    op.add_column("article_revision", sa.Column("archived_at", UtcDateTime(), nullable=True))
    replace_check("article_revision", "number", *_NUMBER)
    replace_check("change", "kind", *_CHANGES)


def downgrade() -> None:
    """Go back: versions of the past go, with what hangs on them; re-extracted ones are revised."""
    op.execute(f"DELETE FROM mention WHERE revision_id IN ({_PAST})")  # noqa: S608
    op.execute("DELETE FROM article_revision WHERE kind = 'backfill'")
    op.execute("DELETE FROM change WHERE kind = 'backfilled'")
    op.execute("UPDATE change SET kind = 'revised' WHERE kind = 're-extracted'")
    replace_check("change", "kind", *reversed(_CHANGES))
    replace_check("article_revision", "number", *reversed(_NUMBER))
    for name in ("kind", "archived_at"):
        op.drop_column("article_revision", name)
