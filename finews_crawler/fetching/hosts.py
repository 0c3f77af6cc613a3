"""What a crawl knows of each host: until when it rests, and whether it may be asked at all. Pure.

Troubles are counted in rounds. A round is a trouble and the pause after it; what was sent before
the pause is over and fails too says nothing new. An answer of a host that is not in trouble ends
the count, and a host that gets through all its rounds without one is given up.
"""

from dataclasses import dataclass, field

from finews_crawler.addresses import split_url
from finews_crawler.fetching.waiting import Backoff, World

ROUNDS = 8
"""Pauses in a row after which a host is given up: more than the retries of one page take, and with
a first pause of two seconds some ten minutes."""
ROUNDS_BEFORE_A_WORD = 3
"""The same for a host that has never answered: a quarter of a minute. A mistyped address is soon
told."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a host is not asked again in a crawl."""

    reason: str
    """The word for its pages that are not asked for."""
    said: str
    """What the host did, for a line: `answered 403`."""
    ending: str
    """The closing reason of a crawl that depends on the host."""


@dataclass(slots=True)
class Host:
    """One host, by name and port."""

    name: str
    root: str
    """The address of its home page."""
    until: float = 0.0
    """Nothing is sent before this moment of the clock."""
    round_ends: float = 0.0
    rounds: int = 0
    """Troubles in a row."""
    has_spoken: bool = False
    """Whether it has answered anything in this crawl."""
    closing: Closing | None = None


@dataclass(slots=True)
class Hosts:
    """The hosts of a crawl."""

    backoff: Backoff
    world: World = field(default_factory=World)
    _known: dict[str, Host] = field(default_factory=dict)
    _by_root: dict[tuple[str, str], Host] = field(default_factory=dict)

    def at(self, url: str) -> Host:
        """The host of an address."""
        parts = split_url(url)
        root = (parts.scheme, parts.netloc)
        if root not in self._by_root:
            name = host_name(url)
            new = Host(name, f"{parts.scheme}://{name}/")
            self._by_root[root] = self._known.setdefault(name, new)
        return self._by_root[root]

    @property
    def closed(self) -> list[Host]:
        """Those that are not asked again."""
        return [host for host in self._known.values() if host.closing]

    def spoke(self, host: Host, sent_at: float) -> None:
        """The host gave an answer; one to a question from before its pause ends nothing."""
        host.has_spoken = True
        if sent_at >= host.until:
            host.rounds = 0

    def was_silent(self, host: Host, sent_at: float, why: str) -> None:
        """The host gave no answer; from the second round on everything waits for it."""
        self._round(host, sent_at, 0.0)
        if host.rounds > 1:
            host.until = host.round_ends
        if host.rounds > (ROUNDS if host.has_spoken else ROUNDS_BEFORE_A_WORD):
            self.close(host, Closing("host_silent", f"gives no answer ({why})", "site_unreachable"))

    def complained(self, host: Host, sent_at: float, told: float, said: str) -> bool:
        """The host asks to be left alone for a time, `told` seconds or as long as is polite.

        Returns:
            Whether a new round began.
        """
        host.has_spoken = True
        is_new = self._round(host, sent_at, told)
        host.until = host.round_ends
        if host.rounds > ROUNDS:
            self.close(host, Closing("host_busy", f"{said} {ROUNDS} times in a row", "site_busy"))
        return is_new

    def _round(self, host: Host, sent_at: float, told: float) -> bool:
        is_new = sent_at >= host.round_ends
        pause = told
        if is_new:
            host.rounds += 1
            pause = max(told, self.backoff.pause(host.rounds, self.world.dice))
        host.round_ends = max(host.round_ends, self.world.clock() + pause)
        return is_new

    @staticmethod
    def close(host: Host, closing: Closing) -> bool:
        """Leave a host alone from now on; False when it was left alone already."""
        is_new = host.closing is None
        host.closing = host.closing or closing
        return is_new


def host_name(url: str) -> str:
    """A host as it is told, with its port where that is not the scheme's own: `127.0.0.1:8000`."""
    parts = split_url(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    try:
        port = parts.port
    except ValueError:
        port = None
    return host if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f"{host}:{port}"
