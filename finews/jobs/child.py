"""`python -m finews.jobs.child PID COMMAND…`: become a command that does not outlive process PID.

The lock of a job goes with the process that holds it, so the crawl must go at the same moment, or
the next run would overlap with it. Linux kills it when its parent ends, however that ends
(`PR_SET_PDEATHSIG`); other systems have no such thing. A crawl may be killed at any moment: see
docs/operations.md. This is a program of its own because code between fork and exec can hang in a
process with threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have this process killed when its parent ends; end it now when that has happened already.

    Linux means the parent's thread: it must be one that waits for this process.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """Become the command; it keeps what was asked of Linux."""
    parent, *command = arguments
    die_with(int(parent))
    os.execv(command[0], command)  # noqa: S606 - without a shell: the words are the job's own


if __name__ == "__main__":
    main(sys.argv[1:])
