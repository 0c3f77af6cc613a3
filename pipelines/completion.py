"""How two renderings of one article become one: the rule of precedence.

The same article stands in `emnews` (with inline links), on its source's category page (charts
only), in the share answer and in the feed. Facts come in two groups, and each group is taken whole
from one rendering so that offsets always fit their text:

- **body** (text, HTML, mentions, pictures): the full text beats the digest, then the copy with more
  stock links, then the page kind (`PAGE_RANK`), then the smaller URL, so that the order of arrival
  does not matter;
- **head** (title, URL): the page kind, then the copy that gives the body.

A rendering that is read again replaces what it gave before. Everything else only completes:
categories, tags, charts and addresses are united, an empty field is filled.
"""

import hashlib
import json
from dataclasses import replace

from finews_crawler.addresses import is_same_page, kept_address
from finews_crawler.items import Article, Mention, PageKind, Quality

_BY_RANK: tuple[PageKind, ...] = (
    "list",
    "share_html",
    "share_json",
    "origin",
    "feed",
    "post",
    "markdown",
)
PAGE_RANK: dict[str, int] = {kind: rank for rank, kind in enumerate(_BY_RANK)}
# Kinds of which one article has several pages: the rolling news' and the source's own.
_SEVERAL_PAGES = frozenset({"post", "markdown", "feed"})
QUALITY_RANK: dict[Quality, int] = {
    "missing": 0,
    "future": 1,
    "zone_doubtful": 2,
    "disagrees": 3,
    "zone_corrected": 4,
    "stated": 5,
}


def body_page_kind(article: Article) -> str:
    """The kind of page that gave the body: the extractor's name without its version."""
    return article.extractor.partition("/")[0]


def _same_page(kind: PageKind | str, other: PageKind | str, *, same_url: bool) -> bool:
    return kind == other and (kind not in _SEVERAL_PAGES or same_url)


def _body_rank(article: Article) -> tuple[bool, int, int]:
    links = sum(mention.start is not None for mention in article.mentions)
    return article.body_kind == "full", links, PAGE_RANK[body_page_kind(article)]


def _body_taken_over(known: Article, new: Article) -> bool:
    same_url = is_same_page(known.url, new.url)
    if _same_page(body_page_kind(known), body_page_kind(new), same_url=same_url):
        return True
    if _body_rank(known) != _body_rank(new):
        return _body_rank(new) > _body_rank(known)
    return new.url < known.url


def _head_taken_over(known: Article, new: Article, *, body_taken_over: bool) -> bool:
    if _same_page(known.page_kind, new.page_kind, same_url=is_same_page(known.url, new.url)):
        return True
    if known.page_kind != new.page_kind:
        return PAGE_RANK[new.page_kind] > PAGE_RANK[known.page_kind]
    return body_taken_over


def _united_mentions(body: Article, other: Article) -> tuple[Mention, ...]:
    """Charts of both; linked names of both where the texts are equal."""
    charts = {mention.secid for mention in body.mentions if mention.kind == "chart"}
    spans = {(mention.start, mention.end) for mention in body.mentions}
    same_text = body.body_text == other.body_text
    added = [
        mention
        for mention in other.mentions
        if (mention.kind == "chart" and mention.secid not in charts)
        or (mention.kind != "chart" and same_text and (mention.start, mention.end) not in spans)
    ]
    return (*body.mentions, *added)


def _digest(body: Article, other: Article) -> str | None:
    if body.digest is not None or other.digest is not None:
        return body.digest if body.digest is not None else other.digest
    completed = body.body_kind == "full" and other.body_kind == "digest"
    return other.body_text if completed else None


def _ordered_union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _united_categories(first: Article, second: Article) -> tuple[str, ...]:
    """Both sets; a slug known only from a down-cased path gives way to its true spelling."""
    slugs = set(first.categories) | set(second.categories)
    true_case = {slug.lower() for slug in slugs if slug != slug.lower()}
    return tuple(sorted(slug for slug in slugs if slug != slug.lower() or slug not in true_case))


def _address(known: str | None, chosen: str | None) -> str | None:
    return kept_address(known, chosen) if known and chosen else chosen


def complete(known: Article, new: Article) -> Article:
    """Unite two renderings of one article; `known` itself when `new` adds nothing."""
    body_from_new = _body_taken_over(known, new)
    head_from_new = _head_taken_over(known, new, body_taken_over=body_from_new)
    body, other = (new, known) if body_from_new else (known, new)
    head, rest = (new, known) if head_from_new else (known, new)
    clock = max(head, rest, key=lambda article: QUALITY_RANK[article.published_quality])
    named = head if head.source is not None else rest
    united = replace(
        body,
        title=head.title or rest.title,
        published_at=clock.published_at,
        published_precision=clock.published_precision,
        published_quality=clock.published_quality,
        source=named.source,
        source_raw=named.source_raw,
        digest=_digest(body, other),
        categories=_united_categories(known, new),
        tags=_ordered_union(body.tags, other.tags),
        mentions=_united_mentions(body, other),
        images=body.images or other.images,
        url=kept_address(known.url, head.url),
        share_url=_address(known.share_url, head.share_url or rest.share_url),
        origin_url=_address(known.origin_url, head.origin_url or rest.origin_url),
        page_kind=head.page_kind,
    )
    return known if _same_facts(known, united) else united


def _same_facts(known: Article, united: Article) -> bool:
    """Reading a page again moves `fetched_at` and may take another way to the same facts."""
    return known == replace(united, fetched_at=known.fetched_at, strategies=known.strategies)


def content_hash(article: Article) -> str:
    """Hex SHA-256 of what makes a revision: title, time, source, digest, text and mentions."""
    content = [
        article.title,
        article.published_at and article.published_at.timestamp(),
        article.published_precision,
        article.source,
        article.digest,
        article.body_text,
        [(m.kind, m.secid, m.surface, m.start, m.end) for m in article.mentions],
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
