"""Bodies that are too large, cut off, or not packed as their answer says."""

import zlib

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response

from finews_crawler.fetching.reasons import REASONS, NotFetched, too_large
from finews_crawler.fetching.retries import BackoffRetry

_GZIP = frozenset({b"gzip", b"x-gzip"})
_CRC_AND_SIZE = 8
_OWN_HEADER = 31
"""For zlib: the data has gzip's header and sum."""


class WholeBodies(HttpCompressionMiddleware):
    """Unpacks bodies as Scrapy does, and asks again for pages that came damaged.

    Scrapy takes of a packed body whatever can be unpacked: half a page would become an article, and
    later its whole page a revision. Only gzip is asked for, because its sum tells. What arrived of
    a body is kept with its reject, so DOWNLOAD_FAIL_ON_DATALOSS must be off.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler=crawler)
        self._crawler = crawler
        self._largest = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    def process_request(self, request: Request) -> None:  # type: ignore[override]  # no spider
        """Say which packing is understood."""
        request.headers.setdefault("Accept-Encoding", b"gzip")

    def process_response(  # type: ignore[override]  # Scrapy passes no spider any more
        self, request: Request, response: Response
    ) -> Request | Response:
        """Unpack a body.

        Raises:
            NotFetched: it is too large, or was damaged each time that it was asked for.
        """
        if not response.body:  # a 304 may name the packing of the page that it does not send
            return response
        whole, reason, detail = self._unpacked(request, response)
        if not reason or not 200 <= response.status < 300:
            return whole
        retries = self._crawler.get_downloader_middleware(BackoffRetry)
        again = retries.after_damage(request) if retries else None
        if again is None:
            raise NotFetched(reason, f"{REASONS[reason]}: {detail}", whole)
        return again

    def _unpacked(self, request: Request, response: Response) -> tuple[Response, str, str]:
        """A body as it is to be read; then the word and the detail of its damage, if any."""
        packing = response.headers.get("Content-Encoding")
        try:
            whole = super().process_response(request, response)
        except IgnoreRequest as error:
            raise NotFetched("too_large", too_large(self._largest), response) from error
        except Exception as error:  # noqa: BLE001 - every packing has errors of its own
            reason = "truncated" if "dataloss" in response.flags else "bad_encoding"
            return response, reason, f"{packing!r}: {error}"
        if not isinstance(whole, Response):
            raise TypeError("Scrapy unpacks a body and asks for nothing")
        damage = _damage(packing, response.body, whole)
        return whole, "truncated" if damage else "", damage


def _damage(packing: bytes | None, packed: bytes, whole: Response) -> str:
    """What shows that a body is not whole; empty when nothing does."""
    if "dataloss" in whole.flags:
        return "the connection ended too soon"
    if packing in _GZIP and not _is_whole_gzip(packed, whole.body):
        return "its sum is not that of gzip"
    return "it has no </html>" if _is_cut(whole) else ""


def _is_cut(page: Response) -> bool:
    """Whether a page ends too soon: a length can be wrong, and a file be half written.

    All pages of the site and of its origin have an end. Without a length even the transport cannot
    tell it from a connection that broke.
    """
    if not isinstance(page, HtmlResponse):
        return False
    text = page.body.lower()
    return b"</html" not in text and (b"<html" in text or "partial" in page.flags)


def _is_whole_gzip(packed: bytes, unpacked: bytes) -> bool:
    """Whether the sum that stands at the end is that of what was unpacked."""
    if packed[-_CRC_AND_SIZE:-4] == zlib.crc32(unpacked).to_bytes(4, "little"):
        return True
    # Bytes after the end are no part of it.
    unpacker = zlib.decompressobj(_OWN_HEADER)
    try:
        unpacker.decompress(packed)
    except zlib.error:
        return False
    return unpacker.eof
