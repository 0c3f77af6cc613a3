"""Every sentence that a person sees, in English and Chinese."""

from finews.messages.doctor import DOCTOR
from finews.messages.general import GENERAL
from finews.messages.jobs import JOBS
from finews.messages.queue import QUEUE
from finews.messages.reading import READING
from finews_crawler.language import Language, language

__all__ = ["TEXTS", "Language", "language", "text"]

TEXTS: dict[str, dict[Language, str]] = {**GENERAL, **READING, **DOCTOR, **JOBS, **QUEUE}


def text(key: str, **values: object) -> str:
    """Give a sentence in the reader's language with its values filled in."""
    return TEXTS[key][language()].format(**values)
