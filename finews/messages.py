"""Every sentence that a person sees, in English and Chinese."""

import locale
import os
from typing import Literal

Language = Literal["en", "zh"]

TEXTS: dict[str, dict[Language, str]] = {
    "serving": {
        "en": "Serving the bundled sample site at {url}.",
        "zh": "示例站点已在 {url} 启动。",
    },
    "database": {"en": "Database: {url}", "zh": "数据库：{url}"},
    "crawling": {"en": "Crawling", "zh": "抓取中"},
    "progress": {
        "en": "stored {done} of {total} articles found so far",
        "zh": "已入库 {done} 篇，目前共发现 {total} 篇",
    },
    "summary": {"en": "What the crawl did", "zh": "本次抓取结果"},
    "in_run": {"en": "by this run", "zh": "本次新增"},
    "in_database": {"en": "in the database", "zh": "库中总数"},
    "articles": {"en": "articles", "zh": "文章"},
    "revisions": {"en": "revisions", "zh": "修订版本"},
    "mentions": {"en": "stock mentions", "zh": "证券提及"},
    "sources": {"en": "sources", "zh": "来源"},
    "rejects": {"en": "rejects", "zh": "拒收"},
    "seconds": {"en": "seconds", "zh": "用时（秒）"},
    "nothing_new": {
        "en": "Nothing is new: all {unchanged} articles were in the database already, unchanged.",
        "zh": "没有新内容：{unchanged} 篇文章均已在库中，且未变化。",
    },
    "something_new": {
        "en": "{new} new, {revised} revised, {completed} completed, {unchanged} unchanged.",
        "zh": "新增 {new} 篇，修订 {revised} 篇，补全 {completed} 篇，未变化 {unchanged} 篇。",
    },
    "try_next": {"en": "Try next:", "zh": "接下来可以试试："},
    "failed": {
        "en": "The crawl failed: {message}. The log is in {log}.",
        "zh": "抓取失败：{message}。日志见 {log}。",
    },
    "no_article": {
        "en": "No article with code {code} in {url}.",
        "zh": "{url} 中没有编号为 {code} 的文章。",
    },
    "no_articles": {
        "en": "No articles match. Is the database filled? Try `finews demo`.",
        "zh": "没有符合条件的文章。数据库里有内容吗？可先运行 `finews demo`。",
    },
    "db_upgraded": {
        "en": "{url}: the schema is {after} now; it was {before}.",
        "zh": "{url}：数据库结构已从 {before} 升级到 {after}。",
    },
    "db_made": {
        "en": "{url}: made, with schema {after}.",
        "zh": "{url}：数据库已创建，结构版本 {after}。",
    },
    "db_is_there": {
        "en": "{url}: is there already, with schema {after}.",
        "zh": "{url}：数据库已存在，结构版本 {after}。",
    },
    "db_is_new": {
        "en": "{url}: schema {after} is the newest.",
        "zh": "{url}：结构版本 {after} 已是最新。",
    },
    "db_sound": {"en": "{url}: everything is as it must be.", "zh": "{url}：检查通过。"},
    "db_vacuumed": {"en": "{url}: tidied.", "zh": "{url}：整理完成。"},
    "db_rebuilt": {"en": "Made anew: {names}.", "zh": "已重建：{names}。"},
    "table": {"en": "table", "zh": "表"},
    "rows": {"en": "rows", "zh": "行数"},
    "megabytes": {"en": "MB with indexes", "zh": "大小（MB，含索引）"},
    "no_rejects": {"en": "No rejects.", "zh": "没有拒收记录。"},
    "no_runs": {"en": "No crawl has run yet.", "zh": "还没有抓取记录。"},
    "published": {"en": "published", "zh": "发布时间"},
    "source": {"en": "source", "zh": "来源"},
    "found": {"en": "found", "zh": "命中内容"},
    "title": {"en": "title", "zh": "标题"},
    "code": {"en": "code", "zh": "编号"},
    "symbols": {"en": "symbols", "zh": "证券"},
    "categories": {"en": "categories", "zh": "分类"},
    "first_seen": {"en": "first seen", "zh": "首次入库"},
    "revision": {"en": "revision", "zh": "修订"},
    "address": {"en": "address", "zh": "网址"},
    "started": {"en": "started", "zh": "开始"},
    "spider": {"en": "spider", "zh": "爬虫"},
    "outcome": {"en": "outcome", "zh": "结果"},
    "message": {"en": "message", "zh": "说明"},
    "stage": {"en": "stage", "zh": "环节"},
    "reason": {"en": "reason", "zh": "原因"},
    "detail": {"en": "detail", "zh": "详情"},
    "seen": {"en": "seen", "zh": "时间"},
    "untitled": {"en": "(no title)", "zh": "（无标题）"},
    "unknown_time": {"en": "unknown", "zh": "不详"},
    "serving_until": {
        "en": "Serving {root} at {url}; stop with Ctrl-C.",
        "zh": "正在 {url} 提供 {root}，按 Ctrl-C 停止。",
    },
}


def _named_language() -> str:
    """The language that the environment names, in the order of POSIX."""
    names = ("FINEWS_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    found = next((value for name in names if (value := os.environ.get(name))), "")
    return found or (locale.getlocale()[0] or "")


def language() -> Language:
    """Chinese where the environment asks for it, else English."""
    return "zh" if _named_language().lower().startswith(("zh", "chinese")) else "en"


def text(key: str, **values: object) -> str:
    """Give a sentence in the reader's language with its values filled in."""
    return TEXTS[key][language()].format(**values)
