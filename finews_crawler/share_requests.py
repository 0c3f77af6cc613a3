"""How the text behind a share page is asked for."""

from urllib.parse import urlencode

from finews_crawler.addresses import is_loopback, split_url
from finews_crawler.reference import load_table

JSON_PATH = "/NewsData/GetNewsText.do"
PAGE_PATH = "/html_News/NewsShare.html"


def json_url(endpoint: str, code: str) -> str:
    """The JSON endpoint's address for an article of 18 digits."""
    return f"{endpoint.rstrip('/')}{JSON_PATH}?{urlencode({'id': f'NW{code}'})}"


def page_url(endpoint: str, code: str) -> str:
    """The share page's address for an article of 18 digits."""
    return f"{endpoint.rstrip('/')}{PAGE_PATH}?{urlencode({'infoCode': f'NW{code}'})}"


def is_share_address(url: str) -> bool:
    """Whether the text of an article is asked for at an address."""
    return split_url(url).path in {JSON_PATH, PAGE_PATH}


def allowed_hosts(*given: str | None, default: str) -> list[str]:
    """The hosts that a crawl may ask: those given, the default and the known hosts of share pages.

    A site copy on this machine leads nowhere that was not given.
    """
    named = {split_url(root).hostname or "" for root in given if root}
    known = {split_url(default).hostname or "", *load_table("sites")["site"]["share_hosts"]}
    only_here = is_loopback(given[0] or "")
    return sorted(named | {host for host in known if not only_here or is_loopback(f"//{host}")})


def endpoint_of(share_url: str | None) -> str | None:
    """The host on which a share page stands, with its scheme and port."""
    parts = split_url(share_url or "")
    return f"{parts.scheme}://{parts.netloc}/" if parts.scheme in {"http", "https"} else None


def chosen_endpoint(given: str | None, printed: str | None, site: str, default: str) -> str:
    """The endpoint to ask: as given, else as the post prints it, else the default.

    A crawl of a copy on this machine stays on this machine whatever its posts print.
    """
    if given:
        return given
    found = endpoint_of(printed) or default
    return site if is_loopback(site) and not is_loopback(found) else found
