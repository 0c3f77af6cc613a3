"""`finews doctor`: each check, well and not, and what it says to do."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from finews.doctor import Check, examine
from finews_crawler.settings import USER_AGENT
from pipelines.store.engine import open_engine
from pipelines.store.spool import Spool
from tests.databases import Pool
from tests.finews.filling import filled
from tests.finews.running import json_lines, rows, runner


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")
    monkeypatch.setenv("FINEWS_UNSENT_FOLDER", str(tmp_path / "unsent"))
    url = f"sqlite:///{tmp_path / 'finews.db'}"
    filled(url)
    return url


def checks(database: str, *, ask_site: bool = False) -> dict[str, Check]:
    return {one.name: one for one in examine(database, ask_site=ask_site)}


def test_a_healthy_database(database: str) -> None:
    found = checks(database)
    assert {name: one.state for name, one in found.items()} == {
        "python": "ok",
        "extras": "ok",
        "settings": "ok",
        "database": "ok",
        "schema": "ok",
        "indexes": "ok",
        "last_run": "ok",
        "rejects": "look",
        "disk": "ok",
        "unsent": "ok",
        "clock": "ok",
    }
    assert found["rejects"].found == "1"
    assert found["rejects"].advice == "finews rejects --open; then finews rejects retry"


@pytest.mark.postgres
def test_a_server_has_a_clock_to_compare_with(postgres_pool: Pool) -> None:
    with postgres_pool.lent() as url:
        found = checks(url)
    assert (found["schema"].state, found["clock"].state) == ("ok", "ok")
    assert found["clock"].found.startswith("differs by ")


# --- what is not well -------------------------------------------------------------------------


def test_a_setting_that_is_wrong_ends_it(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.setenv("FINEWS_BATCH_SIZE", "many")
    found = checks(database)
    assert list(found) == ["python", "extras", "settings"]
    assert (found["settings"].state, "FINEWS_BATCH_SIZE" in found["settings"].found) == (
        "bad",
        True,
    )


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////nowhere/finews.db", "sqlite:////nowhere/finews.db is not there yet"),
        ("nonsense", "FINEWS_DATABASE_URL is no database URL"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/a", "cannot be opened: "),
    ],
)
def test_a_database_that_cannot_be_opened(database: str, url: str, told: str) -> None:
    found = checks(url)
    assert (found["database"].state, told in found["database"].found) == ("bad", True)
    assert "secret" not in found["database"].found
    assert "schema" not in found


def test_an_old_schema(database: str) -> None:
    engine = open_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    found = checks(database)
    assert found["schema"].state == "bad"
    assert found["schema"].advice.startswith("finews db upgrade")
    assert "indexes" not in found


def test_a_stale_index(database: str) -> None:
    engine = open_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE derived SET version = 'old' WHERE name = 'words'"))
    engine.dispose()
    assert checks(database)["indexes"] == Check(
        "indexes", "bad", "made by another version: words", "finews db upgrade"
    )


@pytest.mark.parametrize(("free", "state"), [(10**12, "ok"), (10**9, "look"), (10**8, "bad")])
def test_the_disk(monkeypatch: pytest.MonkeyPatch, database: str, free: int, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert checks(database)["disk"].state == state


def test_batches_that_wait(database: str, tmp_path: Path) -> None:
    folder = Spool(tmp_path / "unsent", database).folder
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("{}")
    found = checks(database)["unsent"]
    assert (found.state, found.found) == ("look", f"1 wait in {folder}")


# --- the site ---------------------------------------------------------------------------------


class Site(BaseHTTPRequestHandler):
    """Answers with what the test has set, and notes who asks."""

    status, body, ahead = 200, "User-agent: *\nAllow: /\n", timedelta()
    asked: list[tuple[str, str | None]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["User-Agent"]))
        self.send_response_only(self.status)
        moment = datetime.now(UTC) + self.ahead
        self.send_header("Date", moment.strftime("%a, %d %b %Y %H:%M:%S GMT"))
        self.end_headers()
        self.wfile.write(self.body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("FINEWS_SITE", f"http://127.0.0.1:{server.server_port}/")

    def answer(**how: object) -> None:
        for name, value in how.items():
            monkeypatch.setattr(Site, name, value)

    answer(asked=[])
    yield answer
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("how", "state", "told"),
    [
        ({}, "ok", "answers 200"),
        pytest.param({"status": 404}, "look", "answers 404", id="404"),
        pytest.param({"status": 503}, "look", "answers 503", id="503"),
        ({"body": "User-agent: finews\nDisallow: /\n"}, "bad", "forbids us"),
    ],
)
def test_the_site(
    database: str, site: Callable[..., None], how: dict[str, object], state: str, told: str
) -> None:
    site(**how)
    found = checks(database, ask_site=True)["site"]
    assert (found.state, told in found.found) == (state, True)
    assert Site.asked == [("/robots.txt", USER_AGENT)]


def test_a_site_that_is_away(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.setenv("FINEWS_SITE", "http://127.0.0.1:1/")
    found = checks(database, ask_site=True)["site"]
    assert found.state == "look"
    assert found.found.endswith("Connection refused")


@pytest.mark.parametrize(("seconds", "state"), [(0, "ok"), (30, "look"), (-4000, "bad")])
def test_a_clock_that_is_wrong(
    database: str, site: Callable[..., None], seconds: int, state: str
) -> None:
    site(ahead=timedelta(seconds=seconds))
    assert checks(database, ask_site=True)["clock"].state == state


# --- the command ------------------------------------------------------------------------------


def test_the_command_as_json(database: str) -> None:
    found = json_lines(runner(database)("doctor", "--offline", "--json"))
    assert found[0]["name"] == "python"
    assert {one["state"] for one in found} == {"ok", "look"}


def test_the_command_in_chinese_with_a_mark_beside_the_colour(database: str) -> None:
    heading, first, *_ = rows(runner(database, "zh")("doctor", "--offline"))
    assert heading == ["状态", "检查项", "结果", "处理建议"]
    assert first[:3] == ["✓", "Python", "版本"]


def test_what_will_not_work_is_exit_code_1(tmp_path: Path) -> None:
    result = runner(f"sqlite:///{tmp_path / 'none.db'}")("doctor", "--offline")
    assert (result.exit_code, "finews db init" in result.stdout) == (1, True)
