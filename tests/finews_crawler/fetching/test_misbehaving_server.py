"""The server that the tests of faults rely on does what it is told, and when."""

import http.client
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tests.faults import FAULTS
from tests.misbehaving_server import Misbehaving, misbehaving


def got(server: Misbehaving, path: str) -> tuple[int, bytes]:
    host = urlsplit(server.url).netloc
    with closing(http.client.HTTPConnection(host)) as connection:
        connection.request("GET", quote(path, safe="/?=&"))
        answer = connection.getresponse()
        return answer.status, answer.read()


def statuses(server: Misbehaving, path: str, number: int) -> list[int]:
    return [got(server, path)[0] for _ in range(number)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "新").mkdir()
    (tmp_path / "新" / "a.html").write_text("甲", encoding="utf-8")
    return tmp_path


def test_what_has_no_fault_is_the_folders(folder: Path) -> None:
    with misbehaving(folder) as server:
        assert got(server, "/新/a.html") == (200, "甲".encode())
        assert statuses(server, "/b.html", 1) == [404]
        assert server.asked_for("/新/a.html") == 1


def test_a_fault_begins_and_ends(folder: Path) -> None:
    with misbehaving(folder) as server:
        server.put("/新/a.html", "503", begin=1, times=2)
        assert statuses(server, "/新/a.html", 4) == [200, 503, 503, 200]


def test_the_first_that_takes_an_answer_does(folder: Path) -> None:
    with misbehaving(folder) as server:
        server.put("/新/a.html", "500", times=1)
        server.put("/新/*", "429", begin=1)
        assert statuses(server, "/新/a.html", 3) == [500, 200, 429]
        assert server.asked_for("/新/a.html") == 3
        assert sorted(server.times_of("/新/a.html")) == server.times_of("/新/a.html")


def test_a_fault_is_asked_for_by_its_address() -> None:
    with misbehaving() as server:
        assert statuses(server, "/fault/418?after=7", 1) == [418]
        assert got(server, "/fault/say?text=a") == (200, b"a")
        assert got(server, "/fault/empty") == (200, b"")
        assert got(server, "/fault/none?wait=2")[0] == 200


@pytest.mark.parametrize("name", ["hang_up", "reset", "not_http", "huge_head"])
def test_these_give_no_answer(name: str) -> None:
    with misbehaving() as server, pytest.raises((http.client.HTTPException, ConnectionError)):
        got(server, f"/fault/{name}")


@pytest.mark.parametrize("name", ["truncated", "unfinished_chunks", "broken_chunks"])
def test_these_break_off(name: str) -> None:
    with misbehaving() as server, pytest.raises((http.client.IncompleteRead, ValueError)):
        got(server, f"/fault/{name}")


def test_who_waits_for_silence_is_let_go_when_the_server_closes() -> None:
    with misbehaving() as server:
        host = urlsplit(server.url).netloc
        connection = http.client.HTTPConnection(host)
        connection.request("GET", "/fault/silence")
    with closing(connection), pytest.raises((http.client.HTTPException, ConnectionError)):
        connection.getresponse()


def test_every_fault_says_what_it_does() -> None:
    assert [name for name, fault in FAULTS.items() if not fault.__doc__] == []
