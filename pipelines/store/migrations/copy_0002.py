"""The rows of migration 0002, taken along in both directions."""

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

ROWS = 500
# Numbers revisions in the order in which they were seen, and says when the next one came.
_REVISIONS = """
INSERT INTO article_revision (
    id, article_id, number, seen_at, superseded_at, content_hash, changed, title, published_at,
    published_precision, published_quality, known_late, source_id, source_raw, digest, body_text,
    body_html, body_kind, url, extractor)
SELECT row_number() OVER (ORDER BY old.seen_at, old.id), old.article_id, old.number, old.seen_at,
    lead(old.seen_at) OVER (PARTITION BY old.article_id ORDER BY old.number), old.content_hash,
    old.changed, old.title, old.published_at, old.published_precision, old.published_quality,
    {late}, source.id, old.source_raw, old.digest, old.body_text, old.body_html, old.body_kind,
    old.url, old.extractor
FROM aside_article_revision AS old
JOIN aside_article AS article ON article.id = old.article_id
LEFT JOIN source ON source.name = old.source
"""
_ARTICLE = """
    id, identity, code, title, published_at, published_precision, published_quality, source_id,
    source_raw, digest, body_text, body_html, body_kind, tags, images, related, url, share_url,
    origin_url, page_kind, fetched_at, first_seen_at, last_seen_at, revision, content_hash,
    extractor, provenance"""
_ARTICLES = """
INSERT INTO article ({columns}, known_late) SELECT {columns}, {late}
FROM aside_article AS old JOIN (SELECT id AS same_id, first_seen_at AS seen FROM aside_article)
    AS article ON article.same_id = old.id
"""
_PRINTINGS = """
INSERT INTO printing (id, article_id, page_kind, address, hash, content, seen_at)
SELECT id, article_id, page_kind, address, hash, content, seen_at FROM aside_printing
"""
_SECURITIES = """
INSERT INTO security (id, key, symbol, secid, mic, asset_class, first_seen_at)
SELECT id, key, symbol, secid, mic, asset_class, first_seen_at FROM aside_security
"""
_CATEGORIES = """
INSERT INTO article_category (article_id, category_id, first_seen_at)
SELECT old.article_id, old.category_id, article.first_seen_at
FROM aside_article_category AS old JOIN article ON article.id = old.article_id
"""
_CHANGES = """
INSERT INTO change (seq, article_id, revision, kind, committed_at)
SELECT id, article_id, number, CASE number WHEN 1 THEN 'new' ELSE 'revised' END, seen_at
FROM article_revision
"""
_FIRST_CATEGORIES = """
INSERT INTO article_category (article_id, category_id)
SELECT article_id, category_id FROM aside_article_category
"""
_FIRST_REVISIONS = """
INSERT INTO article_revision (
    id, article_id, number, seen_at, content_hash, changed, title, published_at,
    published_precision, published_quality, source, source_raw, digest, body_text, body_html,
    body_kind, mentions, url, extractor)
SELECT old.id, old.article_id, old.number, old.seen_at, old.content_hash, old.changed, old.title,
    old.published_at, old.published_precision, old.published_quality, source.name, old.source_raw,
    old.digest, old.body_text, old.body_html, old.body_kind, '[]', old.url, old.extractor
FROM aside_article_revision AS old LEFT JOIN source ON source.id = old.source_id
"""
_FIRST_MENTIONS = """
INSERT INTO mention (
    article_id, position, kind, secid, symbol, mic, asset_class, surface, start_offset,
    end_offset, inside_word, security_id)
SELECT revision.article_id, old.position, old.kind, old.secid, old.symbol, old.mic,
    old.asset_class, old.surface, old.start_offset, old.end_offset, old.inside_word,
    old.security_id
FROM aside_mention AS old JOIN aside_article_revision AS revision ON revision.id = old.revision_id
WHERE revision.superseded_at IS NULL
ORDER BY revision.article_id, old.position
"""
_NAMES = ("secid", "symbol", "mic", "asset_class", "kind", "surface", "start", "end", "inside_word")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _late(seen: str) -> str:
    """SQL of whether something was first seen more than a day after the time that it claims."""
    hours = "CASE old.published_precision WHEN 'day' THEN 48 ELSE 24 END"
    if _is_sqlite():
        return f"(julianday({seen}) - julianday(old.published_at)) * 24 > {hours}"
    return f"{seen} - old.published_at > make_interval(hours => {hours})"


def put_aside(names: Sequence[str]) -> None:
    """Copy tables and drop them; what points to another comes first."""
    for name in names:
        op.execute(f"CREATE TABLE aside_{name} AS SELECT * FROM {name}")  # noqa: S608
        op.drop_table(name)


def drop_aside(names: Sequence[str]) -> None:
    """Drop the copies."""
    for name in names:
        op.drop_table(f"aside_{name}")


def make_first_tables(names: Sequence[str]) -> None:
    """Make tables as the first migration did."""
    first = import_module("pipelines.store.migrations.versions.0001_the_first_schema")
    for name in reversed(names):
        getattr(first, f"_{name}")()


def continue_numbers(*names: str) -> None:
    """Let PostgreSQL's sequences go on after the copied rows."""
    if not _is_sqlite():
        for name in names:
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"  # noqa: S608
            )


def bring_forward() -> None:
    """Fill the new tables."""
    op.execute(_SECURITIES)
    op.execute(_ARTICLES.format(columns=_ARTICLE, late=_late("article.seen")))
    op.execute(_PRINTINGS)
    op.execute(_CATEGORIES)
    op.execute(_REVISIONS.format(late=_late("article.first_seen_at")))
    op.execute(_CHANGES)
    _copy_mentions()
    _start_clock()
    continue_numbers("security", "printing")


def _start_clock() -> None:
    op.execute(
        "INSERT INTO clock (id, at, seq) SELECT 1, "
        "coalesce((SELECT max(seen_at) FROM article_revision), '1970-01-01 00:00:00.000000'), "
        "coalesce((SELECT max(id) FROM article), 0)"
    )
    op.execute(
        "UPDATE clock SET seq = (SELECT max(id) FROM article_revision) "
        "WHERE seq < (SELECT max(id) FROM article_revision)"
    )


def _pages(query: str) -> Iterator[Sequence[sa.Row[Any]]]:
    """Rows above the last id, a few at a time."""
    last = 0
    bind = op.get_bind()
    while rows := bind.execute(sa.text(query), {"last": last, "rows": ROWS}).all():
        yield rows
        last = rows[-1].id


def _copy_mentions() -> None:
    bind = op.get_bind()
    securities: dict[str, int] = dict(bind.execute(sa.text("SELECT key, id FROM security")).all())
    query = (
        "SELECT new.id, new.published_at, new.seen_at, old.mentions FROM article_revision AS new "
        "JOIN aside_article_revision AS old "
        "ON old.article_id = new.article_id AND old.number = new.number "
        "WHERE new.id > :last ORDER BY new.id LIMIT :rows"
    )
    for rows in _pages(query):
        made = [one for row in rows for one in _mentions(row, securities)]
        if made:
            bind.execute(_insert_mention(), made)


def _mentions(row: sa.Row[Any], securities: dict[str, int]) -> Iterator[dict[str, Any]]:
    listed = json.loads(row.mentions) if isinstance(row.mentions, str) else row.mentions
    for position, one in enumerate(listed):
        key = one["symbol"] or one["secid"]
        if key not in securities:
            securities[key] = _make_security(key, one, row.seen_at)
        yield {
            **{name: one[name] for name in _NAMES},
            "revision_id": row.id,
            "position": position,
            "security_id": securities[key],
            "published_at": row.published_at,
        }


def _make_security(key: str, mention: dict[str, Any], seen_at: object) -> int:
    """A security whose symbol a later version had replaced by its newest one."""
    values = {"key": key, "seen_at": seen_at}
    values |= {name: mention[name] for name in ("symbol", "secid", "mic", "asset_class")}
    insert = sa.text(
        "INSERT INTO security (id, key, symbol, secid, mic, asset_class, first_seen_at) "
        "SELECT max(id) + 1, :key, :symbol, :secid, :mic, :asset_class, :seen_at FROM security"
    )
    op.get_bind().execute(insert, values)
    found = sa.text("SELECT id FROM security WHERE key = :key")
    return int(op.get_bind().execute(found, {"key": key}).scalar_one())


def _insert_mention() -> sa.TextClause:
    return sa.text(
        "INSERT INTO mention (revision_id, position, kind, secid, symbol, mic, asset_class, "
        "surface, start_offset, end_offset, inside_word, security_id, published_at) VALUES ("
        ":revision_id, :position, :kind, :secid, :symbol, :mic, :asset_class, :surface, :start, "
        ":end, :inside_word, :security_id, :published_at)"
    )


def bring_back() -> None:
    """Fill the tables of the first schema."""
    op.execute(_SECURITIES)
    op.execute(
        f"INSERT INTO article ({_ARTICLE}) SELECT {_ARTICLE} FROM aside_article"  # noqa: S608
    )
    op.execute(_PRINTINGS)
    op.execute(_FIRST_CATEGORIES)
    op.execute(_FIRST_REVISIONS)
    op.execute(_FIRST_MENTIONS)
    _list_mentions()
    continue_numbers("security", "printing", "article", "article_revision")


def _list_mentions() -> None:
    bind = op.get_bind()
    query = "SELECT id FROM article_revision WHERE id > :last ORDER BY id LIMIT :rows"
    found = sa.text(
        "SELECT revision_id, kind, secid, symbol, mic, asset_class, surface, start_offset AS start,"
        ' end_offset AS "end", inside_word FROM aside_mention '
        "WHERE revision_id BETWEEN :first AND :last ORDER BY revision_id, position"
    )
    for rows in _pages(query):
        listed: dict[int, list[dict[str, Any]]] = {row.id: [] for row in rows}
        for row in bind.execute(found, {"first": rows[0].id, "last": rows[-1].id}):
            one = {name: getattr(row, name) for name in _NAMES}
            listed[row.revision_id].append({**one, "inside_word": bool(row.inside_word)})
        filled = [
            {"id": number, "mentions": json.dumps(mentions, ensure_ascii=False)}
            for number, mentions in listed.items()
        ]
        bind.execute(
            sa.text("UPDATE article_revision SET mentions = :mentions WHERE id = :id"), filled
        )
