"""A site's address, and which addresses are the site's own."""

from dataclasses import dataclass
from urllib.parse import quote, unquote, urljoin, urlsplit

from finews_crawler.addresses import join_url, split_url
from finews_crawler.errors import ArgumentError
from finews_crawler.reference import load_table


def checked_root(value: str) -> str:
    """A site's root URL as an argument gives it.

    Raises:
        ArgumentError: it is no http(s) address with a host.
    """
    try:
        parts = urlsplit(value.strip())
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise ArgumentError(f"{value!r} is no address: {error}") from error
    if parts.scheme not in {"http", "https"} or not has_host:
        raise ArgumentError(f"{value!r} is no http(s) address, such as http://127.0.0.1:8000")
    return f"{parts.scheme}://{parts.netloc}/"


@dataclass(frozen=True, slots=True)
class Site:
    """The site under crawl; links that it prints to any of its own hosts are read on it."""

    root: str

    @property
    def host(self) -> str:
        """The host name without port."""
        return urlsplit(self.root).hostname or ""

    def page(self, path: str) -> str:
        """The URL of a path, percent-coded."""
        return urljoin(self.root, quote(path.lstrip("/")))

    def category_page(self, slug: str) -> str:
        """The page of a category slug as the site writes it (`Wind`, with spaces and all)."""
        return self.page(f"category/{slug}.html")

    def own(self, url: str) -> str | None:
        """The URL on this site when it leads to one of the site's hosts, else None."""
        parts = split_url(join_url(self.root, url) or "")
        hosts = {self.host, *load_table("sites")["site"]["hosts"]}
        if parts.scheme not in {"http", "https"} or parts.hostname not in hosts:
            return None
        return self.page(unquote(parts.path))
