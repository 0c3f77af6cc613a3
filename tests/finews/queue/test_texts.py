"""Every sentence of the queue is there in both languages, with the same values."""

import re

import pytest

from finews.jobs.table import outcome_text
from finews.messages import text
from finews.messages.queue import QUEUE
from tests.repository.reading import ROOT


def test_every_sentence_is_told_somewhere() -> None:
    sources = (ROOT / "finews" / "queue").glob("*.py")
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    built = re.compile(r"(queue|state|unit|unit_not|fate|unit)_\w+")
    assert {key for key in QUEUE if f'"{key}"' not in code and not built.fullmatch(key)} <= {
        "outcome_none"
    }


def test_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "zh")
    assert text("unit_cancelled", unit=7) == "单元 7：已取消。"
    assert [outcome_text(code) for code in (None, 0, 137)] == ["未运行", "正常", "被信号 9 终止"]
