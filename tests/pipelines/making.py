"""Small factories: a page, an article, a mention; keywords change single fields."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from finews_crawler.items import (
    Article,
    Block,
    Chart,
    Listing,
    Mention,
    Paragraph,
    RawArticle,
    Reject,
    Run,
    StatedTime,
    Widget,
)

CODE = "202206143000000001"
PAGE = f"https://finews.withounder.com/emnews/2022/06/14/{CODE}.html"
FETCHED = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)
BANK = "1.600919"


def paragraph(*runs: str | Run) -> Paragraph:
    return Paragraph(runs=tuple(Run(text=run) if isinstance(run, str) else run for run in runs))


def linked(words: str, secid: str = BANK) -> Run:
    return Run(text=words, widget=Widget(kind="link", secid=secid))


def chart_block(secid: str = BANK) -> Chart:
    return Chart(widget=Widget(kind="chart", secid=secid))


def stated(**texts: str) -> tuple[StatedTime, ...]:
    """Statements of time by place: `stated(meta="2022-06-14 10:00")`."""
    places: Any = texts.items()
    return tuple(StatedTime(where=where, text=text) for where, text in places)


def raw_article(*body: Block, **changed: Any) -> RawArticle:
    page = RawArticle(
        page_kind="post",
        extractor="post/1",
        url=PAGE,
        fetched_at=FETCHED,
        body=body or (paragraph("江苏银行公布业绩。"),),
        code=CODE,
    )
    return replace(page, **changed)


def link(text: str, surface: str, secid: str = BANK) -> Mention:
    """The mention that links the first `surface` of a text."""
    start = text.index(surface)
    return Mention(
        secid=secid,
        symbol=None,
        mic=None,
        asset_class="unknown",
        kind="link",
        surface=surface,
        start=start,
        end=start + len(surface),
    )


def chart(secid: str = BANK) -> Mention:
    return Mention(
        secid=secid,
        symbol=None,
        mic=None,
        asset_class="unknown",
        kind="chart",
        surface=None,
        start=None,
        end=None,
    )


def article(**changed: Any) -> Article:
    """A full article that states little; the time is stated."""
    made = Article(
        code=CODE,
        title="江苏银行业绩",
        published_at=datetime(2022, 6, 14, 9, 0, tzinfo=UTC),
        published_precision="second",
        published_quality="stated",
        source="财联社",
        source_raw="财联社",
        digest=None,
        body_text="江苏银行公布业绩。",
        body_html="<p>江苏银行公布业绩。</p>",
        body_kind="full",
        categories=("emnews",),
        tags=(),
        mentions=(),
        images=(),
        url=PAGE,
        share_url=None,
        origin_url=None,
        fetched_at=FETCHED,
        extractor="post/1",
        identity=CODE,
        page_kind="post",
    )
    return replace(made, **changed)


def listing(**changed: Any) -> Listing:
    made = Listing(
        slug="Wind",
        url="https://finews.withounder.com/category/Wind.html",
        heading="Wind新闻",
        entries=(CODE,),
        addresses=(f"/wind/2022/06/14/NW{CODE}.html",),
        fetched_at=FETCHED,
        etag='"1"',
        last_modified="Tue, 14 Jun 2022 10:00:00 GMT",
    )
    return replace(made, **changed)


def reject(**changed: Any) -> Reject:
    made = Reject(
        stage="extract",
        reason="unknown_layout",
        detail="no section",
        url=PAGE,
        code=CODE,
        seen_at=FETCHED,
    )
    return replace(made, **changed)
