"""Sentences of exports, beside those of `finews.messages`."""

from finews_crawler.language import Language, language

TEXTS: dict[str, dict[Language, str]] = {
    "exported": {
        "en": "{rows} rows as {format} to {out}, as of {as_of}. Next: --after {next}",
        "zh": "已导出 {rows} 行（{format}）至 {out}，截至 {as_of}。下次：--after {next}",
    },
    "nothing_exported": {
        "en": "Nothing to export as of {as_of}; no file was changed. Next: --after {next}",
        "zh": "截至 {as_of} 没有可导出的内容，未改动任何文件。下次：--after {next}",
    },
    "standard_output": {"en": "standard output", "zh": "标准输出"},
}


def text(key: str, **values: object) -> str:
    """Give a sentence in the reader's language with its values filled in."""
    return TEXTS[key][language()].format(**values)
