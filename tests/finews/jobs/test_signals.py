"""Signals become orders while a command runs, and are what they were afterwards."""

import signal
from collections.abc import Iterator

import pytest

from finews.jobs.signals import handled, heeded


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    numbers = (signal.SIGHUP, signal.SIGTERM)
    before = [(number, signal.getsignal(number)) for number in numbers]
    yield
    for number, handler in before:
        signal.signal(number, handler)


def test_a_signal_becomes_an_order() -> None:
    orders: list[str] = []
    actions = {
        signal.SIGTERM: lambda: orders.append("stop"),
        signal.SIGHUP: lambda: orders.append("reload"),
    }
    with handled(actions):
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGHUP):
            signal.raise_signal(number)
    assert orders == ["reload", "stop", "reload"]


def test_signals_are_what_they_were_afterwards() -> None:
    before: list[int] = []
    signal.signal(signal.SIGHUP, lambda number, _frame: before.append(number))
    with pytest.raises(RuntimeError), handled({signal.SIGHUP: lambda: None}):
        raise RuntimeError
    signal.raise_signal(signal.SIGHUP)
    assert before == [signal.SIGHUP]


def test_what_is_ignored_is_not_heeded() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert heeded(signal.SIGTERM, signal.SIGHUP) == [signal.SIGTERM]
