"""Which sites a crawl reads, whatever its spider; files on this machine are none."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from finews.jobs.definition import spiders
from finews.jobs.sites import EASTMONEY, site_of, sites_of
from finews_crawler.errors import FinewsError

SITE = "http://127.0.0.1:8000/"
HERE = "127.0.0.1:8000"
CODE = "NW202206143000000001"
SHARE = f"http://a.test/html_News/NewsShare.html?infoCode={CODE}"
POST = f"{SITE}a/2022/06/14/{CODE}.html"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FINEWS_SITE", "FINEWS_SHARE_ENDPOINT", "FINEWS_OLD_POSTS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("spider", "arguments", "expected"),
    [
        ("category", {}, ("finews.withounder.com",)),
        ("category", {"full": "1"}, ("finews.withounder.com", "finews.zning.xyz")),
        ("category", {"site": SITE, "full": "1"}, (HERE,)),
        ("category", {"site": SITE, "full": "1", "endpoint": "http://a.test"}, (HERE, "a.test")),
        ("category", {"site": SITE, "endpoint": "http://a.test"}, (HERE,)),
        ("pages", {"urls": POST}, (HERE,)),
        ("pages", {"urls": f"{POST},{SHARE}"}, (HERE, "a.test")),
        ("pages", {"urls": f"{POST},{SHARE}", "endpoint": SITE}, (HERE,)),
        ("share", {"codes": CODE}, ("finews.zning.xyz",)),
        ("share", {"codes": f"{CODE},{SHARE},nonsense"}, ("finews.zning.xyz", "a.test")),
        ("share", {"codes": SHARE, "endpoint": SITE}, (HERE,)),
        ("live", {}, (EASTMONEY,)),
        ("stock", {"symbols": "600919.SH", "endpoint": SITE}, (HERE,)),
    ],
)
def test_the_sites_of_a_crawl(
    spider: str, arguments: Mapping[str, str], expected: tuple[str, ...]
) -> None:
    assert sites_of(spider, arguments, {}) == expected


def test_an_archive_is_no_site(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("x", encoding="utf-8")
    assert sites_of("archive", {"path": str(tmp_path)}, {}) == ()


def test_a_setting_goes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FINEWS_SITE", "http://there.test")
    assert sites_of("category", {}, {}) == ("there.test",)
    assert sites_of("category", {}, {"FINEWS_SITE": SITE}) == (HERE,)


def test_a_place_of_old_posts_is_read_too() -> None:
    old = {"FINEWS_OLD_POSTS": "https://old.test/old_post/{date}-{slug}.md"}
    assert sites_of("category", {"site": SITE}, old) == (HERE, "old.test")


def test_what_cannot_be_understood_is_told() -> None:
    with pytest.raises(FinewsError, match="file: /nowhere: "):
        sites_of("share", {"file": "/nowhere"}, {})


def test_all_hosts_of_eastmoney_are_one() -> None:
    hosts = ("http://finance.eastmoney.com/a/1.html", "https://np-weblist.eastmoney.com/")
    assert {site_of(url) for url in hosts} == {EASTMONEY}
    assert site_of("http://[::1]:80/") == "[::1]"


def test_every_spider_has_its_sites(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("x", encoding="utf-8")
    needed = {
        "archive": {"path": str(tmp_path)},
        "pages": {"urls": POST},
        "share": {"codes": CODE},
        "stock": {"symbols": "600919.SH"},
    }
    for spider in spiders():
        sites_of(spider, needed.get(spider, {}), {})
