"""How far a crawl is: a bar on a terminal, nothing elsewhere."""

import os
import pty
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from finews.progress import ProgressExtension, Rate
from finews.sample_site.server import sample_site_root, serving
from finews_crawler.options import option_values
from finews_crawler.spiders.category import CategorySpider
from tests.processes import REPOSITORY

SITE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")


def crawler_with(found: int) -> Crawler:
    """A crawl whose plan holds so many articles."""
    own: dict[str, dict[str, int]] = {"EXTENSIONS_BASE": {}, "EXTENSIONS": {}}
    crawler = get_crawler(CategorySpider, {**option_values({}), **own})
    spider = CategorySpider.from_crawler(crawler, site=SITE)
    for number in range(found):
        spider.plan.add_post(f"{SITE}/wind/2022/06/14/NW20220614{3_000_000_000 + number}.html")
    crawler.spider = spider
    return crawler


def looked(crawler: Crawler, **stats: int) -> str:
    """The bar of a crawl with these statistics, as a wide terminal shows it."""
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=150, color_system=None)
    extension = ProgressExtension(crawler, console)
    extension.look(0.0)
    for name, number in stats.items():
        crawler.stats.set_value(name.replace("__", "/"), number)
    extension.look(2.0)
    console.print(extension._bar.get_renderable())
    return out.getvalue()


def test_a_terminal_sees_rate_and_outcomes() -> None:
    told = looked(
        crawler_with(3),
        downloader__response_count=90,
        finews__store__new=12,
        finews__store__revised=1,
        finews__store__completed=1,
        finews__store__unchanged=3,
        finews__memory__known=4,
        finews__store__reject=5,
    )
    assert "45/s  12 new  2 revised  7 unchanged  5 rejected" in told


def test_without_a_known_number_there_is_no_total_and_no_estimate() -> None:
    assert "2/?" in looked(crawler_with(3), finews__store__new=2)


def test_once_the_listings_are_read_there_is_a_total() -> None:
    crawler = crawler_with(8)
    crawler.spider.is_reading_posts = True  # type: ignore[union-attr]
    assert "2/8" in looked(crawler, finews__store__new=2)


def test_more_articles_than_were_expected_move_the_total() -> None:
    crawler = crawler_with(1)
    crawler.spider.is_reading_posts = True  # type: ignore[union-attr]
    assert "2/2" in looked(crawler, finews__store__new=2)


def test_the_words_follow_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "zh")
    told = looked(crawler_with(1), finews__store__new=20)
    assert "新增 20  修订 0  未变 0  拒收 0" in told


def test_the_rate_is_that_of_the_last_looks() -> None:
    rate = Rate()
    assert rate.look(0.0, 0) == 0.0
    assert [rate.look(float(second), second * 10) for second in range(1, 11)] == [10.0] * 10
    standing = [rate.look(float(second), 100) for second in range(11, 30)]
    assert standing[-1] == 0.0


def test_without_a_terminal_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotConfigured):
        ProgressExtension.from_crawler(crawler_with(1))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("progress", ["1", "0"])
def test_a_real_crawl_on_a_terminal(tmp_path: Path, progress: str) -> None:
    """The bar shares the terminal with the log, whose lines stay whole."""
    with serving(sample_site_root()) as url:
        words = ["crawl", "category", "-a", f"site={url}", "-s", f"FINEWS_PROGRESS={progress}"]
        told = on_terminal([sys.executable, "-m", "scrapy", *words], tmp_path)
    assert ("Crawling" in told) is (progress == "1")
    lines = [line for line in told.splitlines() if "unknown_layout" in line]
    assert any(line.rstrip().endswith("no div.wrapper > section") for line in lines)
    assert "finews: category: articles: 92 new" in told


def on_terminal(command: list[str], folder: Path) -> str:
    """All that a command shows on a pseudo-terminal of 200 columns."""
    own = {
        "FINEWS_DATABASE_URL": f"sqlite:///{folder}/finews.db",
        "COLUMNS": "200",
        "TERM": "xterm",
    }
    master, slave = pty.openpty()
    with subprocess.Popen(
        command, cwd=REPOSITORY, env={**os.environ, **own}, stdin=slave, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        shown = b""
        while chunk := _read(master):
            shown += chunk
        process.wait()
    os.close(master)
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""
