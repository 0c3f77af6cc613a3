"""Who is told: Apprise URLs, which hold secrets and are never printed.

A message names a URL by its scheme, and by its host only where that is a host: in
`dingtalk://TOKEN` what stands in the host's place is the secret itself.
"""

import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from finews_crawler.errors import ConfigurationError

if TYPE_CHECKING:
    from apprise import Apprise
    from apprise.plugins.base import NotifyBase

_HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Target:
    """One of those who are told."""

    shown: str
    """Its name without secrets, `json://example.com:8000` or `dingtalk://…`."""
    service: "Apprise"


def _silence() -> None:
    """Apprise and what it is built on log addresses, whole at level DEBUG."""
    logging.getLogger("apprise").disabled = True
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)


def read_targets(text: str) -> tuple[list[Target], list[ConfigurationError]]:
    """Read Apprise URLs with spaces between; gives also what is wrong with those of no use.

    Its words hold nothing of a URL but the scheme.
    """
    targets, faults = [], []
    for number, url in enumerate(text.split(), 1):
        target = _target(url)
        if target is None:
            told = f"entry {number} ({_scheme(url)}://{_HIDDEN}) is no Apprise URL that can be used"
            faults.append(ConfigurationError(f"FINEWS_NOTIFY: {told}"))
        else:
            targets.append(target)
    return targets, faults


def _target(url: str) -> Target | None:
    # Its modules use what Python will drop; that is no operator's business.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        # Only who is told pays for it: it brings a hundred services.
        import apprise  # noqa: PLC0415

        _silence()
        # Whoever sends watches the time itself: the library's pool of threads outlives a crawl.
        asset = apprise.AppriseAsset(
            app_id="finews",
            app_desc="finews",
            async_mode=False,
            storage_mode="memory",
            service_timeout=0,
        )
        service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
        if service is None:
            return None
        if hasattr(service, "get_signature"):
            _sign_once(service)
        return Target(_shown(url, service), apprise.Apprise(service, asset=asset))


def _sign_once(service: Any) -> None:
    """DingTalk (加签): Apprise 2.3 codes a signature for an address, and then so does requests.

    DingTalk answers such a one with HTTP 200 and the error 310000, which nobody is told. A
    signature is base64, which holds no percent sign: where it is not coded, nothing is changed.
    """
    signed = service.get_signature

    def once() -> tuple[str, str]:
        timestamp, signature = signed()
        return timestamp, unquote(signature)

    service.get_signature = once


def _scheme(url: str) -> str:
    scheme, separator, _ = url.partition("://")
    return scheme if separator and scheme.isalnum() and len(scheme) <= 20 else _HIDDEN


def _shown(url: str, service: "NotifyBase") -> str:
    templates: tuple[str, ...] = tuple(service.templates)
    has_host = any("{host}" in template for template in templates)
    port = f":{service.port}" if service.port else ""
    return f"{_scheme(url)}://{service.host}{port}" if has_host else f"{_scheme(url)}://{_HIDDEN}"
