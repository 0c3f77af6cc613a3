"""A unit: one crawl of some minutes, small enough to be done again when its worker dies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from finews.jobs.definition import DEFAULT_GRACE, Job, spiders
from finews_crawler.errors import ConfigurationError

ORDINARY, LAST = 0, -100
"""Priorities: units that come as they were queued, and those that come when all others are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One crawl, as the queue keeps it."""

    job: str | None
    """The job of the jobs file that it is a part of."""
    part: str
    """Which part of the job it is, in a few words."""
    spider: str
    arguments: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)
    site: str
    """The host that it reads; of the units of one host only one runs at a time."""
    hosts: tuple[str, ...] = ()
    """Further hosts that it reads."""
    timeout: timedelta | None = None
    grace: timedelta = DEFAULT_GRACE
    priority: int = ORDINARY

    @property
    def key(self) -> str:
        """The same for the same crawl; a unit that waits is not queued a second time."""
        said = json.dumps([self.spider, self.arguments, self.settings], sort_keys=True)
        return f"{self.spider} {blake2b(said.encode(), digest_size=16).hexdigest()}"

    @property
    def locks(self) -> tuple[str, ...]:
        """The hosts that nobody else may read meanwhile."""
        return tuple(sorted({self.site, *self.hosts}))

    @property
    def name(self) -> str:
        """What a person calls it."""
        whole = self.job or self.spider
        return f"{whole} ({self.part})" if self.part else whole

    def as_arguments(self) -> dict[str, Any]:
        """What the queue keeps of it, as JSON."""
        return {
            "job": self.job,
            "part": self.part,
            "spider": self.spider,
            "arguments": dict(self.arguments),
            "settings": dict(self.settings),
            "site": self.site,
            "hosts": list(self.hosts),
            "timeout": self.timeout.total_seconds() if self.timeout else None,
            "grace": self.grace.total_seconds(),
            "priority": self.priority,
        }


def unit_of(job: Job, part: str, arguments: Mapping[str, str], site: str, *hosts: str) -> Unit:
    """A part of a job."""
    return Unit(
        job=job.name or None,
        part=part,
        spider=job.spider,
        arguments=arguments,
        settings=job.settings,
        site=site,
        hosts=hosts,
        timeout=job.timeout,
        grace=job.grace,
    )


def read_unit(given: Mapping[str, Any]) -> Unit:
    """A unit as the queue kept it; another version of finews may have written it.

    Raises:
        ConfigurationError: it cannot be understood, or this machine has no such spider.
    """
    try:
        timeout = given["timeout"]
        unit = Unit(
            job=given["job"],
            part=str(given["part"]),
            spider=str(given["spider"]),
            arguments=_words(given["arguments"]),
            settings=_words(given["settings"]),
            site=str(given["site"]),
            hosts=tuple(map(str, given["hosts"])),
            timeout=None if timeout is None else timedelta(seconds=float(timeout)),
            grace=timedelta(seconds=float(given["grace"])),
            priority=int(given["priority"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"the unit was queued by another version: {error!r}") from error
    if unit.spider not in spiders():
        raise ConfigurationError(f"no spider {unit.spider}; known: {', '.join(sorted(spiders()))}")
    return unit


def _words(given: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in given.items()}
