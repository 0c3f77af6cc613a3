"""Unpacks an egg before anything in it is used. A copy lies in every egg: standard library only."""

import atexit
import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp
from zipfile import ZipFile


def use(archive: Path) -> Path:
    """Unpack an egg into a folder of this process, and import from there before all else.

    What is installed beside scrapyd must not go before what was deployed. The folder is private and
    goes with the process.
    """
    folder = Path(mkdtemp(prefix="finews-egg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with ZipFile(archive) as egg:
        egg.extractall(folder)
    sys.path.insert(0, str(folder))
    return folder
