"""Redirects: followed on the hosts of the crawl, told of where they lead elsewhere."""

from scrapy import Request
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from finews_crawler.fetching.reasons import NotFetched


class ToldRedirects(RedirectMiddleware):
    """Follows as Scrapy does, and gives the spider's errback what Scrapy would drop.

    A redirect that leads off site, or to a page that the crawl has asked for already, ends in
    Scrapy's scheduler: neither callback nor errback is called, and what waited for the page waits
    for ever. One that follows a retry would not even be filtered.
    """

    def process_response(  # type: ignore[override]  # Scrapy passes no spider any more
        self, request: Request, response: Response
    ) -> Request | Response:
        """Follow a redirect.

        Raises:
            NotFetched: it leads off site, in a circle, too far, or nowhere.
        """
        try:
            result = super().process_response(request, response)
        except IgnoreRequest as error:
            detail = f"more than {self.max_redirect_times} (REDIRECT_MAX_TIMES)"
            raise NotFetched("too_many_redirects", detail, response) from error
        except ValueError as error:
            detail = f"Location: {response.headers.get('Location')!r}: {error}"
            raise NotFetched("bad_redirect", detail, response) from error
        if isinstance(result, Request):
            self._check(result, response)
            # Another page's address may lead here, too: the answer is for this one.
            result.dont_filter = True
        return result

    def _check(self, target: Request, response: Response) -> None:
        if target.url in target.meta["redirect_urls"]:
            raise NotFetched("too_many_redirects", f"in a circle, to {target.url}", response)
        offsite = self.crawler.get_downloader_middleware(OffsiteMiddleware)
        spider = self.crawler.spider
        if offsite and spider and not offsite.should_follow(target, spider):
            raise NotFetched("offsite_redirect", f"to {target.url}", response)
