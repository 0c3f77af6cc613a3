"""The stream: what is in it, in which order, how it is filtered, searched and paged."""

import re

import httpx
import pytest

from finews.web.pages.addresses import with_query
from finews.web.pages.listing import LENGTH
from tests.finews.filling import CONTRACT
from tests.finews.web.pages.reading import all_words, read, titles, words
from tests.finews.web.pages.written import DAY_ONLY, HOSTILE, SCRIPT, STORY
from tests.finews.web.serving import many, served

REVISED, REPRINT = "江苏银行净利润增长10.1%", "转载的标题"
ALL = [f"{SCRIPT}&amp;\"'", REPRINT, REVISED, "签下合同", "北交所公司", "只知道日期", "(no title)"]


def test_the_newest_come_first_and_those_without_a_time_last(news: httpx.Client) -> None:
    page = read(news, "/")
    assert titles(page) == ALL
    days = all_words(page.css("#stream > .day"))
    assert days == ["2022-06-14 Tuesday", "2022-06-13 Monday", "Time not stated"]
    assert page.css("#stream > ol").xpath("count(./li)").getall() == ["4.0", "2.0", "1.0"]


def test_a_line_says_when_from_whom_and_about_what(news: httpx.Client) -> None:
    line = read(news, "/", source="证券日报").css("#stream li.item")
    assert words(line.css(".when")) == "09:30"
    assert line.css(".when time::attr(datetime)").get() == "2022-06-14T09:30:00+08:00"
    assert line.css(".title a::attr(href)").get() == f"/article/{STORY}"
    assert words(line.css(".lead")) == "一句摘要。"
    assert words(line.css(".under > a")[0]) == "证券日报"
    chip = line.css(".chip")
    assert (words(chip), chip.attrib["href"]) == ("江苏银行 600919.SH", "/security/600919.SH")
    flags = {words(one): one.attrib["href"] for one in line.css("a.flag")}
    assert flags == {
        "version 2": f"/article/{STORY}/diff?from=1&to=2",
        "reprints: 1": f"/article/{STORY}#reprints",
    }


def test_a_time_is_not_told_more_exactly_than_it_is_known(news: httpx.Client) -> None:
    line = read(news, "/", symbol="QCOM.O").css("#stream li.item")
    assert words(line.css(".when")) == "that day"
    assert line.css(".when time::attr(datetime)").get() == "2022-06-13"
    assert all_words(line.css(".flag")) == ["flash", "time in doubt"]
    doubtful = line.css(".chip.doubt")
    assert doubtful.css(".away::text").getall() == ["part of a longer word, probably no mention"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"symbol": "600919.SH"}, [ALL[0], REPRINT, REVISED, "北交所公司"]),
        ({"symbol": "1.600919"}, [ALL[0], REPRINT, REVISED, "北交所公司"]),
        ({"symbol": "920799.BJ"}, ["北交所公司"]),
        ({"source": "上海证券报"}, [REPRINT]),
        ({"category": "a b&c=d"}, [ALL[0]]),
        ({"kind": "digest"}, ["北交所公司", "只知道日期"]),
        (
            {"published_from": "2022-06-14T09:00+08:00", "published_to": "2022-06-14T09:40+08:00"},
            [REVISED],
        ),
        ({"seen_to": "2022-06-14"}, []),
        (
            {"as_of": "2022-06-14T01:30:00+00:00"},
            ["江苏银行净利润增长约10%", "签下合同", "(no title)"],
        ),
    ],
)
def test_the_address_says_what_is_wanted(
    news: httpx.Client, asked: dict[str, str], found: list[str]
) -> None:
    page = read(news, with_query("/", **asked))
    assert titles(page) == found
    assert words(page.css(".empty")) == ("" if found else "No article matches.")


def test_each_condition_can_be_taken_away(news: httpx.Client) -> None:
    page = read(news, "/", source="上海证券报", kind="full", late="no", q="净利润")
    asked = {words(one): one.attrib["href"] for one in page.css(".asked a")}
    assert list(asked) == [
        "words: 净利润×",
        "source: 上海证券报×",
        "kind: article×",
        "without backfilled×",
        "Clear all",
    ]
    assert httpx.URL(asked["source: 上海证券报×"]).params.multi_items() == [
        ("q", "净利润"),
        ("kind", "full"),
        ("late", "no"),
    ]


def test_the_form_shows_what_is_asked(news: httpx.Client) -> None:
    asked = "symbol=600919.SH&symbol=TSLA.O&kind=digest&late=no&published_from=3d"
    address = f"/?{asked}&as_of=2022-06-14T01:30:00Z"
    form = read(news, address).css("#filter-form")
    given = {one.attrib["name"]: one.attrib.get("value") for one in form.css("input[name]")}
    assert form.css("[name=symbol]::attr(value)").getall() == ["600919.SH", "TSLA.O"]
    assert given["as_of"] == "2022-06-14T01:30:00Z"
    assert form.css("option[selected]::attr(value)").getall() == ["digest"]
    assert form.css("[name=late][checked]")
    # A picker of days would lose what is no day.
    assert form.css("[name=published_from]::attr(type)").get() == "text"
    assert form.css("[name=published_to]::attr(type)").get() == "date"
    labelled = set(form.css("label::attr(for)").getall())
    assert labelled == set(form.css("[id^=f-]:not(p)::attr(id)").getall())


def test_the_form_offers_names_that_are_known(news: httpx.Client) -> None:
    page = read(news, "/")
    assert "600919.SH" in page.css("#known-symbols option::attr(value)").getall()
    assert "上海证券报" in page.css("#known-sources option::attr(value)").getall()
    assert "a b&c=d" in page.css("#known-categories option::attr(value)").getall()


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("/?symbol=&source=&q=+&kind=full", "/?kind=full"),
        ("/?q=&source=", "/"),
        ("/?symbol=600919", "/?symbol=600919.SH"),
        ("/?symbol=830799&kind=full", "/?symbol=920799.BJ&kind=full"),
        ("/?symbol=%E8%89%BE%E8%9E%8D%E8%BD%AF%E4%BB%B6", "/?symbol=920799.BJ"),
        (f"/article/{STORY}?as_of=", f"/article/{STORY}"),
    ],
)
def test_what_a_form_sends_becomes_the_address_that_it_means(
    news: httpx.Client, given: str, meant: str
) -> None:
    answer = news.get(given)
    assert (answer.status_code, answer.headers["location"]) == (303, meant)
    assert news.get(given, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/?sybmol=600919.SH", "sybmol: not understood; it can be after, as_of"),
        ("/?symbol=999999", "symbol: '999999' is no symbol"),
        ("/?published_from=yesterday", "published_from: 'yesterday' is no moment"),
        ("/?as_of=2099-01-01", "lies ahead of the database"),
        ("/?after=7", "after: '7' is no place in this list"),
        ("/?q=-", "nothing to search for"),
    ],
)
def test_what_is_not_understood_is_named(news: httpx.Client, address: str, told: str) -> None:
    assert told in words(read(news, address, status=422).css("main"))


# --- search ---------------------------------------------------------------------------------------


def test_a_search_marks_what_it_found(news: httpx.Client) -> None:
    page = read(news, "/", q="净息差")
    assert words(page.css("h1")) == "Search: 净息差"
    assert sorted(titles(page)) == sorted([REVISED, REPRINT])
    assert page.css("#stream .lead mark::text").getall() == ["净息差", "净息差"]
    assert page.css("#finder::attr(value)").get() == "净息差"


def test_a_search_keeps_to_the_filter(news: httpx.Client) -> None:
    assert titles(read(news, "/", q="净息差", source="上海证券报")) == [REPRINT]


@pytest.mark.parametrize("asked", ["江苏银行", "600919", "600919.SH"])
def test_a_search_for_a_security_leads_to_it(news: httpx.Client, asked: str) -> None:
    links = read(news, "/", q=asked).css(".note.plain a::attr(href)").getall()
    assert links == ["/security/600919.SH"]


# --- pages of the list ----------------------------------------------------------------------------


def test_pages_hold_every_article_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('long') / 'finews.db'}"
    many(url, 2 * LENGTH + 10)
    seen: list[str] = []
    with served(url) as client:
        address: str | None = "/"
        while address:
            page = read(client, address)
            seen += page.css("#stream [data-article]::attr(data-article)").getall()
            address = page.css("a[rel=next]::attr(href)").get()
    assert len(seen) == 2 * LENGTH + 12
    assert len(set(seen)) == len(seen)


def test_what_is_written_meanwhile_does_not_move_the_next_page(
    own_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    many(own_url, LENGTH + 4)
    with served(own_url) as client:
        first = read(client, "/")
        older = first.css("a[rel=next]::attr(href)").get() or ""
        before = titles(read(client, older))
        many(own_url, LENGTH + 20)  # sixteen more, spread over all times
        assert titles(read(client, older)) == before
        assert len(titles(read(client, "/"))) == LENGTH


def test_a_page_is_live_only_at_the_top_and_now(news: httpx.Client) -> None:
    assert int(read(news, "/").css("#stream::attr(data-newest)").get() or "") > 0
    for address in ("/?as_of=2022-06-14T01:30:00Z", "/?q=净息差"):
        page = read(news, address)
        assert page.css("#stream::attr(data-newest)").get() is None
        assert not page.css("script")


# --- what is foreign stays text -------------------------------------------------------------------


def test_hostile_words_stay_words(news: httpx.Client) -> None:
    answer = news.get("/", params={"q": "点我"})
    assert SCRIPT not in answer.text
    assert re.findall(r"<(?!script type=\"module\")script", answer.text) == []
    line = read(news, "/", q="点我").css("#stream li.item")
    assert words(line.css(".title")) == f"{SCRIPT}&amp;\"'"
    assert not line.css("img, script, b")
    asked = news.get("/", params={"q": '"><script>alert(1)</script>'})
    assert SCRIPT not in asked.text


def test_the_same_page_speaks_chinese(news: httpx.Client) -> None:
    page = read(news, "/?lang=zh")
    assert page.css("html::attr(lang)").get() == "zh-CN"
    assert words(page.css("h1")) == "新闻流"
    assert all_words(page.css("#stream > .day"))[0] == "2022年6月14日 星期二"
    assert page.css(".tongues [aria-current]::attr(hreflang)").get() == "zh-CN"


def test_codes_lead_nowhere_else(news: httpx.Client) -> None:
    links = read(news, "/").css("#stream .title a::attr(href)").getall()
    assert f"/article/{HOSTILE}" in links
    assert f"/article/{CONTRACT}" in links
    assert f"/article/{DAY_ONLY}" in links
    assert "/article/id/3" in links
