"""How much memory writing takes, in a process of its own: `python -m benchmarks.one_load URL N`.

Prints as JSON the most MiB that it had taken after N articles, and after 4 N.
"""

import json
import re
import resource
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.loads import BATCH
from benchmarks.synthetic import articles
from pipelines.store.engine import open_engine
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer

_STATUS = Path("/proc/self/status")


def peak() -> float:
    """The most memory that this process has taken so far, in MiB."""
    if _STATUS.exists():  # Linux's getrusage counts the parent in, from before the exec
        found = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"))
        if found:
            return int(found[1]) / 1024
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1024 * 1024 if sys.platform == "darwin" else 1024)


def peaks(url: str, count: int) -> tuple[float, float]:
    """Write so many articles, then as many that it is four times the number."""
    engine = open_engine(url)
    run = start_run(engine, "archive", {}, datetime.now(UTC))
    writer = Writer(engine, run, timedelta(days=1))
    found = []
    for start, end in ((0, count), (count, 4 * count)):
        for first in range(start, end, BATCH):
            writer.write(list(articles(min(BATCH, end - first), first)))
        found.append(peak())
    engine.dispose()
    return found[0], found[1]


if __name__ == "__main__":
    print(json.dumps(peaks(sys.argv[1], int(sys.argv[2]))))
