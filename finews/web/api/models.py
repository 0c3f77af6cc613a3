"""The forms of the answers, for the OpenAPI document.

A test holds their fields against those of the rows of `pipelines.store.queries`.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from finews_crawler.items import (
    AssetClass,
    BodyKind,
    MentionKind,
    PageKind,
    Precision,
    Quality,
)
from pipelines.store.queries.rows import RevisionKind

Item = TypeVar("Item")


class Model(BaseModel):
    """What its attributes say stands in the document."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Mention(Model):
    """A stock widget or a linked name of an article."""

    secid: str
    """Eastmoney's number as printed, `1.600919`."""
    symbol: str | None
    """Canonical on the article's day; null when it is not certain."""
    mic: str | None
    """ISO 10383 code of the venue."""
    asset_class: AssetClass
    kind: MentionKind
    surface: str | None
    """The words that carry the link; null for a chart."""
    start: int | None
    """`body_text[start:end]` is `surface`, in characters (code points)."""
    end: int | None
    inside_word: bool
    """The site's machine linked a part of a longer word: probably no mention."""


class Reprint(Model):
    """Another article of the same story."""

    story_id: int
    article_id: int
    identity: str
    kind: str
    """`first`, `exact` or `near`."""
    similarity: float
    first_seen_at: datetime


class Article(Model):
    """An article in the version that is, or was, readable."""

    id: int = Field(examples=[1])
    """Its number in this database."""
    identity: str = Field(examples=["202206133778412487"])
    """The 18 digits; of a page without them its address."""
    code: str | None = Field(examples=["202206133778412487"])
    """The 18 digits of the Eastmoney id."""
    revision_id: int
    """Grows in the order in which versions became known."""
    revision: int
    """Number of the version, from 1."""
    title: str = Field(examples=["江苏银行公布业绩"])
    published_at: datetime | None = Field(examples=["2022-06-13T09:30:00+08:00"])
    """What the page claims; null when it claims nothing."""
    published_precision: Precision | None
    published_quality: Quality
    """How far to trust `published_at`."""
    known_late: bool | None
    """First seen more than 24 hours after it was published."""
    source: str | None = Field(examples=["财联社"])
    source_raw: str | None
    """The source as printed."""
    digest: str | None
    body_text: str
    """Paragraphs apart by a blank line."""
    body_html: str
    """The same as clean HTML."""
    body_kind: BodyKind
    url: str
    """Where it stands now, whatever `as_of` says."""
    first_seen_at: datetime
    """When this database first knew the article."""
    seen_at: datetime
    """When it knew this version."""
    content_hash: str
    changed: list[str]
    """What differs from the version before."""
    revision_kind: RevisionKind
    """`backfill`: an archive told later how it once was; nobody could read it here."""
    archived_at: datetime | None
    """When the archive that this version is from knew it; null: it is from the page itself."""
    mentions: list[Mention]
    categories: list[str]
    reprints: list[Reprint]
    symbols: list[str]
    """What it mentions, each once; the secid where the symbol is not certain."""


def _part_of(whole: type[Model]) -> type[Model]:
    """The same fields, each of which may be missing: of a list only those asked for are sent."""
    parts: dict[str, Any] = {
        name: (field.annotation, Field(default=None, description=field.description))
        for name, field in whole.model_fields.items()
    }
    told = "Of an article the fields that were asked for."
    return create_model(f"{whole.__name__}Part", __base__=Model, __doc__=told, **parts)


if TYPE_CHECKING:
    ArticlePart = Article
else:
    ArticlePart = _part_of(Article)


class Image(Model):
    """A picture of the text."""

    url: str
    alt: str | None
    original_url: str | None


class Link(Model):
    """An address with its text."""

    url: str
    text: str


class Provenance(Model):
    """Where a field's value is from."""

    strategy: str
    statements: dict[str, str]
    """What each strategy found, as printed."""


class Details(Model):
    """What is known of an article now and is kept of its newest version only."""

    tags: list[str]
    images: list[Image]
    related: list[Link]
    share_url: str | None
    origin_url: str | None
    page_kind: PageKind
    extractor: str
    fetched_at: datetime
    last_seen_at: datetime
    provenance: dict[str, Provenance]


class WholeArticle(Article):
    """An article with where each field's value is from."""

    details: Details | None
    """Null when `as_of` was asked for: it would tell what came later."""
    revisions: str = Field(examples=["/api/v1/articles/202206133778412487/revisions"])
    """Where its versions are."""


class MentionRow(Model):
    """A mention with the article that makes it."""

    article_id: int
    identity: str
    code: str | None
    revision_id: int
    revision: int
    position: int
    """Reading order within the article, from 0."""
    kind: MentionKind
    secid: str
    symbol: str | None
    security: str = Field(examples=["600919.SH"])
    """The newest symbol of the security; the secid where the symbol is not certain."""
    mic: str | None
    asset_class: AssetClass
    surface: str | None
    start: int | None
    end: int | None
    inside_word: bool
    title: str
    source: str | None
    published_at: datetime | None
    published_precision: Precision | None
    published_quality: Quality
    known_late: bool | None
    first_seen_at: datetime
    seen_at: datetime


class Change(Model):
    """One change of one article."""

    seq: int = Field(examples=[4711])
    """Changes are numbered in the order of their commit."""
    article_id: int
    identity: str
    code: str | None
    revision: int
    kind: str
    """`new`, `revised`, `completed` or `story`."""
    committed_at: datetime
    article: ArticlePart | None = None
    """The version that it left behind; only with `fields`."""


class Page(Model, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    as_of: datetime
    """All parts are read as of this moment: they fit together, whatever is written meanwhile."""
    next: str | None
    """The address of the next part; null when this is the last."""


class ChangePage(Model):
    """A part of the change feed."""

    items: list[Change]
    after: int
    """Ask for what is after this number next."""
    next: str
    """The address to ask next; at once when `items` are as many as `limit`, else later."""


class Piece(Model):
    """A part of a text."""

    text: str
    is_hit: bool
    """It is one of the words that were searched for."""


class Hit(Model):
    """An article that a search found."""

    score: float
    """The higher, the better; compares within one search only."""
    title_pieces: list[Piece]
    snippet: list[Piece]
    """What stands around the words in the text."""
    article: ArticlePart


class Found(Model):
    """What a search found, the best first."""

    items: list[Hit]
    as_of: datetime


class Listed(Model, Generic[Item]):
    """A list without parts."""

    items: list[Item]


class Chain(Model, Generic[Item]):
    """A part of a list that changes while it is read."""

    items: list[Item]
    next: str | None
    """The address of the next part; null when this is the last."""


class ProblemError(Model):
    """What is wrong with one word of the address."""

    parameter: str
    detail: str


class Problem(Model):
    """An error, as RFC 9457 has it."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int = Field(examples=[422])
    detail: str | None = None
    instance: str | None = None
    """The path that was asked."""
    errors: list[ProblemError] | None = None
