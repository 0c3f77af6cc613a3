"""The sample site as it is served: files, the share endpoint, and what is missing."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from finews.sample_site.server import sample_site_root, serving

REPOSITORY = Path(__file__).resolve().parents[2]
FINEWS = str(Path(sys.executable).with_name("finews"))
JSON_CODE, JSONP_CODE = "202206133778238607", "202206123774064087"
PAGE_CODE = "202206133778559207"
UNKNOWN_CODE = "202206149999999999"
JSON = "/NewsData/GetNewsText.do"
PAGE = "/html_News/NewsShare.html"


class Answer(NamedTuple):
    status: int
    kind: str | None
    body: bytes


Get = Callable[[str], Answer]


def asked(site: str, path: str) -> Answer:
    connection = HTTPConnection(urlsplit(site).netloc)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return Answer(response.status, response.getheader("Content-Type"), response.read())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def get() -> Iterator[Get]:
    with serving(sample_site_root()) as site:
        yield lambda path: asked(site, path)


def committed(*parts: str) -> bytes:
    return sample_site_root().joinpath(*parts).read_bytes()


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/", "index.html"),
        ("/emnews/", "emnews/index.html"),
        ("/category/Wind.html", "category/Wind.html"),
        ("/category/Career%20In%20touxingPEVC.html", "category/Career In touxingPEVC.html"),
        ("/category/%E5%9B%8Dcaijing%23100%25.html", "category/囍caijing#100%.html"),
        (PAGE, "html_News/NewsShare.html"),
    ],
)
def test_pages_are_files(get: Get, path: str, file: str) -> None:
    assert get(path) == Answer(200, "text/html; charset=utf-8", committed(file))


def test_the_feed_is_xml(get: Get) -> None:
    assert get("/feed.xml") == Answer(200, "application/xml; charset=utf-8", committed("feed.xml"))


@pytest.mark.parametrize(
    ("query", "file", "kind"),
    [
        (f"id=NW{JSON_CODE}", f"NW{JSON_CODE}.json", "application/json; charset=utf-8"),
        (f"id={JSON_CODE}", f"NW{JSON_CODE}.json", "application/json; charset=utf-8"),
        (f"infoCode=NW{JSON_CODE}&a=b", f"NW{JSON_CODE}.json", "application/json; charset=utf-8"),
        (f"id=NW{JSONP_CODE}", f"NW{JSONP_CODE}.jsonp", "text/javascript; charset=utf-8"),
    ],
    ids=["with NW", "bare", "other name", "JSONP"],
)
def test_the_endpoint_answers_by_id(get: Get, query: str, file: str, kind: str) -> None:
    assert get(f"{JSON}?{query}") == Answer(200, kind, committed("share", file))


@pytest.mark.parametrize(
    "query", ["", "?id=", f"?id=NW{UNKNOWN_CODE}", f"?id=NW{JSON_CODE}0", "?id=../../index.html"]
)
def test_the_endpoint_does_not_know_other_ids(get: Get, query: str) -> None:
    assert get(f"{JSON}{query}").status == 404


def test_a_share_page_may_hold_its_text(get: Get) -> None:
    body = committed("share", f"NW{PAGE_CODE}.html")
    assert get(f"{PAGE}?infoCode=NW{PAGE_CODE}") == Answer(200, "text/html; charset=utf-8", body)


def test_any_other_share_page_is_the_shell(get: Get) -> None:
    shell = committed("html_News", "NewsShare.html")
    assert get(f"{PAGE}?infoCode=NW{JSON_CODE}") == Answer(200, "text/html; charset=utf-8", shell)


@pytest.mark.parametrize(
    "path",
    ["/category/.html", "/category/nowhere.html", "/../../README.md", "/%2e%2e/%2e%2e/README.md"],
)
def test_what_is_missing_is_the_sites_own_404_page(get: Get, path: str) -> None:
    assert get(path) == Answer(404, "text/html; charset=utf-8", committed("404.html"))


@pytest.mark.parametrize("path", ["/robots.txt", f"{JSON}?id=NW{UNKNOWN_CODE}"])
def test_what_is_no_page_is_missing_without_it(get: Get, path: str) -> None:
    answer = get(path)
    assert (answer.status, answer.body == committed("404.html")) == (404, False)


def test_each_server_takes_a_free_port_on_this_machine() -> None:
    with serving(sample_site_root()) as one, serving(sample_site_root(old=True)) as other:
        addresses = [urlsplit(one), urlsplit(other)]
        bodies = [asked(site, "/").body for site in (one, other)]
    assert [address.hostname for address in addresses] == ["127.0.0.1"] * 2
    assert addresses[0].port != addresses[1].port
    assert bodies == [committed("index.html"), committed("..", "site_old", "index.html")]


def test_a_server_ends_with_its_block() -> None:
    with serving(sample_site_root()) as site:
        pass
    with pytest.raises(ConnectionRefusedError):
        asked(site, "/")


@pytest.mark.parametrize(("arguments", "folder"), [([], "site"), (["--old"], "site_old")])
def test_the_command_serves_until_ctrl_c(arguments: list[str], folder: str) -> None:
    process = subprocess.Popen(
        [FINEWS, "sample-site", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "FINEWS_LANGUAGE": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told, hint = process.stdout.readline(), process.stdout.readline()
    site = told.split(" at ")[1].split(";")[0]
    body = asked(site, "/").body
    process.send_signal(signal.SIGINT)
    assert process.communicate() == ("", "")
    assert process.returncode == 0
    assert body == committed("..", folder, "index.html")
    assert hint.strip() == f"finews crawl category --site {site} -O articles.jsonl"
