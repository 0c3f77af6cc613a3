"""What a server of pages is told when it starts."""

from dataclasses import dataclass, field
from ipaddress import ip_address

from finews_crawler.language import Language

LOCALHOST = "localhost"
SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Where the server listens, what it shows, and who may look."""

    database_url: str = field(repr=False)
    """It may hold a password."""
    host: str = "127.0.0.1"
    port: int = 8080
    token: str | None = field(default=None, repr=False)
    """Whoever knows it may read; None: everybody who reaches the server."""
    language: Language | None = None
    """For readers who ask for neither Chinese nor English; None is Chinese."""
    names: tuple[str, ...] = ()
    """More names by which a server on loopback may be called: those of a proxy in front of it."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine; where other names lead is not sure."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == LOCALHOST


def shown_address(host: str, port: int) -> str:
    """Where a browser finds the server."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/"
