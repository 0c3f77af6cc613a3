"""Sentences of workers and their queue."""

from finews_crawler.language import Language

QUEUE: dict[str, dict[Language, str]] = {
    "queue_made": {"en": "{url}: the queue is made.", "zh": "{url}：队列已创建。"},
    "queue_upgraded": {"en": "{url}: the queue is up to date now.", "zh": "{url}：队列已升级。"},
    "queue_unchanged": {
        "en": "{url}: the queue is there already.",
        "zh": "{url}：队列已存在。",
    },
    "worker_starts": {
        "en": "{worker}: works on {count} units at a time; stop with Ctrl-C or SIGTERM.",
        "zh": "{worker}：开始工作，同时处理 {count} 个单元；按 Ctrl-C 或发送 SIGTERM 停止。",
    },
    "worker_stops": {
        "en": "Stopping; what is under way is told to end.",
        "zh": "正在停止，要求进行中的单元结束。",
    },
    "worker_stopped": {"en": "Stopped.", "zh": "已停止。"},
    "worker_away": {
        "en": "The database does not answer: {error}; trying again until it does.",
        "zh": "数据库无响应：{error}；将持续重试。",
    },
    "worker_back": {"en": "The database answers.", "zh": "数据库已恢复。"},
    "worker_dead": {
        "en": "This worker was silent for too long; what it had is given to others, its crawls are "
        "killed.",
        "zh": "本工作进程失联过久，其单元已转交他人，进行中的抓取已终止。",
    },
    "worker_fault": {"en": "The queue: {error}", "zh": "队列：{error}"},
    "unit_started": {
        "en": "{unit}: started, try {number}.",
        "zh": "{unit}：开始，第 {number} 次尝试。",
    },
    "unit_done": {
        "en": "{unit}: {outcome} after {seconds} s.",
        "zh": "{unit}：{outcome}，用时 {seconds} 秒。",
    },
    "unit_failed": {
        "en": "{unit}: {outcome} after {seconds} s; not tried again: finews jobs retry.",
        "zh": "{unit}：{outcome}，用时 {seconds} 秒；不再重试，可运行 finews jobs retry。",
    },
    "unit_again": {
        "en": "{unit}: {outcome} after {seconds} s; tried again in {pause} s.",
        "zh": "{unit}：{outcome}，用时 {seconds} 秒；{pause} 秒后重试。",
    },
    "unit_given_back": {
        "en": "{unit}: {outcome} after {seconds} s; given back to the queue.",
        "zh": "{unit}：{outcome}，用时 {seconds} 秒；已交回队列。",
    },
    "unit_told_to_end": {"en": "{unit}: told to end.", "zh": "{unit}：要求其结束。"},
    "unit_taken": {
        "en": "{unit}: another worker may have it; killed.",
        "zh": "{unit}：可能已由其他进程接手，已终止。",
    },
    "unit_timed_out": {
        "en": "{unit}: has run for {timeout}, which is its limit; told to end.",
        "zh": "{unit}：已运行 {timeout}，达到上限，要求其结束。",
    },
    "unit_killed": {
        "en": "{unit}: did not end; killed.",
        "zh": "{unit}：未按要求结束，已强制终止。",
    },
    "unit_waits": {
        "en": "{unit}: {error}; given back to the queue.",
        "zh": "{unit}：{error}；已交回队列。",
    },
    "unit_unreadable": {"en": "Unit {unit}: {error}", "zh": "单元 {unit}：{error}"},
    "site_is_read": {
        "en": "{unit}: waits until nobody else reads {site}.",
        "zh": "{unit}：等待他人读完 {site}。",
    },
    "unit_reaped": {
        "en": "{unit}: taken back from {worker}, which is silent.",
        "zh": "{unit}：{worker} 已失联，单元收回队列。",
    },
    "unit_lost": {
        "en": "{unit}: {worker} is silent, as too many before it; not tried again: finews jobs "
        "retry.",
        "zh": "{unit}：{worker} 已失联，此单元多次如此；不再重试，可运行 finews jobs retry。",
    },
    "somebody": {"en": "a worker", "zh": "某工作进程"},
    "job_queued": {
        "en": "{job}: {added} units queued; {waiting} more waited already.",
        "zh": "{job}：新增 {added} 个单元，另有 {waiting} 个已在等待。",
    },
    "job_unfinished": {
        "en": "{job}: due, but {count} of its units are unfinished; this run is skipped.",
        "zh": "{job}：到期，但仍有 {count} 个单元未完成，本次跳过。",
    },
    "job_units_ended": {
        "en": "{job}: all units have ended: {outcome}.",
        "zh": "{job}：所有单元已结束：{outcome}。",
    },
    "job_not_split": {"en": "{job}: not queued: {error}", "zh": "{job}：未加入队列：{error}"},
    "unit_retried": {"en": "Unit {unit}: queued again.", "zh": "单元 {unit}：已重新排队。"},
    "unit_not_retried": {
        "en": "Unit {unit}: cannot be queued again: {why}.",
        "zh": "单元 {unit}：无法重新排队：{why}。",
    },
    "unit_cancelled": {"en": "Unit {unit}: called off.", "zh": "单元 {unit}：已取消。"},
    "unit_not_cancelled": {
        "en": "Unit {unit}: cannot be called off: {why}.",
        "zh": "单元 {unit}：无法取消：{why}。",
    },
    "no_such_unit": {"en": "there is none", "zh": "不存在"},
    "it_is": {
        "en": "it is {state}",
        "zh": "状态为{state}",
    },
    "twin_waits": {"en": "the same unit waits already", "zh": "相同单元已在等待"},
    "nothing_failed": {"en": "No unit has failed.", "zh": "没有失败的单元。"},
    "no_units": {"en": "No such units.", "zh": "没有符合条件的单元。"},
    "unit": {"en": "unit", "zh": "单元"},
    "part": {"en": "part", "zh": "部分"},
    "site": {"en": "site", "zh": "站点"},
    "state": {"en": "state", "zh": "状态"},
    "tries": {"en": "tries", "zh": "尝试"},
    "last_end": {"en": "last end", "zh": "上次结果"},
    "worker": {"en": "worker", "zh": "工作进程"},
    "since": {"en": "since", "zh": "起始时间"},
    "state_waiting": {"en": "waiting", "zh": "等待"},
    "state_done": {"en": "done", "zh": "完成"},
    "state_cancelled": {"en": "called off", "zh": "已取消"},
    "state_silent": {"en": "silent", "zh": "失联"},
    "outcome_none": {"en": "not run", "zh": "未运行"},
    "fate_lost": {"en": "its worker died", "zh": "工作进程失联"},
}
