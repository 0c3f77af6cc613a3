"""A check that finds what must not be, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, text

from finews_crawler.items import Article
from pipelines.store.engine import newest_schema, writing
from pipelines.store.maintenance import RULES, Finding, check, sizes, vacuum
from pipelines.store.models import ArticleRevision, Base, Story, StoryMember
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import START

Make = Callable[..., Article]


@pytest.fixture
def filled(engine: Engine, writer: Writer, make_article: Make) -> Engine:
    """Three articles, of which the first (rows 1 and 4) has two revisions and two are a story."""
    same = {"body_text": "江苏银行公布业绩，请看下文。"}
    writer.write([make_article(1), make_article(2, **same), make_article(3, **same)])
    writer.write([make_article(1, title="改了")])
    return engine


def change(engine: Engine, *statements: Any) -> None:
    """Write what no program would write."""
    with writing(engine).connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            pragma(connection, "foreign_keys = OFF", "ignore_check_constraints = ON")
        for statement in statements:
            connection.execute(text(statement) if isinstance(statement, str) else statement)
        connection.commit()


def pragma(connection: Connection, *settings: str) -> None:
    """What SQLite does not take inside a transaction, which SQLAlchemy would begin."""
    cursor = connection.connection.cursor()
    for setting in settings:
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def named(engine: Engine) -> list[str]:
    return [finding.what for finding in check(engine)]


def test_a_sound_database(engine: Engine, filled: Engine) -> None:
    with engine.connect() as connection:
        numbers = connection.scalars(select(ArticleRevision.number).order_by(ArticleRevision.id))
        assert list(numbers) == [1, 1, 1, 2]
    assert check(engine) == []


LONELY = insert(StoryMember).values(
    story_id=99, article_id=1, kind="first", similarity=1.0, seen_at=START
)
BROKEN: dict[str, list[Any]] = {
    "revision_number": ["UPDATE article SET revision = 9 WHERE id = 2"],
    "one_newest_revision": [
        "UPDATE article_revision SET superseded_at = seen_at WHERE article_id = 2"
    ],
    "no_gap_between_revisions": [
        "UPDATE article_revision SET superseded_at = '2030-01-01 00:00:00.000000' WHERE id = 1"
    ],
    "numbers_grow_with_time": [
        "UPDATE article_revision SET seen_at = '2000-01-01 00:00:00.000000' WHERE article_id = 2"
    ],
    "surface_at_its_offsets": [
        (
            "UPDATE mention SET start_offset = 1, end_offset = 5 "
            "WHERE revision_id = 1 AND start_offset = 0"
        )
    ],
    "clock_not_behind": ["UPDATE clock SET seq = 3"],
    "every_revision_in_the_feed": ["DELETE FROM change WHERE seq = 1"],
    "no_story_of_one": [
        insert(Story).values(id=99, first_article_id=1, first_seen_at=START),
        LONELY,
    ],
}


def test_every_rule_is_broken_here() -> None:
    assert set(BROKEN) == set(RULES)


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_a_broken_rule_is_named_and_no_other(engine: Engine, filled: Engine, rule: str) -> None:
    change(engine, *BROKEN[rule])
    assert named(engine) == [rule]


def test_two_newest_revisions(engine: Engine, filled: Engine) -> None:
    change(engine, "UPDATE article_revision SET superseded_at = NULL WHERE id = 1")
    assert named(engine) == ["one_newest_revision", "no_gap_between_revisions"]


def test_a_finding_tells_the_first_five_rows(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(number) for number in range(1, 8)])
    change(engine, "UPDATE article SET revision = 9 WHERE id <> 3")
    (finding,) = check(engine)
    rows = finding.detail.removeprefix("rows ").split(", ")
    assert (len(rows), set(rows) <= set("124567")) == (5, True)


def test_a_derived_part_that_is_stale(engine: Engine, filled: Engine) -> None:
    change(engine, "UPDATE derived SET version = 'older' WHERE name = 'words'")
    assert check(engine) == [Finding("stale", "words")]


@pytest.mark.parametrize("version", ["0001", "9999"])
def test_another_schema_is_all_that_is_told(engine: Engine, filled: Engine, version: str) -> None:
    change(engine, f"UPDATE alembic_version SET version_num = '{version}'")
    wanted = f"{version}; this program needs {newest_schema()}"
    assert check(engine) == [Finding("schema", wanted)]


def test_no_schema(engine: Engine) -> None:
    change(engine, "DELETE FROM alembic_version")
    assert check(engine) == [Finding("schema", f"none; this program needs {newest_schema()}")]


@pytest.fixture
def file(engine: Engine) -> Path:
    if engine.dialect.name != "sqlite":
        pytest.skip("a file is SQLite's")
    return Path(str(engine.url.database))


def rewrite(engine: Engine, file: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change the bytes of the first page of a table or index, behind SQLite's back."""
    with engine.connect() as connection:
        query = text("SELECT pageno, pgsize FROM dbstat WHERE name = :name ORDER BY path")
        number, size = connection.execute(query, {"name": name}).first() or (0, 0)
    checkpoint(engine)
    with file.open("r+b") as opened:
        opened.seek((number - 1) * size)
        changed = change(opened.read(size))
        opened.seek((number - 1) * size)
        assert opened.write(changed) == size


def checkpoint(engine: Engine) -> None:
    """Let the file hold what stands in the write-ahead log."""
    with engine.connect() as connection:
        pragma(connection, "wal_checkpoint(TRUNCATE)")


def test_an_index_of_the_file_that_is_wrong(engine: Engine, filled: Engine, file: Path) -> None:
    name = "ix_article_published_at"
    rewrite(engine, file, name, lambda page: page.replace(b"2022-06-14", b"2021-06-14"))
    found = check(engine)
    assert {finding.what for finding in found} == {"file"}
    assert all(finding.detail.endswith(f"missing from index {name}") for finding in found)


def test_a_page_of_the_file_that_is_no_page(engine: Engine, filled: Engine, file: Path) -> None:
    rewrite(engine, file, "printing", lambda page: b"\xff" * len(page))
    assert check(engine) == [Finding("file", "database disk image is malformed")]


def test_a_row_that_points_to_nothing(engine: Engine, filled: Engine, file: Path) -> None:
    change(engine, "UPDATE mention SET security_id = 999 WHERE revision_id = 1 AND position = 0")
    (finding,) = check(engine)
    assert (finding.what, finding.detail.split()[0]) == ("foreign_key", "mention")


def test_sizes_count_every_table(engine: Engine, filled: Engine) -> None:
    found = {size.name: size.rows for size in sizes(engine)}
    assert set(found) == {*Base.metadata.tables, "revision_bands", "revision_words"}
    counted = ("article", "article_revision", "story_member", "change", "clock", "derived")
    assert [found[name] for name in counted] == [3, 4, 2, 6, 1, 3]


def test_sizes_tell_the_largest_first(engine: Engine, filled: Engine) -> None:
    bytes_ = [size.bytes for size in sizes(engine)]
    assert all(one is not None and one > 0 for one in bytes_)
    assert bytes_ == sorted(bytes_, key=lambda one: one or 0, reverse=True)


def test_sizes_of_a_database_without_a_table(engine: Engine) -> None:
    change(engine, "DROP TABLE printing")
    assert "printing" not in {size.name for size in sizes(engine)}


def test_vacuum_gives_space_back(engine: Engine, writer: Writer, make_article: Make) -> None:
    text_ = "江苏银行" * 2_000
    writer.write([make_article(number, body_text=f"{text_}{number}") for number in range(1, 9)])
    change(engine, "DELETE FROM printing")
    vacuum(engine)
    assert check(engine) == []
    assert {size.name: size.rows for size in sizes(engine)}["printing"] == 0


def test_vacuum_shrinks_a_file(
    engine: Engine, file: Path, writer: Writer, make_article: Make
) -> None:
    text_ = "江苏银行" * 2_000
    writer.write([make_article(number, body_text=f"{text_}{number}") for number in range(1, 9)])
    change(engine, "DELETE FROM printing")
    checkpoint(engine)
    before = file.stat().st_size
    vacuum(engine)
    assert file.stat().st_size < before
    log = Path(f"{file}-wal")
    assert not log.exists() or log.stat().st_size == 0
