"""The queue's tables: made once, brought up to date, and nobody else's business."""

from threading import Thread

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from finews.queue import schema
from finews.queue.settings import conninfo
from finews.queue.store import opened, prepared
from finews_crawler.errors import ConfigurationError, StorageError
from pipelines.store.engine import open_engine
from pipelines.store.maintenance import check
from pipelines.store.models import Base
from tests.finews.queue.conftest import Line, on_postgres

pytestmark = [pytest.mark.postgres, on_postgres]


def test_the_tables_are_made_once(database_url: str) -> None:
    assert [prepared(database_url), prepared(database_url)] == ["made", "unchanged"]


def test_many_workers_begin_at_the_same_time(database_url: str) -> None:
    done: list[str] = []
    threads = [Thread(target=lambda: done.append(prepared(database_url))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["made", *["unchanged"] * 4]


def test_the_tables_of_finews_are_what_they_were(queue_url: str) -> None:
    engine = open_engine(queue_url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            found = [str(one) for one in compare_metadata(context, Base.metadata)]
        assert [one for one in found if "procrastinate" in one or "finews_" in one] == []
        assert list(check(engine)) == []
    finally:
        engine.dispose()


def test_a_step_of_a_newer_procrastinate_is_done(queue_url: str, line: Line) -> None:
    newest = list(schema.migrations())[-1]
    line.execute("DROP FUNCTION procrastinate_retry_job_v2")
    line.execute("DELETE FROM finews_version WHERE migration = %s", [newest])
    step = schema.migrations()[newest].read_text(encoding="utf-8")
    is_there = "SELECT to_regproc('procrastinate_retry_job_v2') IS NOT NULL AS found"
    assert prepared(queue_url) == "upgraded"
    row = line.execute(is_there).fetchone()
    assert row == {"found": "procrastinate_retry_job_v2" in step}
    assert prepared(queue_url) == "unchanged"


def test_a_queue_of_a_newer_procrastinate_is_refused(queue_url: str, line: Line) -> None:
    line.execute("INSERT INTO finews_version (migration) VALUES ('99.00.00_01_x.sql')")
    with pytest.raises(ConfigurationError, match=r"newer procrastinate .*\(99\.00\.00_01_x\.sql\)"):
        prepared(queue_url)


def test_a_database_without_a_queue_is_told(database_url: str) -> None:
    with (
        pytest.raises(StorageError, match="has no queue: finews jobs init"),
        opened(database_url) as queue,
    ):
        queue.counts()


def test_a_role_that_may_not_make_tables_is_told(queue_url: str) -> None:
    """But it may use those that are there: nothing is written when nothing has to be."""
    with psycopg.connect(conninfo(queue_url, "finews test"), autocommit=True) as admin:
        admin.execute("CREATE ROLE finews_nobody")
        try:
            admin.execute("GRANT USAGE ON SCHEMA finews_queue TO finews_nobody")
            admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA finews_queue TO finews_nobody")
            admin.execute("SET ROLE finews_nobody")
            assert schema.prepare(admin) == "unchanged"
            admin.execute("RESET ROLE")
            admin.execute("DROP SCHEMA finews_queue CASCADE")
            admin.execute("SET ROLE finews_nobody")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                schema.prepare(admin)
        finally:
            admin.execute("RESET ROLE")
            admin.execute("DROP OWNED BY finews_nobody")
            admin.execute("DROP ROLE finews_nobody")
