"""RawArticle -> Article."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from finews_crawler.extraction.ids import identity
from finews_crawler.extraction.paragraphs import text_of_runs
from finews_crawler.items import (
    SHANGHAI,
    Article,
    Block,
    Image,
    Mention,
    Paragraph,
    Provenance,
    RawArticle,
    Run,
    Widget,
)
from pipelines.completion import known_at, page_key, unite
from pipelines.normalise.clock import Published, published
from pipelines.normalise.markup import clean_html
from pipelines.normalise.sources import (
    UNNAMED,
    NamedSource,
    source_of_line,
    source_of_tags,
    split_trailing_source,
)
from pipelines.normalise.symbols import resolve
from pipelines.normalise.text import Placed, plain_text
from pipelines.normalise.words import is_inside_word


def _mention(placed: Placed, on_date: date, text: str) -> Mention:
    resolved = resolve(placed.widget.secid, on_date)
    return Mention(
        secid=placed.widget.secid,
        symbol=resolved.symbol,
        mic=resolved.mic,
        asset_class=resolved.asset_class,
        kind=placed.widget.kind,
        surface=placed.surface,
        start=placed.start,
        end=placed.end,
        inside_word=placed.start is not None
        and placed.end is not None
        and is_inside_word(text, placed.start, placed.end),
    )


def _listed(raw: RawArticle, placed: Iterable[Placed]) -> Iterator[Placed]:
    """The secids that a list names beside the article, unless its text shows them."""
    shown = {one.widget.secid for one in placed}
    for secid in raw.listed_secids:
        if secid not in shown:
            yield Placed(Widget(kind="listed", secid=secid))


def _without_trailing_source(raw: RawArticle) -> tuple[tuple[Block, ...], NamedSource]:
    """A flash names its medium in brackets at its end: that is no part of the text."""
    last = raw.body[-1] if raw.body_kind == "digest" and raw.body else None
    if not isinstance(last, Paragraph):
        return raw.body, UNNAMED
    text, source = split_trailing_source(text_of_runs(last.runs))
    if source == UNNAMED or not text:
        return raw.body, UNNAMED
    return (*raw.body[:-1], replace(last, runs=(Run(text=text),))), source


def _source(raw: RawArticle, trailing: NamedSource) -> NamedSource:
    if raw.source_line:
        return source_of_line(raw.source_line)
    return trailing if trailing != UNNAMED else source_of_tags(raw.tags)


def _on_date(raw: RawArticle, time: Published) -> date:
    """The date for which codes are looked up: of publishing, else by the id, else of the fetch."""
    if time.at is not None:
        return time.at.astimezone(SHANGHAI).date()
    if raw.code is not None:
        try:
            return date.fromisoformat(raw.code[:8])
        except ValueError:  # 18 digits that only look like an id
            pass
    return raw.fetched_at.astimezone(SHANGHAI).date()


def _provenance(raw: RawArticle, time: Published, source: NamedSource) -> dict[str, Provenance]:
    """Which strategy gave each field, with what the page printed where it is one value."""
    printed = {"title": raw.title, "code": raw.code or "", "categories": " ".join(raw.categories)}
    found = {
        name: Provenance(
            strategy=strategy, statements={strategy: printed[name]} if name in printed else {}
        )
        for name, strategy in raw.strategies.items()
    }
    if time.stated is not None:
        statements: dict[str, str] = {stated.where: stated.text for stated in raw.times}
        found["published_at"] = Provenance(strategy=time.stated, statements=statements)
    if source.strategy is not None:
        statements = {"source line": raw.source_line or "", "tag": " ".join(raw.tags)}
        statements[source.strategy] = source.raw or ""
        stated = {name: text for name, text in statements.items() if text}
        found["source"] = Provenance(strategy=source.strategy, statements=stated)
    return found


def normalise_page(raw: RawArticle) -> Article:
    """Make the article that one page tells of, leaving its copies aside."""
    time = published(raw)
    blocks, trailing = _without_trailing_source(raw)
    text, placed = plain_text(blocks)
    source = _source(raw, trailing)
    url = raw.canonical_url or raw.url
    on_date = _on_date(raw, time)
    return Article(
        code=raw.code,
        title=raw.title,
        published_at=time.at,
        published_precision=time.precision,
        published_quality=time.quality,
        source=source.name,
        source_raw=source.raw,
        digest=raw.digest,
        body_text=text,
        body_html=clean_html(blocks),
        body_kind=raw.body_kind,
        categories=tuple(sorted(raw.categories)),
        tags=raw.tags,
        mentions=tuple(_mention(one, on_date, text) for one in (*placed, *_listed(raw, placed))),
        images=tuple(block for block in blocks if isinstance(block, Image)),
        url=url,
        share_url=raw.share_url,
        origin_url=raw.origin_url,
        fetched_at=raw.fetched_at,
        extractor=raw.extractor,
        identity=identity(raw.code, url),
        page_kind=raw.page_kind,
        related=raw.related,
        provenance=_provenance(raw, time, source),
        archived_at=raw.archived_at,
    )


def normalise(raw: RawArticle) -> Article:
    """Make the article that a page and its copies tell of."""
    raws = (raw, *raw.copies)
    pages = map(normalise_page, raws)
    article = unite(list({page_key(page): page for page in pages}.values()))
    earlier = [normalise_page(version) for one in raws for version in one.earlier]
    return replace(article, earlier=tuple(sorted(earlier, key=known_at))) if earlier else article
