"""The posts of an archive: Markdown files in a folder, as the site's repository keeps them."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from finews_crawler.arguments import Argument, ArgumentValue
from finews_crawler.errors import ArgumentError
from finews_crawler.extraction.ids import article_code
from finews_crawler.extraction.markdown import extract_markdown
from finews_crawler.items import RawArticle, Reject
from finews_crawler.spider import FinewsSpider, given_of, now

Output = Iterator[Request | RawArticle | Reject]


def posts_below(path: str) -> tuple[str, ...]:
    """The addresses of the post files in a folder and below it.

    Raises:
        ArgumentError: there is no such folder, or no post in it.
    """
    folder = Path(path).resolve()
    if not folder.is_dir():
        raise ArgumentError(f"{path} is no folder")
    found = tuple(file.as_uri() for file in sorted(folder.rglob("*.md")))
    if not found:
        raise ArgumentError(f"{path} holds no .md file")
    return found


class ArchiveSpider(FinewsSpider):
    """Reads post files; the copies of an article leave as one."""

    name = "archive"
    arguments = (Argument("path", posts_below, "folder with posts in Markdown"),)

    @classmethod
    def read_values(cls, given: dict[str, str]) -> dict[str, ArgumentValue]:
        """Check the arguments.

        Raises:
            ArgumentError: the folder is missing.
        """
        values = super().read_values(given)
        if values["path"] is None:
            raise ArgumentError("spider archive: give path=DIR")
        return values

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first file of every article."""
        groups: dict[str, list[str]] = {}
        for url in cast("tuple[str, ...]", self.values["path"]):
            groups.setdefault(article_code(url.rpartition("/")[2]) or url, []).append(url)
        for urls in groups.values():
            yield self._request(urls, [])

    def parse_post(self, response: Response, unread: list[str], read: list[RawArticle]) -> Output:
        """Read one copy of an article, then its next."""
        raw = self.read(extract_markdown, response, fetched_at=now())
        if isinstance(raw, Reject):
            yield raw
        else:
            read.append(raw)
        yield from self._continue(unread, read)

    def _failed(self, failure: Failure) -> Output:
        yield self.fetch_reject(failure)
        yield from self._continue(**given_of(failure))

    def _continue(self, unread: list[str], read: list[RawArticle]) -> Output:
        if unread:
            yield self._request(unread, read)
        elif read:
            yield replace(read[0], copies=tuple(read[1:]))

    def _request(self, unread: list[str], read: list[RawArticle]) -> Request:
        url, *rest = unread
        return Request(
            url,
            callback=self.parse_post,
            errback=self._failed,
            cb_kwargs={"unread": rest, "read": read},
        )
