"""Names in letters for URLs and file names."""

from functools import cache


@cache
def source_slug(name: str) -> str:
    """The source in Latin letters and digits, as the site writes categories: `cailianshe`."""
    # Its tables take some 60 MB; only a crawl that meets a new source needs them.
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    return "".join(filter(str.isalnum, "".join(lazy_pinyin(name)))).lower()
