"""Every answer: its headers, its form, its language; errors for people and for programs."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from finews.web.files import FOR_EVER, static
from finews.web.headers import SECURITY_HEADERS
from tests.finews.web.serving import served

STYLE = "finews.css"
ANSWERS = (
    ("/", 200),
    ("/nowhere", 404),
    ("/?symbl=x", 422),
    (static(STYLE), 200),
    ("/static/nowhere.css", 404),
    ("/static/../app.py", 404),
    ("/sign-in", 303),
    ("/healthz", 200),
    ("/feed.atom", 200),
    ("/feed.json?limit=x", 422),
    ("/api", 200),
    ("/api/v1/openapi.json", 200),
    ("/api/v1/articles", 200),
    ("/api/v1/articles?limit=0", 422),
    ("/api/v1/nowhere", 404),
    ("/api/v1/articles/99", 404),
)


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_every_answer_has_the_security_headers(
    client: httpx.Client, address: str, status: int
) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert {name: answer.headers.get_list(name) for name in SECURITY_HEADERS} == {
        name: [value] for name, value in SECURITY_HEADERS.items()
    }
    assert "cache-control" in answer.headers
    assert "server" not in answer.headers


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_no_page_holds_what_the_policy_forbids(
    client: httpx.Client, address: str, status: int
) -> None:
    """Scripts and styles are files of this server; nothing is asked of another."""
    answer = client.get(address)
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", answer.text) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", answer.text) == []
    loaded = re.findall(r"<(?:script|img|link|iframe)[^>]*\s(?:src|href)=\"([^\"]*)", answer.text)
    assert [one for one in loaded if not one.startswith(("/", "data:"))] == []


# --- errors ---------------------------------------------------------------------------------------


def test_an_error_for_a_program_names_the_word(client: httpx.Client) -> None:
    answer = client.get("/api/v1/articles?symbol=600919")
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {name: problem[name] for name in ("type", "title", "status", "instance")} == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "instance": "/api/v1/articles",
    }
    (error,) = problem["errors"]
    assert error["parameter"] == "symbol"
    assert error["detail"].startswith("'600919' is no symbol: write the code and its exchange")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("symbl=600919.SH", "symbl"),
        ("published_from=yesterday", "published_from"),
        ("as_of=2999-01-01", "as_of"),
        ("published_from=2022-06-14&published_to=2022-06-13", "published_to"),
        ("limit=501", "limit"),
        ("limit=ten", "limit"),
        ("order=oldest", "order"),
        ("fields=code,colour", "fields"),
        ("cursor=abc", "cursor"),
        ("symbol=", "symbol"),
        ("late=maybe", "late"),
    ],
)
def test_each_word_that_is_not_understood(client: httpx.Client, query: str, parameter: str) -> None:
    answer = client.get(f"/api/v1/articles?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [one["parameter"] for one in answer.json()["errors"]] == [parameter]


def test_a_method_that_is_not_understood(client: httpx.Client) -> None:
    answer = client.post("/api/v1/articles")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json()["title"] == "Method Not Allowed"


def test_an_error_for_a_person_is_a_page_in_his_language(client: httpx.Client) -> None:
    for accepted, told in (("zh-CN,zh;q=0.9", "页面不存在"), ("en-US", "There is no such page")):
        answer = client.get("/nowhere", headers={"accept-language": accepted})
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert f"<h1>{told}</h1>" in answer.text


@pytest.fixture
def broken(own_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A server with a fault of our own in it."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret of the program")

    monkeypatch.setattr("finews.web.api.health.queries.newest_change", fail)
    with served(own_url) as one:
        yield one


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_our_own_tells_nothing_to_the_client(broken: httpx.Client) -> None:
    answer = broken.get("/healthz")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "instance": "/healthz",
    }
    assert answer.headers["content-security-policy"]


def test_a_database_that_is_gone_is_told(own_url: str) -> None:
    with served(own_url) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        path = own_url.removeprefix("sqlite:///")
        with open(path, "wb") as database:  # noqa: PTH123
            database.write(b"no database" * 1000)
        answer = client.get("/healthz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["title"] == "Service Unavailable"


# --- language -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh;q=0.3, en;q=0.7", "en"),
        ("fr, de;q=0.5, en;q=0.1", "en"),
        ("en;q=0, zh;q=0.1", "zh-CN"),
        ("fr", "zh-CN"),
        ("en;q=high, ;;,", "zh-CN"),
        ("", "zh-CN"),
    ],
)
def test_the_language_of_a_browser(client: httpx.Client, accepted: str, language: str) -> None:
    answer = client.get("/nowhere", headers={"accept-language": accepted})
    assert re.findall('<html lang="([^"]*)"', answer.text) == [language]


def test_a_chosen_language_is_kept(filled_url: str) -> None:
    with served(filled_url) as client:
        assert 'lang="en"' in client.get("/nowhere?lang=en").text
        assert 'lang="en"' in client.get("/nowhere", headers={"accept-language": "zh"}).text
        assert 'lang="zh-CN"' in client.get("/nowhere?lang=zh").text
        client.get("/nowhere?lang=fr")
        assert 'lang="zh-CN"' in client.get("/nowhere", headers={"accept-language": "en"}).text


# --- transport ------------------------------------------------------------------------------------


def test_a_shipped_file_may_be_kept_for_ever_under_its_version_only(client: httpx.Client) -> None:
    assert client.get(static(STYLE)).headers["cache-control"] == FOR_EVER
    for address in (f"/static/{STYLE}", f"/static/{STYLE}?v=0"):
        assert client.get(address).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "path", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "/etc/passwd", "vendor"]
)
def test_no_other_file_is_shown(client: httpx.Client, path: str) -> None:
    answer = client.get("/", extensions={"target": f"/static/{path}".encode()})
    assert answer.status_code == 404


def test_answers_are_packed_for_who_unpacks_them(client: httpx.Client) -> None:
    packed = client.get("/api/v1/articles", headers={"accept-encoding": "gzip"})
    plain = client.get("/api/v1/articles", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


@pytest.mark.parametrize("address", ["/api/v1/articles", "/feed.atom", "/api/v1/changes", "/live"])
def test_head_gives_the_same_headers_without_a_body(client: httpx.Client, address: str) -> None:
    answer = client.head(address)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"]


def test_json_is_written_as_it_is_read(client: httpx.Client) -> None:
    answer = client.get("/api/v1/sources")
    assert json.loads(answer.content) == {"items": [{"name": "证券日报"}, {"name": "财联社"}]}
    assert "证券日报".encode() in answer.content
