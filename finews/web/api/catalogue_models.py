"""The forms of the answers about securities, sources, categories and crawls."""

from datetime import date, datetime

from pydantic import Field

from finews.web.api.models import Model
from finews_crawler.items import AssetClass


class Alias(Model):
    """A symbol that a security has or had."""

    symbol: str
    since: date | None
    """First trading day under it; null: since the listing."""
    until: date | None
    """First trading day under the next one; null: valid today."""


class SecurityRow(Model):
    """What mentions point to."""

    key: str = Field(examples=["600919.SH"])
    """The newest symbol; the secid where the symbol is not certain."""
    symbol: str | None
    """Canonical; null when it is not certain."""
    secid: str = Field(examples=["1.600919"])
    """As the first mention printed it."""
    mic: str | None
    asset_class: AssetClass
    first_seen_at: datetime
    aliases: list[Alias]
    """Its symbols, the newest first."""
    names: list[str]
    """Words that its newest mentions stand on, the most frequent first."""


class Security(SecurityRow):
    """A security, with where its articles are."""

    articles: str
    """The address of the articles that mention it."""


class Source(Model):
    """A medium."""

    name: str


class Category(Model):
    """A category of the site."""

    slug: str
    heading: str | None


class Run(Model):
    """A crawl."""

    id: int
    spider: str
    arguments: dict[str, object]
    job: str | None
    host: str | None
    pid: int | None
    started_at: datetime
    alive_at: datetime | None
    finished_at: datetime | None
    outcome: str | None
    reason: str | None
    message: str | None
    counts: dict[str, int]
    received_bytes: int | None
    peak_memory_bytes: int | None
    latency_p50_ms: int | None
    latency_p95_ms: int | None
    state: str
    """`ok`, `degraded`, `failed`; `running`; or `lost`: its process died without a word."""


class Finding(Model):
    """What a crawl found wrong."""

    kind: str
    subject: str
    detail: str
    since_at: datetime | None
    until_at: datetime | None


class WholeRun(Run):
    """A crawl with what it found wrong."""

    findings: list[Finding]


class Clock(Model):
    """How far the database has come."""

    at: datetime
    """The newest moment at which something became readable: `as_of` this gives what is now."""
    seq: int
    """The number of the newest change."""


class Health(Model):
    """The server answers, and so does its database."""

    status: str = Field(examples=["ok"])
