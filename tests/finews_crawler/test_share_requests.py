"""How the text behind a share page is asked for, and on which host."""

import pytest

from finews_crawler.share_requests import (
    allowed_hosts,
    chosen_endpoint,
    endpoint_of,
    json_url,
    page_url,
)

CODE = "202206143000000001"
HERE = "http://127.0.0.1:8000/"
SITE = "https://finews.withounder.com/"
DEFAULT = "http://finews.zning.xyz/"
CHOICE = "http://choicewzp1.eastmoney.com/"
PRINTED = f"{CHOICE}html_News/NewsShare.html?infoCode=NW{CODE}"
SITE_HOSTS = ["choicewzp1.eastmoney.com", "finews.withounder.com", "finews.zning.xyz"]


@pytest.mark.parametrize("endpoint", [DEFAULT, DEFAULT.rstrip("/")])
def test_addresses_of_an_article(endpoint: str) -> None:
    assert [json_url(endpoint, CODE), page_url(endpoint, CODE)] == [
        f"http://finews.zning.xyz/NewsData/GetNewsText.do?id=NW{CODE}",
        f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW{CODE}",
    ]


@pytest.mark.parametrize(
    ("share_url", "endpoint"),
    [
        (PRINTED, CHOICE),
        (f"https://a.test:81/x?infoCode=NW{CODE}#b", "https://a.test:81/"),
        (f"a.test/x?infoCode=NW{CODE}", None),
        ("javascript:alert(1)", None),
        ("", None),
        (None, None),
    ],
)
def test_an_endpoint_is_the_host_of_a_share_page(share_url: str | None, endpoint: str) -> None:
    assert endpoint_of(share_url) == endpoint


@pytest.mark.parametrize(
    ("given", "printed", "site", "expected"),
    [
        pytest.param(HERE, PRINTED, SITE, HERE, id="given"),
        pytest.param(None, PRINTED, SITE, CHOICE, id="printed"),
        pytest.param(None, None, SITE, DEFAULT, id="default"),
        pytest.param(None, PRINTED, HERE, HERE, id="a copy here stays here"),
        pytest.param(None, None, HERE, HERE, id="a copy here without an address"),
        pytest.param(CHOICE, None, HERE, CHOICE, id="a copy here with an endpoint far away"),
        pytest.param(
            None,
            "http://localhost:9/x?infoCode=",
            HERE,
            "http://localhost:9/",
            id="another port here",
        ),
    ],
)
def test_the_endpoint_is_the_given_the_printed_or_the_default(
    given: str | None, printed: str | None, site: str, expected: str
) -> None:
    assert chosen_endpoint(given, printed, site, DEFAULT) == expected


@pytest.mark.parametrize(
    ("roots", "hosts"),
    [
        pytest.param((SITE, None), SITE_HOSTS, id="the real site"),
        pytest.param((SITE, HERE), ["127.0.0.1", *SITE_HOSTS], id="an endpoint here"),
        pytest.param((HERE, None), ["127.0.0.1"], id="a copy here"),
        pytest.param(
            (HERE, "http://localhost:9/"), ["127.0.0.1", "localhost"], id="two names here"
        ),
    ],
)
def test_the_hosts_that_may_be_asked(roots: tuple[str | None, ...], hosts: list[str]) -> None:
    assert allowed_hosts(*roots, default=DEFAULT) == hosts
