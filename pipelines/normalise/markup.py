"""Blocks to clean HTML that is safe to show.

The HTML is built from the blocks, so nothing of the page's own markup survives, and is then passed
through nh3 (ammonia), so that a slip here cannot become active content there.
"""

from collections.abc import Sequence
from html import escape
from itertools import groupby

import nh3

from finews_crawler.items import Block, Chart, Image, Paragraph, Run, Table, Widget

_TAGS = {"a", "br", "figure", "h3", "img", "li", "p", "strong", "table", "tbody", "td", "tr", "ul"}
_ATTRIBUTES = {"a": {"href", "data-secid", "data-kind"}, "img": {"src", "alt"}}
_QUOTE_PAGE = "https://quote.eastmoney.com/unify/r/"
_ELEMENT = {"paragraph": "p", "heading": "h3", "item": "li"}


def _link(widget: Widget, words: str) -> str:
    secid = escape(widget.secid)
    address = f'href="{_QUOTE_PAGE}{secid}"'
    return f'<a {address} data-secid="{secid}" data-kind="{widget.kind}">{words}</a>'


def _run(run: Run) -> str:
    words = escape(run.text, quote=False).replace("\n", "<br>")
    if run.widget is not None:
        words = _link(run.widget, words)
    elif run.href is not None:
        words = f'<a href="{escape(run.href)}">{words}</a>'
    return f"<strong>{words}</strong>" if run.strong else words


def _runs(runs: Sequence[Run]) -> str:
    return "".join(map(_run, runs))


def _image(image: Image) -> str:
    alt = f' alt="{escape(image.alt)}"' if image.alt else ""
    return f'<figure><img src="{escape(image.url)}"{alt}></figure>'


def _table(table: Table) -> str:
    rows = (
        "<tr>" + "".join(f"<td>{_runs(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            name = _ELEMENT[block.role]
            return f"<{name}>{_runs(block.runs)}</{name}>"
        case Table():
            return _table(block)
        case Image():
            return _image(block)
        case Chart():
            return f"<p>{_link(block.widget, escape(f'K图 {block.widget.secid}'))}</p>"


def _is_item(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.role == "item"


def sanitised(html: str) -> str:
    """Let through only the elements, attributes and schemes that the clean form uses."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="nofollow noopener",
    )


def clean_html(blocks: Sequence[Block]) -> str:
    """Give the body as HTML: paragraphs, lists, tables, pictures, widgets as links."""
    parts: list[str] = []
    for is_list, group in groupby(blocks, key=_is_item):
        inner = "\n".join(map(_block, group))
        parts.append(f"<ul>\n{inner}\n</ul>" if is_list else inner)
    return sanitised("\n".join(parts))
