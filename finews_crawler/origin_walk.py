"""The way back through a list, and how long a refusal makes a crawl wait. No network, no clock."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from finews_crawler.arguments import ArgumentValue
from finews_crawler.errors import ArgumentError
from finews_crawler.extraction.answers import ListPage
from finews_crawler.items import SHANGHAI, Listing, RawArticle
from finews_crawler.origin_requests import ListKind, list_kind
from finews_crawler.spans import span

_TAIL = 3
"""Items at the end of a page that must all be too old, for the way back to end."""


def _moment(text: str) -> datetime:
    """An ISO time; without a zone it is Shanghai's."""
    found = datetime.fromisoformat(text.strip())
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def read_since(text: str) -> ArgumentValue:
    """Read the argument `since`: a span back from now, or an ISO time.

    Raises:
        ArgumentError: it is neither.
    """
    try:
        return _moment(text).isoformat()
    except ValueError:
        pass
    try:
        return span(text)
    except ArgumentError as error:
        raise ArgumentError(f"{error}, and no time, such as 2026-06-16T08:00") from error


def since_moment(value: ArgumentValue, now: datetime) -> datetime:
    """The moment that a read `since` means.

    Raises:
        ArgumentError: there is nothing between it and now.
    """
    try:
        moment = now - value if isinstance(value, timedelta) else _moment(str(value))
    except OverflowError as error:
        raise ArgumentError(f"since: {value} is too long") from error
    if moment > now:
        raise ArgumentError(f"since: {moment.isoformat()} lies in the future")
    return moment


def _stated_moment(text: str) -> datetime | None:
    if text.isdecimal():
        seconds = int(text[:10])
        return datetime.fromtimestamp(seconds, SHANGHAI) if len(text) in {10, 13} else None
    try:
        return _moment(text)
    except ValueError:
        return None


def _end_of_day(code: str | None) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat((code or "")[:8]), time.max, SHANGHAI)
    except ValueError:
        return None


def listed_at(raw: RawArticle) -> datetime | None:
    """The time to go back by: the list's own, else the end of the day in the article's id.

    Only for where to stop; what is stored is read elsewhere, and never made up.
    """
    stated = (_stated_moment(one.text) for one in raw.times)
    return next(filter(None, stated), None) or _end_of_day(raw.code)


def merged(known: RawArticle, again: RawArticle) -> RawArticle:
    """An article of two lists: one names its securities, the other its source."""
    return replace(
        known,
        body=known.body or again.body,
        title=known.title or again.title,
        times=known.times or again.times,
        source_line=known.source_line or again.source_line,
        listed_secids=tuple(dict.fromkeys((*known.listed_secids, *again.listed_secids))),
    )


@dataclass(slots=True, eq=False)
class Walk:
    """The way back through one list, page by page."""

    kind: ListKind
    subject: str
    """The column or the keyword."""
    since: datetime
    page: int = 1
    cursor: str = ""
    is_over: bool = False
    unfinished: str | None = None
    """Why the way ended before `since` although the list may go on; one word."""
    oldest: datetime | None = None
    """Of all that was listed."""
    slug: str = ""
    """What the list is known by from one crawl to the next; empty: nothing is kept of it."""
    _seen: set[str | None] = field(default_factory=set)
    _taken: dict[str, datetime] = field(default_factory=dict)
    """When it was read, by the codes of what was taken, the newest first."""
    _left: datetime | None = None
    """The newest of what was left because it is older than `since`."""
    _tail: list[datetime] = field(default_factory=list)
    """Of the last page."""
    _has_passed: bool = False

    @property
    def label(self) -> str:
        """What a person calls the list."""
        return f"{self.kind.name} {self.subject}"

    def fall_back(self) -> bool:
        """Begin again on the older list; False when there is none."""
        if self.kind.older is None:
            return False
        self.kind = list_kind(self.kind.older)
        self.page, self.cursor = 1, ""
        self._seen.clear()
        self._taken.clear()
        self._left, self._tail = None, []
        return True

    def take(self, page: ListPage) -> list[RawArticle]:
        """Go one page back; gives those of its articles that are not older than `since`."""
        dated = [(raw, listed_at(raw)) for raw in page.articles]
        moments = [moment for _, moment in dated if moment is not None]
        self.oldest = min([*moments, *filter(None, [self.oldest])], default=None)
        # Not the oldest: a list may keep an old item at its top, or have one out of its place.
        self._tail = moments[-_TAIL:] or self._tail
        self._has_passed = bool(moments) and max(self._tail) < self.since
        self.is_over = self._has_passed or not page.articles or self._is_stuck(page)
        self.page += 1
        self.cursor = page.cursor or ""
        left = [moment for moment in moments if moment < self.since]
        self._left = max([*left, *filter(None, [self._left])], default=None)
        taken = [raw for raw, moment in dated if moment is None or moment >= self.since]
        for raw in taken:
            self._taken.setdefault(raw.code or raw.url, raw.fetched_at)
        return taken

    @property
    def back_to(self) -> datetime | None:
        """All that the list named since then was taken; None: no item says when it is of.

        That is not `since`: where nothing stands between `since` and an older item, the older item
        says so. An old item at the top of the list says nothing, nor one that stands alone at the
        end of a way that was cut short.
        """
        if self._has_passed:
            return self._left
        if not self._tail:
            return None
        if self.unfinished:
            return max(self._tail)
        return max([min(self._tail), *filter(None, [self._left])])

    def listing(self, url: str, ended_at: datetime) -> Listing:
        """What the list told, once the way is over; `url` is its first page."""
        return Listing(
            slug=self.slug,
            url=url,
            heading=None,
            entries=tuple(self._taken),
            fetched_at=min(self._taken.values(), default=ended_at),
            back_to=self.back_to,
        )

    def _is_stuck(self, page: ListPage) -> bool:
        """Whether there is no next page to ask for."""
        codes = {raw.code for raw in page.articles}
        reasons = (
            (codes <= self._seen, "list_repeats"),
            (self.kind.by_cursor and page.cursor in {None, self.cursor}, "list_without_cursor"),
            (self.page >= self.kind.pages, "list_too_long"),
        )
        self._seen |= codes
        self.unfinished = next((word for is_so, word in reasons if is_so), None)
        return self.unfinished is not None


@dataclass(slots=True)
class Patience:
    """How long refusals make a crawl wait: longer each time, and not for ever."""

    first: float
    """Seconds."""
    longest: float
    most: int
    """Refusals in a row that end the crawl."""
    _times: int = 0
    _in_row: int = 0

    def answered(self) -> None:
        """Note an answer that was none. The pauses stay as long as they have become."""
        self._in_row = 0

    def refused(self) -> float | None:
        """Note a refusal; gives the seconds to wait, None when it is time to give up."""
        self._in_row += 1
        self._times += 1
        if self._in_row >= self.most:
            return None
        return min(self.first * float(2 ** min(self._times - 1, 30)), self.longest)
