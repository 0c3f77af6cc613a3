"""An export of many articles needs as much memory as one of few."""

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from finews.export import parquet
from finews.export.forms import FORMS
from finews.export.tables import TABLES
from finews_crawler.items import Article
from pipelines.store.queries.bulk import bulk_articles
from pipelines.store.writer import Writer
from tests.finews.export.conftest import exported

Make = Callable[..., Article]
SIZE, FEW, MANY = 10, 50, 200
LONG = "江苏银行公布业绩。" * 500


def peak(engine: Engine, out: Path, **given: Any) -> int:
    """The most bytes that Python held at a time."""
    gc.collect()
    tracemalloc.start()
    try:
        exported(engine, out, **given)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("partition", [None, "month"])
def test_memory_does_not_grow_with_the_rows(
    *,
    tmp_path: Path,
    engine: Engine,
    writer: Writer,
    make_article: Make,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    partition: str | None,
) -> None:
    small = replace(TABLES["articles"], read=partial(bulk_articles, size=SIZE))
    monkeypatch.setitem(TABLES, "articles", small)
    monkeypatch.setattr(parquet, "GROUP_BYTES", 200_000)
    long = [make_article(one, body_text=f"{one}{LONG}") for one in range(1, MANY + 1)]
    long = [replace(one, mentions=()) for one in long]
    given: dict[str, Any] = {"form": form, "partition": partition}
    writer.write(long[:FEW])
    exported(engine, tmp_path / "warm", **given)
    few = peak(engine, tmp_path / "few", **given)
    writer.write(long[FEW:])
    many = peak(engine, tmp_path / "many", **given)
    grown = sum(2 * len(one.body_text) for one in long[FEW:])
    assert grown > 1_000_000
    assert many - few < grown / 3
