"""How several printings of one article become one: the rule of precedence.

The same article stands in `emnews` (with inline links), on its source's category page (charts
only), in the share answer, in the feed and in the archive. Each page gives one printing, and the
article is a function of the set of its printings: the order in which they arrive cannot matter.

- **body** (text, HTML, mentions, pictures) comes whole from one printing, so that offsets always
  fit: the full text before the digest, then more stock links, then the page kind, then the smaller
  address;
- **head** (title, URL) comes by page kind, then from the printing that gives the body;
- **time** comes from the printing whose statements agree best;
- everything else completes: categories, tags and charts are united, an empty field is filled.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import TypeVar

from finews_crawler.addresses import is_loopback, kept_address, split_url
from finews_crawler.items import Article, Mention, PageKind, Provenance, Quality

Value = TypeVar("Value")

# The best page last.
_BY_RANK: tuple[PageKind, ...] = (
    "list",
    "share_html",
    "share_json",
    "origin",
    "feed",
    "post",
    "markdown",
)
PAGE_RANK: dict[PageKind, int] = {kind: rank for rank, kind in enumerate(_BY_RANK)}
QUALITY_RANK: dict[Quality, int] = {
    "missing": 0,
    "future": 1,
    "zone_doubtful": 2,
    "disagrees": 3,
    "zone_corrected": 4,
    "stated": 5,
}

PageKey = tuple[str, str]

_UNPRINTED = frozenset(
    {"fetched_at", "provenance", "printings", "url", "share_url", "archived_at", "earlier"}
)
_PRINTED = tuple(one.name for one in fields(Article) if one.name not in _UNPRINTED)


def address_of(url: str) -> str:
    """Path and query: what a page is known by on whatever host."""
    parts = split_url(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def page_key(printing: Article) -> PageKey:
    """Which page a printing is of: kind and address, on whatever host."""
    return printing.page_kind, address_of(printing.url)


def _best(printings: Iterable[Article], rank: Callable[[Article], object]) -> list[Article]:
    """By rank, the best first; equal ones by address, so that nothing depends on arrival."""
    by_address = sorted(printings, key=lambda printing: (address_of(printing.url), printing.url))
    return sorted(by_address, key=rank, reverse=True)  # type: ignore[arg-type]  # any order will do


def _body_rank(printing: Article) -> tuple[bool, int, int]:
    links = sum(mention.start is not None for mention in printing.mentions)
    return printing.body_kind == "full", links, PAGE_RANK[printing.page_kind]


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value), None)


def _ordered_union(groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))


def _categories(printings: Sequence[Article]) -> tuple[str, ...]:
    """All; a slug known only from a down-cased path gives way to its true spelling."""
    slugs = {slug for printing in printings for slug in printing.categories}
    true_case = {slug.lower() for slug in slugs if slug != slug.lower()}
    return tuple(sorted(slug for slug in slugs if slug != slug.lower() or slug not in true_case))


def _mentions(body: Article, others: Iterable[Article]) -> tuple[Mention, ...]:
    """The body's; charts of all; linked names of those with the same text."""
    united = list(body.mentions)
    for other in others:
        unplaced = {mention.secid for mention in united if mention.start is None}
        spans = {(mention.start, mention.end) for mention in united}
        is_same_text = other.body_text == body.body_text
        united += [
            mention
            for mention in other.mentions
            if (mention.start is None and mention.secid not in unplaced)
            or (
                (mention.start is not None and is_same_text)
                and (mention.start, mention.end) not in spans
            )
        ]
    return tuple(united)


def _digest(body: Article, ranked: Sequence[Article]) -> str | None:
    """What a printing names as the digest; else the flash that the full text completed."""
    flashes = (one.body_text for one in ranked if one.body_kind == "digest")
    named = _first(one.digest for one in (body, *ranked))
    return named or (_first(flashes) if body.body_kind == "full" else None)


def _provenance(ranked: Sequence[Article], givers: dict[str, Article]) -> dict[str, Provenance]:
    united = {name: one for other in reversed(ranked) for name, one in other.provenance.items()}
    for name, giver in givers.items():
        if name in giver.provenance:
            united[name] = giver.provenance[name]
    return united


def _finest(clock: Article, ranked: Iterable[Article]) -> Article:
    """Of the printings that are as good as `clock` and tell the same time, one with seconds.

    Eastmoney's lists tell seconds, its pages only minutes.
    """
    return next((one for one in ranked if _is_finer(one, clock)), clock)


def _is_finer(one: Article, clock: Article) -> bool:
    if (one.published_precision, clock.published_precision) != ("second", "minute"):
        return False
    if one.published_at is None or one.published_quality != clock.published_quality:
        return False
    return one.published_at.replace(second=0) == clock.published_at


def _alone(printing: Article) -> Article:
    categories = _categories([printing])
    if categories == printing.categories and not printing.printings:
        return printing
    return replace(printing, categories=categories, printings=())


def unite(printings: Sequence[Article]) -> Article:
    """Make the article that its printings tell of; there is at least one, each of another page."""
    if len(printings) == 1:
        return _alone(printings[0])
    body, *others = _best(printings, _body_rank)
    ranked = _best(printings, lambda one: (PAGE_RANK[one.page_kind], one is body))
    head = ranked[0]
    clock = _finest(max(ranked, key=lambda one: QUALITY_RANK[one.published_quality]), ranked)
    titled = next((one for one in ranked if one.title), head)
    named = next((one for one in ranked if one.source is not None), head)
    givers = {"title": titled, "source": named, "published_at": clock, "body": body}
    return replace(
        body,
        title=titled.title,
        published_at=clock.published_at,
        published_precision=clock.published_precision,
        published_quality=clock.published_quality,
        source=named.source,
        source_raw=named.source_raw,
        digest=_digest(body, ranked),
        categories=_categories(printings),
        tags=_ordered_union(one.tags for one in ranked),
        mentions=_mentions(body, others),
        images=_first(one.images for one in (body, *others)) or (),
        related=_first(one.related for one in (body, *others)) or (),
        url=head.url,
        share_url=_first(one.share_url for one in ranked),
        origin_url=_first(one.origin_url for one in ranked),
        page_kind=head.page_kind,
        provenance=_provenance(ranked, givers),
        printings=tuple(sorted(printings, key=page_key)),
    )


def known_at(printing: Article) -> datetime:
    """When what a page says was so: an archive's version then, another when it was fetched."""
    return printing.archived_at or printing.fetched_at


def printings_of(article: Article) -> tuple[Article, ...]:
    """The printings that an article was made of."""
    return article.printings or (article,)


def reread(known: Article, new: Article) -> Article:
    """A page's printing as it is now, under the addresses by which it is known."""
    return replace(
        new,
        # Listings told them too, and not every crawl reads every listing.
        categories=tuple(sorted({*known.categories, *new.categories})),
        url=kept_address(known.url, new.url),
        share_url=new.share_url and kept_address(known.share_url or new.share_url, new.share_url),
    )


def _plain(value: object) -> object:
    """What JSON does not know, in a form that is equal for equal values."""
    if is_dataclass(value):
        return [getattr(value, one.name) for one in fields(value)]
    return str(value)


def _hashed(value: object) -> str:
    words = json.dumps(value, ensure_ascii=False, default=_plain)
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def printing_hash(printing: Article) -> str:
    """Hex SHA-256 of all that a page says, on whatever host and whenever it was fetched."""
    content = [getattr(printing, name) for name in _PRINTED]
    addresses = (printing.url, printing.share_url or "")
    return _hashed([*content, *((address_of(one), is_loopback(one)) for one in addresses)])


def content_hash(article: Article) -> str:
    """Hex SHA-256 of what makes a revision: title, time, source, digest, text and mentions.

    Of the time also how precise it is and how far to trust it: a back-test chooses by that.
    """
    return _hashed(
        [
            article.title,
            article.published_at and article.published_at.timestamp(),
            article.published_precision,
            article.published_quality,
            article.source,
            article.digest,
            article.body_text,
            article.body_kind,
            article.mentions,
        ]
    )
