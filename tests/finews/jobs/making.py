"""Jobs for tests."""

from datetime import timedelta
from typing import Any

from finews.jobs.definition import DEFAULT_GRACE, Job


def a_job(name: str = "mirror", **changed: Any) -> Job:
    """A job that comes every 20 minutes; keywords change single fields."""
    known: dict[str, Any] = {
        "definition": {"spider": "category", "every": "20m"},
        "spider": "category",
        "arguments": {},
        "settings": {},
        "every": timedelta(minutes=20),
        "cron": None,
        "jitter": timedelta(),
        "overlap": "skip",
        "missed": "once",
        "timeout": None,
        "grace": DEFAULT_GRACE,
    }
    return Job(name=name, **{**known, **changed})
