"""Views: what may be read for years, whatever becomes of the tables.

The same SQL for both engines. Made anew after every migration.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, inspect, text

VIEWS: Mapping[str, str] = {
    "v_article": """
        SELECT article.id AS article_id, article.identity, article.code, article.title,
            article.published_at, article.published_precision, article.published_quality,
            article.known_late, source.name AS source, article.digest, article.body_text,
            article.body_html, article.body_kind, article.url, article.share_url,
            article.origin_url, article.first_seen_at, article.last_seen_at, article.revision,
            article.content_hash
        FROM article LEFT JOIN source ON source.id = article.source_id""",
    "v_revision": """
        SELECT revision.id AS revision_id, revision.article_id, article.identity, article.code,
            revision.number AS revision, revision.seen_at, revision.superseded_at,
            article.first_seen_at, revision.changed, revision.title, revision.published_at,
            revision.published_precision, revision.published_quality, revision.known_late,
            source.name AS source, revision.digest, revision.body_text, revision.body_html,
            revision.body_kind, revision.url, revision.content_hash
        FROM article_revision AS revision
        JOIN article ON article.id = revision.article_id
        LEFT JOIN source ON source.id = revision.source_id""",
    "v_mention": """
        SELECT revision.article_id, mention.revision_id, revision.number AS revision,
            revision.seen_at, revision.superseded_at, mention.published_at, mention.position,
            mention.kind, mention.surface, mention.start_offset, mention.end_offset,
            mention.inside_word, mention.secid, mention.symbol, security.key AS security,
            mention.mic, mention.asset_class
        FROM mention
        JOIN article_revision AS revision ON revision.id = mention.revision_id
        JOIN security ON security.id = mention.security_id""",
    "v_change": """
        SELECT change.seq, change.article_id, article.identity, article.code, change.revision,
            change.kind, change.committed_at
        FROM change JOIN article ON article.id = change.article_id""",
    "v_story": """
        SELECT member.story_id, member.article_id, article.identity, article.code,
            story.first_article_id, member.kind, member.similarity, member.seen_at, member.left_at
        FROM story_member AS member
        JOIN story ON story.id = member.story_id
        JOIN article ON article.id = member.article_id""",
    "v_category": """
        SELECT link.article_id, category.slug AS category, category.heading, link.first_seen_at
        FROM article_category AS link JOIN category ON category.id = link.category_id""",
}


def drop_views(connection: Connection) -> None:
    """Drop the views that there are: tables that they name cannot change under them."""
    for name in set(inspect(connection).get_view_names()) & set(VIEWS):
        connection.execute(text(f"DROP VIEW {name}"))


def create_views(connection: Connection) -> None:
    """Make all views."""
    for name, query in VIEWS.items():
        connection.execute(text(f"CREATE VIEW {name} AS {query}"))
