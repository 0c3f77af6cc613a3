"""Sentences of `finews doctor`: what is looked at, what was found, what to do."""

from finews_crawler.language import Language

DOCTOR: dict[str, dict[Language, str]] = {
    "check": {"en": "check", "zh": "检查项"},
    "result": {"en": "found", "zh": "结果"},
    "what_to_do": {"en": "what to do", "zh": "处理建议"},
    "check_python": {"en": "Python", "zh": "Python 版本"},
    "check_settings": {"en": "settings", "zh": "设置"},
    "check_database": {"en": "database", "zh": "数据库"},
    "check_schema": {"en": "schema", "zh": "数据库结构"},
    "check_indexes": {"en": "indexes", "zh": "索引"},
    "check_disk": {"en": "disk", "zh": "磁盘"},
    "check_clock": {"en": "clock", "zh": "时钟"},
    "check_unsent": {"en": "unsent batches", "zh": "未写入批次"},
    "check_last_run": {"en": "last crawl", "zh": "最近抓取"},
    "check_rejects": {"en": "open rejects", "zh": "未解决的拒收"},
    "check_site": {"en": "site", "zh": "站点"},
    "check_extras": {"en": "extras", "zh": "可选组件"},
    "settings_understood": {"en": "all are understood", "zh": "全部有效"},
    "do_settings": {
        "en": "correct the setting named; docs/settings.md lists all of them",
        "zh": "请修正所列设置，参见 docs/settings.md",
    },
    "no_database": {"en": "{url} is not there yet", "zh": "{url} 尚不存在"},
    "do_database_init": {
        "en": "finews db init, or finews demo",
        "zh": "运行 finews db init 或 finews demo",
    },
    "do_database": {
        "en": "is the address right, does the server run, may this user read it?",
        "zh": "请检查地址、服务器状态和用户权限",
    },
    "schema_is": {"en": "{version}, the newest", "zh": "{version}，已是最新"},
    "schema_old": {
        "en": "{version}; this program needs {wanted}",
        "zh": "{version}，本程序需要 {wanted}",
    },
    "do_schema": {
        "en": "finews db upgrade; if the database is the newer one, install a newer finews",
        "zh": "运行 finews db upgrade；若数据库更新，请升级 finews",
    },
    "indexes_fresh": {
        "en": "search, stories and aliases are in step",
        "zh": "检索、转载与别名均同步",
    },
    "indexes_stale": {"en": "made by another version: {names}", "zh": "由其他版本生成：{names}"},
    "do_indexes": {"en": "finews db upgrade", "zh": "运行 finews db upgrade"},
    "disk_free": {"en": "{free} MB free at {folder}", "zh": "{folder} 剩余 {free} MB"},
    "do_disk": {
        "en": "make room: a batch that cannot be written waits, and waits on this disk too",
        "zh": "请清理磁盘：写不进数据库的批次也暂存于此",
    },
    "clock_right": {
        "en": "differs by {seconds} s from {other}",
        "zh": "与 {other} 相差 {seconds} 秒",
    },
    "clock_alone": {"en": "nothing to compare with", "zh": "没有可对照的时钟"},
    "do_clock": {
        "en": "set this machine's clock (NTP): times of fetching and delays are wrong",
        "zh": "请校准本机时钟（NTP），否则抓取时间与延迟都不准",
    },
    "none_wait": {"en": "none", "zh": "无"},
    "unsent_wait": {"en": "{count} wait in {folder}", "zh": "{folder} 中有 {count} 批待写入"},
    "do_unsent": {
        "en": "the next crawl into this database writes them; is the database well?",
        "zh": "下次抓取会自动写入，请确认数据库正常",
    },
    "run_was": {"en": "no. {number}, {at}: {state}", "zh": "第 {number} 次，{at}：{state}"},
    "do_run": {"en": "finews runs show {number}", "zh": "运行 finews runs show {number}"},
    "do_crawl": {"en": "finews crawl category", "zh": "运行 finews crawl category"},
    "do_rejects": {
        "en": "finews rejects --open; then finews rejects retry",
        "zh": "先看 finews rejects --open，再运行 finews rejects retry",
    },
    "site_answers": {
        "en": "{url} answers {status} in {milliseconds} ms",
        "zh": "{url} 返回 {status}，用时 {milliseconds} 毫秒",
    },
    "site_forbids": {
        "en": "robots.txt of {url} forbids us to read it",
        "zh": "{url} 的 robots.txt 不允许抓取",
    },
    "site_silent": {"en": "{url}: {error}", "zh": "{url}：{error}"},
    "do_site": {
        "en": "is there a network, is FINEWS_SITE right? The mirror may be gone: finews crawl live",
        "zh": "请检查网络与 FINEWS_SITE；镜像站可能已停，可用 finews crawl live",
    },
    "do_forbidden": {
        "en": "it is obeyed; ask the site's owner",
        "zh": "我们遵守该规则，请联系站点所有者",
    },
    "extras_are": {"en": "all are installed", "zh": "全部已安装"},
    "extras_missing": {"en": "not installed: {names}", "zh": "未安装：{names}"},
    "do_extras": {
        "en": "where they are wanted: pip install 'finews[{names}]'",
        "zh": "需要时：pip install 'finews[{names}]'",
    },
}
