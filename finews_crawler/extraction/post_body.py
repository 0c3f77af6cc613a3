"""The inside of a post as Jekyll renders it: on its page below the heading, and in the feed."""

from dataclasses import dataclass
from itertools import takewhile

from lxml.html import HtmlElement

from finews_crawler.extraction.body import Body, is_flash, read_body
from finews_crawler.extraction.footer import Footer, cut_swallowed, split_footer
from finews_crawler.extraction.front_matter import FrontMatter, read_printed_front_matter
from finews_crawler.extraction.html import is_element
from finews_crawler.extraction.paragraphs import text_of_runs
from finews_crawler.items import Block, BodyKind, Paragraph, Run, Table


@dataclass(frozen=True, slots=True)
class PostBody:
    """The parts of a post below its heading."""

    front_matter: FrontMatter | None
    digest: str | None
    body: Body
    blocks: tuple[Block, ...]
    footer: Footer

    @property
    def kind(self) -> BodyKind:
        """A flash is one plain paragraph with an address line and no source line of its own."""
        bare = self.body.source_line is None and self.digest is None
        is_digest = bare and self.footer.address is not None and is_flash(self.blocks)
        return "digest" if is_digest else "full"


def _digest(nodes: list[HtmlElement], url: str) -> tuple[str | None, list[HtmlElement]]:
    """The summary in front of the body: a `blockquote`, though it quotes nobody."""
    if len(nodes) < 2 or nodes[0].tag != "blockquote":
        return None, nodes
    texts = [_plain(block) for block in read_body([nodes[0]], url).blocks]
    return "\n\n".join(filter(None, texts)) or None, nodes[1:]


def _plain(block: Block) -> str:
    """A digest's text; an ASCII `|` in it made a table of what was one line."""
    if isinstance(block, Paragraph):
        return text_of_runs(block.runs)
    if isinstance(block, Table):
        return "\n".join("|".join(text_of_runs(cell) for cell in row) for row in block.rows)
    return ""


def _unpiped(blocks: list[Block], footer: Footer, body: Body) -> tuple[Block, ...]:
    """Undo Markdown's reading of a flash `A股|港股：…` as a table: it is its only block."""
    is_flash = footer.origin_url and body.source_line is None
    if len(blocks) == 1 and isinstance(blocks[0], Table) and is_flash:
        return (Paragraph(runs=(Run(text=_plain(blocks[0])),)),)
    return tuple(blocks)


def _without_leading_comments(nodes: list[HtmlElement]) -> list[HtmlElement]:
    empty = takewhile(lambda node: not is_element(node) and not (node.tail or "").strip(), nodes)
    return nodes[len(list(empty)) :]


def read_post_body(nodes: list[HtmlElement], base: str) -> PostBody:
    """Read a post's top nodes; `base` resolves relative addresses."""
    nodes, footer = split_footer(nodes)
    nodes = _without_leading_comments(nodes)
    front_matter = read_printed_front_matter(nodes)
    digest, nodes = _digest(nodes[2:] if front_matter else nodes, base)
    body = read_body(nodes, base)
    blocks = _unpiped(cut_swallowed(body.blocks, footer), footer, body)
    return PostBody(front_matter, digest, body, blocks, footer)
