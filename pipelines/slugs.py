"""Names in letters for URLs and file names."""

from functools import cache

from pypinyin import lazy_pinyin


@cache
def source_slug(name: str) -> str:
    """The source in Latin letters and digits, as the site writes categories: `cailianshe`."""
    return "".join(filter(str.isalnum, "".join(lazy_pinyin(name)))).lower()
