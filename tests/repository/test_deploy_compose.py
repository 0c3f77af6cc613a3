"""`deploy/Dockerfile` and `deploy/compose.yaml`: no Docker is here, so they are read by hand."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import click
import pytest
import yaml

from finews.cli import main
from finews.jobs.definition import DEFAULT_GRACE, read_jobs
from finews.queue.commands import jobs, worker
from finews_crawler.options import OPTIONS
from finews_crawler.spans import span
from tests.repository.reading import ROOT, document, project_files

COMPOSE: Mapping[str, Any] = yaml.safe_load(document("deploy/compose.yaml"))
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"] == "finews"}
COMMANDS = {**main.commands, "jobs": jobs, "worker": worker}
SETTINGS = {option.name for option in OPTIONS}
# Of the Compose Specification: what the file uses, and of what kind it is.
KEYS: Mapping[str, type | tuple[type, ...]] = {
    "image": str,
    "build": dict,
    "command": list,
    "environment": dict,
    "restart": str,
    "init": bool,
    "stop_grace_period": str,
    "read_only": bool,
    "tmpfs": list,
    "cap_drop": list,
    "security_opt": list,
    "volumes": list,
    "shm_size": str,
    "healthcheck": dict,
    "depends_on": dict,
    "deploy": dict,
    "profiles": list,
}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}

# --- compose.yaml ----------------------------------------------------------------------------


def test_the_services() -> None:
    assert set(COMPOSE) == {"name", "x-finews", "services", "volumes"}
    assert set(SERVICES) == {"database", "prepare", "worker", "scheduler"}
    assert set(OURS) == set(SERVICES) - {"database"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_known_keys_only(name: str) -> None:
    for key, value in SERVICES[name].items():
        assert isinstance(value, KEYS[key]), f"{name}: {key}"


@pytest.mark.parametrize("name", OURS)
def test_a_command_can_be_called_so(name: str) -> None:
    words = list(OURS[name]["command"])
    command: click.Command = COMMANDS[words.pop(0)]
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    with command.make_context(name, words) as context:
        given = context.params.get("path")
    assert given in {None, Path("/etc/finews/jobs.toml")}


def test_who_waits_for_whom() -> None:
    waits = {name: one.get("depends_on", {}) for name, one in SERVICES.items()}
    assert waits == {
        "database": {},
        "prepare": {"database": {"condition": "service_healthy"}},
        "worker": {"prepare": {"condition": "service_completed_successfully"}},
        "scheduler": {"prepare": {"condition": "service_completed_successfully"}},
    }
    assert SERVICES["database"]["healthcheck"]["test"][0] == "CMD-SHELL"
    assert {one["condition"] for all_ in waits.values() for one in all_.values()} <= CONDITIONS
    # What waits for its success would wait for ever if it were started again and again.
    assert SERVICES["prepare"]["restart"] == "no"


def test_the_scheduler_comes_only_when_it_is_asked_for() -> None:
    """It would do what the workers do."""
    assert [name for name, one in SERVICES.items() if "profiles" in one] == ["scheduler"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_is_there(name: str) -> None:
    for one in SERVICES[name]["volumes"]:
        source, target, *_ = one.split(":")
        assert target.startswith("/")
        assert source in COMPOSE["volumes"] or (ROOT / "deploy" / source).is_file()


@pytest.mark.parametrize("name", OURS)
def test_a_service_may_do_little(name: str) -> None:
    one = OURS[name]
    assert (one["read_only"], one["cap_drop"], one["init"]) == (True, ["ALL"], True)
    assert one["security_opt"] == ["no-new-privileges:true"]
    written = [volume for volume in one["volumes"] if not volume.endswith(":ro")]
    assert written == ["state:/var/lib/finews"]


@pytest.mark.parametrize("name", OURS)
def test_a_crawl_may_end_in_peace(name: str) -> None:
    longest = max([job.grace for job in read_jobs(ROOT / "deploy/jobs.toml").values()])
    assert span(OURS[name]["stop_grace_period"]) > max(longest, DEFAULT_GRACE)


@pytest.mark.parametrize("name", OURS)
def test_the_settings_exist_and_the_password_is_asked_for(name: str) -> None:
    given = OURS[name]["environment"]
    assert set(given) <= SETTINGS
    url = given["FINEWS_DATABASE_URL"]
    secret = re.search(r"\$\{(\w+):\?[^}]+\}", url)
    assert secret
    assert url.replace(secret[0], "secret") == (
        "postgresql+psycopg://finews:secret@database/finews"
    )
    database = SERVICES["database"]["environment"]
    assert database == {
        "POSTGRES_USER": "finews",
        "POSTGRES_DB": "finews",
        "POSTGRES_PASSWORD": secret[0],
    }
    assert f"{secret[1]}=" in document("deploy/compose.yaml").partition("\nname:")[0]


def test_images_have_a_version() -> None:
    """And our own is built here."""
    assert re.fullmatch(r"postgres:\d+", SERVICES["database"]["image"])
    for one in OURS.values():
        folder = (ROOT / "deploy" / one["build"]["context"]).resolve()
        assert folder == ROOT
        assert (folder / one["build"]["dockerfile"]).is_file()


# --- Dockerfile ------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """Name and words of each instruction."""
    text = document("deploy/Dockerfile").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], " ".join(line.split()[1:])) for line in lines]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for name, words in instructions():
        if name == "FROM":
            found.append([])
        found[-1].append((name, words))
    return found


def copied() -> list[tuple[list[str], str]]:
    """What the first stage takes from the checkout, and where it goes."""
    pairs = [words.split() for name, words in stages()[0] if name == "COPY"]
    return [(words[:-1], words[-1]) for words in pairs]


def test_the_image_is_of_a_python_that_is_supported() -> None:
    project = tomllib.loads(document("pyproject.toml"))["project"]
    bases = {words.split()[0] for name, words in instructions() if name == "FROM"}
    (version,) = {base.removeprefix("python:").removesuffix("-slim") for base in bases}
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]
    assert "workers" in project["optional-dependencies"]


def test_finews_runs_as_nobody_in_particular() -> None:
    last = dict(stages()[-1])
    assert (last["USER"], last["WORKDIR"]) == ("finews", "/var/lib/finews")
    assert (last["ENTRYPOINT"], last["VOLUME"]) == ('["finews"]', "/var/lib/finews")
    names = [name for name, _ in stages()[-1]]
    assert names.index("USER") > max(n for n, name in enumerate(names) if name == "RUN")
    assert '"$1[workers]"' in last["RUN"]
    given = dict(pair.split("=") for pair in last["ENV"].split())
    assert {name for name in given if name.startswith("FINEWS_")} <= SETTINGS
    written = [value for name, value in given.items() if name.startswith("FINEWS_")]
    assert all(value.startswith("/var/lib/finews/") for value in written)


def test_what_is_copied_makes_the_whole_wheel(tmp_path: Path) -> None:
    """The wheel of what the image copies holds what the one of the checkout does."""
    for sources, target in copied():
        for source in sources:
            place = tmp_path / target / (Path(source).name if target == "./" else "")
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (built,) = (tmp_path / "dist").glob("finews-*.whl")
    with ZipFile(built) as wheel:
        names = set(wheel.namelist())
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in project_files()
        if path.relative_to(ROOT).parts[0] in {"finews", "finews_crawler", "pipelines"}
    }
    assert expected - names == set()
    tables = {path.name for path in (ROOT / "data" / "reference").iterdir() if path.is_file()}
    assert tables <= {name.rpartition("/")[2] for name in names if "_data/reference/" in name}
    assert any("_data/sample_site/site/" in name for name in names)
