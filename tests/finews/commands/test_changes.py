"""`finews changes`: pages of the feed, filters, and following while a crawl writes."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from finews.commands.changes import followed
from pipelines.store.engine import open_engine
from pipelines.store.queries import Filter
from tests.finews.filling import BANK, BANK_ARTICLE, CONTRACT, CONTRACT_ARTICLE, filled, written
from tests.finews.running import Run, json_lines, rows, runner


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'finews.db'}"
    filled(url)
    return url


@pytest.fixture
def run(database: str) -> Run:
    return runner(database)


def told(run: Run, *arguments: str) -> list[tuple[int, str | None, str]]:
    found = json_lines(run("changes", "--json", *arguments))
    return [(row["seq"], row["code"], row["kind"]) for row in found]


FEED = [
    (1, BANK, "new"),
    (2, CONTRACT, "new"),
    (3, None, "new"),
    (5, BANK, "story"),  # the two have one text; 4 is the number of their story
    (6, CONTRACT, "story"),
    (7, BANK, "revised"),
]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--after", "0"), FEED),
        (("--after", "2"), FEED[2:]),
        (("--after", "0", "--limit", "2"), FEED[:2]),
        (("--after", "7"), []),
        pytest.param(("--limit", "2"), FEED[4:], id="without a number the newest"),
        (("--after", "0", "--symbol", "600919.SH"), [FEED[0], FEED[3], FEED[5]]),
        (("--after", "0", "--source", "证券日报"), [FEED[1], FEED[4]]),
    ],
)
def test_a_page_of_changes(
    run: Run, arguments: tuple[str, ...], expected: list[tuple[int, str | None, str]]
) -> None:
    assert told(run, *arguments) == expected


def test_a_change_tells_the_version_that_it_left_behind(run: Run) -> None:
    found = json_lines(run("changes", "--after", "0", "--symbol", "600919.SH", "--json"))
    assert [(row["revision"], row["title"]) for row in found] == [
        (1, "江苏银行将公布业绩"),
        (1, "江苏银行将公布业绩"),
        (2, "江苏银行公布业绩"),
    ]


def test_changes_as_a_table(database: str) -> None:
    heading, first, *_ = rows(runner(database, "zh")("changes", "--after", "6"))
    assert heading == ["序号", "时间", "变更", "标题", "证券", "编号"]
    assert [first[0], *first[3:]] == ["7", "修订", "江苏银行公布业绩", "600919.SH", BANK]


def test_no_changes_are_told_in_words(run: Run) -> None:
    assert run("changes", "--after", "99").stdout == "No changes.\n"


def test_what_is_committed_is_followed_in_order_and_once(database: str) -> None:
    engine = open_engine(database)
    later = [replace(CONTRACT_ARTICLE, title="合同改了"), replace(BANK_ARTICLE, title="又改了")]

    def commit() -> None:
        """Another process writes while the follower waits."""
        if later:
            written(database, [later.pop(0)])

    found = list(islice(followed(engine, 6, Filter(), commit), 4))
    engine.dispose()
    assert [[(change.seq, article.title) for change, article in page] for page in found] == [
        [(7, "江苏银行公布业绩")],
        [(8, "合同改了")],
        [(9, "又改了")],
        [],
    ]
