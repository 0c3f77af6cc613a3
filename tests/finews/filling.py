"""A database with a few rows of each kind, written as a crawl writes them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from finews_crawler.items import Article, Mention, Reject
from finews_crawler.outcome import Verdict
from pipelines.store.batch import Item
from pipelines.store.engine import open_engine
from pipelines.store.runs import finish_run, start_run
from pipelines.store.writer import Writer

START = datetime(2022, 6, 14, 1, 30, tzinfo=UTC)
BANK, CONTRACT = "202206143000000001", "202206143000000002"
NOTICE = "https://finews.withounder.com/sitenews/2021/12/02/notice.html"

LINK = Mention(
    secid="1.600919",
    symbol="600919.SH",
    mic="XSHG",
    asset_class="stock",
    kind="link",
    surface="江苏银行",
    start=0,
    end=4,
)
CHART = replace(LINK, kind="chart", surface=None, start=None, end=None)
UNKNOWN = replace(CHART, secid="777.ABC", symbol=None, mic=None, asset_class="unknown")

BANK_ARTICLE = Article(
    code=BANK,
    title="江苏银行公布业绩",
    published_at=START,
    published_precision="second",
    published_quality="stated",
    source="财联社",
    source_raw="财联社",
    digest="一句摘要。",
    body_text="江苏银行公布业绩。\n\n利润增长。",
    body_html="<p>江苏银行公布业绩。</p><p>利润增长。</p>",
    body_kind="full",
    categories=("cailianshe", "emnews"),
    tags=("财联社新闻",),
    mentions=(LINK, CHART),
    images=(),
    url=f"https://finews.withounder.com/emnews/2022/06/14/{BANK}.html",
    share_url=None,
    origin_url=None,
    fetched_at=START,
    extractor="post/1",
    identity=BANK,
    page_kind="post",
)
CONTRACT_ARTICLE = replace(
    BANK_ARTICLE,
    code=CONTRACT,
    identity=CONTRACT,
    title="[公告] 签下合同",
    published_at=START - timedelta(hours=1),
    source="证券日报",
    source_raw="证券日报",
    digest=None,
    categories=("Wind",),
    mentions=(UNKNOWN,),
    url=f"https://finews.withounder.com/wind/2022/06/14/NW{CONTRACT}.html",
)
NOTICE_ARTICLE = replace(
    BANK_ARTICLE,
    code=None,
    identity=NOTICE,
    title="",
    published_at=None,
    published_precision=None,
    published_quality="missing",
    source=None,
    source_raw=None,
    digest=None,
    body_text="试运行。",
    categories=("sitenews",),
    mentions=(),
    url=NOTICE,
)
REJECT = Reject(
    stage="fetch",
    reason="http_404",
    detail="the site answered 404",
    url="http://127.0.0.1/a.html",
    code=None,
    seen_at=START,
)


def written(url: str, *batches: list[Item], message: str = "articles: 3 new") -> None:
    """Write batches as one run that ends well."""
    engine = open_engine(url)
    run = start_run(engine, "category", {"site": "http://127.0.0.1:8000"}, START)
    writer = Writer(engine, run, timedelta(days=1), lambda: START)
    for batch in batches:
        writer.write(batch)
    verdict = Verdict(ok=True, message=message, reason="finished")
    finish_run(engine, run, verdict, {}, START + timedelta(minutes=1))
    engine.dispose()


def filled(url: str) -> None:
    """Three articles, one of them revised, and a reject."""
    first = replace(BANK_ARTICLE, title="江苏银行将公布业绩")
    written(url, [first, CONTRACT_ARTICLE, NOTICE_ARTICLE, REJECT], [BANK_ARTICLE])
