"""A crawl in a process of its own: its words, its environment, and its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from finews import crawling
from finews.crawling import crawl, crawl_command, crawl_environment

GUARD = 60
"""Seconds; only a test that fails takes so long."""
# A crawl that needs a moment to end when it is told to.
SLOW = """
import pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
def end(*_):
    time.sleep(0.5)
    (folder / "ended").touch()
    sys.exit(0)
signal.signal(signal.SIGINT, end)
(folder / "begun").touch()
time.sleep(600)
"""
PARENT = """
import sys
from finews import crawling
crawling.crawl_command = lambda *_: sys.argv[1:]
crawling.crawl("category", {}, "sqlite://")
"""


def test_the_words_of_a_crawl() -> None:
    command = crawl_command("pages", {"file": "a b.txt", "full": "1"}, {"LOG_LEVEL": "WARNING"})
    python, *words = command
    assert python == sys.executable
    assert words == [
        *("-P", "-m", "scrapy", "crawl", "pages"),
        *("-a", "file=a b.txt", "-a", "full=1", "-s", "LOG_LEVEL=WARNING"),
    ]


def test_the_environment_of_a_crawl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCRAPY_SETTINGS_MODULE", raising=False)
    monkeypatch.setenv("FINEWS_DATABASE_URL", "sqlite:///a.db")
    found = crawl_environment(FINEWS_DATABASE_URL="sqlite:///b.db")
    assert found["SCRAPY_SETTINGS_MODULE"] == "finews_crawler.settings"
    assert found["FINEWS_DATABASE_URL"] == "sqlite:///b.db"
    assert found["PATH"] == os.environ["PATH"]
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "own.settings")
    assert crawl_environment()["SCRAPY_SETTINGS_MODULE"] == "own.settings"


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_the_exit_code_of_a_crawl(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    command = [sys.executable, "-c", f"raise SystemExit({code})"]
    monkeypatch.setattr(crawling, "crawl_command", lambda *_: command)
    assert crawl("pages", {}, "sqlite://") == code


def wait_for(path: Path) -> None:
    until = time.monotonic() + GUARD
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_who_is_interrupted_lets_the_crawl_store_what_it_has(tmp_path: Path) -> None:
    """Ctrl-C on a terminal tells both."""
    slow = [sys.executable, "-c", SLOW, str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, *slow], start_new_session=True, stderr=subprocess.PIPE
    )
    wait_for(tmp_path / "begun")
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=GUARD)
    assert (tmp_path / "ended").exists()
    assert told.decode().strip().endswith("KeyboardInterrupt")
