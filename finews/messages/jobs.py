"""Sentences of jobs and schedules."""

from finews_crawler.language import Language

JOBS: dict[str, dict[Language, str]] = {
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
    "job_waits_for_site": {
        "en": "{job}: waits until nobody else reads {site}: finews runs tells who does.",
        "zh": "{job}：等待他人读完 {site}，可用 finews runs 查看是谁。",
    },
    "site_is_read_too": {
        "en": "a job or a worker reads {site} at this moment; both together ask it faster than is "
        "polite. Better: finews jobs run, which waits for its turn.",
        "zh": "有作业或工作进程正在读取 {site}，同时抓取会使请求过快；建议改用 finews jobs run，"
        "它会排队等待。",
    },
}
