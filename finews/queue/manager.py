"""procrastinate's word with the database, of a worker that may not be the one it was.

See `statements`: a try is ended only by the worker that has the unit.
"""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from finews.queue import statements
from finews.queue.lease import Lease
from finews.queue.policy import Verdict
from finews.queue.terms import Terms

_AGAIN = 1.0


class FencedManager(JobManager):
    """Ends tries of its own worker only, and waits for the database to take the word."""

    def __init__(
        self,
        connector: BaseConnector,
        terms: Terms,
        lease: Lease,
        verdict_of: Callable[[int], Verdict | None],
    ) -> None:
        """Take what is needed to speak for a worker.

        Args:
            connector: to the database.
            terms: the worker's.
            lease: its right to what it has.
            verdict_of: gives what was judged of a try, once.
        """
        super().__init__(connector)
        self._terms = terms
        self._lease = lease
        self._verdict_of = verdict_of

    # --- workers ---------------------------------------------------------------------------------

    async def register_worker(self) -> int:
        """Tell that there is a worker; its lease begins."""
        number = await super().register_worker()
        known = {"worker_id": number, "name": self._terms.name, "host": self._terms.host}
        await self.connector.execute_query_async(
            query=statements.KNOW_WORKER, **known, pid=os.getpid()
        )
        self._lease.begin(number)
        return number

    async def unregister_worker(self, worker_id: int) -> None:
        """Tell that there is none any more."""
        self._lease.end()
        await super().unregister_worker(worker_id)

    async def update_heartbeat(self, worker_id: int) -> None:
        """The lease does it, until the last crawl has ended."""

    async def prune_stalled_workers(self, seconds_since_heartbeat: float) -> list[int]:
        """Whoever reaps takes the units of dead workers back at the same moment."""
        del seconds_since_heartbeat
        return []

    # --- tries -----------------------------------------------------------------------------------

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """End a unit for good."""
        del delete_job
        verdict = self._verdict_of(job.id or 0)
        fate = {Status.SUCCEEDED: "done", Status.ABORTED: "cancelled"}.get(status, "failed")
        await self._told(statements.FINISH, job, fate, verdict, status=status.value)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Give a unit back, to be tried again when and as its verdict says."""
        del retry_at, priority, queue, lock
        verdict = self._verdict_of(job.id or 0) or Verdict("given_back", None)
        counted = int(verdict.fate == "again")
        more = {"counted": counted, "pause": verdict.pause}
        await self._told(statements.GIVE_BACK, job, verdict.fate, verdict, **more)

    async def _told(
        self, statement: str, job: Job, fate: str, verdict: Verdict | None, **more: object
    ) -> None:
        """Say it until it is heard, or until this worker has nothing to say any more."""
        code = None if verdict is None else verdict.exit_code
        own = {"job_id": job.id, "worker_id": job.worker_id, "worker": self._terms.shown}
        given: dict[str, Any] = {**own, "fate": fate, "exit_code": code, **more}
        ends_at = asyncio.get_running_loop().time() + self._patience
        while self._lease.is_held:
            try:
                await self.connector.execute_query_all_async(query=statement, **given)
            except UniqueViolation:  # the same unit was queued at the same moment
                await asyncio.sleep(0)
            except ConnectorException:
                if asyncio.get_running_loop().time() > ends_at:
                    # The worker begins anew under another number, and the unit is taken back.
                    self._lease.lose()
                await asyncio.sleep(_AGAIN)
            else:
                return

    @property
    def _patience(self) -> float:
        return (self._terms.silence + timedelta(seconds=60)).total_seconds()
