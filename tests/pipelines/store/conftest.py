"""Both engines under every store test: a SQLite file, and a PostgreSQL database of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from finews_crawler.items import Article, Image, Mention
from pipelines.store.engine import open_engine, writing
from pipelines.store.models import Base
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer

POSTGRES = os.environ.get("FINEWS_TEST_POSTGRES", "postgresql+psycopg://root@127.0.0.1/test")
START = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)


@contextmanager
def _postgres_database(template: str | None = None) -> Iterator[str]:
    """A database of its own, a copy of another when that is named; gives its URL."""
    name = f"finews_{uuid4().hex[:12]}"
    made = f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        with admin.connect() as connection:
            connection.execute(text(made))
    except OperationalError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI needs PostgreSQL: {error}")
        pytest.skip("no PostgreSQL on loopback; set FINEWS_TEST_POSTGRES to test on one")
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database; copying it is faster than migrating anew for each test."""
    path = tmp_path_factory.mktemp("template") / "finews.db"
    open_engine(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture(scope="session")
def _postgres_template() -> Iterator[str]:
    with _postgres_database() as url:
        open_engine(url).dispose()
        yield str(make_url(url).database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        template = request.getfixturevalue("_sqlite_template")
        shutil.copy(template, tmp_path / "finews.db")
        yield f"sqlite:///{tmp_path / 'finews.db'}"
    else:
        with _postgres_database(request.getfixturevalue("_postgres_template")) as url:
            yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with _postgres_database() as url:
            yield url


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
