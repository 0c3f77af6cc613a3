"""Units for tests."""

from typing import Any

from finews.queue.units import Unit


def a_unit(number: int = 1, **changed: Any) -> Unit:
    """A unit like no other of another number; keywords change single fields."""
    known: dict[str, Any] = {
        "job": "mirror",
        "part": f"k{number}",
        "spider": "category",
        "arguments": {"categories": f"k{number}"},
        "site": "site.test",
    }
    return Unit(**{**known, **changed})
