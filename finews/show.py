"""How rows look on a terminal."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from finews.messages import text
from finews_crawler.items import SHANGHAI, isoformat_shanghai
from pipelines.search.snippets import Piece, marked
from pipelines.store.queries import ArticleRow, Hit
from pipelines.store.stored import StoredArticle


def plain(value: object) -> object:
    """Give a JSON form to what `json` does not know."""
    if isinstance(value, datetime):
        return isoformat_shanghai(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# A list is no export: what it shows of an article, not its text.
_LISTED = ("code", "title", "published_at", "source", "symbols", "first_seen_at", "revision")


def row_of(row: "DataclassInstance") -> dict[str, object]:
    """Give a row's fields by name."""
    if isinstance(row, ArticleRow):
        return {name: getattr(row, name) for name in _LISTED}
    return asdict(row)


def moment(value: datetime | None) -> str:
    """China time, as the site prints it."""
    if value is None:
        return text("unknown_time")
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def minute(value: datetime | None) -> str:
    """China time as a list shows it."""
    return moment(value) if value is None else moment(value)[:-3]


# What a reader copies must stay in one piece; the other columns share what is left.
_WHOLE = {"published", "started", "seen", "code", "spider", "outcome", "reason", "run", "number"}
_WHOLE |= {"change", "check", "symbol", "mention_kind"}
_WIDEST = {"symbols": 20, "surface": 16}


def table(*headings: str, cut: Collection[str] = ()) -> Table:
    """An empty table with these headings; columns of `cut` get what is left, and are cut off."""
    found = Table(header_style="bold", box=SIMPLE_HEAD, pad_edge=False, expand=bool(cut))
    for heading in headings:
        is_cut = heading in cut
        found.add_column(
            text(heading),
            overflow="ellipsis" if is_cut else "fold",
            no_wrap=is_cut or heading in _WHOLE,
            ratio=1 if is_cut else None,
            max_width=_WIDEST.get(heading),
        )
    return found


def article_table(rows: Sequence[ArticleRow]) -> Table:
    """Newest first: when, from whom, what, about which securities."""
    found = table("published", "source", "title", "symbols", "code")
    for row in rows:
        found.add_row(
            minute(row.published_at),
            Text(row.source or ""),
            Text(row.title or text("untitled")),
            Text(" ".join(row.symbols)),
            row.code or "",
        )
    return found


def _pieces(pieces: Sequence[Piece]) -> Text:
    found = Text()
    for piece in pieces:
        found.append(piece.text, style="bold cyan" if piece.is_hit else "")
    return found


def hit_table(hits: Sequence[Hit]) -> Table:
    """Best first: when, from whom, the title and what stands around the words."""
    found = table("published", "source", "found", "code")
    for hit in hits:
        title = _pieces(hit.title) if hit.title else Text(text("untitled"))
        told = Text("\n").join([title, Text(" ").join(_pieces(hit.snippet).split("\n"))])
        row = hit.article
        found.add_row(minute(row.published_at), Text(row.source or ""), told, row.code or "")
    return found


def hit_row(hit: Hit) -> dict[str, object]:
    """A hit's fields by name, with the words in «»."""
    found = {"snippet": marked(hit.snippet, "«", "»"), "score": hit.score}
    return {**row_of(hit.article), **found}


def fact_grid(facts: Iterable[tuple[str, str | Text]]) -> Table:
    """Facts under each other, each with its name; those without a value are left out."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, value in facts:
        if value:
            grid.add_row(text(name), value if isinstance(value, Text) else Text(value))
    return grid


def _facts(found: StoredArticle) -> Table:
    article = found.article
    symbols = dict.fromkeys(mention.symbol or mention.secid for mention in article.mentions)
    facts = (
        ("code", article.code or ""),
        ("published", f"{moment(article.published_at)} ({article.published_quality})"),
        ("source", article.source or ""),
        ("categories", " ".join(article.categories)),
        ("symbols", " ".join(symbols)),
        ("first_seen", moment(found.first_seen_at)),
        ("revision", str(found.revision)),
        ("address", article.url),
    )
    return fact_grid(facts)


def _marked_body(found: StoredArticle) -> Text:
    body = Text(found.article.body_text)
    for mention in found.article.mentions:
        if mention.start is not None and mention.end is not None:
            body.stylize("bold cyan", mention.start, mention.end)
    return body


def article_page(found: StoredArticle) -> RenderableType:
    """One article: facts, digest, text with its mentions marked."""
    article = found.article
    title = Text(article.title or text("untitled"), style="bold")
    digest = Text(f"{article.digest}\n", style="italic") if article.digest else Text("")
    return Group(title, Text(""), _facts(found), Text(""), digest, _marked_body(found))
