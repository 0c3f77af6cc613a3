"""The spider `share`: which code is asked where, and what follows each kind of answer."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from scrapy import Request

from finews_crawler.errors import ArgumentError
from finews_crawler.spiders.share import ShareSpider, parse_code, read_lines
from tests.finews_crawler.spiders import pages
from tests.finews_crawler.spiders.driving import (
    CODE,
    OTHER,
    SITE,
    answered,
    count,
    failed,
    items,
    made,
    made_with,
    reasons,
    started,
    urls,
)

DEFAULT = "http://finews.zning.xyz"


def json_of(code: str, host: str = DEFAULT) -> str:
    return f"{host}/NewsData/GetNewsText.do?id=NW{code}"


def page_of(code: str, host: str = DEFAULT) -> str:
    return f"{host}/html_News/NewsShare.html?infoCode=NW{code}"


def asked(**given: str) -> tuple[ShareSpider, Request]:
    """The spider and its request for the one code that it was given."""
    spider = made(ShareSpider, **given)
    (request,) = started(spider)
    return spider, request


# --- what is asked ----------------------------------------------------------------------------


def test_codes_file_and_url_are_asked_in_this_order(tmp_path: Path) -> None:
    third = "202206143000000003"
    file = tmp_path / "codes.txt"
    file.write_text(f"NW{OTHER}\n")
    spider = made(ShareSpider, url=page_of(third), file=str(file), codes=f"NW{CODE}")
    assert urls(started(spider)) == [json_of(CODE), json_of(OTHER), json_of(third)]


def test_a_code_in_several_spellings_is_asked_once() -> None:
    spider = made(ShareSpider, codes=f"NW{CODE}, {CODE},nw{CODE},{page_of(CODE)}")
    assert urls(started(spider)) == [json_of(CODE)]
    assert count(spider, "share/requested") == 1


def test_a_share_url_is_asked_on_its_own_host() -> None:
    host = "http://choicewzp1.eastmoney.com"
    assert urls([asked(url=page_of(CODE, host))[1]]) == [json_of(CODE, host)]


def test_a_given_endpoint_beats_the_host_of_a_share_url() -> None:
    _, request = asked(url=page_of(CODE), endpoint=SITE)
    assert request.url == json_of(CODE, SITE)


def test_the_setting_names_the_endpoint_of_bare_codes() -> None:
    spider = made_with({"FINEWS_SHARE_ENDPOINT": "http://news.test:81"}, ShareSpider, codes=CODE)
    assert urls(started(spider)) == [json_of(CODE, "http://news.test:81")]


def test_a_bad_code_is_a_reject_and_the_next_is_asked() -> None:
    output = started(made(ShareSpider, codes=f"NW12,{CODE}"))
    (reject,) = items(output)
    assert (reject.stage, reject.reason, reject.url, reject.code) == (
        "argument",
        "bad_code",
        "NW12",
        None,
    )
    assert urls(output) == [json_of(CODE)]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"codes": CODE}, id="bare code"),
        pytest.param({"url": page_of(CODE, "http://news.test")}, id="host of the URL"),
        pytest.param({"url": page_of(CODE), "endpoint": SITE}, id="endpoint on this machine"),
        pytest.param({"url": page_of(CODE, SITE)}, id="URL on this machine"),
    ],
)
@pytest.mark.parametrize("default", [DEFAULT, SITE], ids=["default far", "default here"])
def test_the_host_that_is_asked_is_allowed(given: dict[str, str], default: str) -> None:
    spider = made_with({"FINEWS_SHARE_ENDPOINT": default}, ShareSpider, **given)
    hosts = {urlsplit(url).hostname for url in urls(started(spider))}
    assert hosts - set(spider.allowed_domains or []) == set()


def test_an_endpoint_on_this_machine_leads_nowhere_else() -> None:
    spider, _ = asked(url=page_of(CODE), endpoint=SITE)
    assert spider.allowed_domains == ["127.0.0.1"]


@pytest.mark.parametrize("given", [{}, {"codes": ""}, {"codes": " , "}], ids=str)
def test_without_a_code_there_is_nothing_to_start(given: dict[str, str]) -> None:
    with pytest.raises(ArgumentError, match="spider share: give codes=NW…, file=PATH or url=…"):
        made(ShareSpider, **given)


# --- what follows an answer -------------------------------------------------------------------


def test_an_answer_with_text_is_the_article() -> None:
    _, request = asked(codes=CODE)
    (article,) = answered(request, pages.share_answer(CODE))
    assert (article.page_kind, article.code, article.url, article.share_url) == (
        "share_json",
        CODE,
        json_of(CODE),
        page_of(CODE),
    )


@pytest.mark.parametrize(
    ("answer", "reason", "counted"),
    [
        pytest.param(pages.share_answer(CODE, ""), "empty_answer", "absent", id="no text"),
        pytest.param("{}", "empty_answer", "absent", id="empty object"),
        pytest.param(pages.EMPTY_PAGE, "unknown_layout", "unusable", id="HTML"),
        pytest.param("", "unknown_layout", "unusable", id="nothing at all"),
        pytest.param(pages.share_answer(OTHER), "unknown_layout", "unusable", id="another article"),
    ],
)
def test_an_answer_without_the_article_leads_to_the_page(
    answer: str, reason: str, counted: str
) -> None:
    spider, request = asked(codes=CODE)
    output = answered(request, answer)
    assert (reasons(output), urls(output)) == ([("extract", reason)], [page_of(CODE)])
    assert (count(spider, f"share/{counted}"), count(spider, "share/fallback")) == (1, 1)


@pytest.mark.parametrize(
    ("status", "reason", "counted"),
    [
        pytest.param(404, "http_404", "absent", id="not found"),
        pytest.param(500, "http_500", "unusable", id="server error"),
        pytest.param(None, "refused_connection", "unusable", id="no answer"),
    ],
)
def test_a_failed_request_leads_to_the_page(status: int | None, reason: str, counted: str) -> None:
    spider, request = asked(codes=CODE, endpoint=SITE)
    output = failed(request, status)
    assert (reasons(output), urls(output)) == ([("fetch", reason)], [page_of(CODE, SITE)])
    assert count(spider, f"share/{counted}") == 1


def page_request() -> Request:
    """The second request: for the share page, after an answer without text."""
    _, request = asked(codes=CODE)
    (page,) = (one for one in answered(request, "{}") if isinstance(one, Request))
    return page


def test_a_page_with_text_of_its_own_is_the_article() -> None:
    (article,) = answered(page_request(), pages.share_page())
    assert (article.page_kind, article.code, article.url) == ("share_html", CODE, page_of(CODE))


def test_a_page_that_is_a_shell_is_the_end() -> None:
    output = answered(page_request(), pages.SHELL)
    assert (reasons(output), urls(output)) == ([("extract", "empty_answer")], [])


def test_a_page_that_is_not_there_is_the_end() -> None:
    (reject,) = failed(page_request(), 404)
    assert (reject.stage, reject.reason, reject.url, reject.code) == (
        "fetch",
        "http_404",
        page_of(CODE),
        CODE,
    )


# --- codes and files of codes -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (f"NW{CODE}", (CODE, None)),
        (f"nw{CODE}", (CODE, None)),
        (CODE, (CODE, None)),
        (page_of(CODE), (CODE, f"{DEFAULT}/")),
        (json_of(CODE, SITE), (CODE, f"{SITE}/")),
        (f"https://a.test/x?a=1&INFOCODE={CODE}&b=2#top", (CODE, "https://a.test/")),
        (f"{DEFAULT}/#/share?infoCode=NW{CODE}", (CODE, f"{DEFAULT}/")),
        (f"a.test/x?infoCode=NW{CODE}", (CODE, None)),
        (f"NW{CODE}0", None),
        (f"NW{CODE[:-1]}", None),
        (f"NW19{CODE[2:]}", None),
        (f"{page_of(CODE)}0", None),
        (f"AN{CODE}", None),
        (f"https://finews.withounder.com/emnews/2022/06/14/{CODE}.html", None),
        ("", None),
    ],
)
def test_a_code_is_18_digits_alone_or_in_a_share_url(
    word: str, expected: tuple[str, str | None] | None
) -> None:
    assert parse_code(word) == expected


def test_a_file_has_one_code_a_line_and_comments(tmp_path: Path) -> None:
    lines = (
        "# 六月",
        f"NW{CODE}  # 第一条",
        "",
        "   ",
        f"  {OTHER}\t",
        f"{DEFAULT}/#/share?infoCode=NW{CODE}",
        "#NW202206143000000009",
    )
    file = tmp_path / "codes.txt"
    file.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    assert read_lines(str(file)) == (
        f"NW{CODE}",
        OTHER,
        f"{DEFAULT}/#/share?infoCode=NW{CODE}",
    )


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only words\n"], ids=repr)
def test_a_file_without_codes_names_nothing(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "codes.txt"
    file.write_bytes(content)
    assert read_lines(str(file)) == ()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"nowhere\.txt: \[Errno 2\]"):
        read_lines(str(tmp_path / "nowhere.txt"))


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    file.write_bytes(f"{CODE}  # 第一条".encode("gbk"))
    with pytest.raises(ArgumentError, match=r"codes\.txt: 'utf-8' codec can't decode"):
        read_lines(str(file))
