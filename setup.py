"""What `scrapyd-deploy` calls for an egg: `setup.py clean -a`, then `setup.py bdist_egg -d FOLDER`.

Nothing else calls it: the project is built by hatchling, as pyproject.toml says. Without this file
scrapyd-deploy would write one of its own, whose egg lacks the data and the migrations.
"""

import sys
from pathlib import Path

from finews.jobs.egg import write_egg

if __name__ == "__main__" and sys.argv[1:3] == ["bdist_egg", "-d"]:
    write_egg(Path(sys.argv[3]) / "finews.egg")
