"""Notifications reach real servers, say what happened, and never tell a secret."""

import logging
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from scrapy.settings import Settings

from finews_crawler.errors import ConfigurationError
from finews_crawler.options import check_options, option_values
from finews_crawler.outcome import EndedRun, Verdict, judge
from pipelines.monitors import ALL_KINDS
from pipelines.notify import after_run, preflight
from pipelines.notify.sending import Post, within
from pipelines.notify.targets import read_targets
from pipelines.notify.texts import KINDS, TEXTS
from tests.receivers import Mailbox, Webhook, free_port, mailbox, webhook

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)
GOOD: dict[str, object] = {"downloader/response_count": 9, "finews/store/new": 2}
GAP = "gap Wind: nothing that was listed before is listed now"


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as made:
        yield made


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")


def settings_of(folder: Path, *urls: str, **given: str) -> Settings:
    """Of a crawl whose database is not there."""
    own = {
        "FINEWS_NOTIFY": " ".join(urls),
        "FINEWS_NOTIFY_FOLDER": str(folder / "notified"),
        "FINEWS_DATABASE_URL": f"sqlite:///{folder / 'none.db'}",
    }
    settings = Settings({**option_values({}), **own, **given}, priority="project")
    check_options(settings)
    return settings


def ended(findings: tuple[str, ...] = (GAP,), **changed: Any) -> EndedRun:
    verdict = judge(GOOD, "finished", findings)
    known = {
        "spider": "category",
        "arguments": {"site": "http://127.0.0.1:8000/", "_job": "mirror-1"},
        "job": None,
        "verdict": verdict,
        "exit_code": 3,
        "started_at": NOW - timedelta(minutes=2),
        "finished_at": NOW,
        "stats": {"finews/finding/gap": len(findings)} if findings else {},
    }
    return EndedRun(**{**known, **changed})


def post(**changed: Any) -> Post:
    """Without pauses."""
    return Post(**{"sleep": lambda _seconds: None, **changed})


def failed(message: str = "no article was stored", **changed: Any) -> EndedRun:
    verdict = Verdict(False, message, "finished")
    return ended((), **{"verdict": verdict, "exit_code": 1, **changed})


# --- what arrives -----------------------------------------------------------------------------


def test_a_webhook_gets_title_text_and_kind(tmp_path: Path, hook: Webhook) -> None:
    after_run(ended(job="mirror", run_id=7), settings_of(tmp_path, hook.url))
    (posted,) = hook.posted
    assert posted["title"] == "finews: mirror: degraded"
    assert posted["type"] == "warning"
    first, findings, gap, run, details = posted["message"].splitlines()
    assert (first, findings, gap) == ("articles: 2 new", "Findings (1):", f"- {GAP}")
    assert run.startswith("Spider category site=http://127.0.0.1:8000/ on ")
    assert run.endswith(", exit code 3")
    assert details == "More: finews runs show 7"


def test_a_mailbox_gets_a_letter(tmp_path: Path, box: Mailbox) -> None:
    after_run(failed("3 < 5 & <b>"), settings_of(tmp_path, box.url))
    (letter,) = box.letters
    assert (letter["Subject"], box.to) == ("finews: category: failed", [["operator@b.test"]])
    assert box.text().splitlines()[0] == "3 < 5 & <b>"


def test_a_chinese_reader(tmp_path: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "zh_CN")
    after_run(ended(run_id=7), settings_of(tmp_path, hook.url))
    (posted,) = hook.posted
    assert posted["title"] == "finews：category 有异常"
    lines = posted["message"].splitlines()
    assert lines[1] == "异常（1 项）："
    assert lines[2] == f"- gap（漏抓）{GAP.removeprefix('gap')}"
    assert lines[-1] == "详情：finews runs show 7"


def test_a_crawl_that_could_not_start(tmp_path: Path, hook: Webhook) -> None:
    verdict = Verdict(False, "no spider nothing; known: archive", "not_started")
    after_run(failed(verdict=verdict), settings_of(tmp_path, hook.url))
    (posted,) = hook.posted
    assert (posted["title"], posted["type"]) == ("finews: category: not started", "failure")
    assert posted["message"].startswith("no spider nothing; known: archive\n")


def test_many_findings_are_not_all_told(tmp_path: Path, hook: Webhook) -> None:
    lines = tuple(f"gap {number}: x" for number in range(10))
    after_run(ended(lines), settings_of(tmp_path, hook.url))
    told = hook.posted[0]["message"].splitlines()
    assert told[1:3] == ["Findings (10):", "- gap 0: x"]
    assert told[10] == "- and 2 more"


def test_all_are_told(tmp_path: Path, hook: Webhook, box: Mailbox) -> None:
    after_run(failed(), settings_of(tmp_path, hook.url, box.url))
    assert (len(hook.posted), len(box.letters)) == (1, 1)


@pytest.mark.parametrize(
    ("service", "url"),
    [
        ("dingtalk", "dingtalk://secrettoken123/"),
        ("feishu", "feishu://secrettoken123/"),
        ("wecombot", "wecombot://secret-token-123/"),
    ],
)
def test_a_chat_robot_gets_one_text(
    tmp_path: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch, service: str, url: str
) -> None:
    read_targets(url)  # loads its module
    module = sys.modules[f"apprise.plugins.{service}"]
    kind = next(one for name, one in vars(module).items() if name.lower() == f"notify{service}")
    monkeypatch.setattr(kind, "notify_url", f"http://127.0.0.1:{hook.port}/robot")
    after_run(failed("3 < 5"), settings_of(tmp_path, url))
    (posted,) = hook.posted
    words = posted.get("content") or posted["text"]
    text = words.get("content") or words["text"]
    title, first, *_ = text.splitlines()
    assert (title, first) == ("finews: category: failed", "3 < 5")


def test_nobody_is_told_where_nobody_is_named(tmp_path: Path) -> None:
    after_run(failed(), settings_of(tmp_path))
    assert list(tmp_path.iterdir()) == []


# --- what does not arrive ---------------------------------------------------------------------


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records]


def test_a_server_in_trouble_is_tried_again(tmp_path: Path, hook: Webhook) -> None:
    hook.statuses = [503, 500]
    pauses: list[float] = []
    after_run(failed(), settings_of(tmp_path, hook.url), post(sleep=pauses.append))
    assert (len(hook.posted), len(hook.paths), pauses) == (1, 3, [1.0, 4.0])


def test_one_that_fails_is_a_line_and_the_others_are_told(
    tmp_path: Path, hook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    dead = f"json://user:secret@127.0.0.1:{free_port()}/token123"
    with caplog.at_level(logging.DEBUG):
        after_run(failed(), settings_of(tmp_path, dead, hook.url), post())
    shown = dead.replace("user:secret@", "").removesuffix("/token123")
    assert told(caplog) == [f"no notification to {shown}: 3 attempts failed"]
    assert len(hook.posted) == 1


def test_one_that_does_not_answer_is_not_waited_for(
    tmp_path: Path, hook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    hook.hold = Event()
    before = set(threading.enumerate())
    after_run(failed(), settings_of(tmp_path, hook.url), post(patience=0.05))
    # What still tries must not hold the process when the crawl has ended.
    assert all(one.daemon for one in set(threading.enumerate()) - before)
    shown = f"json://127.0.0.1:{hook.port}"
    assert told(caplog) == [f"no notification to {shown} within 0.05 seconds"]


def test_no_secret_is_ever_logged(
    tmp_path: Path, hook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    hook.statuses = [500] * 3
    caplog.set_level(logging.DEBUG, logger="urllib3")
    with caplog.at_level(logging.DEBUG):
        after_run(failed(), settings_of(tmp_path, hook.url, "dingtalk://"), post())
        after_run(failed(), settings_of(tmp_path, hook.url), post())
    assert hook.paths == ["/token123"] * 4
    assert not any(word in caplog.text for word in ("secret", "token123"))


def test_what_was_not_told_is_told_by_the_next_run(tmp_path: Path, hook: Webhook) -> None:
    settings = settings_of(tmp_path, hook.url)
    hook.statuses = [500] * 3
    after_run(failed(), settings, post())
    after_run(failed(), settings, post())
    after_run(failed(), settings, post())
    assert hook.titles == ["finews: category: failed"]


# --- addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("json://user:secret@a.test:8000/token", "json://a.test:8000"),
        ("jsons://a.test/token", "jsons://a.test"),
        (
            "mailtos://me:secret@smtp.a.test?from=a@a.test&to=b@b.test",
            "mailtos://smtp.a.test:587",
        ),
        ("dingtalk://secrettoken123/", "dingtalk://…"),
        ("feishu://secrettoken123/", "feishu://…"),
        ("wecombot://secret-token-123/", "wecombot://…"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#a", "slack://…"),
        ("tgram://123456789:abcdefghijklmnopqrstuvwxyzabcdefghi/12315544/", "tgram://…"),
    ],
)
def test_a_target_is_named_without_its_secrets(url: str, shown: str) -> None:
    targets, faults = read_targets(url)
    assert ([one.shown for one in targets], faults) == ([shown], [])


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("nonsense://secret", "nonsense://…"),
        ("json://", "json://…"),
        ("secret", "…://…"),
        ("se-cret://a.test", "…://…"),
    ],
)
def test_a_bad_address_stops_a_crawl_before_it_starts(
    tmp_path: Path, hook: Webhook, url: str, shown: str
) -> None:
    settings = settings_of(tmp_path, hook.url, url)
    with pytest.raises(ConfigurationError) as caught:
        preflight(settings)
    expected = f"FINEWS_NOTIFY: entry 2 ({shown}) is no Apprise URL that can be used"
    assert str(caught.value) == expected
    after_run(failed(), settings)
    assert hook.titles == ["finews: category: failed"]


def test_good_addresses_are_good(tmp_path: Path, hook: Webhook) -> None:
    preflight(settings_of(tmp_path, hook.url, "dingtalk://secrettoken123/"))
    assert hook.paths == []


# --- texts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_every_text_is_there_in_both_languages(key: str) -> None:
    assert sorted(TEXTS[key]) == ["en", "zh"]
    assert TEXTS[key]["en"].isascii()


def test_every_kind_of_finding_has_a_chinese_name() -> None:
    assert set(KINDS) == set(ALL_KINDS)


def test_work_that_takes_too_long_gives_nothing() -> None:
    never = Event()
    assert within(0.01, never.wait) is None
    never.set()
    assert within(30, lambda: 7) == 7
