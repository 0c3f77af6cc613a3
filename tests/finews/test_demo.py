"""`finews demo` as its user sees it: twice, without a terminal and on one."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from finews.messages import TEXTS
from pipelines.store.engine import open_engine
from pipelines.store.queries import Filter, articles, counts

REPOSITORY = Path(__file__).resolve().parents[2]
FINEWS = str(Path(sys.executable).with_name("finews"))
COUNTED = ("articles", "revisions", "stock mentions", "sources", "rejects")
ESCAPE = "\x1b"


def environment(database: Path, **changed: str) -> dict[str, str]:
    own = {"FINEWS_DATABASE_URL": f"sqlite:///{database}", "FINEWS_LANGUAGE": "en"}
    return {**os.environ, **own, **changed}


@dataclass(frozen=True)
class Demo:
    """What a demo printed, and how many rows its database then held."""

    exit_code: int
    out: str
    err: str
    rows: dict[str, int]

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.out.splitlines() if line.strip()]

    def cells(self, name: str) -> list[str]:
        """The numbers that stand behind a name in the summary."""
        plain = (re.sub(r"[│┃]", " ", line).strip() for line in self.out.splitlines())
        return next(line.removeprefix(name).split() for line in plain if line.startswith(name))

    def commands(self) -> list[list[str]]:
        """The commands to try next, split into words."""
        return [line.split() for line in self.lines[self.lines.index("Try next:") + 1 :]]


def demo(database: Path, **changed: str) -> Demo:
    done = subprocess.run(
        [FINEWS, "demo"],
        cwd=REPOSITORY,
        env=environment(database, **changed),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = asdict(counts(open_engine(f"sqlite:///{database}"))).values()
    return Demo(done.returncode, done.stdout, done.stderr, dict(zip(COUNTED, rows, strict=True)))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "finews.db"


@pytest.fixture(scope="module")
def first(database: Path) -> Demo:
    return demo(database)


@pytest.fixture(scope="module")
def second(database: Path, first: Demo) -> Demo:
    assert first.exit_code == 0
    return demo(database)


# --- the first run ----------------------------------------------------------------------------


def test_it_tells_where_it_crawls_and_where_it_stores(first: Demo, database: Path) -> None:
    site, store = first.lines[:2]
    assert re.fullmatch(r"Serving the bundled sample site at http://127\.0\.0\.1:\d+\.", site)
    assert store == f"Database: sqlite:///{database}"


@pytest.mark.parametrize("name", COUNTED)
def test_the_first_run_counts_what_it_stored(first: Demo, name: str) -> None:
    assert first.rows[name] > 0
    assert first.cells(name) == [f"+{first.rows[name]}", str(first.rows[name])]


@pytest.mark.parametrize("run", ["first", "second"])
def test_it_tells_its_seconds(run: str, request: pytest.FixtureRequest) -> None:
    (seconds,) = request.getfixturevalue(run).cells("seconds")
    assert float(seconds) > 0


def test_the_first_run_says_that_all_is_new(first: Demo) -> None:
    number = first.rows["articles"]
    assert f"{number} new, 0 revised, 0 completed, 0 unchanged." in first.lines


def test_three_commands_to_try_next(first: Demo) -> None:
    arguments = [words[1:] for words in first.commands()]
    assert [words[0] for words in arguments] == ["articles", "show", "sample-site"]
    assert {words[0] for words in first.commands()} == {FINEWS}


def test_the_commands_find_something(first: Demo, database: Path) -> None:
    articles, show, _ = first.commands()
    for words in (articles, show):
        done = subprocess.run(
            [*words, "--json"],
            cwd=REPOSITORY,
            env=environment(database),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, "600919.SH" in done.stdout) == (0, True)


def test_without_a_terminal_there_is_no_progress(first: Demo) -> None:
    assert first.err.strip() == ""


def test_without_a_terminal_there_are_no_colours(first: Demo) -> None:
    assert ESCAPE not in first.out + first.err


# --- the second run ---------------------------------------------------------------------------


def test_a_second_run_says_that_nothing_is_new(second: Demo) -> None:
    number = second.rows["articles"]
    assert second.exit_code == 0
    (line,) = (one for one in second.lines if one.startswith("Nothing is new"))
    known, unchanged = map(int, re.findall(r"\d+", line))
    assert line == TEXTS["nothing_new"]["en"].format(known=known, unchanged=unchanged)
    # Those that state no time were first seen just now, so that they are read again.
    assert (known + unchanged, unchanged < 6) == (number, True)


@pytest.mark.parametrize("name", COUNTED[:-1])
def test_a_second_run_adds_nothing(first: Demo, second: Demo, name: str) -> None:
    assert second.cells(name) == ["+0", str(first.rows[name])]


def test_a_second_run_shows_the_newest_articles_still(second: Demo, database: Path) -> None:
    found = articles(open_engine(f"sqlite:///{database}"), 100, Filter(symbols=("600919.SH",)))
    assert second.commands()[1][2] in {article.code for article in found}


# --- elsewhere --------------------------------------------------------------------------------


def test_it_speaks_chinese_where_the_locale_is(database: Path, second: Demo) -> None:
    told = demo(database, FINEWS_LANGUAGE="", LC_ALL="zh_CN.UTF-8")
    assert any(line.startswith("没有新内容：") for line in told.lines)
    assert f"数据库：sqlite:///{database}" in told.lines
    assert "接下来可以试试：" in told.lines


def on_terminal(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run a command on a pseudo-terminal; gives its exit code and all that it showed."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdin=slave, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        shown = read_all(lambda: os.read(master, 65536))
        os.close(master)
    return process.returncode, shown.decode()


def read_all(read: Callable[[], bytes]) -> bytes:
    """Read until the other end of the terminal is closed, which Linux tells as an error."""
    parts: list[bytes] = []
    try:
        while part := read():
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts)


def test_a_terminal_shows_a_progress_bar(tmp_path: Path) -> None:
    database = tmp_path / "finews.db"
    wide = environment(database, TERM="xterm-256color", COLUMNS="120")
    exit_code, shown = on_terminal([FINEWS, "demo"], wide)
    number = counts(open_engine(f"sqlite:///{database}")).articles
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    bars = re.findall(r"Crawling ([━╸╺ ]+) +(\d+)/(\d+|\?)", plain)
    assert exit_code == 0
    assert len(bars) > 1
    assert bars[-1][1:] == (str(number), str(number))
    assert "stored 20 of" not in plain


# --- what goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        pytest.param(
            {"FINEWS_DATABASE_URL": "sqlite:////proc/x/finews.db"},
            "finews: the database sqlite:////proc/x/finews.db cannot be opened: ",
            id="database",
        ),
        pytest.param(
            {"FINEWS_DATABASE_URL": "nonsense"},
            "finews: FINEWS_DATABASE_URL is no database URL, ",
            id="database address",
        ),
        pytest.param(
            {"FINEWS_BATCH_SIZE": "0"}, "finews: FINEWS_BATCH_SIZE='0': must be ", id="setting"
        ),
    ],
)
def test_what_cannot_start_is_one_line(database: Path, changed: dict[str, str], told: str) -> None:
    result = demo(database, **changed)
    assert (result.exit_code, result.err.count("\n")) == (2, 1)
    assert result.err.startswith(told)
