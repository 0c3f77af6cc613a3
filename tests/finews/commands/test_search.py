"""`finews search`: what is found, how it is shown, what cannot be asked."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from finews.cli import main
from tests.finews.filling import BANK, CONTRACT, filled


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'finews.db'}"
    filled(url)
    monkeypatch.setenv("FINEWS_DATABASE_URL", url)
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")
    return url


def search(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["search", *arguments])


def codes(result: Result) -> list[str]:
    assert result.exit_code == 0
    return [json.loads(line)["code"] for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["江苏"], [BANK, CONTRACT]),
        (["合同"], [CONTRACT]),
        (["江苏", "合同"], [CONTRACT]),
        (["江苏", "不存在的词"], []),
        (["江苏", "--symbol", "600919.SH"], [BANK]),
        (["江苏", "--source", "证券日报"], [CONTRACT]),
        (["--", "江苏", "-合同"], [BANK]),
    ],
)
def test_what_is_found(arguments: list[str], found: list[str]) -> None:
    assert codes(search("--json", *arguments)) == found


@pytest.mark.usefixtures("database")
def test_the_words_are_marked() -> None:
    line, _ = search("--json", "江苏").stdout.splitlines()
    assert json.loads(line)["snippet"].startswith("«江苏»银行")


@pytest.mark.usefixtures("database")
def test_a_table_shows_title_and_snippet() -> None:
    told = search("江苏").stdout
    assert told.split()[:4] == ["published", "source", "found", "code"]
    assert "江苏银行公布业绩" in told


@pytest.mark.usefixtures("database")
def test_nothing_found_is_told_in_words() -> None:
    assert search("不存在的词").stdout.startswith("No articles match.")


@pytest.mark.usefixtures("database")
def test_what_cannot_be_searched_for_is_one_line() -> None:
    result = search("！？")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith("finews: the query has no letter, digit or character")
