"""What articles point to: media, categories, securities."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from finews_crawler.items import AssetClass
from pipelines.store.models.base import AGAIN, Base, one_of, symbol_form


class Source(Base):
    """A medium that articles name (文章来源), under its canonical name."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True, doc="Canonical name.")
    slug: Mapped[str] = mapped_column(
        String(200),
        doc="The name in Latin letters and digits, `cailianshe`; two rare names may share one.",
    )
    first_seen_at: Mapped[datetime] = mapped_column(doc="When this database first knew it.")


class Category(Base):
    """The site's own grouping, by its slug."""

    __tablename__ = "category"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(
        String(200), unique=True, doc="In the site's own letters: `TechWeb` and `Techweb` are two."
    )
    heading: Mapped[str | None] = mapped_column(
        String(200), doc="The newest heading of its page; null when none was seen.", info=AGAIN
    )
    first_seen_at: Mapped[datetime] = mapped_column(doc="When this database first knew it.")


class Security(Base):
    """What mentions point to: one row for all the codes that a security ever had.

    A row goes when it turns out to be an older code of another one.
    """

    __tablename__ = "security"
    __table_args__ = (one_of("asset_class", AssetClass), *symbol_form("symbol"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(
        String(64),
        unique=True,
        doc="The symbol; the secid as printed where the symbol is not certain.",
        info=AGAIN,
    )
    symbol: Mapped[str | None] = mapped_column(
        String(64),
        doc="The newest canonical symbol, `920799.BJ`; null when it is not certain.",
        info=AGAIN,
    )
    secid: Mapped[str] = mapped_column(
        String(64), doc="As the first mention printed it; others may differ."
    )
    mic: Mapped[str | None] = mapped_column(
        String(4), doc="ISO 10383 code of the exchange; null when there is none or it is not sure."
    )
    asset_class: Mapped[str] = mapped_column(String(16), doc="See [fields](fields.md).")
    first_seen_at: Mapped[datetime] = mapped_column(doc="When this database first knew it.")


class SecurityAlias(Base):
    """A symbol that a security has or had, with the days on which it was valid."""

    __tablename__ = "security_alias"
    __table_args__ = (CheckConstraint("since < until", name="span"), *symbol_form("symbol"))

    symbol: Mapped[str] = mapped_column(
        String(64), primary_key=True, doc="Canonical symbol, `830799.BJ`."
    )
    security_id: Mapped[int] = mapped_column(ForeignKey("security.id"), index=True, info=AGAIN)
    since: Mapped[date | None] = mapped_column(
        doc="First trading day under this symbol; null: since the listing.", info=AGAIN
    )
    until: Mapped[date | None] = mapped_column(
        doc="First trading day under the next symbol; null: valid today.", info=AGAIN
    )
