"""In which language a person is told something."""

import locale
import os
from typing import Literal

Language = Literal["en", "zh"]


def _named_language() -> str:
    """The language that the environment names, in the order of POSIX."""
    names = ("FINEWS_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    found = next((value for name in names if (value := os.environ.get(name))), "")
    return found or (locale.getlocale()[0] or "")


def language() -> Language:
    """Chinese where the environment asks for it, else English."""
    return "zh" if _named_language().lower().startswith(("zh", "chinese")) else "en"
