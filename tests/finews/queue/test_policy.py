"""What becomes of a unit whose crawl has ended."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews.jobs.process import Cause, Ending
from finews.queue.policy import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    MOST_TRIES,
    Fate,
    Verdict,
    judged,
    pause_after,
    worst,
)

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("failures", [0, 3, 99])
@pytest.mark.parametrize(
    ("code", "cause", "fate"),
    [
        (0, None, "done"),
        (3, None, "done"),
        (0, "stop", "done"),
        (3, "timeout", "done"),
        (2, None, "failed"),
        (1, "stop", "given_back"),
        (137, "lost", "given_back"),
        (137, "stop", "given_back"),
        (2, "stop", "given_back"),
    ],
)
def test_ends_that_are_no_failures(
    code: int, cause: Cause | None, fate: Fate, failures: int
) -> None:
    assert judged(Ending(code, cause), failures) == Verdict(fate, code)


@pytest.mark.parametrize(
    "ending", [Ending(1), Ending(137), Ending(1, "timeout"), Ending(137, "timeout", True)]
)
def test_a_failure_is_tried_again_and_at_last_not(ending: Ending) -> None:
    pauses = [judged(ending, failures).pause for failures in range(MOST_TRIES + 1)]
    assert pauses == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 16 * MINUTE, None, None]
    fates = [judged(ending, failures).fate for failures in (0, MOST_TRIES - 1, MOST_TRIES)]
    assert fates == ["again", "failed", "failed"]


@given(st.integers(1, MOST_TRIES - 1), st.timedeltas(timedelta(), timedelta(hours=2)))
def test_pauses_grow_up_to_the_longest(failures: int, first: timedelta) -> None:
    pause, before = pause_after(failures, first), pause_after(max(1, failures - 1), first)
    assert pause is not None
    assert before is not None
    assert before <= pause <= LONGEST_PAUSE


def test_all_tries_together_outlast_an_outage_of_half_an_hour() -> None:
    pauses = [pause_after(number) or timedelta() for number in range(1, MOST_TRIES)]
    assert sum(pauses, timedelta()) > timedelta(minutes=30) > FIRST_PAUSE


@pytest.mark.parametrize(
    ("codes", "code"),
    [([], 0), ([0, 0], 0), ([0, 3], 3), ([3, 2], 2), ([2, 1, 0], 1), ([137], 1), ([0, 137, 3], 1)],
)
def test_the_worst_of_several_ends(codes: list[int], code: int) -> None:
    assert worst(codes) == code
