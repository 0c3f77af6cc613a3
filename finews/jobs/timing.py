"""When a job is due: every so often, or as cron says. Pure: moments in, moments out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]  # has no types

from finews_crawler.errors import ConfigurationError

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
_WORD = r"(?:\d+|[a-z]{3})"
_PART = re.compile(rf"(?:(\*)|({_WORD})(?:-({_WORD}))?)(?:/(\d+))?")
# Any moment; a leap year, so that 29 February is not far.
_REFERENCE = datetime(2024, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class Timetable(Protocol):
    """The moments at which a job is due, before any jitter."""

    def after(self, moment: datetime) -> datetime:
        """The first one that is later than a moment."""


@dataclass(frozen=True, slots=True)
class Every:
    """A fixed span apart, counted from the first; clocks that are put forward change nothing."""

    span: timedelta
    first: datetime

    def after(self, moment: datetime) -> datetime:
        """The first one that is later than a moment, in UTC."""
        number = max(0, (moment - self.first) // self.span + 1)
        return (self.first + number * self.span).astimezone(UTC)


@dataclass(frozen=True)
class Cron:
    """Five fields as in a crontab, on the clock of a time zone."""

    minute: str
    hour: str
    day: str
    month: str
    day_of_week: str
    zone: str

    @cached_property
    def _trigger(self) -> CronTrigger:
        fields = {name: getattr(self, name) for name in _FIELDS}
        return CronTrigger(**fields, timezone=ZoneInfo(self.zone))

    def next_or_none(self, moment: datetime) -> datetime | None:
        """The first one that is later than a moment, in UTC; None when none will ever come."""
        found = self._trigger.get_next_fire_time(None, moment.astimezone(UTC) + _TICK)
        return None if found is None else cast("datetime", found).astimezone(UTC)

    def after(self, moment: datetime) -> datetime:
        """The first one that is later than a moment, in UTC.

        Raises:
            ConfigurationError: none will ever come.
        """
        found = self.next_or_none(moment)
        if found is None:
            raise ConfigurationError("no such moment will ever come")
        return found


def _weekday(word: str) -> int:
    """A day's number in a crontab, where both 0 and 7 are Sunday."""
    if word in WEEKDAYS:
        return WEEKDAYS.index(word)
    if not word.isdecimal() or int(word) > 7:
        raise ConfigurationError(f"{word} is no weekday: 0 to 7 or mon to sun")
    return int(word)


def _weekdays(field: str) -> str:
    """Spell a field of weekdays out by name.

    APScheduler counts from Monday, where every crontab counts from Sunday, and knows no range that
    passes the end of the week: https://github.com/agronholm/apscheduler/issues/286
    """
    if field == "*":
        return "*"
    found: set[int] = set()
    for part in field.split(","):
        star, low, high, step = cast("re.Match[str]", _PART.fullmatch(part)).groups()
        first, last = (0, 6) if star else (_weekday(low), _weekday(high or low))
        days = range(first, (last if last >= first else last + 7) + 1, int(step or 1))
        found |= {day % 7 for day in days}
    return ",".join(WEEKDAYS[day] for day in sorted(found))


def _checked_parts(name: str, field: str) -> None:
    for part in field.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            raise ConfigurationError(f"{part!r} is no {name.replace('_', ' ')}")
        star, _, high, step = found.groups()
        if step is not None and (int(step) == 0 or not (star or high)):
            raise ConfigurationError(f"{part!r}: a step is 1 or more, of a range: */5 or 0-30/5")


def parse_cron(text: str, zone: str) -> Cron:
    """Read the five fields of a crontab line.

    Raises:
        ConfigurationError: they cannot be understood, or name a moment that never comes.
    """
    fields = text.lower().split()
    if len(fields) != len(_FIELDS):
        raise ConfigurationError(
            f"{text!r} has {len(fields)} fields; cron has 5: minute hour day month weekday"
        )
    for name, field in zip(_FIELDS, fields, strict=True):
        _checked_parts(name, field)
    if fields[2] != "*" and fields[4] != "*":
        raise ConfigurationError(
            f"{text!r} names days of the month and weekdays: cron takes either, others both; "
            "make two jobs"
        )
    try:
        minute, hour, day, month, weekday = fields
        cron = Cron(minute, hour, day, month, _weekdays(weekday), zone)
        cron.after(_REFERENCE)
    except ValueError as error:
        raise ConfigurationError(f"{text!r}: {error}") from error
    return cron


def _moments(timetable: Timetable, count: int) -> Iterator[datetime]:
    moment = _REFERENCE
    for _ in range(count):
        moment = timetable.after(moment)
        yield moment


def shortest_gap(cron: Cron, looked_at: int = 100) -> timedelta:
    """The shortest time between two of its next moments."""
    moments = list(_moments(cron, looked_at))
    return min(later - sooner for sooner, later in pairwise(moments))
