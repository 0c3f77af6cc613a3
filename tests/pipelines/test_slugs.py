"""Sources in letters."""

import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn

import pytest

from pipelines import slugs
from pipelines.slugs import source_slug, source_slugs

NAMES = {
    "财联社": "cailianshe",
    "中国银行": "zhongguoyinhang",  # 行 alone is xing
    "重庆日报": "chongqingribao",  # 重 alone is zhong
    "每日经济新闻 APP": "meirijingjixinwenapp",
    "界面·新闻": "jiemianxinwen",
    "Wind": "wind",
    "…": "",
}


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    slugs._known.cache_clear()


def test_names_are_read_as_phrases_and_only_letters_and_digits_stay() -> None:
    assert source_slugs(NAMES) == NAMES


def test_the_large_tables_stay_out_of_this_process() -> None:
    command = (
        "import sys; from pipelines.slugs import source_slug; "
        "print(source_slug('财联社'), 'pypinyin' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True)
    assert told.stdout.split() == [b"cailianshe", b"False"]


def test_a_name_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def spell(names: Sequence[str]) -> list[list[str]]:
        asked.append(list(names))
        return [[NAMES[name]] for name in names]

    monkeypatch.setattr(slugs, "_syllables", spell)
    source_slugs(["财联社", "Wind", "财联社"])
    source_slugs(["Wind", "重庆日报"])
    assert asked == [["财联社", "Wind"], ["重庆日报"]]


@pytest.mark.parametrize(
    "trouble",
    [
        OSError("no memory for a process"),
        subprocess.CalledProcessError(-2, "python"),
        subprocess.TimeoutExpired("python", 60),
    ],
)
def test_without_a_process_of_its_own_a_name_is_read_here(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise trouble

    monkeypatch.setattr(subprocess, "run", fail)
    assert source_slug("重庆日报") == "chongqingribao"
