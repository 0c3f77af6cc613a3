"""A job handed to scrapyd: what is sent, and what every answer means."""

import json
import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest

from finews.jobs.scrapyd import Server, Unfinished, new_id, scheduled
from finews_crawler.errors import ConfigurationError
from tests.finews.jobs.making import a_job

NONE = {"status": "ok", "pending": [], "running": [], "finished": []}


class Scrapyd:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: tuple[int, str] = (200, json.dumps({"status": "ok", "jobid": "mirror-1"}))
        self.asked: list[tuple[str, list[tuple[str, str]], str | None]] = []
        self.url = ""


@pytest.fixture
def scrapyd() -> Iterator[Scrapyd]:
    made = Scrapyd()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            form = parse_qsl(self.rfile.read(size).decode())
            made.asked.append((self.path, form, self.headers.get("Authorization")))
            status, text = made.answer
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name is the server's

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


def test_a_job_as_a_form() -> None:
    job = a_job(
        arguments={"full": "1"}, settings={"LOG_LEVEL": "ERROR"}, timeout=timedelta(hours=2)
    )
    assert scheduled(job, "finews", "mirror-1") == [
        ("project", "finews"),
        ("spider", "category"),
        ("jobid", "mirror-1"),
        ("full", "1"),
        ("setting", "FINEWS_JOB=mirror"),
        ("setting", "CLOSESPIDER_TIMEOUT=7200"),
        ("setting", "LOG_LEVEL=ERROR"),
    ]


def test_a_job_that_sets_its_own_limit() -> None:
    job = a_job(settings={"CLOSESPIDER_TIMEOUT": "60"}, timeout=timedelta(hours=2))
    assert ("setting", "CLOSESPIDER_TIMEOUT=60") in scheduled(job, "finews", "mirror-1")


@pytest.mark.parametrize("name", ["project", "spider", "setting", "jobid", "priority", "_version"])
def test_an_argument_that_scrapyd_would_take_for_its_own(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"job mirror: scrapyd takes {name} for its own"):
        scheduled(a_job(arguments={name: "1"}), "finews", "mirror-1")


def test_a_job_is_sent(scrapyd: Scrapyd) -> None:
    job = a_job(arguments={"categories": "Wind,全球"})
    assert Server(scrapyd.url, "news").schedule(job) == "mirror-1"
    ((path, form, password),) = scrapyd.asked
    sent = dict(form)
    assert (path, password, sent["project"]) == ("/schedule.json", None, "news")
    assert sent["categories"] == "Wind,全球"
    assert re.fullmatch("mirror-[0-9a-f]{12}", sent["jobid"])


def test_a_server_behind_a_path_and_a_password(scrapyd: Scrapyd) -> None:
    address = scrapyd.url.replace("//", "//me:p%40ss@") + "/scrapyd/"
    server = Server(address, "finews")
    server.schedule(a_job())
    ((path, _, password),) = scrapyd.asked
    assert (path, server.url) == ("/scrapyd/schedule.json", f"{scrapyd.url}/scrapyd/")
    assert password == f"Basic {b64encode(b'me:p@ss').decode()}"


def test_a_proxy_is_not_asked_for_this_machine(
    scrapyd: Scrapyd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert Server(scrapyd.url, "finews").schedule(a_job()) == "mirror-1"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, None),
        ({"running": [{"id": "mirror-0a"}]}, Unfinished("mirror-0a", "running")),
        ({"pending": [{"id": "mirror-0a"}]}, Unfinished("mirror-0a", "pending")),
        ({"finished": [{"id": "mirror-0a"}]}, None),
        ({"running": [{"id": "mirror-two-0a"}, {"id": "0a"}]}, None),
    ],
)
def test_a_run_that_is_not_finished(
    scrapyd: Scrapyd, known: dict[str, Any], expected: Unfinished | None
) -> None:
    scrapyd.answer = (200, json.dumps({**NONE, **known}))
    assert Server(scrapyd.url, "finews").unfinished(a_job()) == expected
    assert scrapyd.asked[0][0] == "/listjobs.json?project=finews"


def test_an_id_tells_its_job() -> None:
    assert new_id(a_job("mirror-two")).rpartition("-")[0] == "mirror-two"


@pytest.mark.parametrize(
    ("status", "text", "message"),
    [
        (
            200,
            '{"status": "error", "message": "project \'finews\' not found"}',
            "refuses: project ",
        ),
        (200, "<html>", "is no scrapyd: its answer is no JSON"),
        (200, "[]", "refuses: []"),
        (401, "", "answered 401 Unauthorized"),
        (500, "", "answered 500 Internal Server Error"),
    ],
)
def test_what_a_server_may_answer(scrapyd: Scrapyd, status: int, text: str, message: str) -> None:
    scrapyd.answer = (status, text)
    server = Server(scrapyd.url.replace("//", "//me:secret@"), "finews")
    with pytest.raises(ConfigurationError) as caught:
        server.schedule(a_job())
    assert str(caught.value).startswith(f"{scrapyd.url}/ {message}")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match=r"no scrapyd at http://127.0.0.1:1/: .*refused"):
        Server("http://127.0.0.1:1", "finews").schedule(a_job())


def test_an_address_that_is_none() -> None:
    with pytest.raises(ConfigurationError, match=re.escape("'nonsense' is no http(s) address")):
        Server("nonsense", "finews")
