"""Which columns docs/database.md says are written once, and which again, held against history.

A history in which everything happens that can happen to a row notes which columns ever change.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, select, update

from finews_crawler.items import Article, Image, Link, Listing, Provenance, Reject
from finews_crawler.outcome import Verdict
from pipelines.code_changes import DatedSymbol
from pipelines.store import derived, lookups
from pipelines.store.engine import writing
from pipelines.store.job_states import note_job
from pipelines.store.models import Base, Derived
from pipelines.store.models import Reject as RejectTable
from pipelines.store.rejects import settle
from pipelines.store.runs import finish_run, start_run, tell_alive
from pipelines.store.writer import Writer
from tests.pipelines.making import CODE, PAGE, reject
from tests.pipelines.store.conftest import LINK
from tests.repository.reading import document, quoted, section, table_rows

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
Step = Callable[[], object]
LOST = "202206143000000099"
Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]
DATABASE = document("docs/database.md")
TABLES = list(Base.metadata.tables)
FORMER = replace(LINK, secid="0.830799", symbol="830799.BJ", mic="BJSE")
NEWEST = replace(LINK, secid="0.920799", symbol="920799.BJ", mic="BJSE")
OTHER = replace(LINK, secid="0.833819", symbol="833819.BJ", mic="BJSE")
STORY = "该行公布半年度业绩快报：净利润为133.8亿元，较去年同期增长31.2%，不良贷款率为0.98%。"
ENDED = Verdict(ok=True, message="articles: 1 new", reason="finished")
STATS = {
    "finews/store/new": 1,
    "downloader/response_bytes": 4096,
    "finews/peak_memory_bytes": 180_000_000,
    "finews/latency/p50_ms": 14,
    "finews/latency/p95_ms": 43,
}


def rows_of(engine: Engine) -> Rows:
    """All rows by table and primary key."""
    with engine.connect() as connection:
        return {
            name: {
                tuple(row[key.name] for key in table.primary_key.columns): dict(row)
                for row in connection.execute(select(table)).mappings()
            }
            for name, table in Base.metadata.tables.items()
        }


def written_again(engine: Engine, steps: list[Step]) -> dict[str, set[str]]:
    """The columns of each table that the steps change in rows that stay.

    Not of `printing`: its rows are replaced as a whole, and SQLite gives their numbers to new ones.
    """
    changed: dict[str, set[str]] = {name: set() for name in TABLES if name != "printing"}
    before = rows_of(engine)
    for step in steps:
        step()
        after = rows_of(engine)
        for name, found in changed.items():
            for key in after[name].keys() & before[name].keys():
                old, new = before[name][key], after[name][key]
                found |= {column for column in new if new[column] != old[column]}
        before = after
    return changed


def listing(clock: "Clock", **changed: Any) -> Listing:
    made = Listing(
        slug="cailianshe",
        url="https://finews.withounder.com/category/cailianshe.html",
        heading=None,
        entries=(CODE,),
        addresses=(f"/emnews/2022/06/14/{CODE}.html",),
        fetched_at=clock(),
        etag='"1"',
        last_modified="Tue, 14 Jun 2022 10:00:00 GMT",
    )
    return replace(made, **changed)


def reread(clock: "Clock") -> Listing:
    """It lists the same, on a mirror, under another address, as a newer file."""
    return listing(
        clock,
        url="https://finews.test/category/cailianshe.html",
        addresses=(f"/cailianshe/2022/06/14/NW{CODE}.html",),
        etag='"2"',
        last_modified="Tue, 14 Jun 2022 11:00:00 GMT",
    )


def missed(clock: "Clock", **changed: Any) -> Reject:
    return reject(code=LOST, url=PAGE.replace(CODE, LOST), seen_at=clock(), **changed)


def flash(make_article: Make) -> Article:
    """As the share page told it: every part can still change."""
    return make_article(
        body_kind="digest",
        page_kind="share_html",
        extractor="share_html/1",
        published_quality="future",
        url="http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW202206143000000001",
    )


def everything_changes(make_article: Make, clock: "Clock") -> Article:
    """Another page of a higher rank tells the same article otherwise in all its parts."""
    return make_article(
        title="第一条更正",
        published_at=clock() - timedelta(days=3),
        published_precision="minute",
        published_quality="disagrees",
        source="证券时报",
        source_raw="证券时报网",
        digest="另一摘要",
        body_text="江苏银行更正业绩公告。",
        body_html="<p>江苏银行更正业绩公告。</p>",
        tags=("证券时报新闻",),
        images=(Image(url="https://example.test/b.jpg"),),
        share_url="http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW202206143000000001&a=1",
        origin_url="http://finance.eastmoney.com/news/1345,202206143000000001.html",
        fetched_at=clock(),
        extractor="post/2",
        provenance={"title": Provenance(strategy="section h1")},
        related=(Link(url="https://finance.eastmoney.com/a/1.html", text="另一则"),),
    )


def before_the_codes_changed(engine: Engine, writer: Writer, make_article: Make) -> None:
    """Articles written by a program that knows of no change of codes, as is noted in `derived`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookups, "dated_symbols", lambda symbol: (DatedSymbol(symbol, None, None),))
        mentioned = enumerate((FORMER, NEWEST, OTHER), 5)
        writer.write([make_article(told, mentions=(one,)) for told, one in mentioned])
    with writing(engine).begin() as connection:
        connection.execute(update(Derived).values(version="old"))


def refresh(engine: Engine) -> None:
    with writing(engine).begin() as connection:
        derived.refresh(connection)


def ids_of_rejects(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(select(RejectTable.id)))


def all_of_a_job(engine: Engine, clock: "Clock", run_id: int) -> None:
    """Note a run of a job and how it ended; at another time with another number all differs."""
    now = clock()
    times = dict.fromkeys(("last_started_at", "last_finished_at", "next_at"), now)
    told = {"last_exit_code": run_id, "last_run_id": run_id, "host": f"box{run_id}"}
    note_job(engine, "hourly", now, {"spider": "live", "every": f"{run_id}h"}, {**times, **told})


def told_again(table: str) -> set[str]:
    rows = table_rows(section(DATABASE, f"### `{table}`"))
    return {quoted(row[0])[0] for row in rows if row[3] == "again"}


def at(clock: "Clock", step: Step) -> Step:
    """A step an hour after the one before it."""

    def taken() -> None:
        clock.forward(hours=1)
        step()

    return taken


def test_written_again_is_what_can_change_and_nothing_else(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    before_the_codes_changed(engine, writer, make_article)
    copies = [make_article(told, body_text=STORY, mentions=()) for told in (2, 3, 4)]
    writer.write([flash(make_article), listing(clock), *copies, missed(clock)])
    all_of_a_job(engine, clock, 1)
    clock.forward(hours=1)
    later = Writer(engine, start_run(engine, "category", {}, clock()), timedelta(days=1), clock)
    lost = ids_of_rejects(engine)
    steps: list[Step] = [
        lambda: refresh(engine),
        lambda: later.write([everything_changes(make_article, clock), listing(clock)]),
        lambda: later.write([make_article(2, mentions=()), reread(clock)]),
        lambda: later.write([listing(clock, heading="财联社新闻")]),
        lambda: later.write([missed(clock, stage="fetch", reason="http_404")]),
        lambda: settle(engine, lost, clock()),
        lambda: later.write([make_article(9, code=LOST, identity=LOST)]),
        lambda: settle(engine, lost, clock()),
        lambda: all_of_a_job(engine, clock, 2),
        lambda: tell_alive(engine, 1, {}, clock()),
        lambda: finish_run(engine, 1, ENDED, STATS, clock()),
    ]
    changed = written_again(engine, [at(clock, step) for step in steps])
    assert changed == {name: told_again(name) for name in changed}


def test_the_end_of_a_crawl_is_told_once(engine: Engine, clock: "Clock") -> None:
    """What the steps above do not show: after its end a run stays as it is."""
    number = start_run(engine, "category", {}, clock())
    finish_run(engine, number, ENDED, STATS, clock())
    late = [at(clock, lambda: tell_alive(engine, number, {}, clock()))]
    assert written_again(engine, late)["crawl_run"] == set()
