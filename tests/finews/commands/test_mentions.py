"""`finews mentions`: filters, kinds, both forms."""

import pytest

from tests.finews.filling import BANK, CONTRACT, filled
from tests.finews.running import Run, json_lines, rows, runner


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    url = f"sqlite:///{tmp_path_factory.mktemp('mentions') / 'finews.db'}"
    filled(url)
    return runner(url)


def told(run: Run, *arguments: str) -> list[tuple[str, str, str]]:
    found = json_lines(run("mentions", "--json", *arguments))
    return [(row["code"], row["secid"], row["kind"]) for row in found]


CHART, LINK = (BANK, "1.600919", "chart"), (BANK, "1.600919", "link")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), [(CONTRACT, "777.ABC", "chart"), LINK, CHART]),
        (("--symbol", "600919.SH"), [LINK, CHART]),
        (("--symbol", "1.600919", "--mention-kind", "chart"), [CHART]),
        (("--symbol", "777.ABC"), [(CONTRACT, "777.ABC", "chart")]),
        (("--limit", "2"), [(CONTRACT, "777.ABC", "chart"), LINK]),
        (("--symbol", "000001.SZ"), []),
    ],
)
def test_mentions(
    run: Run, arguments: tuple[str, ...], expected: list[tuple[str, str, str]]
) -> None:
    assert told(run, *arguments) == expected


def test_a_mention_stands_where_it_says(run: Run) -> None:
    (found, _) = json_lines(run("mentions", "--json", "--symbol", "600919.SH"))
    assert (found["surface"], found["start"], found["end"]) == ("江苏银行", 0, 4)
    assert (found["symbol"], found["mic"], found["security"]) == ("600919.SH", "XSHG", "600919.SH")


def test_mentions_as_a_table(run: Run) -> None:
    heading, *lines = rows(run("mentions", "--symbol", "600919.SH"))
    assert heading == ["published", "symbol", "kind", "words", "title", "code"]
    assert lines[0][2:] == ["600919.SH", "link", "江苏银行", "江苏银行公布业绩", BANK]


def test_none_is_told_in_words(run: Run) -> None:
    assert run("mentions", "--symbol", "000001.SZ").stdout == "No mentions match.\n"
