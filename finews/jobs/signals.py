"""Signals become orders."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def handled(actions: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """Have actions done on signals, instead of what was done before; only in the main thread.

    An action must not wait for anything: it interrupts what the main thread does.
    """

    def act(number: int, _frame: object) -> None:
        actions[signal.Signals(number)]()

    before = {number: signal.signal(number, act) for number in actions}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def heeded(*numbers: signal.Signals) -> list[signal.Signals]:
    """Those that whoever started this process has not had ignored, as nohup has SIGHUP."""
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
