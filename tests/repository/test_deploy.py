"""What `deploy/` and docs/scheduling.md tell to run exists, and is what an operator needs."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import click
import pytest

from finews.cli import main
from finews.jobs.commands import job
from finews.jobs.definition import DEFAULT_GRACE, KEYS, Job, read_jobs
from finews.jobs.timing import parse_cron
from finews_crawler.options import OPTIONS
from finews_crawler.spans import span
from tests.repository.reading import ROOT, blocks, document, quoted, section, table_rows

DEPLOY = ROOT / "deploy"
JOBS = DEPLOY / "jobs.toml"
DOCUMENT = document("docs/scheduling.md")
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"})
SERVICES = [path for path in UNITS if path.suffix == ".service"]
PROGRAM = "/srv/finews/.venv/bin/finews"
COMMANDS: Mapping[str, click.Command] = main.commands
# Of systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.timer(5): what the units use.
KNOWN = {
    "Unit": {"Description", "Documentation", "Wants", "After"},
    "Service": {
        *("Type", "ExecStart", "ExecReload", "User", "WorkingDirectory", "StateDirectory"),
        *("Environment", "EnvironmentFile", "Restart", "RestartSec", "KillMode"),
        *("TimeoutStopSec", "TimeoutStartSec", "NoNewPrivileges", "ProtectSystem", "ProtectHome"),
        *("PrivateTmp", "PrivateDevices", "ProtectClock", "ProtectHostname"),
        *("ProtectControlGroups", "ProtectKernelLogs", "ProtectKernelModules"),
        *("ProtectKernelTunables", "ProtectProc", "RestrictAddressFamilies"),
        *("RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality"),
        *("CapabilityBoundingSet", "SystemCallArchitectures", "SystemCallFilter", "UMask"),
    },
    "Timer": {"OnCalendar", "RandomizedDelaySec", "Persistent"},
    "Install": {"WantedBy"},
}


def name_of(path: Path) -> str:
    return path.name


def read_unit(path: Path) -> list[tuple[str, str, str]]:
    """The lines of a unit: section, key, value."""
    found: list[tuple[str, str, str]] = []
    part = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            part = header[1]
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, f"{path.name}: {line}"
            found.append((part, key, value))
    return found


def values(path: Path, key: str) -> list[str]:
    return [value for _, name, value in read_unit(path) if name == key]


def finews_commands() -> list[list[str]]:
    """The words behind `finews` of every command in the files."""
    executed = [
        value
        for path in SERVICES
        for key in ("ExecStart", "ExecReload")
        for value in values(path, key)
    ]
    told = [line for _, _, line in cron_lines()]
    lines = [line.partition(f"{PROGRAM} ")[2] for line in executed + told if PROGRAM in line]
    return [line.split() for line in lines]


def cron_lines() -> list[tuple[str, str, str]]:
    """The lines of the crontab: times, user, command."""
    text = (DEPLOY / "finews.cron").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(r"[*0-9]", line)]
    return [
        (" ".join(words[:5]), words[5], words[6])
        for words in (line.split(maxsplit=6) for line in lines)
    ]


def resolved(words: list[str]) -> tuple[click.Command, list[str]]:
    """The click command that words call, and the words behind it."""
    command, rest = COMMANDS[words[0]], words[1:]
    while isinstance(command, click.Group):
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


# --- commands --------------------------------------------------------------------------------


def test_there_are_commands() -> None:
    assert {tuple(words[:2]) for words in finews_commands()} == {
        ("jobs", "run"),
        ("jobs", "check"),
        ("schedule", "/etc/finews/jobs.toml"),
        ("worker", "--name"),
    }


@pytest.mark.parametrize("words", finews_commands(), ids=" ".join)
def test_a_command_can_be_called_so(words: list[str]) -> None:
    command, rest = resolved(words)
    with command.make_context(words[0], list(rest)) as context:
        missing = {name for name in context.params if context.params[name] is None}
        assert missing <= {"database", "metrics_port"}


@pytest.mark.parametrize("words", [["schedule"], ["jobs", "run"], ["jobs", "check"]], ids=" ".join)
def test_help_runs(words: list[str]) -> None:
    command, _ = resolved(words)
    with command.make_context(words[-1], [], resilient_parsing=True) as context:
        assert command.get_help(context).startswith("Usage: ")


@pytest.mark.parametrize("words", finews_commands(), ids=" ".join)
def test_a_job_that_is_named_is_defined(words: list[str]) -> None:
    if words[:2] == ["jobs", "run"]:
        assert words[2] in {"%i", *read_jobs(JOBS)}


def test_the_jobs_have_no_fault() -> None:
    assert all(one.is_timed for one in read_jobs(JOBS).values())


# --- cron ------------------------------------------------------------------------------------


def test_the_crontab_runs_the_jobs_at_their_times() -> None:
    """As near as cron comes to it."""
    defined = {
        name: one.definition.get("cron") or f"*/{one.definition['every'].removesuffix('m')} * * * *"
        for name, one in read_jobs(JOBS).items()
    }
    told = {command.split(" run ")[1].split()[0]: times for times, _, command in cron_lines()}
    assert told == defined


@pytest.mark.parametrize("line", cron_lines(), ids=lambda line: line[2][-40:])
def test_a_line_of_the_crontab(line: tuple[str, str, str]) -> None:
    times, user, command = line
    parse_cron(times, "Asia/Shanghai")
    assert (user, "%" in command, command.endswith(" --quiet")) == ("finews", False, True)


def test_the_crontab_ends_with_a_line_end() -> None:
    """cron leaves out a last line without one."""
    assert (DEPLOY / "finews.cron").read_text(encoding="utf-8").endswith("--quiet\n")


# --- systemd ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", UNITS, ids=name_of)
def test_a_unit_has_known_keys_only(path: Path) -> None:
    unknown = [(part, key) for part, key, _ in read_unit(path) if key not in KNOWN.get(part, ())]
    assert unknown == []


@pytest.mark.parametrize("path", SERVICES, ids=name_of)
def test_a_crawl_is_told_to_end_once(path: Path) -> None:
    """Were all processes told, the crawl would be told twice, and give up what is under way."""
    longest = max([one.grace for one in read_jobs(JOBS).values()] + [DEFAULT_GRACE])
    (stop,) = values(path, "TimeoutStopSec")
    assert values(path, "KillMode") == ["mixed"]
    assert span(stop.removesuffix("in")) > longest


@pytest.mark.parametrize("path", SERVICES, ids=name_of)
def test_a_service_may_do_little(path: Path) -> None:
    given = {key: value for _, key, value in read_unit(path)}
    assert given["NoNewPrivileges"] == given["PrivateTmp"] == given["ProtectHome"] == "yes"
    assert (given["ProtectSystem"], given["StateDirectory"]) == ("strict", "finews")
    assert (given["User"], given["CapabilityBoundingSet"]) == ("finews", "")


@pytest.mark.parametrize("path", [*SERVICES, DEPLOY / "finews.cron"], ids=name_of)
def test_what_is_written_lies_where_it_may_be_written(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    given = dict(re.findall(r"\b(FINEWS_\w+)=(\S+)", text))
    assert set(given) <= {option.name for option in OPTIONS}
    assert {
        value.removeprefix("sqlite:///").startswith("/var/lib/finews/") for value in given.values()
    } == {True}


def test_the_timer_comes_as_often_as_the_job() -> None:
    (timer,) = (path for path in UNITS if path.suffix == ".timer")
    (calendar,) = values(timer, "OnCalendar")
    assert f"{calendar.rpartition('/')[2]}m" == read_jobs(JOBS)["mirror"].definition["every"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Its own program stands where finews would be installed."""
    program = Path(sys.executable).with_name("finews")
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace(PROGRAM, str(program))
        (tmp_path / path.name.replace("@", "@mirror")).write_text(text, encoding="utf-8")
    names = sorted(f"./{path.name}" for path in tmp_path.iterdir())
    command = ["systemd-analyze", "verify", *names]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# --- docs/scheduling.md ----------------------------------------------------------------------


def test_every_key_of_a_job_is_documented() -> None:
    rows = table_rows(section(DOCUMENT, "## The jobs file"))
    assert [quoted(row[0])[0] for row in rows] == list(KEYS)


def test_the_defaults_of_keys(tmp_path: Path) -> None:
    """A job that says what the document shows as default is one that says nothing."""
    rows = {quoted(row[0])[0]: row[1] for row in table_rows(section(DOCUMENT, "## The jobs file"))}
    shown = {key: quoted(cell)[0] for key, cell in rows.items() if quoted(cell)}
    bare = '[jobs.mirror]\nspider = "category"\nevery = "1h"\n'
    jobs = []
    for name, more in (
        ("bare", ""),
        ("shown", "".join(f'{k} = "{v}"\n' for k, v in shown.items())),
    ):
        (tmp_path / name).write_text(bare + more, encoding="utf-8")
        jobs.append(read_jobs(tmp_path / name)["mirror"])
    names = [one.name for one in fields(Job) if one.name != "definition"]
    assert [getattr(jobs[0], name) for name in names] == [getattr(jobs[1], name) for name in names]
    assert set(shown) == {"jitter", "overlap", "missed", "grace", "timezone"}


def test_the_example_has_no_fault(tmp_path: Path) -> None:
    (example,) = blocks(section(DOCUMENT, "## The jobs file"), "toml")
    (tmp_path / "jobs.toml").write_text(example, encoding="utf-8")
    assert set(read_jobs(tmp_path / "jobs.toml")) == set(read_jobs(JOBS))


def test_every_command_that_is_told_exists() -> None:
    told = re.findall(
        r"^\.venv/bin/finews (.*?)(?:\s+#.*)?$", "\n".join(blocks(DOCUMENT)), re.MULTILINE
    )
    for line in told:
        command, rest = resolved(line.split())
        with command.make_context(line, list(rest)):
            pass
    assert {tuple(line.split()[:2]) for line in told} == {
        *(("jobs", name) for name in job.commands),
        ("schedule", "jobs.toml"),
    }


def test_every_file_of_deploy_is_told() -> None:
    told = DOCUMENT + document("docs/workers.md")
    names = {path.name for path in DEPLOY.iterdir() if path.name != ".env"}
    assert {name for name in names if f"deploy/{name}" not in told} == set()
