"""Can the site be read from here? One polite request for its robots.txt."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin
from urllib.request import Request, urlopen
from urllib.robotparser import RobotFileParser

PATIENCE = 10.0
MOST = 500_000
"""Seconds and bytes that are waited for and read."""
_MISSING = 400


@dataclass(frozen=True, slots=True)
class Answered:
    """What the site answered."""

    status: int
    milliseconds: int
    date: datetime | None
    """The server's own time."""
    body: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How a site can be reached."""

    url: str
    answered: Answered | str
    """The text of an error where there was no answer."""
    ahead: float | None = None
    """Seconds by which this machine's clock is ahead of the server's; None: it told no time."""

    @property
    def allowed(self) -> bool:
        """Whether robots.txt lets us read the site's pages."""
        if isinstance(self.answered, str) or self.answered.status >= _MISSING:
            return True
        rules = RobotFileParser()
        rules.parse(self.answered.body.splitlines())
        return rules.can_fetch(_agent(), self.url)


def _agent() -> str:
    """Who we say we are; whoever imports the settings fixes them for the whole process."""
    from finews_crawler.settings import USER_AGENT  # noqa: PLC0415

    return USER_AGENT


def _read(response: HTTPResponse | HTTPError, began: float) -> Answered:
    body = response.read(MOST).decode("utf-8", "replace")
    milliseconds = round((time.monotonic() - began) * 1000)
    try:
        date = parsedate_to_datetime(response.headers["Date"] or "")
    except ValueError:
        date = None
    return Answered(response.status or 0, milliseconds, date, body)


def asked(url: str) -> Reach:
    """Ask a site for its robots.txt, as a crawl does first of all."""
    request = Request(urljoin(url, "/robots.txt"), headers={"User-Agent": _agent()})  # noqa: S310 - http(s): the setting is checked
    began = time.monotonic()
    try:
        with urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - same
            answered = _read(response, began)
    except HTTPError as error:
        answered = _read(error, began)
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        return Reach(url, " ".join(str(reason).split()))
    if answered.date is None:
        return Reach(url, answered)
    return Reach(url, answered, (datetime.now(UTC) - answered.date).total_seconds())
