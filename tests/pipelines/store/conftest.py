"""A writer into a database of either engine, and articles for it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from finews_crawler.items import Article, Image, Mention
from pipelines.store.engine import open_engine, writing
from pipelines.store.models import Base
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer

START = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def empty(engine: Engine) -> None:
    """Take all rows out, so that one database serves many examples; its clock goes on."""
    words = "DELETE FROM revision_words"
    if engine.dialect.name == "sqlite":
        words = "INSERT INTO revision_words (revision_words) VALUES ('delete-all')"
    indexes = (words, "DELETE FROM revision_bands")
    tables = [one.delete() for one in reversed(Base.metadata.sorted_tables)]
    kept = {"clock", "derived"}
    with writing(engine).begin() as connection:
        for statement in indexes:
            connection.execute(text(statement))
        for delete in tables:
            if delete.table.name not in kept:
                connection.execute(delete)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: int) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def writer(engine: Engine, clock: Clock) -> Writer:
    run = start_run(engine, "category", {"site": "http://127.0.0.1:1/"}, clock())
    return Writer(engine, run, timedelta(days=1), clock)


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


@pytest.fixture
def make_article() -> Callable[..., Article]:
    """An article with all its fields filled; keywords change single ones."""

    def make(number: int = 1, **changed: object) -> Article:
        code = f"20220614{3_000_000_000 + number}"
        article = Article(
            code=code,
            title=f"第{number}条",
            published_at=START - timedelta(minutes=number),
            published_precision="second",
            published_quality="stated",
            source="财联社",
            source_raw="财联社",
            digest="摘要",
            body_text=f"江苏银行公布业绩，第{number}条。",  # else all were reprints of one story
            body_html=f"<p>江苏银行公布业绩，第{number}条。</p>",
            body_kind="full",
            categories=("cailianshe", "emnews"),
            tags=("财联社新闻",),
            mentions=(LINK, CHART),
            images=(Image(url="https://example.test/a.jpg", alt="图"),),
            url=f"https://finews.withounder.com/emnews/2022/06/14/{code}.html",
            share_url=f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW{code}",
            origin_url=f"http://finance.eastmoney.com/news/1351,{code}.html",
            fetched_at=START,
            extractor="post/1",
            identity=code,
            page_kind="post",
        )
        return replace(article, **changed)  # type: ignore[arg-type]

    return make
