"""How several printings of an article become one: the rules of docs/precedence.md, one by one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest

from finews_crawler.items import SHANGHAI, Article, Image, PageKind, Quality
from pipelines.completion import content_hash, unite
from tests.pipelines.making import CODE, FETCHED, PAGE, article, chart, link

TEXT = "江苏银行公布业绩，中信证券看好。"
SOURCE_PAGE = f"https://finews.withounder.com/cailianshe/2022/06/14/NW{CODE}.html"
SHARE_PAGE = f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW{CODE}"
URLS: dict[PageKind, str] = {
    "list": f"{SHARE_PAGE}&list",
    "share_html": SHARE_PAGE,
    "share_json": SHARE_PAGE,
    "origin": f"http://finance.eastmoney.com/a/{CODE}.html",
    "feed": PAGE,
    "post": PAGE,
    "markdown": f"https://raw.example.test/2022-06-14-{CODE}.md",
}
BY_KIND: list[PageKind] = list(URLS)
BY_QUALITY: list[Quality] = [
    "missing",
    "future",
    "zone_doubtful",
    "disagrees",
    "zone_corrected",
    "stated",
]


def printing(kind: PageKind, **changed: object) -> Article:
    """An article as a page of a kind prints it."""
    page = {"page_kind": kind, "extractor": f"{kind}/1", "url": URLS[kind]}
    return article(**{**page, **changed})


def both_ways(first: Article, second: Article) -> tuple[Article, Article]:
    """The article of two printings, read in either order."""
    return unite([first, second]), unite([second, first])


def body(found: Article) -> tuple[object, ...]:
    return found.body_text, found.body_html, found.body_kind, found.extractor, found.fetched_at


# --- 1. the body comes whole from one printing ---------------------------------------------------

LINKED = printing("post", body_text=TEXT, mentions=(link(TEXT, "江苏银行"),))
TWICE_LINKED = replace(LINKED, mentions=(*LINKED.mentions, link(TEXT, "中信证券", "1.600030")))


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param(
            printing("share_html", body_text="全文。"),
            replace(TWICE_LINKED, body_kind="digest"),
            id="the_full_text_before_the_digest",
        ),
        pytest.param(
            printing("share_html", body_text=TEXT, mentions=TWICE_LINKED.mentions),
            LINKED,
            id="then_more_links",
        ),
        pytest.param(
            LINKED,
            printing("post", url=SOURCE_PAGE, mentions=(chart(), chart("0.000001"))),
            id="charts_are_no_links",
        ),
        pytest.param(printing("post"), printing("feed", body_text="同。"), id="post_before_feed"),
        pytest.param(
            printing("feed"), printing("share_json", body_text="同。"), id="feed_before_json"
        ),
        pytest.param(
            printing("share_json"), printing("share_html", body_text="同。"), id="json_before_html"
        ),
        pytest.param(
            printing("post", url=SOURCE_PAGE),
            printing("post", url=PAGE, body_text="同。"),
            id="then_the_smaller_url",
        ),
    ],
)
def test_the_better_body_is_taken_whole_whichever_comes_first(
    better: Article, worse: Article
) -> None:
    worse = replace(worse, body_html="<p>另</p>", fetched_at=FETCHED + timedelta(hours=1))
    assert [body(one) for one in both_ways(better, worse)] == [body(better)] * 2


def test_pictures_come_with_the_body_and_fill_a_body_without() -> None:
    first, second = (Image(url=f"https://example.test/{name}.jpg") for name in "ab")
    post, answer = printing("post", images=(first,)), printing("share_json", images=(second,))
    assert [one.images for one in both_ways(post, answer)] == [(first,)] * 2
    bare = replace(post, images=())
    assert [one.images for one in both_ways(bare, answer)] == [(second,)] * 2


def test_links_of_another_text_are_left_out() -> None:
    answer = printing(
        "share_json", body_text="江苏银行。", mentions=(link("江苏银行。", "江苏银行"),)
    )
    post = replace(TWICE_LINKED, body_text=f"今日{TEXT}", mentions=())
    post = replace(post, mentions=(link(post.body_text, "江苏银行"),))
    assert [one.mentions for one in both_ways(post, answer)] == [post.mentions] * 2


# --- 2. the head comes by page kind, then from the copy that gives the body -----------------------


@pytest.mark.parametrize(("worse", "better"), list(combinations(BY_KIND, 2)), ids="<".join)
def test_title_and_url_come_by_page_kind(worse: PageKind, better: PageKind) -> None:
    flash = printing(better, title="好", body_kind="digest", body_text="短")
    whole = printing(worse, title="差", body_text="全文。")
    heads = [(one.title, one.url, one.page_kind) for one in both_ways(flash, whole)]
    assert heads == [("好", URLS[better], better)] * 2


def test_of_two_posts_the_one_with_the_body_gives_the_head() -> None:
    other = printing("post", url=SOURCE_PAGE, title="另一题")
    heads = [(one.title, one.url) for one in both_ways(LINKED, other)]
    assert heads == [(LINKED.title, PAGE)] * 2


def test_an_empty_title_is_filled() -> None:
    post, answer = printing("post", title=""), printing("share_json", title="题")
    assert [one.title for one in both_ways(post, answer)] == ["题"] * 2


# --- 3. the time comes from the printing whose statements agree best ------------------------------


@pytest.mark.parametrize(("worse", "better"), list(pairwise(BY_QUALITY)), ids="<".join)
def test_the_time_is_that_of_the_better_quality(worse: Quality, better: Quality) -> None:
    early, late = (datetime(2022, 6, 14, hour, tzinfo=UTC) for hour in (8, 9))
    post = printing("post", published_quality=worse, published_at=early)
    answer = printing(
        "share_json",
        published_quality=better,
        published_at=late,
        published_precision="minute",
    )
    times = [
        (one.published_at, one.published_precision, one.published_quality)
        for one in both_ways(post, answer)
    ]
    assert times == [(late, "minute", better)] * 2


def test_of_equal_times_the_heads_is_taken() -> None:
    post = printing("post", published_at=datetime(2022, 6, 14, 8, tzinfo=UTC))
    assert [one.published_at for one in both_ways(post, printing("share_json"))] == [
        post.published_at
    ] * 2


# --- 4. everything else only completes ------------------------------------------------------------


def test_categories_are_united_and_sorted() -> None:
    post = printing("post", categories=("emnews",))
    other = printing("post", url=SOURCE_PAGE, categories=("cailianshe",))
    assert [one.categories for one in both_ways(post, other)] == [("cailianshe", "emnews")] * 2


def test_a_down_cased_slug_gives_way_to_its_true_spelling() -> None:
    post, answer = printing("post", categories=("wind",)), printing("feed", categories=("Wind",))
    assert [one.categories for one in both_ways(post, answer)] == [("Wind",)] * 2


def test_slugs_that_differ_in_case_only_are_two() -> None:
    post = printing("post", categories=("TechWeb", "Techweb"))
    found = unite([post, printing("feed", categories=("techweb",))])
    assert found.categories == ("TechWeb", "Techweb")


def test_tags_are_united_those_of_the_body_first() -> None:
    post, other = printing("post", tags=("甲", "乙")), printing("share_json", tags=("丙", "甲"))
    assert [one.tags for one in both_ways(post, other)] == [("甲", "乙", "丙")] * 2


def test_charts_of_any_text_are_united() -> None:
    post = printing("post", mentions=(chart("1.600919"),))
    other = printing("share_json", body_text="另", mentions=(chart("1.600919"), chart("0.000001")))
    expected = (chart("1.600919"), chart("0.000001"))
    assert [one.mentions for one in both_ways(post, other)] == [expected] * 2


@pytest.mark.parametrize(
    "filled",
    [
        {"source": "财联社", "source_raw": "财联社"},
        {"digest": "摘要"},
        {"share_url": SHARE_PAGE},
        {"origin_url": "http://finance.eastmoney.com/a/1.html"},
    ],
    ids=lambda filled: next(iter(filled)),
)
def test_an_empty_field_is_filled(filled: dict[str, str]) -> None:
    empty: dict[str, None] = dict.fromkeys(filled)
    post, answer = printing("post", **empty), printing("share_json", **{**empty, **filled})
    found = both_ways(post, answer)
    assert [{name: getattr(one, name) for name in filled} for one in found] == [filled] * 2


def test_the_source_is_the_heads_when_both_name_one() -> None:
    answer = printing("share_json", source="上海证券报", source_raw="上证报")
    found = both_ways(printing("post"), answer)
    assert [(one.source, one.source_raw) for one in found] == [("财联社", "财联社")] * 2


def test_a_flash_becomes_the_digest_of_its_full_text() -> None:
    flash = printing("post", body_kind="digest", body_text="短讯。")
    whole = printing("share_json", body_text="短讯。\n\n全文。")
    found = [(one.digest, one.body_text) for one in both_ways(flash, whole)]
    assert found == [("短讯。", "短讯。\n\n全文。")] * 2


def test_one_printing_is_the_article() -> None:
    assert unite([TWICE_LINKED]) == TWICE_LINKED


# --- what makes a revision ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "改题"},
        {"published_at": datetime(2022, 6, 14, 8, tzinfo=UTC)},
        {"published_at": None},
        {"published_precision": "minute"},
        {"source": "新华社"},
        {"source": None},
        {"digest": "摘要"},
        {"digest": ""},
        {"body_text": TEXT + "。"},
        {"mentions": ()},
        {"mentions": (*LINKED.mentions, chart())},
        {"mentions": tuple(replace(one, symbol="600919.SH") for one in LINKED.mentions)},
        {"published_quality": "disagrees"},
        {"body_kind": "digest"},
    ],
    ids=lambda changed: "{}={}".format(*next(iter(changed.items()))),
)
def test_content_makes_a_revision(changed: dict[str, object]) -> None:
    known = replace(LINKED, digest=None)
    assert content_hash(replace(known, **changed)) != content_hash(known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"published_at": LINKED.published_at and LINKED.published_at.astimezone(SHANGHAI)},
        {"categories": ()},
        {"tags": ("甲",)},
        {"url": SOURCE_PAGE},
        {"share_url": SHARE_PAGE},
        {"fetched_at": FETCHED + timedelta(days=1)},
        {"extractor": "post/2"},
        {"body_html": "<p></p>"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_is_no_content_makes_none(changed: dict[str, object]) -> None:
    assert content_hash(replace(LINKED, **changed)) == content_hash(LINKED)  # type: ignore[arg-type]


def test_a_list_tells_the_seconds_of_the_minute_that_the_page_states() -> None:
    minute = datetime(2022, 6, 14, 6, 0, tzinfo=UTC)
    page = printing("origin", published_precision="minute", published_at=minute)
    exact = minute.replace(second=37)
    listed = printing("list", published_precision="second", published_at=exact)
    other = replace(listed, published_at=exact + timedelta(hours=1))
    united = unite([page, listed])
    assert (united.published_at, united.published_precision) == (exact, "second")
    assert unite([page, other]).published_at == minute
