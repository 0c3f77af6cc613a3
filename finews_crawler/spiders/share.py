"""Articles by their code, from the JSON endpoint behind the share page."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

from scrapy import Request

from finews_crawler.arguments import Argument, ArgumentValue, comma_list
from finews_crawler.errors import ArgumentError
from finews_crawler.items import RawArticle, Reject
from finews_crawler.share_reading import Asked, Output, ShareReadingSpider
from finews_crawler.share_requests import allowed_hosts, endpoint_of, page_url
from finews_crawler.site import checked_root

_CODE = re.compile(r"(?:NW)?(20\d{16})", re.IGNORECASE)
_CODE_IN_URL = re.compile(r"(?:infocode|id)=(?:NW)?(20\d{16})(?!\d)", re.IGNORECASE)


def read_lines(path: str) -> tuple[str, ...]:
    """Read codes or share URLs from a file, one a line; `#` begins a comment.

    Raises:
        ArgumentError: the file cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{path}: {error}") from error
    # A URL's own `#` has no white space in front of it.
    lines = (re.sub(r"(?:^|\s)#.*", "", line).strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


def parse_code(word: str) -> tuple[str, str | None] | None:
    """Read a code or a share URL: (18 digits, the URL's host or None); None when it is neither."""
    if found := _CODE.fullmatch(word):
        return found[1], None
    if found := _CODE_IN_URL.search(word):
        return found[1], endpoint_of(word)
    return None


class ShareSpider(ShareReadingSpider):
    """Asks the JSON endpoint for each code, and the share page itself where that fails."""

    name = "share"
    arguments = (
        Argument("codes", comma_list, "codes or share URLs: NW…,NW…", ()),
        Argument("file", read_lines, "file with one code or share URL a line, # comments", ()),
        Argument("url", comma_list, "a share page's URL", ()),
        Argument("endpoint", checked_root, "host to ask instead: http://127.0.0.1:8000"),
    )

    def set_up(self) -> None:
        """Choose the endpoint."""
        self.endpoint = cast("str | None", self.values["endpoint"])
        self.default_endpoint = checked_root(self.crawler.settings["FINEWS_SHARE_ENDPOINT"])
        printed = [] if self.endpoint else [endpoint_of(word) for word in self._words()]
        first = self.endpoint or self.default_endpoint
        self.allow_hosts(allowed_hosts(first, *printed, default=self.default_endpoint))

    @classmethod
    def read_values(cls, given: dict[str, str]) -> dict[str, ArgumentValue]:
        """Check the arguments: at least one must name an article.

        Raises:
            ArgumentError: none does.
        """
        values = super().read_values(given)
        if not any(values[name] for name in ("codes", "file", "url")):
            raise ArgumentError("spider share: give codes=NW…, file=PATH or url=…")
        return values

    def _words(self) -> list[str]:
        given = (cast("tuple[str, ...]", self.values[name]) for name in ("codes", "file", "url"))
        return list(dict.fromkeys(word for words in given for word in words))

    @property
    def expected(self) -> int:
        """The codes that were given."""
        return len(self._words())

    async def start(self) -> AsyncIterator[Request | Reject]:
        """Ask for every good code; a bad one is named and kept as a reject."""
        asked: set[str] = set()
        for word in self._words():
            parsed = parse_code(word)
            if parsed is None:
                yield self.reject("argument", "bad_code", "no code of NW and 18 digits", word)
            elif parsed[0] not in asked:
                asked.add(parsed[0])
                yield self.ask_share(self._asked(*parsed))

    def _asked(self, code: str, printed: str | None) -> Asked:
        endpoint = self.endpoint or printed or self.default_endpoint
        page = page_url(endpoint, code)
        return Asked(code=code, endpoint=endpoint, share_url=page, then=self._found)

    @staticmethod
    def _found(raw: RawArticle | None) -> Output:
        if raw is not None:
            yield raw
