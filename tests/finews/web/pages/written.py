"""Articles that show what pages must cope with."""

from dataclasses import replace
from datetime import timedelta

from finews_crawler.items import Image, Link, Provenance
from tests.finews.filling import BANK_ARTICLE, CHART, CONTRACT, LINK, NOTICE_ARTICLE, START, written

STORY, COPY, HOSTILE, DAY_ONLY, OLD_CODE = (f"20220614300000002{n}" for n in range(5))
SCRIPT = "<script>alert(1)</script>"
_TEXT = (
    "江苏银行公布上半年业绩，净利润同比增长约10%。\n\n"
    "该行表示，资产质量保持稳定，拨备覆盖率维持在较高水平，下半年将继续支持实体经济。\n\n"
    "指标\t同比\n净利润\t10%\n\n"
    "分析人士认为，净息差企稳。"
)
_HTML = (
    "<p>江苏银行公布上半年业绩，净利润同比增长约10%。</p>"
    "<p>该行表示，资产质量保持稳定，拨备覆盖率维持在较高水平，下半年将继续支持实体经济。</p>"
    "<table><tbody><tr><td>指标</td><td>同比</td></tr><tr><td>净利润</td><td>10%</td></tr></tbody>"
    "</table><figure><img src='https://example.com/p.png' alt='走势'></figure>"
    "<p>分析人士认为，净息差企稳。</p>"
)
STORY_ARTICLE = replace(
    BANK_ARTICLE,
    code=STORY,
    identity=STORY,
    title="江苏银行净利润增长约10%",
    source_raw="财联社 电",
    body_text=_TEXT,
    body_html=_HTML,
    mentions=(LINK, CHART),
    images=(Image(url="https://example.com/p.png", alt="走势"),),
    url=f"https://finews.withounder.com/emnews/2022/06/14/{STORY}.html",
    origin_url=f"https://finance.eastmoney.com/a/{STORY}.html",
    share_url="javascript:alert(1)",
    related=(
        Link(url=f"https://finance.eastmoney.com/a/{CONTRACT}.html", text="合同"),
        Link(url="https://example.com/other", text="别家报道"),
        Link(url="javascript:alert(1)", text="坏链接"),
    ),
    provenance={
        "title": Provenance(strategy="section h1", statements={"section h1": "江苏银行"}),
        "published_at": Provenance(
            strategy="meta", statements={"small": "2022-06-14 09:30", "meta": "2022-06-14T09:30:00"}
        ),
    },
)
REVISED_ARTICLE = replace(
    STORY_ARTICLE,
    title="江苏银行净利润增长10.1%",
    body_text=_TEXT.replace("约10%。", "10.1%。"),
    body_html=_HTML.replace("约10%。", "10.1%。"),
    source="证券日报",
    mentions=(LINK,),
)
COPY_ARTICLE = replace(
    REVISED_ARTICLE,
    code=COPY,
    identity=COPY,
    title="转载的标题",
    source="上海证券报",
    published_at=START + timedelta(minutes=20),
    url=f"https://finews.withounder.com/emnews/2022/06/14/{COPY}.html",
    related=(),
)
HOSTILE_ARTICLE = replace(
    BANK_ARTICLE,
    code=HOSTILE,
    identity=HOSTILE,
    title=f"{SCRIPT}&amp;\"'",
    source=f"<b>{SCRIPT}</b>",
    source_raw=SCRIPT,
    digest="<img src=x onerror=alert(1)>",
    body_text="点我",
    body_html=f"<p><a href='javascript:alert(1)'>点我</a></p>{SCRIPT}<style>body{{}}</style>",
    categories=('"><script>', "a b&c=d"),
    tags=(SCRIPT,),
    mentions=(replace(CHART, secid="1.600919", symbol="600919.SH"),),
    published_at=START + timedelta(minutes=30),
    url="javascript:alert(1)",
    provenance={"title": Provenance(strategy=SCRIPT, statements={SCRIPT: SCRIPT})},
)
DAY_ONLY_ARTICLE = replace(
    BANK_ARTICLE,
    code=DAY_ONLY,
    identity=DAY_ONLY,
    title="只知道日期",
    published_at=START.replace(day=12, hour=16, minute=0),
    published_precision="day",
    published_quality="disagrees",
    source=None,
    digest=None,
    body_text="高通胀持续。",
    body_html="<p>高通胀持续。</p>",
    body_kind="digest",
    mentions=(
        replace(
            LINK,
            secid="105.QCOM",
            symbol="QCOM.O",
            mic="XNAS",
            surface="高通",
            end=2,
            inside_word=True,
        ),
    ),
    url=f"https://finews.withounder.com/emnews/2022/06/13/{DAY_ONLY}.html",
)
OLD_CODE_ARTICLE = replace(
    DAY_ONLY_ARTICLE,
    code=OLD_CODE,
    identity=OLD_CODE,
    title="北交所公司",
    body_text="艾融软件公告。",
    body_html="<p>艾融软件公告。</p>",
    mentions=(
        replace(LINK, secid="0.830799", symbol="830799.BJ", mic="BJSE", surface="艾融软件"),
        replace(LINK, start=None, end=None, surface=None, kind="listed"),
    ),
    url=f"https://finews.withounder.com/emnews/2022/06/13/{OLD_CODE}.html",
)


def told(url: str) -> None:
    """A revised story with a reprint, one that attacks, one without a time, odd times and codes."""
    contract = replace(
        BANK_ARTICLE,
        code=CONTRACT,
        identity=CONTRACT,
        title="签下合同",
        body_text="一家公司签下合同。",
        body_html="<p>一家公司签下合同。</p>",
        mentions=(),
        digest=None,
        published_at=START - timedelta(hours=1),
        url=f"https://finews.withounder.com/emnews/2022/06/14/{CONTRACT}.html",
    )
    written(
        url,
        [STORY_ARTICLE, contract, NOTICE_ARTICLE],
        [HOSTILE_ARTICLE, DAY_ONLY_ARTICLE, OLD_CODE_ARTICLE],
        [REVISED_ARTICLE],
        [COPY_ARTICLE],
    )
