"""The egg: what is in it, and that what was deployed goes before what is installed."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from finews.jobs.egg import PACKAGES, egg_files, write_egg
from finews_crawler.errors import ConfigurationError
from tests.repository.reading import ROOT

# As scrapyd does: the egg behind all else on the path, then the settings that it names.
LIKE_SCRAPYD = """
import sys
from pathlib import Path
sys.path.append(sys.argv[1])
import finews_egg
import finews_crawler, pipelines
from finews_crawler.reference import load_table
from pipelines.store.engine import open_engine
folders = {Path(module.__file__).parents[1] for module in (finews_crawler, pipelines)}
(folder,) = folders
load_table("sites")
open_engine(f"sqlite:///{sys.argv[2]}").dispose()
print(folder, finews_egg.BOT_NAME, finews_egg.FINEWS_DATABASE_URL)
"""


@pytest.fixture(scope="module")
def egg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("egg") / "finews.egg"
    write_egg(path)
    return path


def files_below(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix() for path in found}
    return {name for name in names if "__pycache__" not in name}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_egg_holds_every_file_of_a_floor(egg: Path, package: str) -> None:
    with ZipFile(egg) as archive:
        names = {name for name in archive.namelist() if name.startswith(f"{package}/")}
    own = {name for name in names if not name.startswith("finews_crawler/_data/")}
    assert own == {f"{package}/{name}" for name in files_below(ROOT / package)}


def test_the_egg_holds_the_tables(egg: Path) -> None:
    start = "finews_crawler/_data/"
    with ZipFile(egg) as archive:
        names = {name for name in archive.namelist() if name.startswith(start)}
    tables = files_below(ROOT / "data" / "reference")
    assert names == {f"{start}reference/{name}" for name in tables}


def test_the_egg_names_its_settings(egg: Path) -> None:
    with ZipFile(egg) as archive:
        assert archive.read("EGG-INFO/entry_points.txt") == b"[scrapy]\nsettings = finews_egg\n"
        assert archive.read("EGG-INFO/PKG-INFO").startswith(
            b"Metadata-Version: 2.1\nName: finews\n"
        )
        assert archive.testzip() is None


def test_the_same_project_makes_the_same_egg(egg: Path, tmp_path: Path) -> None:
    write_egg(tmp_path / "again.egg")
    assert (tmp_path / "again.egg").read_bytes() == egg.read_bytes()


def test_nothing_of_this_machine_is_in_it() -> None:
    place = str(ROOT).encode()
    assert [name for name, content in egg_files().items() if place in content] == []


def test_what_was_deployed_goes_before_what_is_installed(egg: Path, tmp_path: Path) -> None:
    """Data and migrations are found, and nothing is left behind."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", LIKE_SCRAPYD, str(egg), str(tmp_path / "finews.db")],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary), "FINEWS_DATABASE_URL": "sqlite:////a.db"},
        capture_output=True,
        check=True,
        text=True,
    )
    folder, name, database = done.stdout.split()
    assert Path(folder).parent == temporary
    assert (name, database) == ("finews", "sqlite:////a.db")
    assert (tmp_path / "finews.db").is_file()
    assert list(temporary.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"finews.egg: No such file or directory"):
        write_egg(tmp_path / "nowhere" / "finews.egg")


def test_what_scrapyd_deploy_calls(egg: Path, tmp_path: Path) -> None:
    for words in (["clean", "-a"], ["bdist_egg", "-d", str(tmp_path)]):
        command = [sys.executable, "setup.py", *words]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (made,) = tmp_path.iterdir()
    assert (made.name, made.read_bytes()) == ("finews.egg", egg.read_bytes())
