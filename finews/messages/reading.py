"""Sentences of the change feed, versions, mentions and exports."""

from finews_crawler.language import Language

READING: dict[str, dict[Language, str]] = {
    "change": {"en": "change", "zh": "变更"},
    "change_new": {"en": "new", "zh": "新增"},
    "change_revised": {"en": "revised", "zh": "修订"},
    "change_completed": {"en": "completed", "zh": "补全"},
    "change_story": {"en": "reprint", "zh": "转载"},
    "change_reextracted": {"en": "re-extracted", "zh": "重新解析"},
    "change_backfilled": {"en": "from an archive", "zh": "存档回填"},
    "known_from": {"en": "from", "zh": "来历"},
    "revision_read": {"en": "page", "zh": "页面"},
    "revision_reextracted": {"en": "page, read again", "zh": "页面（重新解析）"},
    "revision_backfill": {"en": "archive", "zh": "存档"},
    "changed": {"en": "what differs", "zh": "变化项"},
    "no_changes": {"en": "No changes.", "zh": "没有变更。"},
    "no_mentions": {"en": "No mentions match.", "zh": "没有符合条件的证券提及。"},
    "symbol": {"en": "symbol", "zh": "代码"},
    "mention_kind": {"en": "kind", "zh": "形式"},
    "surface": {"en": "words", "zh": "原文"},
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
