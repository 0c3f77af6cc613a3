"""Every sentence in both languages; the reader's language; no key too many or too few."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from string import Formatter

import pytest

import finews
from finews.messages import TEXTS, language, text
from finews.messages.queue import QUEUE
from pipelines.store.queries import Counts

VARIABLES = ("FINEWS_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def placeholders(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def trees() -> Iterator[ast.Module]:
    folder = Path(finews.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        if path.parent.name not in {"messages", "queue", "web"}:  # the last two have their own
            yield ast.parse(path.read_text(encoding="utf-8"))


def words_of(node: ast.AST) -> set[str]:
    """Every string constant below a node."""
    found = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return {value for value in found if isinstance(value, str)}


def asked_keys() -> set[str]:
    """The keys that stand in calls of `text` and of `table`, whose headings are keys."""
    keys: set[str] = set()
    for call in (node for tree in trees() for node in ast.walk(tree)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            if call.func.id == "text":
                keys |= words_of(call.args[0])
            elif call.func.id == "table":
                keys |= {word for argument in call.args for word in words_of(argument)}
    return keys


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_a_sentence_has_two_languages_with_the_same_values(key: str) -> None:
    sentence = TEXTS[key]
    assert sorted(sentence) == ["en", "zh"]
    assert placeholders(sentence["en"]) == placeholders(sentence["zh"])


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_a_sentence_is_in_its_language(key: str) -> None:
    sentence = TEXTS[key]
    assert (sentence["en"].isascii(), sentence["zh"].isascii()) == (True, False)


def test_every_key_that_is_asked_for_exists() -> None:
    counted = {field.name for field in fields(Counts)}
    assert sorted((asked_keys() | counted) - set(TEXTS)) == []


def test_every_key_that_exists_is_asked_for() -> None:
    counted = {field.name for field in fields(Counts)}
    words = {word for tree in trees() for word in words_of(tree)}
    assert sorted(set(TEXTS) - set(QUEUE) - words - counted) == []  # its own test looks for these


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no language."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("zh", "zh"),
        ("zh_CN.UTF-8", "zh"),
        ("zh_TW", "zh"),
        ("ZH", "zh"),
        ("Chinese (Simplified)_China.936", "zh"),
        ("en_US.UTF-8", "en"),
        ("C.UTF-8", "en"),
        ("de_DE", "en"),
    ],
)
@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_names_the_language(
    named: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    named.setenv(name, value)
    assert language() == expected


@pytest.mark.parametrize("stronger", range(3), ids=VARIABLES[:3])
def test_the_first_variable_that_is_set_counts(named: pytest.MonkeyPatch, stronger: int) -> None:
    named.setenv(VARIABLES[stronger], "zh_CN.UTF-8")
    for name in VARIABLES[stronger + 1 :]:
        named.setenv(name, "en_US.UTF-8")
    assert language() == "zh"


def test_an_empty_variable_counts_for_nothing(named: pytest.MonkeyPatch) -> None:
    named.setenv("LC_ALL", "")
    named.setenv("LANG", "zh_CN.UTF-8")
    assert language() == "zh"


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [("en", "so far: 20 articles, 7 rejects"), ("zh", "目前：文章 20 篇，拒收 7 条")],
)
def test_values_are_filled_in(named: pytest.MonkeyPatch, chosen: str, expected: str) -> None:
    named.setenv("FINEWS_LANGUAGE", chosen)
    assert text("so_far", articles=20, rejects=7) == expected
