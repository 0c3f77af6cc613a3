"""What a worker is told when it is started."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from socket import gethostname

from finews.queue.policy import FIRST_PAUSE

SILENCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a worker works."""

    url: str
    """The database."""
    name: str = "worker"
    concurrency: int = 1
    """Units at a time."""
    jobs: Path | None = None
    """A jobs file whose jobs are queued when they are due."""
    silence: timedelta = SILENCE
    """A worker that did not say a word for so long is taken for dead."""
    first_pause: timedelta = FIRST_PAUSE
    """Before a unit whose crawl has failed is tried again."""
    host: str = field(default_factory=lambda: gethostname()[:255])

    @property
    def beat(self) -> timedelta:
        """How often it says that it lives."""
        return self.silence / 6

    @property
    def gives_up_after(self) -> timedelta:
        """When it takes itself for dead: long before the others do."""
        return self.silence / 2

    @property
    def shown(self) -> str:
        """Name and machine."""
        return f"{self.name}@{self.host}"
