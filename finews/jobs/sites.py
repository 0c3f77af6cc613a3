"""Which sites a crawl reads: of one site one crawl at a time, whoever starts it."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from finews.jobs.definition import spiders
from finews_crawler.addresses import is_loopback, is_of_eastmoney
from finews_crawler.arguments import ArgumentValue
from finews_crawler.fetching.hosts import host_name
from finews_crawler.options import option_values
from finews_crawler.site import checked_root
from finews_crawler.spiders.pages import root_of
from finews_crawler.spiders.share import parse_code

EASTMONEY = "eastmoney.com"
"""All hosts of Eastmoney count as one: it blocks whoever asks too fast, whichever it was."""
Values = Mapping[str, ArgumentValue]
Settings = Mapping[str, str]
"""What goes before the environment."""


def sites_of(spider: str, arguments: Mapping[str, str], settings: Settings) -> tuple[str, ...]:
    """The sites that a crawl reads, the one that it is about first; none for files.

    Raises:
        ConfigurationError: its arguments cannot be understood on this machine; a file is missing.
    """
    values = spiders()[spider].read_values(dict(arguments))
    return tuple(dict.fromkeys(map(site_of, _ADDRESSES[spider](values, settings))))


def site_of(url: str) -> str:
    """What all addresses of a site have in common: its host with its port."""
    return EASTMONEY if is_of_eastmoney(url) else host_name(url)


def root_for(values: Values, settings: Settings) -> str:
    """The site that a crawl of categories is about."""
    return cast("str | None", values["site"]) or _root(settings, "FINEWS_SITE")


def share_endpoint(values: Values, settings: Settings, printed: str | None = None) -> str:
    """Where a full text is asked for: as the crawl is told, as the address says, by default."""
    given = cast("str | None", values["endpoint"])
    return given or printed or _root(settings, "FINEWS_SHARE_ENDPOINT")


def words_of(values: Values, *names: str) -> list[str]:
    """The words of several arguments, each once."""
    given = (cast("tuple[str, ...]", values[name]) for name in names)
    return list(dict.fromkeys(word for words in given for word in words))


def _root(settings: Settings, name: str) -> str:
    return checked_root(_setting(settings, name))


def _setting(settings: Settings, name: str) -> str:
    return settings.get(name) or str(option_values(os.environ)[name])


# --- addresses on the sites that a spider reads ---------------------------------------------------


def _categories(values: Values, settings: Settings) -> Iterator[str]:
    return _posts(values, settings, root_for(values, settings))


def _pages(values: Values, settings: Settings) -> Iterator[str]:
    words = words_of(values, "urls", "file")
    root = next(filter(None, map(root_of, words)), None) or _root(settings, "FINEWS_SITE")
    yield from _posts(values, settings, root)
    yield from _endpoints(values, settings, (word for word in words if not root_of(word)))


def _shares(values: Values, settings: Settings) -> Iterator[str]:
    yield from _endpoints(values, settings, words_of(values, "codes", "file", "url"))


def _posts(values: Values, settings: Settings, root: str) -> Iterator[str]:
    """The site, where full texts are asked for, and where posts are kept that it shows no more.

    A copy on this machine leads nowhere else for its full texts.
    """
    yield root
    if values["full"]:
        endpoint = share_endpoint(values, settings)
        if values["endpoint"] or is_loopback(endpoint) or not is_loopback(root):
            yield endpoint
    if old_posts := _setting(settings, "FINEWS_OLD_POSTS"):
        yield old_posts


def _endpoints(values: Values, settings: Settings, words: Iterable[str]) -> Iterator[str]:
    parsed = filter(None, map(parse_code, words))
    yield from (share_endpoint(values, settings, printed) for _, printed in parsed)


def _origin(values: Values, _settings: Settings) -> Iterator[str]:
    yield cast("str | None", values["endpoint"]) or f"https://{EASTMONEY}/"


def _files(_values: Values, _settings: Settings) -> Iterator[str]:
    return iter(())


_ADDRESSES: Mapping[str, Callable[[Values, Settings], Iterator[str]]] = {
    "archive": _files,
    "category": _categories,
    "live": _origin,
    "pages": _pages,
    "share": _shares,
    "stock": _origin,
}
