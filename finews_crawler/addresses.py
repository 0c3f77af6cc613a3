"""What an address says before anything is fetched: whose machine, and whether the same page."""

import ipaddress
from urllib.parse import SplitResult, urljoin, urlsplit


def split_url(url: str) -> SplitResult:
    """Split a URL as a page prints it; one that is none (`http://[`) has no parts."""
    try:
        return urlsplit(url.strip())
    except ValueError:
        return urlsplit("")


def join_url(base: str, url: str) -> str | None:
    """Resolve an address as a page prints it; None when it is none."""
    try:
        return urljoin(base, url.strip())
    except ValueError:
        return None


def is_of_eastmoney(url: str, host: str = "") -> bool:
    """Whether a URL leads to Eastmoney, or to one host of it (`quote`)."""
    found = split_url(url).hostname or ""
    wanted = f"{host}.eastmoney.com".removeprefix(".")
    return found == wanted or found.endswith(f".{wanted}")


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine (`localhost`, `127.0.0.0/8`, `::1`)."""
    host = split_url(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_same_page(first: str, second: str) -> bool:
    """Whether two URLs differ at most in scheme, host and port: a mirror's page is the page."""
    one, other = split_url(first), split_url(second)
    return (one.path, one.query) == (other.path, other.query)


def kept_address(known: str, new: str) -> str:
    """The address to keep of a page that was read again.

    A page on another host stays under the address under which it is known, so that two mirrors do
    not take turns; only a copy on this machine gives way to a public address.
    """
    if not is_same_page(known, new):
        return new
    return new if is_loopback(known) and not is_loopback(new) else known
