"""Printings of one article that come at the same time: none is lost."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine, text

from finews_crawler.items import Article
from pipelines.store.queries import article_by_code
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

SLUGS = ("emnews", "cailianshe", "Wind", "xinhuashe")
MANY = 30


def test_writers_that_bring_different_printings_unite_them_all(
    engine: Engine, make_article: Callable[..., Article], clock: "Clock"
) -> None:
    def printing(number: int, slug: str) -> Article:
        code = make_article(number).code
        url = f"https://finews.withounder.com/{slug.lower()}/2022/06/14/NW{code}.html"
        return make_article(number, url=url, categories=(slug,))

    def write(slug: str) -> None:
        run = start_run(engine, "category", {}, clock())
        writer = Writer(engine, run, timedelta(days=1), clock)
        for start in range(0, MANY, 10):
            writer.write([printing(number, slug) for number in range(start, start + 10)])

    threads = [threading.Thread(target=write, args=[slug]) for slug in SLUGS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM printing")).scalar_one()
    assert rows == MANY * len(SLUGS)
    for number in range(MANY):
        found = article_by_code(engine, make_article(number).code or "")
        assert found is not None
        assert found.article.categories == tuple(sorted(SLUGS))
