"""Who may look: the token of programs and of people, and the name by which a server is called."""

import re
from base64 import b64encode
from collections.abc import Iterator

import httpx
import pytest

from finews.web.guard import (
    COOKIE,
    SESSION_SECONDS,
    given_token,
    host_name,
    is_own_name,
    is_session,
    session,
)
from finews.web.settings import WebSettings, is_loopback
from finews.web.sign_in import own_address
from tests.finews.web.serving import TOKEN, served

SETTINGS = WebSettings(database_url="sqlite://", token=TOKEN)


@pytest.fixture(scope="module")
def guarded(filled_url: str) -> Iterator[httpx.Client]:
    with served(filled_url, token=TOKEN) as client:
        yield client


@pytest.fixture
def browser(guarded: httpx.Client) -> Iterator[httpx.Client]:
    """One that keeps its own cookies."""
    with httpx.Client(base_url=guarded.base_url, trust_env=False) as one:
        yield one


# --- programs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Token {TOKEN}",
        TOKEN,
        "Basic !!",
        "Basic " + b64encode(f"{TOKEN}:".encode()).decode(),
        "Bearer 密码".encode().decode("latin-1"),
    ],
)
def test_without_the_token_a_program_gets_nothing(
    guarded: httpx.Client, header: str | None
) -> None:
    headers = {} if header is None else {"authorization": header.encode("latin-1")}
    answer = guarded.get("/api/v1/articles", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized")
    assert answer.headers["www-authenticate"] == 'Bearer realm="finews"'
    assert answer.headers["content-security-policy"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_with_the_token_a_program_gets_all(guarded: httpx.Client, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {TOKEN}"}
    assert len(guarded.get("/api/v1/articles", headers=headers).json()["items"]) == 3


def test_a_reader_of_feeds_gives_the_token_as_a_password(guarded: httpx.Client) -> None:
    refused = guarded.get("/feed.atom")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (
        401,
        'Basic realm="finews", charset="UTF-8"',
    )
    assert guarded.get("/feed.atom", auth=("anybody", TOKEN)).status_code == 200
    assert given_token("Basic " + b64encode(b"me:a:b").decode()) == "a:b"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/healthz", 200),
        ("/sign-in", 200),
        ("/static/finews.css", 200),
        ("/live", 401),
        ("/api/v1/openapi.json", 401),
        ("/sign-in/../api/v1/articles", 303),
        ("/static/../api/v1/articles", 404),
        ("/static/%2e%2e/api/v1/articles", 404),
        ("/healthz/../api/v1/articles", 404),
        ("//api/v1/articles", 303),
        ("/API/v1/articles", 303),
    ],
)
def test_what_is_open_to_all(guarded: httpx.Client, address: str, status: int) -> None:
    """As a tool sends it that does not tidy the path first."""
    raw = {"target": address.encode()}
    assert guarded.get("/", extensions=raw).status_code == status


# --- people ---------------------------------------------------------------------------------------


def test_a_person_is_led_to_the_form_and_back(browser: httpx.Client) -> None:
    led = browser.get("/api?x=1&y=2")
    assert (led.status_code, led.headers["location"]) == (
        303,
        "/sign-in?next=%2Fapi%3Fx%3D1%26y%3D2",
    )
    form = browser.get(led.headers["location"])
    (back,) = re.findall(r'name="next" value="([^"]*)"', form.text)
    assert back == "/api?x=1&amp;y=2"
    answer = browser.post("/sign-in", data={"token": TOKEN, "next": "/api?x=1&y=2"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/api?x=1&y=2")
    assert browser.get("/healthz").status_code == 200
    assert browser.get("/api/v1/clock").status_code == 200


def test_the_cookie_holds_no_token_and_no_script_reads_it(browser: httpx.Client) -> None:
    answer = browser.post("/sign-in", data={"token": TOKEN})
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert {one.strip() for one in cookie.split(";")[1:]} == {
        "HttpOnly",
        "SameSite=strict",
        "Path=/",
        f"Max-Age={SESSION_SECONDS}",
    }


def test_behind_https_the_cookie_is_sent_over_https_only(browser: httpx.Client) -> None:
    headers = {"x-forwarded-proto": "https"}
    answer = browser.post("/sign-in", data={"token": TOKEN}, headers=headers)
    assert "Secure" in answer.headers["set-cookie"]


def test_a_wrong_token_is_told_on_the_form(browser: httpx.Client) -> None:
    answer = browser.post("/sign-in", data={"token": "x", "next": "/a"}, params={"lang": "en"})
    assert answer.status_code == 401
    assert "This is not the token." in answer.text
    assert 'value="/a"' in answer.text
    assert COOKIE not in answer.cookies


def test_a_form_that_is_too_long_is_refused(browser: httpx.Client) -> None:
    assert browser.post("/sign-in", data={"token": "x" * 10_000}).status_code == 413


def test_signing_out(browser: httpx.Client) -> None:
    browser.post("/sign-in", data={"token": TOKEN})
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert browser.get("/api/v1/clock").status_code == 401


def test_a_session_ends_and_belongs_to_one_token() -> None:
    one = session(TOKEN, 1000)
    assert is_session(SETTINGS, one, now=999.0)
    assert not is_session(SETTINGS, one, now=1000.0)
    assert not is_session(SETTINGS, session("another-token-0123456789", 1000), now=1.0)


@pytest.mark.parametrize(
    "cookie", ["", ".", "2000.", session(TOKEN, 1000).replace("1000.", "2000."), "²." + "0" * 64]
)
def test_a_session_that_nobody_gave(cookie: str) -> None:
    assert not is_session(SETTINGS, cookie, now=1.0)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("/article/1?as_of=x", "/article/1?as_of=x"),
        ("https://other.example/", "/"),
        ("//other.example/", "/"),
        ("/\\other.example/", "/"),
        ("/a\nb", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_to_no_other_server(given: str, address: str) -> None:
    assert own_address(given) == address


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("localhost:8080", 200),
        ("127.0.0.1", 200),
        ("[::1]:8080", 200),
        ("LOCALHOST", 200),
        ("news.example", 200),
        ("evil.example", 421),
        ("evil.example:8080", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("10.0.0.1", 421),
    ],
)
def test_a_name_that_leads_here_by_a_trick_is_refused(
    filled_url: str, header: str, status: int
) -> None:
    with served(filled_url, names=("News.example",)) as client:
        answer = client.get("/healthz", headers={"host": header})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("header", "name"),
    [("a.b:80", "a.b"), ("[::1]:80", "::1"), ("[::1]", "::1"), ("a.b.", "a.b"), ("", "")],
)
def test_the_name_without_its_port(header: str, name: str) -> None:
    assert host_name(header) == name


def test_an_address_that_others_reach_is_protected_by_the_token_alone() -> None:
    settings = WebSettings(database_url="sqlite://", host="0.0.0.0", token=TOKEN)
    assert not settings.is_loopback
    assert is_own_name("0.0.0.0:80", settings)
    assert [is_loopback(one) for one in ("127.9.9.9", "::1", "localhost", "::", "a.b", "")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_settings_do_not_show_their_secrets() -> None:
    assert TOKEN not in repr(SETTINGS)
    assert "secret" not in repr(WebSettings(database_url="postgresql://u:secret@h/d"))
