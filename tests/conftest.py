"""Fixtures for all floors: the corpus, servers on loopback, crawls as a user runs them."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.exc import OperationalError

from finews.sample_site.server import serving
from pipelines.store.engine import open_engine
from tests.databases import Pool, Server
from tests.processes import REPOSITORY, Program
from tests.rounds import rounds

# Tests in parallel run with the width of the terminal that began them; each test sets its own.
os.environ.pop("COLUMNS", None)
settings.register_profile("rounds", parent=settings(), max_examples=rounds(100))
settings.load_profile("rounds")

POSTGRES = os.environ.get("FINEWS_TEST_POSTGRES", "postgresql+psycopg://root@127.0.0.1/test")


def in_ci() -> bool:
    return os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The real pages; a newcomer's machine need not have them, CI must."""
    folder = Path(os.environ.get("FINEWS_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
    if not folder.is_dir():
        if in_ci():
            pytest.fail(f"no corpus at {folder}: set FINEWS_CORPUS")
        pytest.skip(f"no corpus at {folder}: set FINEWS_CORPUS to test on real pages")
    return folder


# --- databases of both engines --------------------------------------------------------------------

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def made(url: str) -> None:
    """Give a database its tables."""
    open_engine(url).dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database; copying it is faster than migrating anew for each test."""
    path = tmp_path_factory.mktemp("template") / "finews.db"
    made(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Server:
    """A newcomer's machine need not have one, CI must."""
    server = Server(POSTGRES)
    try:
        server.drop(server.make())
    except OperationalError as error:
        if in_ci():
            pytest.fail(f"CI needs PostgreSQL: {error}")
        pytest.skip("no PostgreSQL on loopback; set FINEWS_TEST_POSTGRES to test on one")
    return server


@pytest.fixture(scope="session")
def postgres_pool(postgres_server: Server) -> Iterator[Pool]:
    """Databases with the tables of finews."""
    pool = Pool(postgres_server, made)
    yield pool
    pool.close()


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, without a row."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "finews.db")
        yield f"sqlite:///{tmp_path / 'finews.db'}"
    else:
        with request.getfixturevalue("postgres_pool").lent() as url:
            yield url


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with request.getfixturevalue("postgres_server").lent() as url:
            yield url


# --- crawls ---------------------------------------------------------------------------------------


def engine_of(database: Path) -> Engine:
    """Without a pool: no connection outlives its block."""
    return create_engine(f"sqlite:///{database}", poolclass=NullPool)


@dataclass(frozen=True)
class Crawl:
    """What `scrapy crawl` did, as its user sees it."""

    exit_code: int
    told: str
    articles: list[dict[str, Any]]
    database: Path

    @property
    def last_line(self) -> str:
        return self.told.strip().splitlines()[-1]

    @property
    def engine(self) -> Engine:
        return engine_of(self.database)

    def by_code(self) -> dict[str, dict[str, Any]]:
        return {article["code"]: article for article in self.articles}


@dataclass
class Crawler:
    """Runs `scrapy crawl` in a process of its own, into a database of its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "finews.db"

    def engine(self) -> Engine:
        return engine_of(self.database)

    def words(self, spider: str, *arguments: str) -> list[str]:
        """What follows `scrapy` on the command line."""
        out = str(self.folder / "out.jsonl")
        return ["crawl", spider, *arguments, "-s", "LOG_LEVEL=WARNING", "-O", out]

    def started(self, spider: str, *arguments: str) -> Program:
        return Program("scrapy", self.words(spider, *arguments), REPOSITORY, self.all_variables)

    def run(self, spider: str, *arguments: str) -> Crawl:
        process = self.started(spider, *arguments)
        _, told = process.communicate()
        return Crawl(process.wait(), told, self._articles(), self.database)

    @property
    def all_variables(self) -> dict[str, str]:
        """Its environment with the machine's."""
        own = {"FINEWS_DATABASE_URL": f"sqlite:///{self.database}"}
        return {**os.environ, **own, **self.environment}

    def _articles(self) -> list[dict[str, Any]]:
        out = self.folder / "out.jsonl"
        lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture
def crawler(tmp_path: Path) -> Crawler:
    return Crawler(tmp_path)


@pytest.fixture(scope="session")
def new_crawler(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Crawler]:
    """Crawlers for fixtures that outlive a test."""
    return lambda: Crawler(tmp_path_factory.mktemp("crawl"))


@pytest.fixture(scope="session")
def served() -> Iterator[Callable[[Path], str]]:
    """Serve folders on loopback until the session ends."""
    with ExitStack() as stack:
        known: dict[Path, str] = {}

        def serve(folder: Path) -> str:
            if folder not in known:
                known[folder] = stack.enter_context(serving(folder))
            return known[folder]

        yield serve
