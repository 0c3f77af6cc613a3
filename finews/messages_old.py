"""Every sentence that a person sees, in English and Chinese."""

from finews_crawler.language import Language, language

__all__ = ["TEXTS", "Language", "language", "text"]

TEXTS: dict[str, dict[Language, str]] = {
    "serving": {
        "en": "Serving the bundled sample site at {url}.",
        "zh": "示例站点已在 {url} 启动。",
    },
    "database": {"en": "Database: {url}", "zh": "数据库：{url}"},
    "crawling": {"en": "Crawling", "zh": "抓取中"},
    "progress": {
        "en": "{rate}/s  {new} new  {revised} revised  {unchanged} unchanged  {rejected} rejected",
        "zh": "{rate} 页/秒  新增 {new}  修订 {revised}  未变 {unchanged}  拒收 {rejected}",
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
        "en": "Nothing is new: {known} articles were known, {unchanged} more are unchanged.",
        "zh": "没有新内容：{known} 篇文章早已入库，另有 {unchanged} 篇重读后未变化。",
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
    "metrics_at": {
        "en": "metrics at http://{address}:{port}/metrics",
        "zh": "监控指标：http://{address}:{port}/metrics",
    },
    "no_run": {"en": "No crawl has the number {number}.", "zh": "没有编号为 {number} 的抓取记录。"},
    "no_reject": {
        "en": "No reject has the number {number}.",
        "zh": "没有编号为 {number} 的拒收记录。",
    },
    "no_page": {
        "en": "No page is kept of reject {number}.",
        "zh": "拒收记录 {number} 没有保存页面。",
    },
    "retry_what": {
        "en": "say which rejects: numbers, --stage, --reason, --code, --run, --since, or --all",
        "zh": "请指定拒收记录：编号、--stage、--reason、--code、--run、--since 或 --all",
    },
    "retried": {
        "en": "Rejects tried again: {tried}; settled: {settled}; open still: {open}.",
        "zh": "已重试 {tried} 条拒收记录：{settled} 条已解决（文章已入库），{open} 条仍未解决。",
    },
    "left_out": {
        "en": "Not tried, as they are no article's (the next crawl reads lists again): {number}.",
        "zh": "{number} 条与文章无关，未重试（列表页由下次抓取重新读取）。",
    },
    "none_open": {
        "en": "No reject is open among these: there is nothing to try again.",
        "zh": "所选记录中没有未解决的，无需重试。",
    },
    "lost_since": {
        "en": "its process died without a word; it last lived at {at}",
        "zh": "进程意外中断，最后活动时间 {at}",
    },
    "so_far": {
        "en": "so far: {articles} articles, {rejects} rejects",
        "zh": "目前：文章 {articles} 篇，拒收 {rejects} 条",
    },
    "state_ok": {"en": "ok", "zh": "正常"},
    "state_degraded": {"en": "degraded", "zh": "有异常"},
    "state_failed": {"en": "failed", "zh": "失败"},
    "state_lost": {"en": "lost", "zh": "失联"},
    "state_running": {"en": "running", "zh": "运行中"},
    "standing": {"en": "state", "zh": "状态"},
    "is_open": {"en": "open", "zh": "未解决"},
    "is_settled": {"en": "settled", "zh": "已解决"},
    "kept": {"en": "answer {status}, {size} bytes", "zh": "应答 {status}，{size} 字节"},
    "see_page": {
        "en": "The page itself: finews rejects show {number} --page > page.html",
        "zh": "查看原始页面：finews rejects show {number} --page > page.html",
    },
    "number": {"en": "no.", "zh": "序号"},
    "run": {"en": "crawl", "zh": "抓取"},
    "arguments": {"en": "arguments", "zh": "参数"},
    "job": {"en": "job", "zh": "任务"},
    "machine": {"en": "machine", "zh": "主机"},
    "ended": {"en": "ended", "zh": "结束"},
    "received": {"en": "received", "zh": "下载量"},
    "memory": {"en": "peak memory", "zh": "内存峰值"},
    "latency": {"en": "latency p50 / p95", "zh": "延迟 p50 / p95"},
    "counts": {"en": "counts", "zh": "计数"},
    "findings": {"en": "findings", "zh": "异常"},
    "page": {"en": "page kept", "zh": "保存的页面"},
    "retried_at": {"en": "tried again", "zh": "重试时间"},
    "settled_at": {"en": "settled", "zh": "解决时间"},
    "nothing_kept": {"en": "none", "zh": "无"},
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
    "job_still_running": {
        "en": "{job}: still running since {since} on {host}; this run is skipped.",
        "zh": "{job}：自 {since} 起仍在 {host} 上运行，本次跳过。",
    },
    "job_waits_for_run": {
        "en": "{job}: waits for the run that began at {since} on {host}.",
        "zh": "{job}：等待 {since} 在 {host} 上开始的运行结束。",
    },
    "job_runs_here": {
        "en": "{job}: its last run is still going on; this one is skipped.",
        "zh": "{job}：上一次运行尚未结束，本次跳过。",
    },
    "job_hook_failed": {
        "en": "{job}: what wanted to know of its end failed: {error}",
        "zh": "{job}：结束通知处理失败：{error}",
    },
    "job_just_begun": {
        "en": "{job}: another run has just begun; this one is skipped.",
        "zh": "{job}：另一次运行刚刚开始，本次跳过。",
    },
    "job_waits_for_new_run": {
        "en": "{job}: waits for another run, which has just begun.",
        "zh": "{job}：等待刚刚开始的另一次运行结束。",
    },
    "job_one_waits": {
        "en": "{job}: one run waits already; this one is skipped.",
        "zh": "{job}：已有一次运行在等待，本次跳过。",
    },
    "job_ran_already": {
        "en": "{job}: ran already at {since} on {host}.",
        "zh": "{job}：已于 {since} 在 {host} 上运行过。",
    },
    "job_missed": {
        "en": "{job}: the run of {since} was missed and is skipped.",
        "zh": "{job}：{since} 的运行已错过，按设置跳过。",
    },
    "job_waits_for_database": {
        "en": "{job}: {error}; waiting.",
        "zh": "{job}：{error}；等待恢复。",
    },
    "job_timed_out": {
        "en": "{job}: has run for {timeout}, which is its limit; told to end.",
        "zh": "{job}：已运行 {timeout}，达到上限，要求其结束。",
    },
    "job_told_to_end": {"en": "{job}: told to end.", "zh": "{job}：要求其结束。"},
    "job_lock_lost": {
        "en": "{job}: lost its lock, and another run has it; told to end.",
        "zh": "{job}：锁已丢失并被另一次运行取得，要求其结束。",
    },
    "job_killed": {"en": "{job}: did not end; killed.", "zh": "{job}：未按要求结束，已强制终止。"},
    "job_started": {"en": "{job}: started.", "zh": "{job}：开始。"},
    "job_ended": {
        "en": "{job}: {outcome} after {seconds} s (exit code {code}).",
        "zh": "{job}：{outcome}，用时 {seconds} 秒（退出码 {code}）。",
    },
    "job_not_started": {"en": "{job}: not started: {error}", "zh": "{job}：未启动：{error}"},
    "job_notes_wait": {
        "en": "What becomes of jobs is not noted, the database does not answer: {error}",
        "zh": "数据库无响应，任务状态暂未记录：{error}",
    },
    "job_notes_go_on": {
        "en": "The database answers; what became of jobs is noted.",
        "zh": "数据库已恢复，任务状态已补记。",
    },
    "job_not_noted": {
        "en": "What became of these jobs is not noted: {jobs}.",
        "zh": "以下任务的状态未能记录：{jobs}。",
    },
    "job_due": {"en": "{job}: due at {at}.", "zh": "{job}：下次运行 {at}。"},
    "job_on_demand": {
        "en": "{job}: only runs when it is told to.",
        "zh": "{job}：仅在手动调用时运行。",
    },
    "jobs_sound": {"en": "{path}: {count} jobs, no fault.", "zh": "{path}：{count} 个任务，无误。"},
    "schedule_read": {"en": "{path}: read again.", "zh": "{path}：已重新读取。"},
    "schedule_kept": {
        "en": "{error}\nThe jobs stay as they were.",
        "zh": "{error}\n任务保持不变。",
    },
    "schedule_ends": {
        "en": "Stopping; {count} runs are told to end.",
        "zh": "正在停止，要求 {count} 个运行结束。",
    },
    "schedule_ended": {"en": "Stopped.", "zh": "已停止。"},
    "no_jobs": {"en": "No job is known yet.", "zh": "还没有任务记录。"},
    "when": {"en": "when", "zh": "周期"},
    "next_run": {"en": "next", "zh": "下次"},
    "last_run": {"en": "last", "zh": "上次"},
    "took": {"en": "took", "zh": "用时"},
    "host": {"en": "machine", "zh": "机器"},
    "overdue": {"en": "overdue", "zh": "已过期"},
    "on_demand": {"en": "when told", "zh": "手动"},
    "never": {"en": "never", "zh": "从未"},
    "outcome_ok": {"en": "ok", "zh": "正常"},
    "outcome_failed": {"en": "failed", "zh": "失败"},
    "outcome_not_started": {"en": "not started", "zh": "未启动"},
    "outcome_degraded": {"en": "degraded", "zh": "部分成功"},
    "outcome_killed": {"en": "ended by signal {number}", "zh": "被信号 {number} 终止"},
    "outcome_other": {"en": "failed ({code})", "zh": "失败（{code}）"},
    "outcome_running": {"en": "running", "zh": "运行中"},
    "outcome_cut_off": {"en": "cut off", "zh": "中断"},
    "scrapyd_scheduled": {
        "en": "{job}: scheduled at {url} as {id}.",
        "zh": "{job}：已提交到 {url}，编号 {id}。",
    },
    "scrapyd_still_running": {
        "en": "{job}: still {state} at {url} as {id}; this run is skipped.",
        "zh": "{job}：在 {url} 上仍为 {state}（{id}），本次跳过。",
    },
    "egg_written": {"en": "{path}: written.", "zh": "{path}：已生成。"},
}


def text(key: str, **values: object) -> str:
    """Give a sentence in the reader's language with its values filled in."""
    return TEXTS[key][language()].format(**values)
