"""What the queue asks PostgreSQL beyond what procrastinate does, about procrastinate's tables.

procrastinate's own functions know a job by its number only. A worker that was cut off and comes
back would end the try of another; here every word about a try must come from the worker that has
it.
All names are found by the search path of the connection: the schema `finews_queue`.
"""

from sqlalchemy import text

# For connections without the queue's search path.
OPEN_UNITS = text(
    "SELECT count(*) FROM finews_queue.procrastinate_jobs WHERE status IN ('todo', 'doing')"
)

# What finews adds to procrastinate's tables.
TABLES = """
CREATE TABLE finews_version (
    migration text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE finews_worker (
    worker_id bigint PRIMARY KEY REFERENCES procrastinate_workers (id) ON DELETE CASCADE,
    name text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE finews_try (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    job_id bigint NOT NULL REFERENCES procrastinate_jobs (id) ON DELETE CASCADE,
    fate text NOT NULL,
    exit_code integer,
    worker text NOT NULL,
    ended_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX finews_try_job_id ON finews_try (job_id);
"""

KNOW_WORKER = """
INSERT INTO finews_worker (worker_id, name, host, pid)
VALUES (%(worker_id)s, %(name)s, %(host)s, %(pid)s)
"""

# Without a row: the worker was taken for dead, and what it had is another's.
BEAT = (
    "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %(worker_id)s RETURNING id"
)

_MINE = """
WITH mine AS (
    SELECT id, queueing_lock, abort_requested FROM procrastinate_jobs
    WHERE id = %(job_id)s AND status = 'doing' AND worker_id = %(worker_id)s
    FOR UPDATE
), noted AS (
    INSERT INTO finews_try (job_id, fate, exit_code, worker)
    SELECT id, %(fate)s, %(exit_code)s, %(worker)s FROM mine
)
"""

# What came of a try of a worker; nothing where the unit is not its own any more.
FINISH = f"""{_MINE}
SELECT procrastinate_finish_job_v1(id, %(status)s::procrastinate_job_status, false) FROM mine
"""  # noqa: S608 - of constants

# The same unit may have been queued again meanwhile: then that one is enough.
GIVE_BACK = f"""{_MINE}
UPDATE procrastinate_jobs AS job
SET status = CASE WHEN mine.abort_requested OR EXISTS (
        SELECT 1 FROM procrastinate_jobs AS twin
        WHERE twin.queueing_lock = mine.queueing_lock AND twin.status = 'todo'
    ) THEN 'aborted' ELSE 'todo' END::procrastinate_job_status,
    abort_requested = false,
    worker_id = NULL,
    attempts = attempts + %(counted)s,
    scheduled_at = now() + %(pause)s::interval,
    priority = priority - %(counted)s
FROM mine WHERE job.id = mine.id
RETURNING job.status
"""  # noqa: S608 - of constants

# Workers that are silent for too long, and what they had; one statement, so that a worker that
# lives after all cannot say a word in between.
REAP = """
WITH dead AS MATERIALIZED (
    SELECT id FROM procrastinate_workers
    WHERE last_heartbeat < now() - %(silence)s::interval
    FOR UPDATE SKIP LOCKED
), orphan AS MATERIALIZED (
    SELECT job.id, job.queueing_lock, job.abort_requested,
           coalesce(known.name || '@' || known.host, '') AS worker,
           1 + (SELECT count(*) FROM finews_try WHERE job_id = job.id AND fate = 'lost') AS deaths
    FROM procrastinate_jobs AS job
    LEFT JOIN finews_worker AS known ON known.worker_id = job.worker_id
    WHERE job.status = 'doing' AND (job.worker_id IS NULL OR job.worker_id IN (SELECT id FROM dead))
    FOR UPDATE OF job SKIP LOCKED
), noted AS (
    INSERT INTO finews_try (job_id, fate, worker) SELECT id, 'lost', worker FROM orphan
), gone AS (
    DELETE FROM procrastinate_workers WHERE id IN (SELECT id FROM dead)
), returned AS (
    UPDATE procrastinate_jobs AS job
    SET status = CASE
            WHEN orphan.deaths >= %(most_deaths)s THEN 'failed'
            WHEN orphan.abort_requested OR EXISTS (
                SELECT 1 FROM procrastinate_jobs AS twin
                WHERE twin.queueing_lock = orphan.queueing_lock AND twin.status = 'todo'
            ) THEN 'aborted'
            ELSE 'todo' END::procrastinate_job_status,
        abort_requested = false, worker_id = NULL, scheduled_at = NULL
    FROM orphan WHERE job.id = orphan.id
    RETURNING job.id, job.status, job.args, orphan.worker, orphan.deaths
)
SELECT * FROM returned ORDER BY id
"""

# By hand: what has ended is tried again as if it were new.
RETRY = """
UPDATE procrastinate_jobs AS job
SET status = 'todo', abort_requested = false, attempts = 0, scheduled_at = NULL, worker_id = NULL,
    priority = coalesce((job.args ->> 'priority')::integer, 0)
WHERE job.id = %(job_id)s AND job.status IN ('failed', 'cancelled', 'aborted')
AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs AS twin
    WHERE twin.queueing_lock = job.queueing_lock AND twin.status = 'todo'
)
RETURNING job.id
"""

# A failed unit that ran well later, or waits again, needs no retry.
FAILED = """
SELECT id FROM procrastinate_jobs AS job
WHERE status = 'failed' AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs AS later
    WHERE later.queueing_lock = job.queueing_lock AND later.id > job.id
)
ORDER BY id
"""

STATUS = "SELECT status FROM procrastinate_jobs WHERE id = %(job_id)s"

UNFINISHED = """
SELECT count(*) AS count FROM procrastinate_jobs
WHERE args ->> 'job' = %(job)s AND status IN ('todo', 'doing')
"""

# How the units of a job ended that were queued since a moment.
ENDS = """
SELECT job.status, (
    SELECT exit_code FROM finews_try WHERE job_id = job.id ORDER BY id DESC LIMIT 1
) AS exit_code
FROM procrastinate_jobs AS job
WHERE job.args ->> 'job' = %(job)s AND EXISTS (
    SELECT 1 FROM procrastinate_events AS event
    WHERE event.job_id = job.id AND event.type = 'deferred' AND event.at >= %(since)s
)
"""

LIST = """
SELECT job.id, job.status, job.args, job.lock, job.priority, job.scheduled_at,
       job.abort_requested, worker.name || '@' || worker.host AS worker, worker.pid,
       beat.last_heartbeat, tries.count AS tries, tries.failures, latest.fate, latest.exit_code,
       latest.worker AS last_worker, latest.ended_at, queued.at AS queued_at, begun.at AS started_at
FROM procrastinate_jobs AS job
LEFT JOIN finews_worker AS worker ON worker.worker_id = job.worker_id AND job.status = 'doing'
LEFT JOIN procrastinate_workers AS beat ON beat.id = worker.worker_id
LEFT JOIN LATERAL (
    SELECT count(*), count(*) FILTER (WHERE fate IN ('again', 'failed')) AS failures
    FROM finews_try WHERE job_id = job.id
) AS tries ON true
LEFT JOIN LATERAL (
    SELECT * FROM finews_try WHERE job_id = job.id ORDER BY id DESC LIMIT 1
) AS latest ON true
LEFT JOIN LATERAL (
    SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id AND type = 'deferred'
) AS queued ON true
LEFT JOIN LATERAL (
    SELECT max(at) AS at FROM procrastinate_events WHERE job_id = job.id AND type = 'started'
) AS begun ON true
WHERE job.status = ANY(%(statuses)s::procrastinate_job_status[])
ORDER BY job.id DESC LIMIT %(limit)s
"""

COUNTS = "SELECT status, count(*) AS count FROM procrastinate_jobs GROUP BY status"
