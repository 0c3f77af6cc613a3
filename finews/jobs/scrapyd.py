"""Hands a job to a scrapyd server over its API."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener
from uuid import uuid4

from finews.jobs.definition import Job
from finews_crawler.addresses import is_loopback
from finews_crawler.errors import ConfigurationError
from finews_crawler.site import checked_root

_SECONDS = 30
# Names that scrapyd's `schedule.json` takes for its own.
RESERVED = frozenset({"project", "spider", "setting", "jobid", "priority", "_version"})


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run that scrapyd has not finished."""

    id: str
    state: str
    """`pending` or `running`."""


class Server:
    """A scrapyd server and one project on it."""

    def __init__(self, url: str, project: str) -> None:
        """Take its address, with name and password in it where it asks for them.

        Raises:
            ConfigurationError: the address is none.
        """
        checked_root(url)
        parts = urlsplit(url.strip())
        host = parts.netloc.rpartition("@")[2]
        self.url = f"{parts.scheme}://{host}{parts.path.rstrip('/')}/"
        """Without the password."""
        self._project = project
        self._headers: dict[str, str] = {}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        # A proxy for the outer world cannot reach this machine's own loopback.
        self._opener = build_opener(*([ProxyHandler({})] if is_loopback(url) else []))

    def unfinished(self, job: Job) -> Unfinished | None:
        """A run of a job that waits or runs."""
        asked = urlencode({"project": self._project})
        answer = self._answer("listjobs.json?" + asked)
        for state in ("running", "pending"):
            for one in cast("list[dict[str, str]]", answer.get(state, [])):
                # What `new_id` puts behind the name has no hyphen.
                if one["id"].rpartition("-")[0] == job.name:
                    return Unfinished(one["id"], state)
        return None

    def schedule(self, job: Job) -> str:
        """Have a job run; gives the id of the run.

        Raises:
            ConfigurationError: the server does not take it.
        """
        answer = self._answer("schedule.json", scheduled(job, self._project, new_id(job)))
        return str(answer["jobid"])

    def _answer(
        self, path: str, form: Sequence[tuple[str, str]] | None = None
    ) -> Mapping[str, Any]:
        data = None if form is None else urlencode(form).encode()
        request = Request(self.url + path, data, self._headers)  # noqa: S310 - http(s) only
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                told = json.load(answer)
        except HTTPError as error:
            error.close()
            raise ConfigurationError(f"{self.url} answered {error.code} {error.reason}") from error
        except (URLError, TimeoutError, ConnectionError) as error:
            reason = getattr(error, "reason", error)
            raise ConfigurationError(f"no scrapyd at {self.url}: {reason}") from error
        except ValueError as error:
            raise ConfigurationError(f"{self.url} is no scrapyd: its answer is no JSON") from error
        if not isinstance(told, dict) or told.get("status") != "ok":
            message = told.get("message") if isinstance(told, dict) else told
            raise ConfigurationError(f"{self.url} refuses: {message}")
        return told


def new_id(job: Job) -> str:
    """A name for one run of a job, by which `unfinished` knows it."""
    return f"{job.name}-{uuid4().hex[:12]}"


def scheduled(job: Job, project: str, number: str) -> list[tuple[str, str]]:
    """A job as the fields of `schedule.json`.

    scrapyd knows no time limit; Scrapy's own ends the crawl in the same way.

    Raises:
        ConfigurationError: an argument has a name that scrapyd takes for its own.
    """
    taken = RESERVED & job.arguments.keys()
    if taken:
        raise ConfigurationError(f"job {job.name}: scrapyd takes {', '.join(taken)} for its own")
    limit = {"CLOSESPIDER_TIMEOUT": f"{job.timeout.total_seconds():.0f}"} if job.timeout else {}
    settings = {"FINEWS_JOB": job.name, **limit, **job.settings}
    return [
        ("project", project),
        ("spider", job.spider),
        ("jobid", number),
        *job.arguments.items(),
        *(("setting", f"{name}={value}") for name, value in settings.items()),
    ]
