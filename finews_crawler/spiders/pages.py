"""Pages by their address: posts of one site, and share pages."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import cast

from scrapy import Request

from finews_crawler.arguments import Argument, ArgumentValue, comma_list, flag
from finews_crawler.errors import ArgumentError
from finews_crawler.extraction.ids import PostPath
from finews_crawler.items import RawArticle, Reject
from finews_crawler.memory import Wanted, standings
from finews_crawler.post_reading import PostReadingSpider
from finews_crawler.share_reading import Asked, Output
from finews_crawler.share_requests import allowed_hosts, endpoint_of, page_url
from finews_crawler.site import Site, checked_root
from finews_crawler.spans import refresh_window
from finews_crawler.spiders.share import parse_code, read_lines


def root_of(url: str) -> str | None:
    """The site on which a post stands; None when the address is no post's."""
    if not PostPath(url).is_dated:
        return None
    try:
        return checked_root(url)
    except ArgumentError:
        return None


def is_page(url: str) -> bool:
    """Whether an address is one that the spider can ask for: a post's or a share page's."""
    return url.startswith(("http://", "https://")) and bool(root_of(url) or parse_code(url))


class PagesSpider(PostReadingSpider):
    """Reads what it is given, as `finews rejects retry` gives it."""

    name = "pages"
    arguments = (
        Argument("urls", comma_list, "addresses of posts and share pages", ()),
        Argument("file", read_lines, "file with one address a line, # comments", ()),
        Argument("full", flag, "1: ask the share page for the text of posts with a digest", False),
        Argument("endpoint", checked_root, "host to ask for share pages: http://127.0.0.1:8000"),
        Argument("refresh", refresh_window, "leave out what is known and older than: 6h, 0, all"),
    )

    @classmethod
    def read_values(cls, given: dict[str, str]) -> dict[str, ArgumentValue]:
        """Check the arguments: at least one must name a page, all posts must be of one site.

        Raises:
            ArgumentError: none does, or they are of several.
        """
        values = super().read_values(given)
        words = (*cast("tuple[str, ...]", values["urls"]), *cast("tuple[str, ...]", values["file"]))
        if not words:
            raise ArgumentError("spider pages: give urls=… or file=PATH")
        roots = {root for word in words if (root := root_of(word))}
        if len(roots) > 1:
            raise ArgumentError(f"spider pages: posts of several sites: {', '.join(sorted(roots))}")
        return values

    def set_up(self) -> None:
        """Choose the site and the hosts."""
        roots = filter(None, map(root_of, self._words()))
        root = next(roots, None) or checked_root(self.crawler.settings["FINEWS_SITE"])
        self.set_up_posts(Site(root))
        printed = [] if self.endpoint else [endpoint_of(word) for word in self._words()]
        first = self.endpoint or root
        more = allowed_hosts(first, *printed, default=self.default_endpoint)
        self.allow_hosts(sorted({*(self.allowed_domains or ()), *more}))

    def depends_on(self, _url: str) -> bool:
        """Each of its pages was asked for by name."""
        return True

    def _words(self) -> list[str]:
        given = (cast("tuple[str, ...]", self.values[name]) for name in ("urls", "file"))
        return list(dict.fromkeys(word for words in given for word in words))

    @property
    def expected(self) -> int:
        """The addresses that were given."""
        return len(self._words())

    async def start(self) -> AsyncIterator[Request | Reject]:
        """Note the posts, which are read when the spider is idle, and ask for the share pages."""
        texts: dict[str, str | None] = {}
        for word in self._words():
            if root_of(word):
                self.plan.add_post(word)
            elif parsed := parse_code(word):
                texts.setdefault(*parsed)
            else:
                detail = "neither a post nor a share page"
                yield self.reject("argument", "bad_address", detail, word)
        for code in await self._unknown(texts):
            yield self.ask_share(self._share(code, texts[code]))

    async def _unknown(self, codes: Iterable[str]) -> list[str]:
        """Leave out the texts that are known, or were missed not long ago, as `refresh` says."""
        wanted = [Wanted(key=code, full=True) for code in codes]
        found = await standings(self.memory, wanted, self.refresh)
        for standing, number in Counter(found.values()).items():
            self.stats.inc_value(f"finews/memory/{standing}", number)
        return [one.key for one in wanted if one.key not in found]

    def _share(self, code: str, printed: str | None) -> Asked:
        endpoint = self.endpoint or printed or self.default_endpoint
        return Asked(
            code=code, endpoint=endpoint, share_url=page_url(endpoint, code), then=self._found
        )

    @staticmethod
    def _found(raw: RawArticle | None) -> Output:
        if raw is not None:
            yield raw
