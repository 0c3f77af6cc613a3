"""A share page that holds the text in its own HTML, for when the JSON endpoint fails.

Usually `NewsShare.html` is a shell that a script fills; a filled one has the hooks of Eastmoney's
article pages.
"""

from datetime import datetime

from finews_crawler.errors import EmptyAnswerError
from finews_crawler.extraction.html import parse_html
from finews_crawler.extraction.ids import article_code
from finews_crawler.extraction.origin import ANY_BODY, read_article_page
from finews_crawler.items import RawArticle, StatedTime

EXTRACTOR = "share_html/1"


def extract_share_html(
    body: bytes, url: str, fetched_at: datetime, *, asked: str | None = None
) -> RawArticle:
    """Read a share page's own HTML.

    Raises:
        EmptyAnswerError: it is the shell without text.
        UnknownLayoutError: it is not HTML.
    """
    page = read_article_page(parse_html(body, url), url, ANY_BODY)
    if not page.body.blocks:
        raise EmptyAnswerError(url, "the share page holds no text of its own")
    return RawArticle(
        page_kind="share_html",
        extractor=EXTRACTOR,
        url=url,
        fetched_at=fetched_at,
        body=tuple(page.body.blocks),
        code=asked or article_code(url),
        canonical_url=url,
        title=page.title,
        times=(StatedTime(where="html", text=page.time),) if page.time else (),
        source_line=page.source,
        digest=page.digest,
        share_url=url,
        related=tuple(page.body.related),
        unknown_widgets=tuple(page.body.unknown_widgets),
        strategies={"body": "#ContentBody and its like"},
    )
