"""What a monitor says. Pure: facts and thresholds in, findings out; no database, no clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt

from finews_crawler.items import INTERNAL_ERROR
from finews_crawler.outcome import STORED, count_of
from pipelines.monitors.facts import Rhythm, Usual
from pipelines.monitors.history import QUALITY, Before, DeadRun, articles_of, strategies_of
from pipelines.monitors.thresholds import ArticleShare, SilentSource, Thresholds
from pipelines.store.findings import Finding

_REJECT = "finews/reject/"
_NO_PAGES = frozenset({"argument", "list"})
"""Stages whose rejects are about no page."""
_LEFT_ALONE = frozenset({"host_refuses", "host_busy", "host_silent"})
"""Reasons of rejects that are told by host."""
_UNASKED = "finews/unasked/"
_MANY = 5
"""So many silent sources, if they are most of all, are one finding: the site stands still."""
_RETRYING = "pages"
"""The spider that reads again what was rejected: most of it is rejected again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known at the end of a crawl."""

    spider: str
    stats: Mapping[str, object]
    now: datetime
    shown: timedelta
    """How long the site shows a post."""
    rhythms: Sequence[Rhythm] = ()
    """Of the sources that publish regularly; empty unless the crawl read everything."""
    good_ends: Sequence[datetime] = ()
    """When crawls that read everything ended well, in order."""
    listed: Mapping[str, int] | None = None
    """Posts by category; None where the site's ranges do not apply."""
    posts: Mapping[str, int] = field(default_factory=dict)
    """The same, of whichever site."""
    usual: Mapping[str, Usual] = field(default_factory=dict)
    """What categories listed in earlier crawls of the same work."""
    is_whole: bool = False
    """Whether the crawl read every listing that it could."""
    before: Before | None = None
    dead: Sequence[DeadRun] = ()


Check = Callable[[Facts, Thresholds], Iterator[Finding]]


def silent_sources(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """Regular sources that have been silent for longer than they ever were."""
    known = thresholds.silent_source
    silent = [one for one in facts.rhythms if _is_silent(one, facts, known)]
    if len(silent) >= _MANY and 2 * len(silent) > len(facts.rhythms):
        yield _all_silent(silent, facts)
        return
    for one in silent:
        yield Finding(
            kind="silent_source",
            subject=one.source,
            detail=(
                f"nothing for {_span(facts.now - one.last_at)}; its longest pause in {known.days} "
                f"days was {_span(one.longest_pause)}, with {one.articles} articles on {one.days} "
                "days"
            ),
            since_at=one.last_at,
            until_at=facts.now,
        )


def _is_silent(one: Rhythm, facts: Facts, known: SilentSource) -> bool:
    allowed = max(one.longest_pause * known.factor, timedelta(hours=known.least_hours))
    if facts.now - one.last_at <= allowed:
        return False
    # What comes and goes while nobody looks is missed by us; that is another alarm, `gap`.
    looks = [one.last_at, *(end for end in facts.good_ends if end > one.last_at), facts.now]
    return all(later - earlier <= facts.shown for earlier, later in pairwise(looks))


def _all_silent(silent: Sequence[Rhythm], facts: Facts) -> Finding:
    """One finding for the site that stands still, instead of one for each of its sources."""
    last = max(one.last_at for one in silent)
    return Finding(
        kind="silent_source",
        subject="",
        detail=(
            f"{len(silent)} of {len(facts.rhythms)} regular sources are silent, the last for "
            f"{_span(facts.now - last)}: has the site stopped?"
        ),
        since_at=last,
        until_at=facts.now,
    )


def out_of_range(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """Categories that list less or more than the site ever does, and listings that are missing."""
    yield from _unusual(facts, thresholds)
    if facts.listed is None:
        return
    expected = thresholds.expected
    for slug, posts in sorted(facts.listed.items()):
        known = expected.of(slug)
        if known is not None and not known.min <= posts <= known.max:
            told = f"{posts} posts listed; expected are {known.min} to {known.max}"
            yield Finding(kind="out_of_range", subject=slug, detail=told)
    if not facts.is_whole:
        return
    absent = (slug for slug in expected.categories if slug not in facts.listed)
    for slug in absent:
        known = expected.categories[slug]
        if known.min > 0:
            told = f"its page is not there; expected are {known.min} to {known.max} posts"
            yield Finding(kind="out_of_range", subject=slug, detail=told)
    if len(facts.listed) < expected.listings_min:
        told = f"{len(facts.listed)} listings read; expected are {expected.listings_min} or more"
        yield Finding(kind="out_of_range", subject="", detail=told)


def _unusual(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """Categories without a range that list far less or more than they did."""
    known, expected = thresholds.out_of_range, thresholds.expected
    for slug, usual in sorted(facts.usual.items()):
        has_range = facts.listed is not None and expected.of(slug) is not None
        if has_range or usual.looks < known.least_looks:
            continue
        posts = facts.posts[slug]
        are_few = usual.least >= known.least_posts and posts * known.factor < usual.least
        are_many = posts >= known.least_posts and posts > known.factor * usual.most
        if are_few or are_many:
            told = f"{posts} posts listed; before it were always {usual.least} to {usual.most}"
            yield Finding(kind="out_of_range", subject=slug, detail=told)


def many_rejects(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """More pages than usual that gave no article."""
    known = thresholds.many_rejects
    reasons = {
        reason: number
        for reason, number in _reasons(facts.stats).items()
        if reason not in _LEFT_ALONE
    }
    rejects = sum(reasons.values())
    pages = rejects + sum(count_of(facts.stats, f"finews/store/{one}") for one in STORED)
    if facts.spider == _RETRYING or pages < known.least_pages or rejects < known.share * pages:
        return
    most = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    told = ", ".join(f"{reason} {number}" for reason, number in most)
    detail = f"{rejects} of {pages} pages gave no article ({_percent(rejects, pages)}): {told}"
    yield Finding(kind="many_rejects", subject="", detail=detail)


def _reasons(stats: Mapping[str, object]) -> dict[str, int]:
    """Rejects of pages by reason."""
    found: dict[str, int] = {}
    for key in stats:
        stage, _, reason = key.removeprefix(_REJECT).partition("/")
        if key.startswith(_REJECT) and stage not in _NO_PAGES:
            found[reason] = found.get(reason, 0) + count_of(stats, key)
    return found


def internal_error(facts: Facts, _thresholds: Thresholds) -> Iterator[Finding]:
    """Pages on which this program failed."""
    number = _reasons(facts.stats).get(INTERNAL_ERROR, 0)
    if number:
        pages = "1 page" if number == 1 else f"{number} pages"
        told = f"{pages} on which this program failed: finews rejects list --reason internal_error"
        yield Finding(kind="internal_error", subject="", detail=told)


def no_time(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """Articles that state no time."""
    return _share_of(facts, thresholds.no_time, "no_time", ("missing", "state no time"))


def future_times(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """Articles that state a time which lies ahead."""
    told = ("future", "state a time that lies ahead")
    return _share_of(facts, thresholds.future_times, "future_times", told)


def _share_of(
    facts: Facts, known: ArticleShare, kind: str, told: tuple[str, str]
) -> Iterator[Finding]:
    quality, what = told
    total, number = articles_of(facts.stats), count_of(facts.stats, QUALITY + quality)
    if number and total >= known.least_articles and number >= known.share * total:
        detail = f"{number} of {total} articles {what} ({_percent(number, total)})"
        yield Finding(kind=kind, subject="", detail=detail)


def strategy_shift(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """Fields that are found in another way than they were, or not at all."""
    known, before = thresholds.strategy_shift, facts.before
    articles = articles_of(facts.stats)
    if before is None or before.runs < known.least_runs:
        return
    if min(articles, before.articles) < known.least_articles:
        return
    now = strategies_of(facts.stats)
    for name, counts in sorted(before.strategies.items()):
        (strategy, number) = counts.most_common(1)[0]
        was, share = number / before.articles, now.get(name, counts - counts)[strategy] / articles
        if was - share >= max(known.fall, known.deviations * _chance(was, articles)):
            told = (
                f"found by {strategy!r} in {share:.0%} of {articles} articles; in the last "
                f"{before.runs} good crawls it was {was:.0%} of {before.articles}"
            )
            yield Finding(kind="strategy_shift", subject=name, detail=told)


def _chance(share: float, number: int) -> float:
    """The standard deviation of a share among so many; of a certain thing as if one had failed."""
    doubtful = min(share, 1 - 1 / (number + 1))
    return sqrt(doubtful * (1 - doubtful) / number)


def host_refuses(facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    """Hosts that were left alone because they did not want to be asked, or did not answer."""
    known = thresholds.host_refuses
    for key in sorted(facts.stats):
        number = count_of(facts.stats, key)
        if key.startswith(_UNASKED) and number >= known.least_pages:
            pages = "1 page was" if number == 1 else f"{number} pages were"
            told = f"{pages} not asked for: the host refused, was busy or did not answer"
            yield Finding(kind="host_refuses", subject=key.removeprefix(_UNASKED), detail=told)
    refusals = count_of(facts.stats, "finews/origin/refused")
    if refusals >= known.least_refusals:
        told = f"it refused {refusals} times and was waited for"
        yield Finding(kind="host_refuses", subject="eastmoney", detail=told)


def previous_run_died(facts: Facts, _thresholds: Thresholds) -> Iterator[Finding]:
    """Crawls of the same work whose process ended without a word."""
    for one in facts.dead:
        where = f"process {one.pid} on {one.host}" if one.host else "on an unknown machine"
        yield Finding(
            kind="previous_run_died",
            subject=str(one.id),
            detail=(
                f"crawl {one.id} ({where}) has no end: it was last heard of "
                f"{_span(facts.now - one.alive_at)} ago"
            ),
            since_at=one.alive_at,
            until_at=facts.now,
        )


CHECKS: Mapping[str, Check] = {
    "silent_source": silent_sources,
    "out_of_range": out_of_range,
    "many_rejects": many_rejects,
    "internal_error": internal_error,
    "no_time": no_time,
    "future_times": future_times,
    "strategy_shift": strategy_shift,
    "host_refuses": host_refuses,
    "previous_run_died": previous_run_died,
}
"""By the kind of their findings. `gap` is found where listings are written."""


def check(facts: Facts, thresholds: Thresholds) -> list[Finding]:
    """All that the monitors find, in the order of their table."""
    checks = (one for kind, one in CHECKS.items() if kind not in thresholds.off)
    return [finding for one in checks for finding in one(facts, thresholds)]


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"


def _percent(number: int, total: int) -> str:
    return f"{number / total:.0%}"
