"""The article id and the date that a URL carries."""

import re
from urllib.parse import unquote

from finews_crawler.addresses import split_url

_CODE = re.compile(r"(?<!\d)(20\d{16})(?!\d)")
_DATED_PATH = re.compile(r"^(?P<before>.*)/(?P<date>\d{4}/\d\d/\d\d)/(?P<slug>[^/]+)\.html$")
_FILE_NAME_WITH_DATE = re.compile(r"\d{4}-\d\d-\d\d-")


def article_code(text: str | None) -> str | None:
    """Find the 18 digits of an Eastmoney id (`NW` dropped) in a URL, a slug or an id field."""
    found = _CODE.search(text or "")
    return found.group(1) if found else None


class PostPath:
    """A post's path: `/<category>…/<yyyy>/<mm>/<dd>/<slug>.html`, the category possibly empty."""

    def __init__(self, url: str) -> None:
        path = unquote(split_url(url).path)
        found = _DATED_PATH.match(path)
        self.slug = found["slug"] if found else path.rpartition("/")[2].removesuffix(".html")
        self.date = found["date"].replace("/", "-") if found else None
        before = found["before"] if found else ""
        self.categories = tuple(part for part in before.split("/") if part)
        self.is_dated = found is not None

    @property
    def is_broken_post(self) -> bool:
        """Whether Jekyll could not read the front matter: the slug keeps the file name's date.

        Such a page stands at `/<build date>/2022-03-01-NW….html`, so date and time on it are the
        build's, not the article's.
        """
        return self.is_dated and _FILE_NAME_WITH_DATE.match(self.slug) is not None


def is_file_name(title: str, path: PostPath) -> bool:
    """Whether a title is what Jekyll prints without one: `202112082206928461`, `Nw2022…`."""
    return title.casefold().replace(" ", "") == path.slug.casefold().replace("-", "")


def identity(code: str | None, url: str) -> str:
    """What an article is known by: its 18 digits, or its URL when it has none."""
    return code or url
