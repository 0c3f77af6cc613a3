"""Who is told how a crawl ended, over Apprise: e-mail, webhooks, DingTalk, Feishu, WeCom and more.

| part | what it does |
|------|--------------|
| `targets` | Reads the URLs of those who are told, and names them without their secrets. |
| `standing` | Is it news? Remembers what was told. |
| `texts` | The message, in English and Chinese. |
| `sending` | Sends it, several times if need be, within a bounded time. |
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from scrapy.settings import BaseSettings
from sqlalchemy.exc import SQLAlchemyError

from finews_crawler.errors import StorageError
from finews_crawler.outcome import EndedRun
from pipelines.notify.sending import Kind, Message, Post, within
from pipelines.notify.standing import (
    Notes,
    Told,
    Wish,
    event_of,
    note_in_database,
    told_in_database,
    work_of,
)
from pipelines.notify.targets import read_targets
from pipelines.notify.texts import body_of, title_of
from pipelines.store.engine import connect

logger = logging.getLogger(__name__)
_KINDS: Mapping[str, Kind] = {
    "ok": "success",
    "degraded": "warning",
    "failed": "failure",
    "not_started": "failure",
}
_DATABASE_SECONDS = 10.0


def preflight(settings: BaseSettings) -> None:
    """Look at the URLs of those who are told, before the first request.

    Raises:
        ConfigurationError: one cannot be used.
    """
    _, faults = read_targets(settings["FINEWS_NOTIFY"])
    if faults:
        raise faults[0]


def after_run(run: EndedRun, settings: BaseSettings, post: Post | None = None) -> None:
    """Tell of a run, if it is news, whoever can be told.

    Args:
        run: the run.
        settings: its settings.
        post: how messages are sent.
    """
    targets, _ = read_targets(settings["FINEWS_NOTIFY"])
    if not targets:
        return
    desk = _Desk(run, settings)
    wish = Wish(
        states=settings["FINEWS_NOTIFY_ON"].split(","),
        again=timedelta(seconds=settings.getfloat("FINEWS_NOTIFY_AGAIN")),
    )
    event = event_of(run, desk.last(), wish)
    if event is None:
        return
    message = Message(title_of(event, run), body_of(run), _KINDS[run.state])
    if number := (post or Post()).send(targets, message):
        desk.note(number)


class _Desk:
    """Where it is noted what was told: the database, and a file where there is no record."""

    def __init__(self, run: EndedRun, settings: BaseSettings) -> None:
        self._run = run
        self._work = work_of(run)
        self._url: str = settings["FINEWS_DATABASE_URL"]
        self._notes = Notes(Path(settings["FINEWS_NOTIFY_FOLDER"]))

    def last(self) -> Told | None:
        """What was told last of the same work."""
        known = [self._told_in_database(), self._notes.read(self._work)]
        return max(filter(None, known), key=lambda one: one.at, default=None)

    def note(self, number: int) -> None:
        """Note that this run was told, to so many."""
        try:
            if self._noted_in_database(number):
                self._notes.forget(self._work)
                return
            run = self._run
            told = Told(state=run.state, kinds=frozenset(run.found), at=run.finished_at)
            self._notes.write(self._work, told)
        except OSError as error:
            logger.error("it is not noted that %s was told: %s", self._run.name, error)  # noqa: TRY400

    def _told_in_database(self) -> Told | None:
        def ask() -> Told | None:
            engine = connect(self._url)
            try:
                with engine.connect() as connection:
                    return told_in_database(connection, self._run)
            finally:
                engine.dispose()

        try:
            return within(_DATABASE_SECONDS, ask)
        except (SQLAlchemyError, StorageError):
            return None

    def _noted_in_database(self, number: int) -> bool:
        run_id = self._run.run_id
        if run_id is None:
            return False

        def note() -> bool:
            engine = connect(self._url)
            try:
                note_in_database(engine, run_id, number)
            finally:
                engine.dispose()
            return True

        try:
            return bool(within(_DATABASE_SECONDS, note))
        except (SQLAlchemyError, StorageError):
            return False
