"""`finews jobs …`: one group for what the jobs file defines and for what waits in the queue."""

import click

from finews.jobs.commands import job
from finews.queue.commands import jobs as queued


@click.group(commands={**queued.commands, **job.commands}, help=queued.help)
def jobs() -> None:
    """See the queue's own help."""
