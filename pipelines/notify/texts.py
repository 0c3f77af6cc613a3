"""What people are told of a crawl, in English and Chinese."""

import socket
from collections.abc import Mapping
from typing import Literal

from finews_crawler.language import Language, language
from finews_crawler.outcome import EndedRun
from pipelines.monitors.history import own_arguments

Event = Literal["begins", "changes", "more", "goes_on", "recovered", "ok"]
"""A trouble begins, becomes another, has new kinds of findings, still stands, is over; or a good
run, for those who want to be told of each."""
MOST_FINDINGS = 8

TEXTS: Mapping[str, Mapping[Language, str]] = {
    "begins": {"en": "finews: {name}: {state}", "zh": "finews：{name} {state}"},
    "changes": {"en": "finews: {name}: now {state}", "zh": "finews：{name} 转为{state}"},
    "more": {
        "en": "finews: {name}: {state}, more findings",
        "zh": "finews：{name} {state}，出现新的异常",
    },
    "goes_on": {"en": "finews: {name}: still {state}", "zh": "finews：{name} 仍然{state}"},
    "recovered": {"en": "finews: {name}: recovered", "zh": "finews：{name} 已恢复"},
    "ok": {"en": "finews: {name}: {state}", "zh": "finews：{name} {state}"},
    "state_ok": {"en": "ok", "zh": "正常"},
    "state_degraded": {"en": "degraded", "zh": "有异常"},
    "state_failed": {"en": "failed", "zh": "失败"},
    "state_not_started": {"en": "not started", "zh": "未能启动"},
    "findings": {"en": "Findings ({number}):", "zh": "异常（{number} 项）："},
    "and_more": {"en": "and {number} more", "zh": "另有 {number} 项"},
    "run": {
        "en": "Spider {spider}{arguments} on {host}, exit code {code}",
        "zh": "爬虫 {spider}{arguments}，主机 {host}，退出码 {code}",
    },
    "details": {"en": "More: finews runs show {run}", "zh": "详情：finews runs show {run}"},
}

KINDS: Mapping[str, str] = {
    "gap": "漏抓",
    "silent_source": "来源静默",
    "out_of_range": "数量异常",
    "many_rejects": "拒收过多",
    "internal_error": "程序错误",
    "no_time": "缺少时间",
    "future_times": "时间超前",
    "strategy_shift": "版式变化",
    "host_refuses": "主机拒绝",
    "previous_run_died": "上次抓取中断",
    "monitors_failed": "监控失败",
}
"""What a Chinese reader calls a kind of finding. What a finding says is kept in English."""


def _text(key: str, **values: object) -> str:
    return TEXTS[key][language()].format(**values)


def title_of(event: Event, run: EndedRun) -> str:
    """The line that is read on a locked telephone."""
    return _text(event, name=run.name, state=_text(f"state_{run.state}"))


def body_of(run: EndedRun) -> str:
    """What happened, what was found, where, and where to read on."""
    given = own_arguments(run.arguments)
    arguments = "".join(f" {name}={given[name]}" for name in sorted(given))
    lines = [
        run.verdict.summary,
        *_finding_lines(run.verdict.findings),
        _text(
            "run",
            spider=run.spider,
            arguments=arguments,
            host=socket.gethostname(),
            code=run.exit_code,
        ),
    ]
    if run.run_id is not None:
        lines.append(_text("details", run=run.run_id))
    return "\n".join(lines)


def _finding_lines(findings: tuple[str, ...]) -> list[str]:
    if not findings:
        return []
    more = len(findings) - MOST_FINDINGS
    return [
        _text("findings", number=len(findings)),
        *(f"- {_with_kind(line)}" for line in findings[:MOST_FINDINGS]),
        *([f"- {_text('and_more', number=more)}"] if more > 0 else []),
    ]


def _with_kind(line: str) -> str:
    kind = line.partition(" ")[0].rstrip(":")
    if language() == "en" or kind not in KINDS:
        return line
    return f"{kind}（{KINDS[kind]}）{line.removeprefix(kind)}"
