"""Fixtures for all floors: the corpus, servers on loopback, crawls as a user runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine

from finews.sample_site.server import serving

# Tests in parallel run with the width of the terminal that began them; each test sets its own.
os.environ.pop("COLUMNS", None)

REPOSITORY = Path(__file__).resolve().parent.parent


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

    def command(self, spider: str, *arguments: str) -> list[str]:
        out = str(self.folder / "out.jsonl")
        return [sys.executable, "-m", "scrapy", "crawl", spider, *arguments, "-O", out]

    def started(self, spider: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(spider, *arguments, "-s", "LOG_LEVEL=WARNING"),
            cwd=REPOSITORY,
            env=self._environment(),
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, spider: str, *arguments: str) -> Crawl:
        process = self.started(spider, *arguments)
        _, told = process.communicate()
        return Crawl(process.returncode, told, self._articles(), self.database)

    def _environment(self) -> dict[str, str]:
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
