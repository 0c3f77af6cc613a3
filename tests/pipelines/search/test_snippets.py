"""Hits in the original text, and the part of it that shows them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.search.bigrams import Phrase, Query, parse, tokens
from pipelines.search.snippets import CUT, Piece, highlights, marked, snippet


def hits(text: str, query: str) -> list[str]:
    return [text[start:end] for start, end in highlights(text, parse(query))]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("江苏银行与银行业", "银行", ["银行", "银行"]),
        ("江苏银行与银行业", "江苏 银行", ["江苏银行", "银行"]),
        ("银行业", "行", ["行"]),
        ("今日Ａ股上涨", "a股", ["Ａ股"]),
        ("㈱东芝①号", "株 1", ["㈱", "①"]),
        ("ﬁnance ① FINANCE", "finance", ["ﬁnance", "FINANCE"]),
        ("cafe\u0301 Cafés", "café", ["cafe\u0301"]),
        ("涨3.5%（600919.SH）", "3.5% 600919", ["3.5", "600919"]),
        ("江苏、银行", '"江苏 银行"', ["江苏、银行"]),
        ("ﷺ银行", "银行", ["银行"]),
        ("㍿、銀行", "株式会社", ["㍿"]),
        ("江苏", "银行", []),
        ("江苏银行", "江苏 -银行", ["江苏"]),
        ("", "银行", []),
    ],
)
def test_hits_are_the_original_characters(text: str, query: str, expected: list[str]) -> None:
    assert hits(text, query) == expected


@given(st.text(max_size=20), st.text(max_size=8).filter(tokens), st.text(max_size=20))
@example("", "ᄀ", "ᅡ")
def test_hits_are_apart_and_in_the_text(before: str, word: str, after: str) -> None:
    text = before + word + after
    spans = highlights(text, Query((Phrase(tuple(tokens(word))),)))
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(set(edges))
    assert edges == [] or (edges[0] >= 0 and edges[-1] <= len(text))


@given(
    st.text(alphabet="江苏，a", max_size=20),
    st.text(alphabet="江苏银Ａ①㈱", min_size=1, max_size=6),
    st.text(alphabet="，江苏", max_size=20),
)
def test_what_the_index_finds_is_marked(before: str, word: str, after: str) -> None:
    place = (len(before) + 1, len(before) + 1 + len(word))
    assert place in highlights(f"{before}，{word}，{after}", parse(word))


@given(
    st.text(max_size=30)
    | st.text(alphabet="e\u0301\u0316か\u3099ᄀ\u1161\u11a8①가Ａ，", max_size=9)
)
def test_a_text_is_a_hit_of_its_own_tokens(text: str) -> None:
    found = tuple(tokens(text))
    assert len(highlights(text, Query((Phrase(found or ("x",)),)))) == bool(found)


# --- snippets ----------------------------------------------------------------------------------


def shown(text: str, query: str, width: int) -> str:
    return marked(snippet(text, parse(query), width=width), "[", "]")


def test_a_short_text_is_shown_whole() -> None:
    assert snippet("江苏银行上涨。", parse("银行")) == (
        Piece("江苏", False),
        Piece("银行", True),
        Piece("上涨。", False),
    )


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("甲" * 20 + "江苏银行" + "乙" * 20, "江苏银行", "…甲甲甲[江苏银行]乙乙乙…"),
        ("江苏银行" + "乙" * 20, "银行", "江苏[银行]乙乙乙乙乙乙…"),
        ("甲" * 20 + "江苏银行", "银行", "…甲甲甲甲甲甲江苏[银行]"),
        ("甲" * 20, "银行", "甲甲甲甲甲甲甲甲甲甲…"),
        ("银行" + "甲" * 20 + "证券、银行" + "乙" * 9, "银行 证券", "…甲甲[证券]、[银行]乙乙乙…"),
        ("营收123,456.78亿元，银行业其余甲乙丙丁", "银行", "…123,456.78亿元，[银行]业其余甲…"),
        (
            "甲" * 20 + "一二三四五六七八九十一二",
            "一二三四五六七八九十一二",
            "…[一二三四五六七八九十一二]",
        ),
        ("", "银行", ""),
    ],
)
def test_the_best_part_is_shown(text: str, query: str, expected: str) -> None:
    assert shown(text, query, 10) == expected


def test_marks_are_the_callers() -> None:
    pieces = (Piece("a<", False), Piece("b", True))
    assert marked(pieces) == "a<<mark>b</mark>"


def test_a_text_full_of_hits_is_no_burden() -> None:
    assert shown("行" * 40_000, "行", 4) == "[行行行行]…"


@given(st.text(max_size=80), st.sampled_from(["a", "1", "银行", "行"]), st.integers(1, 40))
def test_pieces_joined_are_a_part_of_the_text(text: str, query: str, width: int) -> None:
    text = text.replace(CUT, "")
    pieces = [piece.text for piece in snippet(text, parse(query), width=width)]
    assert "".join(pieces).replace(CUT, "") in text
    assert "" not in pieces
