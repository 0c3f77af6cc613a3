"""Every sentence of the queue is there in both languages, with the same values."""

import re
from typing import Any

import pytest

from finews.messages import TEXTS as SHARED
from finews.queue import texts
from finews.queue.texts import OWN, outcome_text, text
from tests.repository.reading import ROOT


@pytest.mark.parametrize("key", OWN)
def test_both_languages_tell_the_same(key: str) -> None:
    said = OWN[key]
    assert set(said) == {"en", "zh"}
    assert len({tuple(sorted(re.findall(r"\{(\w+)\}", one))) for one in said.values()}) == 1


def test_no_sentence_means_something_else_elsewhere() -> None:
    assert {key for key in OWN if key in SHARED and SHARED[key] != OWN[key]} == set()


def test_every_sentence_is_told_somewhere() -> None:
    sources = (ROOT / "finews" / "queue").glob("*.py")
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    own = code.replace((ROOT / "finews/queue/texts.py").read_text(encoding="utf-8"), "")
    built = re.compile(r"(queue|state|unit|unit_not|fate|unit)_\w+")
    assert {key for key in OWN if f'"{key}"' not in own and not built.fullmatch(key)} <= {
        "outcome_none"
    }


def test_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "zh")
    assert text("unit_cancelled", unit=7) == "单元 7：已取消。"
    assert [outcome_text(code) for code in (None, 0, 137)] == ["未运行", "正常", "被信号 9 终止"]


def test_its_table_has_what_it_borrows() -> None:
    borrowed: dict[str, Any] = texts.TEXTS
    assert {"job", "schedule_kept", "schedule_read", "job_missed"} <= set(borrowed)
