"""RawArticle to Article: one page, then a page with its copies."""

import copy
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest

from finews_crawler.items import Article, Image, Mention, Paragraph, Provenance, RawArticle, Run
from pipelines.completion import unite
from pipelines.normalise.article import normalise, normalise_page
from pipelines.normalise.markup import clean_html
from tests.pipelines.making import (
    CODE,
    FETCHED,
    PAGE,
    chart_block,
    linked,
    paragraph,
    raw_article,
    stated,
)

PICTURE = Image(url="https://example.test/a.jpg", alt="行情图")
SHARE = f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW{CODE}"
BEIJING = "0.833819"  # 920819 since 6 May 2025
FULL = raw_article(
    paragraph("看好", linked("江苏银行"), "。"),
    PICTURE,
    chart_block(),
    title="江苏银行业绩",
    times=stated(meta="2022-06-14T17:00:21+08:00", small="2022-06-14 17:00:21"),
    source_line="上证报",
    digest="摘要",
    categories=("shanghaizhengquanbao", "emnews"),
    tags=("东财滚动新闻",),
    share_url=SHARE,
    strategies={"title": "h1"},
)
FLASH = raw_article(
    paragraph("央行降准。（财联社）"), body_kind="digest", tags=("东财滚动新闻",), title="降准"
)
BANK_MENTION = Mention(
    secid="1.600919",
    symbol="600919.SH",
    mic="XSHG",
    asset_class="stock",
    kind="link",
    surface="江苏银行",
    start=2,
    end=6,
)


def test_a_page_gives_every_field() -> None:
    chart = replace(BANK_MENTION, kind="chart", surface=None, start=None, end=None)
    assert replace(normalise(FULL), provenance={}) == Article(
        code=CODE,
        title="江苏银行业绩",
        published_at=datetime(2022, 6, 14, 9, 0, 21, tzinfo=UTC),
        published_precision="second",
        published_quality="stated",
        source="上海证券报",
        source_raw="上证报",
        digest="摘要",
        body_text="看好江苏银行。",
        body_html=clean_html(FULL.body),
        body_kind="full",
        categories=("emnews", "shanghaizhengquanbao"),
        tags=("东财滚动新闻",),
        mentions=(BANK_MENTION, chart),
        images=(PICTURE,),
        url=PAGE,
        share_url=SHARE,
        origin_url=None,
        fetched_at=FETCHED,
        extractor="post/1",
        identity=CODE,
        page_kind="post",
    )


def test_fields_tell_what_found_them_and_what_the_page_prints() -> None:
    assert normalise(FULL).provenance == {
        "title": Provenance(strategy="h1", statements={"h1": "江苏银行业绩"}),
        "published_at": Provenance(
            strategy="meta",
            statements={"meta": "2022-06-14T17:00:21+08:00", "small": "2022-06-14 17:00:21"},
        ),
        "source": Provenance(
            strategy="source line", statements={"source line": "上证报", "tag": "东财滚动新闻"}
        ),
    }


def test_the_html_is_that_of_the_body() -> None:
    page = raw_article(paragraph("央行降准。"), PICTURE)
    picture = '<figure><img src="https://example.test/a.jpg" alt="行情图"></figure>'
    assert normalise(page).body_html == f"<p>央行降准。</p>\n{picture}"


# --- pure and deterministic --------------------------------------------------------------------

WITH_COPIES = replace(
    FLASH,
    copies=(
        replace(FULL, url=f"{PAGE}?full"),
        raw_article(chart_block("0.000001"), url=f"{PAGE}?chart"),
    ),
)


@pytest.mark.parametrize("raw", [FULL, FLASH, WITH_COPIES], ids=["full", "flash", "copies"])
def test_normalising_again_gives_the_same_and_leaves_the_page_alone(raw: RawArticle) -> None:
    before = copy.deepcopy(asdict(raw))
    assert normalise(raw) == normalise(copy.deepcopy(raw))
    assert asdict(raw) == before


# --- copies ------------------------------------------------------------------------------------


def test_without_copies_the_article_is_its_page() -> None:
    assert normalise(FULL) == normalise_page(FULL)


def test_copies_are_united() -> None:
    pages = [normalise_page(raw) for raw in (WITH_COPIES, *WITH_COPIES.copies)]
    assert normalise(WITH_COPIES) == unite(pages)


def test_of_a_page_that_was_read_twice_the_last_reading_counts() -> None:
    edited = replace(FULL, title="改了")
    assert normalise(replace(FULL, copies=(edited,))) == normalise(edited)


def test_a_flash_and_its_full_text_are_one_article() -> None:
    answer = raw_article(
        paragraph("央行降准。"),
        paragraph("全文在此。"),
        page_kind="share_json",
        extractor="share_json/1",
        canonical_url=SHARE,
    )
    found = normalise(replace(FLASH, copies=(answer,)))
    assert (found.body_text, found.body_kind, found.digest, found.source, found.url) == (
        "央行降准。\n\n全文在此。",
        "full",
        "央行降准。",
        "财联社",
        PAGE,
    )


# --- identity ----------------------------------------------------------------------------------

NOTICE = "https://finews.withounder.com/sitenews/2021/12/01/init.html"


@pytest.mark.parametrize(
    ("changed", "identity", "url"),
    [
        ({}, CODE, PAGE),
        ({"url": "http://127.0.0.1:1/x", "canonical_url": PAGE}, CODE, PAGE),
        ({"code": None, "url": NOTICE}, NOTICE, NOTICE),
        ({"code": None, "url": "http://127.0.0.1:1/x", "canonical_url": NOTICE}, NOTICE, NOTICE),
    ],
    ids=["code", "code_on_a_copy", "page", "canonical_page"],
)
def test_an_article_is_known_by_its_code_else_by_its_page(
    changed: dict[str, object], identity: str, url: str
) -> None:
    found = normalise(raw_article(**changed))
    assert (found.identity, found.url) == (identity, url)


# --- source ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "source"),
    [
        ({"source_line": "财联社", "tags": ("界面新闻新闻",)}, ("财联社", "财联社")),
        ({"source_line": "上证报"}, ("上海证券报", "上证报")),
        ({"tags": ("界面新闻新闻",)}, ("界面新闻", "界面新闻")),
        ({"tags": ("东财滚动新闻",)}, (None, None)),
        ({}, (None, None)),
    ],
    ids=["the_line_first", "alias", "then_the_tags", "a_column", "nothing"],
)
def test_the_source_line_goes_before_the_tags(
    changed: dict[str, object], source: tuple[str | None, str | None]
) -> None:
    found = normalise(raw_article(**changed))
    assert (found.source, found.source_raw) == source


def test_a_flashs_trailing_medium_is_its_source_and_no_part_of_the_text() -> None:
    found = normalise(FLASH)
    assert (found.source, found.body_text, found.body_html) == (
        "财联社",
        "央行降准。",
        "<p>央行降准。</p>",
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (paragraph("央行降准（同比增长5%）"), "digest"),
        (paragraph("（财联社）"), "digest"),
        (paragraph("央行降准。（财联社）"), "full"),
    ],
    ids=["no_medium", "nothing_else", "no_flash"],
)
def test_any_other_bracket_stays_in_the_text(body: Paragraph, kind: str) -> None:
    found = normalise(raw_article(body, body_kind=kind))
    assert (found.source, found.body_text) == (None, "".join(run.text for run in body.runs))


# --- mentions for the article's date -------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "symbol"),
    [
        ({"times": stated(meta="2025-05-05 23:59:59")}, "833819.BJ"),
        ({"times": stated(meta="2025-05-06 00:00:00")}, "920819.BJ"),
        ({"times": stated(meta="2025-05-05T16:00:00Z")}, "920819.BJ"),
        ({"code": "202505050000000001"}, "833819.BJ"),
        ({"code": "202505060000000001"}, "920819.BJ"),
        ({"code": "209913990000000001"}, "920819.BJ"),
        ({"code": None}, "920819.BJ"),
        ({"code": None, "fetched_at": datetime(2025, 5, 5, 15, 59, tzinfo=UTC)}, "833819.BJ"),
    ],
    ids=[
        *("last_old_day", "first_new_day", "the_day_is_chinas"),
        *("by_the_code_before", "by_the_code_after", "a_code_without_date"),
        *("by_the_fetch", "the_fetchs_day_is_chinas"),
    ],
)
def test_a_mention_is_resolved_for_the_articles_date(
    changed: dict[str, object], symbol: str
) -> None:
    fetched = {"fetched_at": datetime(2025, 5, 5, 16, 0, tzinfo=UTC)}
    page = raw_article(paragraph(linked("北交所公司", BEIJING)), **{**fetched, **changed})
    assert [mention.symbol for mention in normalise(page).mentions] == [symbol]


def test_a_mention_that_the_table_does_not_hold_keeps_its_secid() -> None:
    (mention,) = normalise(raw_article(paragraph(linked("某公司", "999.1")))).mentions
    assert (mention.secid, mention.symbol, mention.mic, mention.asset_class) == (
        "999.1",
        None,
        None,
        "unknown",
    )


def test_offsets_fit_the_text_without_its_trailing_medium() -> None:
    page = raw_article(
        paragraph("看好", linked("江苏银行"), "。"),
        paragraph(Run(text="央行降准。（财联社）")),
        body_kind="digest",
    )
    found = normalise(page)
    assert found.body_text == "看好江苏银行。\n\n央行降准。"
    assert found.mentions == (BANK_MENTION,)
