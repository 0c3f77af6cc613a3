"""What a page says, what is true of an article, and what else a crawl reports.

`RawArticle` holds a page's words as printed, `Article` the clean facts; `Listing` and `Reject` go
to the database only. All are frozen and typed; there is no bag of extras.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

MentionKind = Literal["chart", "link", "repeat", "listed"]
BodyKind = Literal["full", "digest"]
PageKind = Literal["post", "markdown", "feed", "origin", "share_json", "share_html", "list"]
ParagraphRole = Literal["paragraph", "heading", "item"]
Precision = Literal["second", "minute", "day"]
Quality = Literal["stated", "zone_corrected", "zone_doubtful", "disagrees", "future", "missing"]
FooterForm = Literal["none", "relative", "lines_withounder", "lines_zning", "bar"]
"""How a post's 返回 line is written; it tells the version of the site's generator."""
AssetClass = Literal[
    "stock", "fund", "index", "board", "bond", "future", "option", "fx", "rate", "spot", "unknown"
]


# --- what a page says ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Widget:
    """One stock widget as printed: a K-chart picture or a linked name."""

    kind: MentionKind
    secid: str
    """`<market>.<code>` as the page gives it (`1.600919`); case kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of text inside a paragraph that has one look."""

    text: str
    strong: bool = False
    href: str | None = None
    widget: Widget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph, heading or list item; its text is the runs joined with nothing between."""

    runs: tuple[Run, ...]
    role: ParagraphRole = "paragraph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells; each cell is a tuple of runs."""

    rows: tuple[tuple[tuple[Run, ...], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of the body that is not a stock chart."""

    url: str
    """Absolute address of the picture as shown."""
    alt: str | None = None
    """The picture's own words; fillers such as `Image` and 图片 are left out."""
    original_url: str | None = None
    """The larger original (attribute `orginial_src`, the site's spelling)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A K-chart or intraday picture of a security."""

    widget: Widget


Block = Paragraph | Table | Image | Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTime:
    """One statement of the time of publishing, as printed."""

    where: Literal["small", "meta", "json_ld", "url", "front_matter", "feed", "json", "html"]
    """`url` is a date in a path or a file name."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address with its text."""

    url: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered, as it came."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """After its transfer encoding was undone."""
    reader: str = ""
    """What reads it as an article, a name of `extraction.readers`; empty: nothing does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """One article as one page prints it."""

    page_kind: PageKind
    extractor: str
    """Name and version of the code that read the page, `post/1`."""
    url: str
    """Where the page was fetched."""
    fetched_at: datetime
    """Aware; when the answer arrived."""
    body: tuple[Block, ...]
    body_kind: BodyKind = "full"
    code: str | None = None
    """The 18 digits of the Eastmoney id, without `NW`."""
    canonical_url: str | None = None
    title: str = ""
    times: tuple[StatedTime, ...] = ()
    source_line: str | None = None
    """What stands in （文章来源：…）, or the medium that a flash names in brackets at its end."""
    digest: str | None = None
    categories: tuple[str, ...] = ()
    """Category slugs in the site's own letters (`Wind`)."""
    category_urls: tuple[str, ...] = ()
    """Category pages that the footer links to, as printed."""
    tags: tuple[str, ...] = ()
    share_url: str | None = None
    origin_url: str | None = None
    related: tuple[Link, ...] = ()
    listed_secids: tuple[str, ...] = ()
    """Secids that a list endpoint names beside the article (`stockList`)."""
    footer_form: FooterForm = "none"
    unknown_widgets: tuple[str, ...] = ()
    """What looks like a stock widget but names no secid, as printed."""
    strategies: Mapping[str, str] = field(default_factory=dict)
    """Field name -> name of the strategy that found it."""
    copies: tuple["RawArticle", ...] = ()
    """The same article as other pages print it, read in the same crawl."""
    archived_at: datetime | None = None
    """Aware; when the archive that the page is from knew it so. None: it is no archive's."""
    earlier: tuple["RawArticle", ...] = ()
    """What an archive kept of the same page from before, the oldest first."""
    page: Callable[[], Answer] | None = field(default=None, compare=False, repr=False)
    """Gives the page itself, which is kept where the article is refused."""


# --- what is true of an article --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """What a secid stands for on a date."""

    symbol: str | None
    """Canonical symbol (`600919.SH`); None when the market is unknown."""
    mic: str | None
    """ISO 10383 market identifier code of the venue; None when there is none or it is not sure."""
    asset_class: AssetClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a field's value is from."""

    strategy: str
    """The name of what found it (`section h1`, `meta`, `tag`)."""
    statements: Mapping[str, str] = field(default_factory=dict)
    """What each strategy found, as printed; the chosen one among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One stock widget of the body, resolved."""

    secid: str
    symbol: str | None
    mic: str | None
    asset_class: AssetClass
    kind: MentionKind
    surface: str | None
    """The words that carry the link; None for a chart."""
    start: int | None
    """`body_text[start:end] == surface`, in characters; None for a chart or a listed code."""
    end: int | None
    inside_word: bool = False
    """The site's machine linked a part of a longer word: 高通 in 高通胀. Probably no mention."""


def isoformat_shanghai(value: datetime | None) -> str | None:
    """ISO 8601 with the offset of Asia/Shanghai, the form in which the site prints times."""
    return None if value is None else value.astimezone(SHANGHAI).isoformat()


_TIME: Mapping[str, Any] = {"serializer": isoformat_shanghai}
_INTERNAL: Mapping[str, Any] = {"export": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article, clean. The order of the fields is the order of the exports."""

    code: str | None
    """The 18 digits of the Eastmoney id; None for the site's own notices."""
    title: str
    """Empty when no page states one."""
    published_at: datetime | None = field(metadata=_TIME)
    """Aware; None when no page states it."""
    published_precision: Precision | None
    published_quality: Quality
    """How far the statements of time on the page agree; `missing` when there is none."""
    source: str | None
    """Canonical name of the medium; None when the page names none."""
    source_raw: str | None
    digest: str | None
    """The summary that stands apart from the body."""
    body_text: str
    """Paragraphs separated by a blank line."""
    body_html: str
    """Clean HTML: no script, style, event handler or unknown scheme."""
    body_kind: BodyKind
    """`digest`: a flash whose text is only the summary of a longer article or all there is."""
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    mentions: tuple[Mention, ...]
    images: tuple[Image, ...]
    url: str
    share_url: str | None
    origin_url: str | None
    fetched_at: datetime = field(metadata=_TIME)
    """Aware; when the page that gave the body was fetched."""
    extractor: str
    identity: str = field(metadata=_INTERNAL)
    """The code, or for a page without one its canonical URL."""
    page_kind: PageKind = field(metadata=_INTERNAL)
    related: tuple[Link, ...] = field(default=(), metadata=_INTERNAL)
    """Other articles that a 相关报道 block links to; no part of the text."""
    provenance: Mapping[str, Provenance] = field(default_factory=dict, metadata=_INTERNAL)
    """Field name -> where its value is from."""
    printings: tuple["Article", ...] = field(default=(), metadata=_INTERNAL)
    """What each of several pages prints of it; empty when one page is all there is."""
    archived_at: datetime | None = field(default=None, metadata=_INTERNAL)
    """When the archive that gave the body knew it so; None: it is from the page itself."""
    earlier: tuple["Article", ...] = field(default=(), metadata=_INTERNAL)
    """What an archive kept of its pages from before, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reextracted:
    """An article as the program reads it today from a page that was kept."""

    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCopy:
    """A copy that arrived after its article had left the pipeline: stored, not exported again."""

    article: Article


# --- what else a crawl reports ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a category page listed, in its order."""

    slug: str
    url: str
    heading: str | None
    """The `h2` (`证监会网站新闻`), None on an empty category; the page's title is often wrong."""
    entries: tuple[str, ...]
    """Identities, newest first: the 18 digits, or the URL path of a post without them."""
    fetched_at: datetime
    addresses: tuple[str, ...] = ()
    """The URL path of each entry."""
    etag: str | None = None
    """What the server calls this version of the page, its header as sent."""
    last_modified: str | None = None
    """The server's own time of this version, its header as sent."""
    back_to: datetime | None = None
    """Of a list that is walked back: all that it named since then was taken. None: the page lists
    all that it has."""


INTERNAL_ERROR = "internal_error"
"""The reason of a reject that is our own fault: a page on which the program failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A page that may be missing without a fault; remembered, so that it is not asked each time."""

    stage: str
    reason: str
    url: str
    code: str | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A page or an item that could not be used, and why."""

    stage: str
    reason: str
    """One word, for counting (`unknown_layout`)."""
    detail: str
    url: str
    code: str | None
    seen_at: datetime
    key: str | None = field(default=None, compare=False)
    """Tells it from others like it when it is sent to the database again."""
    answer: Answer | None = field(default=None, compare=False, repr=False)
    """None when the server gave none, or a page is not what was rejected."""
