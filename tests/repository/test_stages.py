"""The order of the stages, written once in the settings and once for the reader."""

import re

import pytest
from scrapy.utils.misc import load_object

import pipelines
from finews_crawler.settings import ITEM_PIPELINES


def documented_stages() -> dict[str, int]:
    rows = re.findall(r"^\| +(\d+) \| `([\w.]+)` \|", pipelines.__doc__ or "", re.MULTILINE)
    return {path: int(order) for order, path in rows}


def test_the_table_of_stages_is_the_setting() -> None:
    assert list(documented_stages().items()) == list(ITEM_PIPELINES.items())


def test_the_stages_stand_in_their_order_and_apart() -> None:
    assert list(ITEM_PIPELINES.values()) == [100, 200, 300, 400]


def test_the_store_is_last() -> None:
    last = max(ITEM_PIPELINES, key=lambda path: ITEM_PIPELINES[path])
    assert last == "pipelines.store.stage.StorePipeline"


@pytest.mark.parametrize("path", ITEM_PIPELINES)
def test_a_stage_loads_and_takes_items(path: str) -> None:
    stage = load_object(path)
    parts = ("from_crawler", "process_item")
    assert (stage.__name__, [name for name in parts if not callable(getattr(stage, name))]) == (
        path.rpartition(".")[2],
        [],
    )
