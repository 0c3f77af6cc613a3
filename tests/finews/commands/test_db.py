"""`finews db …`: one line for what was done, one line for what cannot be done."""

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner, Result

from finews.cli import main
from pipelines.store.engine import alembic_config, newest_schema, open_engine, writing
from pipelines.store.models import Base
from tests.finews.filling import filled

Run = Callable[..., Result]
NEWEST = newest_schema()
COMMANDS = ("check", "init", "rebuild", "stats", "upgrade", "vacuum")


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three articles, one of them revised, and a reject; copied for each test that reads them."""
    path = tmp_path_factory.mktemp("filled") / "finews.db"
    filled(f"sqlite:///{path}")
    return path


@pytest.fixture
def filled_file(_template: Path, file: Path) -> Path:
    shutil.copy(_template, file)
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "finews.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


def runner(url: str, language: str = "en") -> Run:
    """`finews db …` on a database; lines are wide enough for one row each."""
    environment = {"FINEWS_DATABASE_URL": url, "FINEWS_LANGUAGE": language, "COLUMNS": "240"}

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ("db", *arguments), env=environment)

    return run


@pytest.fixture
def run(url: str) -> Run:
    return runner(url)


def printed(result: Result) -> str:
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def refused(result: Result) -> str:
    """The one line of a command that could not begin."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert (result.stderr.count("\n"), result.stderr[:8]) == (1, "finews: ")
    return result.stderr[8:-1]


def change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def make_first_schema(url: str) -> None:
    """A database as the first release made it."""
    engine = open_engine(url)
    with writing(engine).begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        command.upgrade(config, "0001")
    engine.dispose()


# --- init and upgrade -----------------------------------------------------------------------------


def test_a_database_is_made_once(run: Run, url: str, file: Path) -> None:
    assert printed(run("init")) == f"{url}: made, with schema {NEWEST}.\n"
    assert file.exists()
    assert printed(run("init")) == f"{url}: is there already, with schema {NEWEST}.\n"
    assert printed(run("upgrade")) == f"{url}: schema {NEWEST} is the newest.\n"


def test_a_folder_is_made_with_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'some' / 'where' / 'finews.db'}"
    assert printed(runner(url)("init")) == f"{url}: made, with schema {NEWEST}.\n"


def test_rows_stay_when_a_database_is_there(run: Run, filled_file: Path) -> None:
    printed(run("init"))
    assert rows(printed(run("stats")))["article"] == "3"


@pytest.mark.parametrize("name", ["upgrade", "init"])
def test_from_the_first_schema(run: Run, url: str, name: str) -> None:
    make_first_schema(url)
    assert printed(run(name)) == f"{url}: the schema is {NEWEST} now; it was 0001.\n"
    assert printed(run("check")) == f"{url}: everything is as it must be.\n"


def test_a_database_that_is_named_in_the_command(run: Run, tmp_path: Path, file: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert printed(run("init", "--database", other)) == f"{other}: made, with schema {NEWEST}.\n"
    assert not file.exists()


# --- check, vacuum, rebuild, stats ----------------------------------------------------------------


def test_a_sound_database(run: Run, url: str, filled_file: Path) -> None:
    assert printed(run("check")) == f"{url}: everything is as it must be.\n"


def test_findings_are_lines_and_an_exit_code(run: Run, filled_file: Path) -> None:
    change(filled_file, "UPDATE article SET revision = 9 WHERE id = 2", "UPDATE clock SET seq = 0")
    result = run("check")
    assert (result.exit_code, result.stderr) == (1, "")
    first, second = result.stdout.splitlines()
    assert first == "revision_number: rows 2"
    assert re.fullmatch(r"clock_not_behind: rows \d(, \d)*", second)


def test_an_older_schema_is_found_and_not_mended(run: Run, url: str) -> None:
    make_first_schema(url)
    for _ in range(2):
        result = run("check")
        told = f"schema: 0001; this program needs {NEWEST}\n"
        assert (result.exit_code, result.stdout) == (1, told)


def test_a_file_without_a_schema(run: Run, file: Path) -> None:
    change(file, "CREATE TABLE other (id INTEGER)")
    result = run("check")
    told = f"schema: none; this program needs {NEWEST}\n"
    assert (result.exit_code, result.stdout) == (1, told)


def test_vacuum_gives_space_back(run: Run, url: str, filled_file: Path) -> None:
    change(
        filled_file,
        "CREATE TABLE large AS SELECT randomblob(1000000) AS content",
        "DROP TABLE large",
    )
    before = filled_file.stat().st_size
    assert printed(run("vacuum")) == f"{url}: tidied.\n"
    assert filled_file.stat().st_size < before - 900_000
    assert printed(run("check")) == f"{url}: everything is as it must be.\n"


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((), "Made anew: aliases, stories, words.\n"),
        (("words",), "Made anew: words.\n"),
        (("words", "aliases"), "Made anew: words, aliases.\n"),
    ],
)
def test_rebuild(run: Run, filled_file: Path, parts: tuple[str, ...], told: str) -> None:
    change(filled_file, "UPDATE derived SET made_at = '2022-01-01 00:00:00.000000'")
    assert printed(run("rebuild", *parts)) == told
    with closing(sqlite3.connect(filled_file)) as connection:
        query = "SELECT name FROM derived WHERE made_at NOT LIKE '2022%'"
        made = {name for (name,) in connection.execute(query)}
    assert made == (set(parts) or {"aliases", "stories", "words"})


def test_rebuild_of_what_there_is_not(run: Run, file: Path) -> None:
    result = run("rebuild", "nothing")
    assert (result.exit_code, result.stdout, file.exists()) == (2, "", False)
    assert "'nothing' is not one of 'aliases', 'stories', 'words'." in result.stderr


def rows(table: str) -> dict[str, str]:
    """The number of rows of each table, as printed."""
    lines = (line.split() for line in table.splitlines())
    return {line[0]: line[1] for line in lines if len(line) > 1 and line[0] in Base.metadata.tables}


def test_stats_of_every_table(run: Run, filled_file: Path) -> None:
    table = printed(run("stats"))
    assert table.split("\n")[1].split() == ["table", "rows", "MB", "with", "indexes"]
    found = rows(table)
    assert set(found) == set(Base.metadata.tables)
    assert [found[name] for name in ("article", "article_revision", "reject")] == ["3", "4", "1"]


# --- in Chinese -----------------------------------------------------------------------------------


def test_all_of_it_in_chinese(url: str, file: Path) -> None:
    run = runner(url, "zh_CN.UTF-8")
    assert printed(run("init")) == f"{url}：数据库已创建，结构版本 {NEWEST}。\n"
    assert printed(run("init")) == f"{url}：数据库已存在，结构版本 {NEWEST}。\n"
    assert printed(run("upgrade")) == f"{url}：结构版本 {NEWEST} 已是最新。\n"
    assert printed(run("check")) == f"{url}：检查通过。\n"
    assert printed(run("vacuum")) == f"{url}：整理完成。\n"
    assert printed(run("rebuild", "words")) == "已重建：words。\n"
    assert printed(run("stats")).split()[:2] == ["表", "行数"]
    file.unlink()
    make_first_schema(url)
    assert printed(run("upgrade")) == f"{url}：数据库结构已从 0001 升级到 {NEWEST}。\n"


# --- what goes wrong ------------------------------------------------------------------------------


def test_check_makes_no_database(run: Run, url: str, file: Path) -> None:
    assert refused(run("check")) == f"there is no database {url}"
    assert not file.exists()


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"check"}))
def test_a_newer_schema_is_one_line(run: Run, url: str, filled_file: Path, name: str) -> None:
    change(filled_file, "UPDATE alembic_version SET version_num = '9999'")
    told = f"{url} has a schema that this version of finews does not know: "
    assert refused(run(name)).startswith(told)


def test_a_broken_file_is_one_line(run: Run, filled_file: Path) -> None:
    with closing(sqlite3.connect(filled_file)) as connection:
        query = "SELECT pageno, pgsize FROM dbstat WHERE name = 'printing'"
        number, size = connection.execute(query).fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with filled_file.open("r+b") as opened:
        opened.seek((number - 1) * size)
        opened.write(b"\xff" * size)
    result = run("check")
    assert (result.exit_code, result.stdout) == (1, "file: database disk image is malformed\n")


def test_a_newer_schema_is_found(run: Run, filled_file: Path) -> None:
    change(filled_file, "UPDATE alembic_version SET version_num = '9999'")
    result = run("check")
    told = f"schema: 9999; this program needs {NEWEST}\n"
    assert (result.exit_code, result.stdout) == (1, told)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_server_that_is_not_there(name: str) -> None:
    url = "postgresql+psycopg://reader:secret@127.0.0.1:1/news"
    told = refused(runner(url)(name))
    shown = "the database postgresql+psycopg://reader:***@127.0.0.1:1/news cannot be opened: "
    assert told.startswith(shown)
    assert "secret" not in told


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_that_is_no_database(run: Run, url: str, file: Path, name: str) -> None:
    file.write_text("words, no database" * 100)
    assert refused(run(name)) == f"the database {url} cannot be opened: file is not a database"


@pytest.mark.parametrize("name", ["vacuum", "rebuild", "upgrade"])
def test_a_database_that_another_program_holds(
    run: Run, url: str, filled_file: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(filled_file, "UPDATE derived SET version = 'older'")
    monkeypatch.setattr("pipelines.store.engine.BUSY_MILLISECONDS", 20)
    with closing(sqlite3.connect(filled_file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert refused(run(name)) == f"the database {url} cannot be opened: database is locked"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("rebuild", "the database does not answer: database is locked"),
        ("vacuum", "the database cannot be tidied: database is locked"),
    ],
)
def test_a_database_that_is_held_when_work_begins(
    run: Run, filled_file: Path, name: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.store.engine.BUSY_MILLISECONDS", 20)
    with closing(sqlite3.connect(filled_file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert refused(run(name)) == told


def test_help_names_every_command_in_both_languages(run: Run) -> None:
    told = printed(run("-h"))
    assert [name for name in COMMANDS if f"\n  {name} " not in told] == []
    assert "整理" in told
