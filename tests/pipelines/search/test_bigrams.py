"""Texts as tokens, and what a user types as phrases of them."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from finews_crawler.errors import QueryError
from pipelines.search.bigrams import (
    LONGEST_QUERY,
    Phrase,
    Query,
    normalise,
    parse,
    placed_tokens,
    split,
    tokens,
)

MIXED = st.text(alphabet="江苏银行业股a3d.、 （", max_size=30)
ANY_TEXT = st.text(max_size=60)


def has(text: str, word: str) -> bool:
    """Whether the word's phrase stands in the text's tokens."""
    (phrase,) = parse(f'"{word}"').wanted
    found, wanted = tokens(text), list(phrase.tokens)
    if phrase.is_prefix:
        return any(token.startswith(wanted[0]) for token in found)
    return any(found[at : at + len(wanted)] == wanted for at in range(len(found)))


# --- tokens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("江苏银行", "江 江苏 苏银 银行 行"),
        ("股", "股"),
        ("A股市场", "a 股 股市 市场 场"),
        ("5月CPI", "5 月 cpi"),
        ("3D打印", "3 d 打 打印 印"),
        ("涨3.5%", "涨 3 5"),
        ("600919.SH", "600919 sh"),
        ("C919", "c 919"),
        ("沪深300ETF", "沪 沪深 深 300 etf"),
        ("日、韩", "日 韩"),
        ("カタカナ・ガ", "カ カタ タカ カナ ナ ガ"),
        ("한국", "한 한국 국"),
        ("人々〇", "人 人々 々〇 〇"),
        ("𠮷野家", "𠮷 𠮷野 野家 家"),
        ("Ａ股①ﬁ㈱", "a 股 1 fi 株"),
        ("STRASSE straße", "strasse strasse"),
        ("snake_case", "snake case"),
        ("，。！…\n\0\ud800", ""),
        ("", ""),
    ],
)
def test_tokens_of_a_text(text: str, expected: str) -> None:
    assert tokens(text) == expected.split()


def test_a_very_long_word_is_several_tokens() -> None:
    assert tokens("x" * 100 + "7" * 65) == ["x" * 64, "x" * 36, "7" * 64, "7"]


@given(ANY_TEXT)
@example("，（Ａ）·…　％")
def test_common_texts_need_no_full_normalising(text: str) -> None:
    assert tokens(text) == split(unicodedata.normalize("NFKC", text).casefold())


@given(ANY_TEXT)
def test_tokens_have_no_separators(text: str) -> None:
    ascii_only = [letter for token in tokens(text) for letter in token if letter.isascii()]
    assert all(letter.isalnum() and not letter.isupper() for letter in ascii_only)
    "".join(tokens(text)).encode()


@given(ANY_TEXT | MIXED)
def test_placed_tokens_stand_where_they_say(text: str) -> None:
    normalised = normalise(text)
    placed = list(placed_tokens(normalised))
    assert [token.word for token in placed] == split(normalised)
    assert [normalised[token.start : token.end] for token in placed] == split(normalised)


# --- phrases -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("江苏银行业绩", "银行"),
        ("江苏银行业绩", "行"),
        ("A股市场", "A股"),
        ("看好A股", "a股"),
        ("两融余额与H股、A股3日", "A股3日"),
        ("5月份CPI同比", "5月"),
        ("江苏银行（600919）", "600919"),
        ("江苏银行600919.SH", "600919"),
        ("SH600919", "600919"),
        ("沪深300ETF", "沪深300"),
        ("涨3.5%。", "3.5%"),
        ("国产大飞机Ｃ919", "C919"),
    ],
)
def test_a_word_is_found(text: str, word: str) -> None:
    assert has(text, word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("江苏、银行", "江苏银行"),
        ("江苏银行", "江苏 银行"),
        ("苏银江苏", "江苏银"),
        ("A股", "股A"),
        ("1600919", "600919"),
        ("ETFs", "ETF"),
    ],
)
def test_a_word_is_not_found(text: str, word: str) -> None:
    assert not has(text, word)


@given(
    st.text(alphabet="江苏银行股、", max_size=12),
    st.text(alphabet="江苏银行股a、", min_size=1, max_size=8).filter(tokens),
    st.text(alphabet="江苏银行股、", max_size=12),
)
def test_every_part_of_a_text_is_found_in_it(before: str, word: str, after: str) -> None:
    assert has(before + word + after, word)


@given(MIXED, MIXED.filter(tokens))
def test_what_is_found_is_in_the_text(text: str, word: str) -> None:
    def letters(words: str) -> str:
        return "".join(filter(str.isalnum, words))

    assert letters(word) in letters(text) if has(text, word) else True


# --- queries -----------------------------------------------------------------------------------

BANK = Phrase(("银行",))
BONDS = Phrase(("债券",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("银行", Query((BANK,))),
        ("  银行　债券\n银行 ", Query((BANK, BONDS))),
        ("债券 -银行", Query((BONDS,), (BANK,))),
        ("债券 －“银行”", Query((BONDS,), (BANK,))),
        ("行", Query((Phrase(("行",), is_prefix=True),))),
        ("A股", Query((Phrase(("a", "股")),))),
        ('"ETF 基金"', Query((Phrase(("etf", "基", "基金")),))),
        ('"银行', Query((BANK,))),
        ('债券"银行"', Query((BONDS, BANK))),
        ("银行 & - 债券 :*", Query((BANK, BONDS))),
        ("NEAR(银行)", Query((Phrase(("near", "银", "银行")),))),
    ],
)
def test_a_query_is_read(text: str, expected: Query) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no letter, digit or character: nothing to search for"),
        ('"" -"&" *', "no letter, digit or character: nothing to search for"),
        ("-银行", "only words to leave out: nothing to search for"),
        ("字" * 1001, "1001 characters; 1000 are allowed"),
    ],
)
def test_a_query_that_asks_nothing_is_an_error(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        parse(text)


def test_the_longest_query_is_read() -> None:
    assert len(parse("字 " * (LONGEST_QUERY // 2)).wanted) == 1
