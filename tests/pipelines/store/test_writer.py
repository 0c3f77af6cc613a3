"""Batches into both engines: new, unchanged, revised, completed, refused."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, select

from finews_crawler.items import Article, LateCopy, Listing, Reject
from pipelines.store.models import Base
from pipelines.store.queries import article_by_code, counts, rejects
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]


def dump(engine: Engine, *without: str) -> dict[str, list[Any]]:
    """Every row of every table."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in without]
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in tables
        }


def test_an_article_comes_back_as_it_went_in(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    article = make_article()
    assert writer.write([article]) == ["new"]
    stored = article_by_code(engine, article.code or "")
    assert stored is not None
    assert stored.article == article


def test_an_unchanged_repeat_writes_nothing(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    articles = [make_article(number) for number in range(60)]
    writer.write(articles)
    before = dump(engine)
    clock.forward(hours=23)
    again = [replace(article, fetched_at=clock()) for article in articles]
    assert writer.write(again) == ["unchanged"] * 60
    assert dump(engine) == before


def test_last_seen_is_written_once_a_day(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    article = make_article()
    writer.write([article])
    clock.forward(hours=25)
    assert writer.write([article]) == ["unchanged"]
    stored = article_by_code(engine, article.code or "")
    assert stored is not None
    assert (stored.last_seen_at, stored.first_seen_at) == (clock(), clock() - timedelta(hours=25))


def test_an_edit_is_a_revision_and_the_old_text_stays(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    article = make_article()
    writer.write([article])
    clock.forward(hours=1)
    assert writer.write([replace(article, title="改了")]) == ["revised"]
    revisions = dump(engine)["article_revision"]
    titles = [(row[2], row[7], row[6]) for row in revisions]
    assert titles == [(1, "第1条", []), (2, "改了", ["title"])]
    stored = article_by_code(engine, article.code or "")
    assert stored is not None
    assert (stored.revision, stored.article.title) == (2, "改了")


def test_another_page_completes_an_article(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    flash = make_article(
        body_text="江苏银行公布业绩。", body_kind="digest", digest=None, mentions=(), categories=()
    )
    text = "江苏银行公布业绩。\n\n全文在此。"
    whole = make_article(body_text=text, digest=None, page_kind="share_json")
    whole = replace(whole, extractor="share_json/1", categories=(), url="http://127.0.0.1/x")
    assert writer.write([flash]) == ["new"]
    assert writer.write([whole]) == ["completed"]
    assert writer.write([flash]) == ["unchanged"]
    stored = article_by_code(engine, flash.code or "")
    assert stored is not None
    facts = (stored.article.body_text, stored.article.digest, stored.article.url)
    assert facts == (text, "江苏银行公布业绩。", flash.url)


def test_more_categories_make_no_revision(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(categories=("emnews",))])
    assert writer.write([make_article(categories=("cailianshe",))]) == ["completed"]
    stored = article_by_code(engine, make_article().code or "")
    assert stored is not None
    assert (stored.article.categories, stored.revision) == (("cailianshe", "emnews"), 1)


def test_the_same_article_twice_in_a_batch(writer: Writer, make_article: Make) -> None:
    first, second = make_article(), make_article(title="改了")
    assert writer.write([first, LateCopy(article=second), first]) == ["new", "late", "revised"]


def test_one_bad_article_costs_one_row(engine: Engine, writer: Writer, make_article: Make) -> None:
    articles: list[Any] = [make_article(number) for number in range(9)]
    articles[4] = make_article(4, published_at=articles[4].published_at.replace(tzinfo=None))
    outcomes = writer.write(articles)
    assert outcomes == ["new"] * 4 + ["refused"] + ["new"] * 4
    (reject,) = rejects(engine, limit=10)
    assert (reject.stage, reject.code, reject.url) == ("store", articles[4].code, articles[4].url)
    assert "naive time" in reject.detail


def test_a_broken_constraint_is_refused_by_the_database(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    wrong: Any = make_article(2, published_precision="perhaps")
    assert writer.write([make_article(1), wrong]) == ["new", "refused"]
    assert counts(engine).articles == 1


def test_rejects_and_listings(engine: Engine, writer: Writer, clock: "Clock") -> None:
    reject = Reject(
        stage="extract",
        reason="unknown_layout",
        detail="no section",
        url="http://127.0.0.1/x",
        code=None,
        seen_at=clock(),
    )
    listing = Listing(
        slug="Wind", url="http://127.0.0.1/w", heading=None, entries=(), fetched_at=clock()
    )
    filled = replace(listing, heading="证监会网站新闻", entries=("202206143000000001",))
    outcomes = writer.write([reject, listing, listing])
    assert outcomes == ["reject", "listing", "listing"]
    assert writer.write([filled]) == ["listing"]
    assert writer.write([filled]) == ["listing"]
    rows = dump(engine)
    assert [(row[3], row[4], row[5]) for row in rows["listing"]] == [
        (None, 0, []),
        ("证监会网站新闻", 1, ["202206143000000001"]),
    ]
    assert [row[1:3] for row in rows["category"]] == [("Wind", "证监会网站新闻")]


def test_writers_that_meet_on_the_same_articles(
    engine: Engine, make_article: Make, clock: "Clock"
) -> None:
    articles = [make_article(number) for number in range(40)]
    outcomes: list[str] = []

    def write() -> None:
        run = start_run(engine, "category", {}, clock())
        writer = Writer(engine, run, timedelta(days=1), clock)
        for start in range(0, 40, 10):
            outcomes.extend(writer.write(articles[start : start + 10]))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["new"] * 40 + ["unchanged"] * 120
    assert counts(engine).articles == 40
    assert counts(engine).revisions == 40
