"""A jobs file: what it may say, and a line for each fault."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from finews.jobs.definition import (
    DEFAULT_GRACE,
    KEYS,
    Job,
    find_job,
    read_jobs,
    spiders,
)
from finews.jobs.timing import parse_cron
from finews_crawler.errors import ConfigurationError

FULL = """
[jobs.mirror]
spider = "category"
arguments = { full = "1", site = "http://127.0.0.1:1" }
every = "20m"
jitter = "60s"
overlap = "wait"
missed = "skip"
timeout = "2h"
grace = "2m"
timezone = "Asia/Shanghai"
settings = { LOG_LEVEL = "WARNING" }
"""

Write = Callable[[str], Path]


@pytest.fixture
def jobs_file(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "jobs.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def read(jobs_file: Write) -> Callable[[str], Job]:
    """The job `mirror` of a file with these lines."""

    def read_lines(lines: str) -> Job:
        return read_jobs(jobs_file(f'[jobs.mirror]\nspider = "category"\n{lines}'))["mirror"]

    return read_lines


# --- what it says ----------------------------------------------------------------------------


def test_a_full_definition(jobs_file: Write) -> None:
    (job,) = read_jobs(jobs_file(FULL)).values()
    assert job == Job(
        name="mirror",
        definition=job.definition,
        spider="category",
        arguments={"full": "1", "site": "http://127.0.0.1:1"},
        settings={"LOG_LEVEL": "WARNING"},
        every=timedelta(minutes=20),
        cron=None,
        jitter=timedelta(seconds=60),
        overlap="wait",
        missed="skip",
        timeout=timedelta(hours=2),
        grace=timedelta(minutes=2),
    )
    assert set(job.definition) == set(KEYS) - {"cron"}


def test_a_short_definition(read: Callable[[str], Job]) -> None:
    job = read("")
    assert (job.arguments, job.settings, job.every, job.cron) == ({}, {}, None, None)
    assert (job.jitter, job.overlap, job.missed) == (timedelta(), "skip", "once")
    assert (job.timeout, job.grace, job.is_timed) == (None, DEFAULT_GRACE, False)


def test_a_crontab_line(read: Callable[[str], Job]) -> None:
    job = read('cron = "*/20 9-15 * * mon-fri"\ntimezone = "Europe/Berlin"')
    assert job.cron == parse_cron("*/20 9-15 * * 1-5", "Europe/Berlin")
    assert job.is_timed


def test_a_crontab_line_is_of_shanghai(read: Callable[[str], Job]) -> None:
    assert read('cron = "0 9 * * *"').cron == parse_cron("0 9 * * *", "Asia/Shanghai")


def test_values_as_a_command_line_takes_them(read: Callable[[str], Job]) -> None:
    job = read(
        'arguments = { full = true, categories = ["Wind", "TechWeb"] }\n'
        "settings = { DOWNLOAD_DELAY = 0.25, RETRY_TIMES = 3, AUTOTHROTTLE_ENABLED = false,"
        ' FEEDS = { "a.jsonl" = { format = "jsonlines" } } }'
    )
    assert job.arguments == {"full": "1", "categories": "Wind,TechWeb"}
    assert job.settings == {
        "DOWNLOAD_DELAY": "0.25",
        "RETRY_TIMES": "3",
        "AUTOTHROTTLE_ENABLED": "0",
        "FEEDS": '{"a.jsonl": {"format": "jsonlines"}}',
    }


@pytest.mark.parametrize(
    ("lines", "is_same"),
    [
        ('every = "20m"', True),
        ('every = "20m"\njitter = "5s"\narguments = { full = 1 }', True),
        ('every = "21m"', False),
        ('cron = "*/20 * * * *"', False),
        ('every = "20m"\ntimezone = "UTC"', False),
        ("", False),
    ],
)
def test_whether_two_definitions_have_the_same_moments(
    read: Callable[[str], Job], lines: str, is_same: bool
) -> None:
    assert read('every = "20m"').same_times(read(lines).definition) is is_same


def test_every_spider_may_be_named(jobs_file: Write) -> None:
    assert {"archive", "category", "share"} <= set(spiders())


# --- faults ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('evry = "20m"', "evry: no such key; is it every?"),
        ("zzz = 1", f"zzz: no such key; known: {', '.join(KEYS)}"),
        ('every = "20 minutes"', "every: '20 minutes' is no span of time, such as 90s, 20m, 6h"),
        ('every = "0"', "every: '0' is not between 1s and 366d"),
        ('every = "400d"', "every: '400d' is not between 1s and 366d"),
        ("every = 20", "every: 20 is no text"),
        ('every = "20m"\ncron = "* * * * *"', "every and cron: a job has one of them, not both"),
        ('every = "20m"\njitter = "-5s"', "jitter: '-5s' is no span of time"),
        ('every = "20m"\njitter = "20m"', "jitter: '20m' is not shorter than the time between"),
        ('cron = "* * * * *"\njitter = "90s"', "jitter: '90s' is not shorter than the time betwe"),
        ('jitter = "5s"', "jitter: has no meaning without every or cron"),
        ('missed = "skip"', "missed: has no meaning without every or cron"),
        ('cron = "60 * * * *"', "cron: '60 * * * *': Error validating expression '60'"),
        ('cron = ""', "cron: '' is no text"),
        ('cron = "* * * * *"\ntimezone = "Asia/Shanghi"', "timezone: 'Asia/Shanghi' is no time zo"),
        ('every = "1h"\ntimezone = "../etc"', "timezone: '../etc' is no time zone, such as Asia/"),
        ('overlap = "kill"', "overlap: 'kill' is neither skip nor wait"),
        ('every = "1h"\nmissed = "all"', "missed: 'all' is neither once nor skip"),
        ('timeout = "0"', "timeout: '0' is not between 1s and 366d"),
        ('grace = "x"', "grace: 'x' is no span of time"),
        ('arguments = "full=1"', "arguments: must be a table, { name = value }"),
        ("arguments = { fll = 1 }", "arguments: spider category: no argument fll; known: site ("),
        ('arguments = { full = "maybe" }', "arguments: spider category: full: 'maybe' is neither"),
        ("arguments = { full = 2026-01-01 }", "arguments: datetime.date(2026, 1, 1) is neither te"),
        ('arguments = { _job = "1" }', "arguments: _job: names with _ in front are for schedulers"),
        ("settings = 1", "settings: must be a table, { name = value }"),
        ("settings = { LOG_LEVL = 1 }", "settings: no setting LOG_LEVL; is it LOG_LEVEL?"),
        ("settings = { zzzzz = 1 }", "settings: no setting zzzzz"),
        ("settings = { FINEWS_BATCH_SIZE = 0 }", "settings: FINEWS_BATCH_SIZE: must be a whole nu"),
        ('settings = { FINEWS_SITE = "x" }', "settings: FINEWS_SITE: 'x' is no http(s) address"),
        (
            'settings = { FINEWS_DATABASE_URL = "sqlite://" }',
            "settings: FINEWS_DATABASE_URL: all jobs of a file share one database; set it in the",
        ),
        ('settings = { FINEWS_JOB = "x" }', "settings: FINEWS_JOB: is the name of the job"),
    ],
)
def test_a_fault_names_file_job_and_key(jobs_file: Write, lines: str, message: str) -> None:
    path = jobs_file(f'[jobs.mirror]\nspider = "category"\n{lines}')
    with pytest.raises(ConfigurationError) as caught:
        read_jobs(path)
    assert str(caught.value).startswith(f"{path}: job mirror: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no [jobs.NAME]"),
        ("jobs = 1", "has no [jobs.NAME]"),
        ("[jobs]", "has no [jobs.NAME]"),
        ("[jobs\n", "is no TOML: "),
        ("[jobs.mirror]", "job mirror: spider: is missing"),
        ("[jobs.mirror]\nspider = 1", "job mirror: spider: 1 is no text"),
        ('[jobs.mirror]\nspider = "categry"', "job mirror: spider: no spider categry; known: arc"),
        ("jobs.mirror = 1", "job mirror: must be a table"),
        ('[jobs."Big One"]\nspider = "category"', "job Big One: a name has small letters, digits"),
        ('[jobs.1a]\nspider = "category"', "job 1a: a name has small letters, digits"),
        ('[jobs.a]\nspider = "share"', "job a: arguments: spider share: give codes=NW"),
        ('x = 1\n[jobs.a]\nspider = "category"', "x: no such table; all stands in [jobs.NAME]"),
    ],
)
def test_a_faulty_file(jobs_file: Write, text: str, message: str) -> None:
    path = jobs_file(text)
    with pytest.raises(ConfigurationError) as caught:
        read_jobs(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_every_fault_has_its_line(jobs_file: Write) -> None:
    path = jobs_file(
        '[jobs.a]\nspider = "category"\nevery = "x"\ntimeout = "y"\n[jobs.b]\nspider = "nothing"'
    )
    with pytest.raises(ConfigurationError) as caught:
        read_jobs(path)
    starts = [line.partition("'")[0] for line in str(caught.value).splitlines()]
    assert starts[:2] == [f"{path}: job a: every: ", f"{path}: job a: timeout: "]
    assert starts[2].startswith(f"{path}: job b: spider: no spider nothing; known: ")
    assert len(starts) == 3


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"jobs.toml: No such file or directory"):
        read_jobs(tmp_path / "jobs.toml")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "jobs.toml"
    path.write_bytes("# 每天\n".encode("gbk"))
    with pytest.raises(ConfigurationError, match=r"jobs.toml: is no TOML: "):
        read_jobs(path)


def test_a_job_by_its_name(jobs_file: Write) -> None:
    path = jobs_file(FULL)
    jobs = read_jobs(path)
    assert find_job(jobs, "mirror", path) is jobs["mirror"]
    with pytest.raises(ConfigurationError, match=re.escape("no job miror; known: mirror")):
        find_job(jobs, "miror", path)
