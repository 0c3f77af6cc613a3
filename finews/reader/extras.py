"""Packages that only some need; nothing is imported before it is used."""

from importlib import import_module
from typing import Any

from finews_crawler.errors import ConfigurationError


class MissingExtraError(ConfigurationError):
    """A package is not installed; the message says how to install it."""


def extra(module: str, name: str) -> Any:
    """A package that an extra of finews brings.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{module} is not installed; install it by: pip install 'finews[{name}]'"
        ) from error
