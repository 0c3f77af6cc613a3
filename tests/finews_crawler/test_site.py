"""A site's address: checked, percent-coded, and which links are its own."""

import pytest

from finews_crawler.addresses import is_loopback
from finews_crawler.errors import ArgumentError
from finews_crawler.site import Site, checked_root

SITE = Site("http://127.0.0.1:8000/")


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
        (" https://finews.withounder.com/ ", "https://finews.withounder.com/"),
        ("http://a.test/category/?b=1#c", "http://a.test/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_a_root_is_scheme_and_host(given: str, root: str) -> None:
    assert checked_root(given) == root


@pytest.mark.parametrize(
    "given",
    [
        "",
        "nonsense",
        "127.0.0.1:8000",
        "localhost",
        "ftp://a.test/",
        "file:///etc/passwd",
        "http://",
        "http://:80/",
        "http://a.test:0/",
        "http://a.test:99999/",
        "http://a.test:http/",
        "http://[::1",
    ],
)
def test_what_is_no_root_is_named(given: str) -> None:
    with pytest.raises(ArgumentError) as error:
        checked_root(given)
    assert repr(given) in str(error.value)


@pytest.mark.parametrize(
    ("slug", "path"),
    [
        ("Wind", "Wind"),
        ("Career In touxingPEVC", "Career%20In%20touxingPEVC"),
        ("21shijijingjibaodao  nancailicaitong", "21shijijingjibaodao%20%20nancailicaitong"),
        ("zhengquanshibao·egongsi", "zhengquanshibao%C2%B7egongsi"),
        ("囍caijing#100%", "%E5%9B%8Dcaijing%23100%25"),
        ("a?b&c", "a%3Fb%26c"),
    ],
)
def test_a_category_page_keeps_the_letters_of_its_slug(slug: str, path: str) -> None:
    assert SITE.category_page(slug) == f"http://127.0.0.1:8000/category/{path}.html"


@pytest.mark.parametrize(
    "link",
    [
        "/wind/2022/06/14/a.html",
        "wind/2022/06/14/a.html",
        "http://127.0.0.1:8000/wind/2022/06/14/a.html#top",
        "//finews.withounder.com/wind/2022/06/14/a.html",
        "https://FINEWS.withounder.com/wind/2022/06/14/a.html?from=home",
        "http://finews.zning.me/wind/2022/06/14/a.html",
        "http://finnews.zning.me/%77ind/2022/06/14/a.html",
    ],
)
def test_links_to_any_host_of_the_site_are_read_on_it(link: str) -> None:
    assert SITE.own(link) == "http://127.0.0.1:8000/wind/2022/06/14/a.html"


def test_a_link_is_percent_coded_in_one_way() -> None:
    coded = "http://127.0.0.1:8000/a%28b%29/%C2%B7%23.html"
    assert {SITE.own("/a(b)/·%23.html"), SITE.own("/a%28b%29/%c2%b7%23.html")} == {coded}


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.test/wind/2022/06/14/a.html",
        "//withounder.com/a.html",
        "//finews.withounder.com.elsewhere.test/a.html",
        "https://finews.withounder.com@elsewhere.test/a.html",
        "mailto:a@finews.withounder.com",
        "javascript:void(0)",
        "ftp://finews.withounder.com/a.html",
        "http://[bad/a.html",
    ],
)
def test_links_that_lead_away_are_not_the_sites_own(link: str) -> None:
    assert SITE.own(link) is None


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ("http://127.0.0.1:8000/", ("127.0.0.1", True)),
        ("http://[::1]/", ("::1", True)),
        ("https://finews.withounder.com/", ("finews.withounder.com", False)),
    ],
)
def test_a_copy_on_this_machine_is_known(root: str, expected: tuple[str, bool]) -> None:
    site = Site(root)
    assert (site.host, is_loopback(site.root)) == expected
