"""The truth of the extraction benchmark: posts read without the extractor, pages to truths."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks.scoring import Truth, hash_of
from benchmarks.truth import (
    PostText,
    corpus_truths,
    read_post_text,
    sample_pages,
    squeezed,
    truth_of_copy,
    without_medium,
)
from finews_crawler.reference import data_path

HEAD = '---\nlayout: post\ntitle: "标题"\ndate: 2022-06-13 10:00:00 +0800\n---\n'
FOOT = "\n\n<http://finance.eastmoney.com/news/1351,1.html>\n\n[返回X新闻](//a/)｜[返回首页](//b/)"
CHART = '<p><img src="//h/GetPic.aspx?nid=1.600018&imageType=k" data-code="K 600018|1|1" /></p>'
KEY = (
    '<span id="stock_1.601018"><a href="//q" class="keytip" data-code="1,601018">宁波港</a></span>'
)
LATER = '<span web="1" class="em_stock_key_common" data-code="116,00700">腾讯控股</span>'
SOURCE = (
    '<p class="em_media">（文章来源：上海<a class="keytip" data-code="90,BK0473">证券</a>报）</p>'
)
EXPECTATIONS = Path(__file__).resolve().parents[1] / "corpus" / "expected.json"


def body_of(content: str) -> str:
    return read_post_text(HEAD + content + FOOT).body


# --- a post ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("<p>甲</p><p>乙</p>", "甲乙"),
        ("<p>甲&lt;乙&gt;&amp;丙</p>", "甲<乙>&丙"),
        ("<p>甲<strong>乙</strong>丙</p>", "甲乙丙"),
        ('<p style="display:none;height:1px;"><br /></p><p>甲</p>', "甲"),
        ("<!-- EM_StockImg_Start --><p>甲</p><!-- EM_StockImg_End -->", "甲"),
        (f"<p>甲</p>{SOURCE}", "甲"),
        (f'<p>甲</p><h3 class="emh3">相关报道</h3><p><a href="//x">别文</a></p>{SOURCE}', "甲"),
        ('<p>甲</p><h3 class="emh3">全文如下</h3><p>乙</p>', "甲全文如下乙"),
        ("甲。", "甲。"),
    ],
    ids=[
        "tags",
        "entities",
        "inline tags",
        "hidden paragraph",
        "comments",
        "source line",
        "related reports",
        "another heading",
        "plain text",
    ],
)
def test_the_body_of_a_post(content: str, body: str) -> None:
    assert body_of(content) == body


@pytest.mark.parametrize(
    "head", ["", "\n", HEAD, f"\n{HEAD}"], ids=["none", "blank line", "plain", "after a blank line"]
)
def test_front_matter_is_no_text(head: str) -> None:
    assert read_post_text(f"{head}<p>甲</p>").body == "甲"


@pytest.mark.parametrize(
    "foot",
    [
        "\n\n<>\n",
        "\n\n<http://a/1.html>",
        "\n\n[返回东财滚动新闻](../emnews/)\n[返回首页](../)",
        FOOT,
    ],
    ids=["empty address", "address alone", "two lines", "one line"],
)
def test_address_and_return_lines_are_no_text(foot: str) -> None:
    assert read_post_text(f"{HEAD}<p>甲</p>{foot}").body == "甲"


def test_line_ends_of_windows_are_line_ends() -> None:
    text = f"{HEAD}<p>甲</p>\n <p>乙</p>{FOOT}".replace("\n", "\r\n")
    assert squeezed(read_post_text(text).body) == "甲乙"


def test_the_digest_stands_apart() -> None:
    found = read_post_text(f"{HEAD}> 摘要&amp;如此\n\n<p>甲</p>{FOOT}")
    assert (found.digest, found.body) == ("摘要&如此", "甲")


def test_the_mentions_of_a_post_are_those_of_its_body() -> None:
    found = read_post_text(f"{HEAD}> 摘要\n\n{CHART}<p>{KEY}与{LATER}</p>{SOURCE}{FOOT}")
    assert found.mentions == {
        ("1.600018", "chart"),
        ("1.601018", "link"),
        ("116.00700", "repeat"),
    }


@pytest.mark.parametrize(("line", "names"), [(SOURCE, True), ("", False)], ids=["with", "without"])
def test_a_source_line_is_seen(line: str, names: bool) -> None:
    assert read_post_text(f"{HEAD}<p>甲</p>{line}{FOOT}").names_medium is names


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("甲。（证券时报）", "甲。"),
        ("甲。(央视新闻) ", "甲。"),
        ("甲（乙）丙。", "甲（乙）丙。"),
        ("甲（乙）丙。（财联社）", "甲（乙）丙。"),
    ],
)
def test_the_medium_at_the_end_of_a_flash(text: str, left: str) -> None:
    assert without_medium(text) == left


# --- two copies of one article ---------------------------------------------------------------

WHOLE = Truth(
    title_sha256=hash_of("标题"),
    published_at=None,
    source="财联社",
    body="甲\n\n乙",
    lead="摘要",
    mentions=frozenset({("1.600018", "chart"), ("1.601018", "link")}),
)
COPY = PostText(
    digest=None, body="甲 乙", mentions=frozenset({("1.600018", "chart")}), names_medium=True
)


def test_a_copy_has_its_own_mentions_and_lead() -> None:
    own = replace(WHOLE, lead=None, mentions=frozenset({("1.600018", "chart")}))
    assert truth_of_copy(WHOLE, COPY) == own


def test_a_copy_has_no_mention_that_the_article_lacks() -> None:
    more = replace(COPY, mentions=COPY.mentions | {("90.BK0473", "link")})
    assert truth_of_copy(WHOLE, more) == truth_of_copy(WHOLE, COPY)


def test_a_copy_with_another_text_has_no_known_truth() -> None:
    assert truth_of_copy(WHOLE, replace(COPY, body="甲")) is None


# --- the sample site -------------------------------------------------------------------------


@cache
def sample_truths() -> dict[str, Truth]:
    return {page.path: page.truth for page in sample_pages(data_path("sample_site")).pages}


def expected(name: str) -> dict[str, Any]:
    path = data_path("sample_site", "articles") / name / "expected.json"
    item: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return item


def test_every_page_of_the_sample_site_that_can_be_used_has_a_truth() -> None:
    pages = sample_pages(data_path("sample_site"))
    assert pages.left_out == ()
    assert {path for path in _post_paths() if path not in sample_truths()} == {
        "site/xinhuashe/2022/06/12/NW202206123770000223.html",
        "site_old/xinhuashe/2022/06/12/NW202206123770000223.html",
    }


def _post_paths() -> Iterator[str]:
    """The pages whose name ends in an article's id."""
    root = data_path("sample_site")
    for layout in ("site", "site_old"):
        for path in (root / layout).rglob("*.html"):
            if "share" not in path.parts and path.stem[-18:].isdecimal() and len(path.stem) >= 18:
                yield path.relative_to(root).as_posix()


def test_an_article_of_one_page_has_the_truth_beside_it() -> None:
    item = expected("shanghai-chart")
    found = sample_truths()[f"site/cailianshe/2022/06/13/NW{item['code']}.html"]
    assert found == Truth(
        title_sha256=hash_of(item["title"]),
        published_at=found.published_at,
        source=item["source"],
        body=item["body_text"],
        lead=item["digest"],
        mentions=frozenset((one["secid"], one["kind"]) for one in item["mentions"]),
    )
    assert str(found.published_at) == item["published_at"].replace("T", " ")


def test_the_chart_is_true_only_of_the_page_that_has_it() -> None:
    code = expected("chart-only-in-the-publishers-copy")["code"]
    truths = sample_truths()
    kinds = {
        folder: {
            kind
            for _, kind in truths[f"site/{folder}/2022/06/12/{name}{code}.html"].mentions
            if kind == "chart"
        }
        for folder, name in (("emnews", ""), ("zhengquanribao", "NW"))
    }
    assert kinds == {"emnews": set(), "zhengquanribao": {"chart"}}


# --- the corpus ------------------------------------------------------------------------------


def corpus_expectations() -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(EXPECTATIONS.read_text(encoding="utf-8"))
    return items


def test_the_bodies_of_the_corpus_are_as_long_as_their_pages_say(corpus: Path) -> None:
    items = corpus_expectations()
    truths, _ = corpus_truths(corpus, items)
    lengths = {path: len(squeezed(truth.body)) for path, truth in truths.items()}
    assert lengths == {item["page"]: item["body_chars"] for item in items if item["page"] in truths}


def test_only_a_page_without_a_post_has_no_truth(corpus: Path) -> None:
    _, left_out = corpus_truths(corpus, corpus_expectations())
    assert [path.partition("/")[0] for path in left_out] == ["old_post"]
