"""What of a text counts as its wording: no lead, no credit, no signs, and every number whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reprints.wording import trimmed, wording

STORY = "海宁纸业公告称，今日起停牌，预计停牌时间不超过十个交易日。"


@pytest.mark.parametrize(
    "lead",
    [
        "财联社6月14日电，",
        "新华社北京6月14日电（记者 甲、乙）",
        "新华社北京2022年6月14日电 ",
        "e公司讯，",
        "《湖滨日报》14日讯，",
        "【海宁纸业：今起停牌】",
        "【海宁纸业：今起停牌】财联社6月14日电，",
        "[快讯] ",
        "\u3000\u3000",
    ],
)
def test_a_lead_is_trimmed(lead: str) -> None:
    assert trimmed(lead + STORY).strip() == STORY


@pytest.mark.parametrize(
    "credit",
    [
        "（湖滨证券报）",
        "(财联社)",
        "（完）",
        "（文章来源：湖滨证券报）",
        "\n\n责任编辑：甲乙",
        "\n来源:湖滨网 (责任编辑：甲)",
        "（湖滨证券报）\n\n（文章来源：湖滨网）",
    ],
)
def test_a_credit_is_trimmed(credit: str) -> None:
    assert trimmed(STORY + credit) == STORY


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        "通讯行业的海宁纸业公告称今日起停牌，预计停牌时间不超过十个交易日。",
        "今日讯号明显：海宁纸业今日起停牌，预计停牌时间不超过十个交易日。",
        "海宁纸业公告称今日起停牌，预计停牌不超过十个交易日（含6月14日）",
        "【海宁纸业今起停牌】停牌十日",
        "",
    ],
)
def test_what_tells_the_story_stays(text: str) -> None:
    assert trimmed(text) == text


@pytest.mark.parametrize("text", ["来源:" * 30 + "。", "（来源：" * 30, "(甲" * 40 + "。)"])
def test_a_text_that_is_all_credits_takes_no_longer(text: str) -> None:
    assert trimmed(STORY + text).startswith(STORY)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("涨 3.5% ，报 1,000.25 点。", "涨3.5%报1000.25点"),
        ("涨３．５％，报１０００点", "涨3.5%报1000点"),
        ("涨幅-2.5%，前值：-0.1", "涨幅-2.5%前值-0.1"),
        ("预计5-6月增3%-4%", "预计56月增3%4%"),
        ("A-B股，v.2…", "AB股v2"),
        ("“入世”二十年\n\n广东《外贸》", "入世二十年广东外贸"),
    ],
)
def test_signs_count_only_inside_numbers(text: str, words: str) -> None:
    assert wording(text) == words


def test_numbers_of_other_worth_are_other_wordings() -> None:
    assert len({wording(f"涨幅{number}%") for number in ("35", "3.5", "-3.5")}) == 3


@given(st.text())
def test_any_text_has_a_wording_without_white_space(text: str) -> None:
    assert not any(one.isspace() for one in wording(text))


@given(st.text(alphabet="海宁纸业今起停牌十个交易日", min_size=20))
def test_plain_letters_are_their_own_wording(text: str) -> None:
    assert wording(text) == text
