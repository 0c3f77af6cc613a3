"""What a text is found by: the same for years, and only in its own time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reprints.signature import BANDS, SHORTEST, VERSION, WINDOW, Signature, sign

AT = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)
FLASH = (
    "海宁纸业(600001)公告，拟投资9000万元在华东建设包装材料生产基地，资金来自自有资金与银行贷款。"
)
LONG = FLASH + "项目分两期实施，一期投产后年收入预计为1.2亿元，二期视市场情况再定。"
SHORT = "今日休市"
TIMES = st.timedeltas(timedelta(days=-9000), timedelta(days=9000)).map(lambda span: AT + span)


GOLDEN = (1, "efb4afabec504eaf5b2d4ad0789f92e5", 9223354121198496849, 13075168943999564602)


def meets(sought: Signature, stored: Signature) -> bool:
    return not set(sought.sought).isdisjoint(stored.bands)


def test_signatures_stay_as_they_are_stored() -> None:
    """Whoever makes this fail raises `VERSION`, so that the index is built anew."""
    signature = sign(LONG, AT)
    assert (VERSION, signature.exact, signature.bands[0], sum(signature.bands)) == GOLDEN


def test_a_long_text_has_a_token_and_bands() -> None:
    assert len(sign(LONG, AT).bands) == 1 + BANDS


def test_tokens_fit_a_signed_column() -> None:
    assert all(0 <= token < 2**63 for token in sign(LONG, AT).bands)


@pytest.mark.parametrize(
    "other",
    [
        f"财联社6月14日电，{LONG}（湖滨晚报）",
        LONG.replace("，", ",\n"),
        LONG.replace("9000", "9,000"),
        LONG.replace("600001", "６００００１"),
    ],
    ids=["lead", "signs", "thousands", "full_width"],
)
def test_another_form_has_the_same_signature(other: str) -> None:
    assert sign(other, AT) == sign(LONG, AT)


def test_another_number_is_another_exact_hash() -> None:
    assert sign(LONG, AT).exact != sign(LONG.replace("9000", "9001"), AT).exact


def test_an_alike_text_shares_bands_but_not_the_wording() -> None:
    other = sign(f"{LONG}本报将继续关注。", AT)
    stored = sign(LONG, AT)
    assert other.bands[0] != stored.bands[0]
    assert len(set(other.bands) & set(stored.bands)) == 9


def test_other_news_shares_nothing() -> None:
    other = (
        "央行今日开展逆回购操作，中标利率与此前持平，公开市场实现净投放，"
        "资金面整体平稳，隔夜利率下行。"
    )
    assert not meets(sign(other, AT), sign(LONG, AT))


@pytest.mark.parametrize(("length", "count"), [(SHORTEST - 1, 1), (SHORTEST, 1 + BANDS)])
def test_a_short_text_has_its_wording_alone(length: int, count: int) -> None:
    assert len(sign(("甲乙丙丁戊己庚" * 10)[:length], AT).bands) == count


@given(TIMES, st.floats(-1, 1), st.sampled_from([SHORT, LONG]))
def test_within_the_window_a_text_finds_itself(at: datetime, share: float, text: str) -> None:
    assert meets(sign(text, at), sign(text, at + share * WINDOW))


def test_after_years_only_a_long_wording_finds_itself() -> None:
    later = AT + timedelta(days=730)
    assert set(sign(LONG, later).sought) & set(sign(LONG, AT).bands) == {sign(LONG, AT).bands[0]}
    assert not meets(sign(SHORT, later), sign(SHORT, AT))
    assert not meets(sign(f"{LONG}本报将继续关注。", later), sign(LONG, AT))


@pytest.mark.parametrize("year", [1, 9999])
def test_the_first_and_the_last_year_can_be_signed(year: int) -> None:
    at = datetime(year, 6, 1, tzinfo=UTC)
    assert meets(sign(LONG, at), sign(LONG, at))


def test_the_zone_of_the_time_does_not_matter() -> None:
    assert sign(LONG, AT.astimezone(timezone(timedelta(hours=8)))) == sign(LONG, AT)


@given(st.text())
def test_any_text_can_be_signed(text: str) -> None:
    assert meets(sign(text, AT), sign(text, AT))


def test_lone_surrogates_can_be_signed() -> None:
    assert meets(sign(LONG + "\ud800", AT), sign(LONG + "\ud800", AT))
