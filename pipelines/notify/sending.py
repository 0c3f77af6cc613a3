"""Sending a message to all who are told, each in a thread, within a bounded time."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Literal, TypeVar

from pipelines.notify.targets import Target

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
Kind = Literal["info", "success", "warning", "failure"]
PAUSES = (1.0, 4.0)
"""Seconds before the second and the third attempt."""
PATIENCE = 30.0
"""Seconds after which a crawl waits no longer for its messages."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent."""

    title: str
    body: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Post:
    """How messages are sent."""

    pauses: Sequence[float] = PAUSES
    patience: float = PATIENCE
    sleep: Callable[[float], None] = time.sleep

    def send(self, targets: Sequence[Target], message: Message) -> int:
        """Send to all at once; gives to how many it went.

        Each one that cannot be reached is one line in the log.
        """
        answers: dict[str, bool] = {}
        threads = []
        for number, target in enumerate(targets):
            key = f"{number}"
            work = Thread(target=self._work, args=(target, message, answers, key), daemon=True)
            work.start()
            threads.append(work)
        ends_at = time.monotonic() + self.patience
        for thread in threads:
            thread.join(max(0.0, ends_at - time.monotonic()))
        for number, target in enumerate(targets):
            self._tell(target, answers.get(f"{number}"))
        return sum(answers.values())

    def _work(self, target: Target, message: Message, answers: dict[str, bool], key: str) -> None:
        answers[key] = self._delivered(target, message)

    def _delivered(self, target: Target, message: Message) -> bool:
        for pause in (*self.pauses, None):
            if _attempt(target, message):
                return True
            if pause is not None:
                self.sleep(pause)
        return False

    def _tell(self, target: Target, answer: bool | None) -> None:
        if answer is None:
            logger.error("no notification to %s within %g seconds", target.shown, self.patience)
        elif not answer:
            logger.error("no notification to %s: %d attempts failed", target.shown, self.attempts)

    @property
    def attempts(self) -> int:
        """How often a message is tried."""
        return len(self.pauses) + 1


def _attempt(target: Target, message: Message) -> bool:
    try:
        return bool(
            target.service.notify(
                body=message.body,
                title=message.title,
                notify_type=message.kind,
                body_format="text",
            )
        )
    except Exception as error:  # noqa: BLE001 - each of a hundred services has errors of its own
        logger.debug("%s: %s", target.shown, type(error).__name__)
        return False


def within(seconds: float, work: Callable[[], Answer]) -> Answer | None:
    """What a piece of work gives; None when that takes too long. Its errors are the caller's."""
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    return answers[0] if answers else None
