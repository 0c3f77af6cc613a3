"""An index for the stories that an article is or was in: questions as of a moment ask for both."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NAME = "ix_story_member_article_id"


def upgrade() -> None:
    """Make the index."""
    op.create_index(_NAME, "story_member", ["article_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index(_NAME, "story_member")
