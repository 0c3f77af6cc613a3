"""Views: what may be read for years, whatever becomes of the tables.

The same SQL for both engines. Made anew after every migration. A column means what the column of
the table means that it is taken from; where it means something else, the view says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, inspect, text


@dataclass(frozen=True, slots=True)
class View:
    """What a view is, the query that makes it, and what its columns mean."""

    about: str
    query: str
    """Every column of it is `table.column` or `table.column AS name`: the contract reads that."""
    meanings: Mapping[str, str] = field(default_factory=dict)
    """Of the columns that mean something else here than in their table."""


_MEDIUM = {"source": "Canonical name of the medium; null when the page names none."}

VIEWS: Mapping[str, View] = {
    "v_article": View(
        "Every article as it is now, with the name of its source.",
        """
        SELECT article.id AS article_id, article.identity, article.code, article.title,
            article.published_at, article.published_precision, article.published_quality,
            article.known_late, source.name AS source, article.digest, article.body_text,
            article.body_html, article.body_kind, article.url, article.share_url,
            article.origin_url, article.first_seen_at, article.last_seen_at, article.revision,
            article.content_hash
        FROM article LEFT JOIN source ON source.id = article.source_id""",
        _MEDIUM,
    ),
    "v_revision": View(
        "Every version of every article, with the span in which it was the newest.",
        """
        SELECT revision.id AS revision_id, revision.article_id, article.identity, article.code,
            revision.number AS revision, revision.seen_at, revision.superseded_at,
            article.first_seen_at, revision.changed, revision.title, revision.published_at,
            revision.published_precision, revision.published_quality, revision.known_late,
            source.name AS source, revision.digest, revision.body_text, revision.body_html,
            revision.body_kind, revision.url, revision.content_hash, revision.kind,
            revision.archived_at
        FROM article_revision AS revision
        JOIN article ON article.id = revision.article_id
        LEFT JOIN source ON source.id = revision.source_id""",
        _MEDIUM,
    ),
    "v_mention": View(
        "The stock widgets of every version, with the span in which it was the newest.",
        """
        SELECT revision.article_id, mention.revision_id, revision.number AS revision,
            revision.seen_at, revision.superseded_at, mention.published_at, mention.position,
            mention.kind, mention.surface, mention.start_offset, mention.end_offset,
            mention.inside_word, mention.secid, mention.symbol, security.key AS security,
            mention.mic, mention.asset_class
        FROM mention
        JOIN article_revision AS revision ON revision.id = mention.revision_id
        JOIN security ON security.id = mention.security_id""",
        {
            "published_at": "What the page claims; null when it claims nothing.",
            "security": (
                "The newest symbol of the security, `920799.BJ`, also where the article says "
                "`830799.BJ`; the secid as first printed where the symbol is not certain."
            ),
        },
    ),
    "v_security": View(
        "Every symbol that a security has or had; `security` is what `v_mention` names.",
        """
        SELECT alias.symbol, security.key AS security, alias.since, alias.until, security.mic,
            security.asset_class
        FROM security_alias AS alias JOIN security ON security.id = alias.security_id""",
    ),
    "v_change": View(
        "The change feed. Keep the last `seq` that you have handled and ask for those above it.",
        """
        SELECT change.seq, change.article_id, article.identity, article.code, change.revision,
            change.kind, change.committed_at
        FROM change JOIN article ON article.id = change.article_id""",
    ),
    "v_story": View(
        "Which articles are reprints of each other; `left_at IS NULL` is what holds now.",
        """
        SELECT member.story_id, member.article_id, article.identity, article.code,
            story.first_article_id, member.kind, member.similarity, member.seen_at, member.left_at
        FROM story_member AS member
        JOIN story ON story.id = member.story_id
        JOIN article ON article.id = member.article_id""",
    ),
    "v_category": View(
        "Which article is in which category of the site.",
        """
        SELECT link.article_id, category.slug AS category, category.heading, link.first_seen_at
        FROM article_category AS link JOIN category ON category.id = link.category_id""",
        {"first_seen_at": "When this database first knew the article in this category."},
    ),
}


def drop_views(connection: Connection) -> None:
    """Drop the views that there are: tables that they name cannot change under them."""
    for name in set(inspect(connection).get_view_names()) & set(VIEWS):
        connection.execute(text(f"DROP VIEW {name}"))


def create_views(connection: Connection) -> None:
    """Make all views."""
    for name, view in VIEWS.items():
        connection.execute(text(f"CREATE VIEW {name} AS {view.query}"))
