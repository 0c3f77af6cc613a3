"""The wheel, built offline and used far from the checkout: its data, its commands, a crawl."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import NullPool, create_engine

from tests.repository.reading import PACKAGES, ROOT

DATA = "finews_crawler/_data"
LOCATIONS = """
import json
import finews, finews_crawler, pipelines
from finews.sample_site.server import sample_site_root
from finews_crawler.reference import load_table
from pipelines.store.engine import alembic_config
print(json.dumps({
    "packages": [module.__file__ for module in (finews_crawler, pipelines, finews)],
    "sites": [str(sample_site_root()), str(sample_site_root(old=True))],
    "migrations": alembic_config().get_main_option("script_location"),
    "tables": [name for name in ("markets", "beijing_aliases", "sites", "sources")
               if load_table(name)],
}))
"""
DEMO = "from finews.cli import main; main(['demo'], prog_name='finews')"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout as it stands."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with the wheel's content."""
    folder = tmp_path_factory.mktemp("installed")
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def record_of(wheel: Path) -> str:
    """The folder of the wheel's own record, `finews-<version>.dist-info`."""
    return "-".join(wheel.name.split("-")[:2]) + ".dist-info"


def names_in(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def files_below(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(folder).as_posix() for path in found}


def run(installed: Path, folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program far from the checkout; PYTHONPATH goes before what is installed editable."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FINEWS_")}
    own = {
        "PYTHONPATH": str(installed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "FINEWS_DATABASE_URL": f"sqlite:///{folder / 'finews.db'}",
        "FINEWS_LANGUAGE": "en",
    }
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=kept | own,
        capture_output=True,
        check=False,
        text=True,
    )


# --- what is in it ---------------------------------------------------------------------------


def test_the_wheel_holds_the_three_floors_and_its_own_record(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names_in(wheel)}
    assert tops == {*PACKAGES, record_of(wheel)}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_holds_every_file_of_a_floor(wheel: Path, package: str) -> None:
    inside = {name for name in names_in(wheel) if name.startswith(f"{package}/")}
    own = {name for name in inside if not name.startswith(f"{DATA}/")}
    assert own == {f"{package}/{name}" for name in files_below(ROOT / package)}


@pytest.mark.parametrize("folder", ["reference", "sample_site"])
def test_the_wheel_holds_all_data(wheel: Path, folder: str) -> None:
    start = f"{DATA}/{folder}/"
    inside = {name.removeprefix(start) for name in names_in(wheel) if name.startswith(start)}
    assert inside == files_below(ROOT / "data" / folder)


def test_the_wheel_holds_no_other_data(wheel: Path) -> None:
    inside = [name.split("/")[2] for name in names_in(wheel) if name.startswith(f"{DATA}/")]
    assert set(inside) == {"reference", "sample_site"}


def test_the_wheel_makes_the_command(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        told = archive.read(f"{record_of(wheel)}/entry_points.txt").decode()
    assert told.split() == ["[console_scripts]", "finews", "=", "finews.cli:main"]


# --- what it does far from the checkout ------------------------------------------------------


def test_packages_and_data_are_found_inside(installed: Path, tmp_path: Path) -> None:
    data = installed / DATA
    told = json.loads(run(installed, tmp_path, LOCATIONS).stdout)
    assert told == {
        "packages": [str(installed / package / "__init__.py") for package in PACKAGES],
        "sites": [str(data / "sample_site" / name) for name in ("site", "site_old")],
        "migrations": str(installed / "pipelines" / "store" / "migrations"),
        "tables": ["markets", "beijing_aliases", "sites", "sources"],
    }


def expected_articles() -> int:
    """How many folders of the sample site give an article that the site links to."""
    folders = ROOT / "data" / "sample_site" / "articles"
    items = [json.loads(path.read_text("utf-8")) for path in folders.glob("*/expected.json")]
    unlisted = [item for item in items if {"on_no_list", "old_post_rendering"} & set(item["traps"])]
    return len([item for item in items if "code" in item]) - len(unlisted)


@dataclass(frozen=True)
class Demo:
    """A demo far from the checkout, and what the packages looked like before and after."""

    ended: subprocess.CompletedProcess[str]
    database: Path
    before: dict[Path, int]
    after: dict[Path, int]


def times_below(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def demo(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("far")
    before = times_below(installed)
    ended = run(installed, folder, DEMO)
    return Demo(ended, folder / "finews.db", before, times_below(installed))


def test_the_demo_ends_well(demo: Demo) -> None:
    assert (demo.ended.returncode, demo.ended.stderr.count("Traceback")) == (0, 0)


def test_the_demo_crawls_into_a_database(demo: Demo) -> None:
    with create_engine(f"sqlite:///{demo.database}", poolclass=NullPool).connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM article").scalar_one()
    assert count == expected_articles()


def test_the_demo_writes_nothing_into_the_packages(demo: Demo) -> None:
    assert demo.after == demo.before
