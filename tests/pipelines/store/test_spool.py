"""What waits on disk comes back as it was, the oldest first."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finews_crawler.errors import StorageError
from finews_crawler.items import Answer, Image, LateCopy, Link, Miss, Provenance, Reextracted
from pipelines.store.batch import Item
from pipelines.store.spool import Spool
from tests.pipelines.making import article, chart, link, listing, reject
from tests.rounds import rounds

TEXT = "江苏银行公布业绩。"
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MAYBE = st.none() | WORDS
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
FOUND = Provenance(strategy="meta", statements={"meta": "2022-06-14", "small": ""})


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, "sqlite:////srv/finews.db")


def sent(spool: Spool) -> list[tuple[int, list[Item]]]:
    """What a crawl that finds the database again writes, batch by batch."""
    found: list[tuple[int, list[Item]]] = []

    def write(run_id: int, items: Sequence[Item]) -> None:
        found.append((run_id, list(items)))

    list(spool.send(write))
    return found


def articles() -> st.SearchStrategy[Any]:
    return st.builds(
        article,
        code=st.none() | st.just("202206143000000001"),
        title=WORDS,
        published_at=st.none() | TIMES,
        published_precision=st.sampled_from(["second", "minute", "day", None]),
        source=MAYBE,
        digest=MAYBE,
        body_text=WORDS,
        categories=st.lists(WORDS, max_size=2).map(tuple),
        tags=st.lists(WORDS, max_size=2).map(tuple),
        mentions=st.lists(
            st.sampled_from([link(TEXT, "江苏银行"), chart(), replace(chart(), kind="listed")]),
            max_size=3,
        ).map(tuple),
        images=st.lists(st.builds(Image, url=WORDS, alt=MAYBE), max_size=2).map(tuple),
        related=st.lists(st.builds(Link, url=WORDS, text=WORDS), max_size=2).map(tuple),
        provenance=st.dictionaries(WORDS, st.just(FOUND), max_size=2),
        fetched_at=TIMES,
    )


def items() -> st.SearchStrategy[Item]:
    printings = st.lists(articles(), max_size=2).map(tuple)
    earlier = st.lists(st.builds(replace, articles(), archived_at=TIMES), max_size=2).map(tuple)
    united = st.builds(replace, articles(), printings=printings, earlier=earlier)
    lists = st.builds(
        listing,
        heading=MAYBE,
        entries=st.lists(WORDS, max_size=3).map(tuple),
        addresses=st.lists(WORDS, max_size=3).map(tuple),
        etag=MAYBE,
        last_modified=MAYBE,
        fetched_at=TIMES,
        back_to=st.none() | TIMES,
    )
    rejects = st.builds(
        reject,
        code=MAYBE,
        detail=WORDS,
        seen_at=TIMES,
        key=st.none() | WORDS,
        answer=st.none() | answers(),
    )
    misses = st.builds(Miss, stage=WORDS, reason=WORDS, url=WORDS, code=MAYBE, seen_at=TIMES)
    wrapped = (st.builds(kind, article=united) for kind in (LateCopy, Reextracted))
    return st.one_of(united, *wrapped, lists, rejects, misses)


def answers() -> st.SearchStrategy[Answer]:
    headers = st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple)
    return st.builds(
        Answer,
        status=st.integers(100, 599),
        headers=headers,
        body=st.binary(max_size=40),
        reader=WORDS,
    )


def identified(batch: Sequence[Item]) -> list[tuple[Item, str | None, Answer | None]]:
    """A reject's key and answer do not count when rejects are compared."""
    return [(item, getattr(item, "key", None), getattr(item, "answer", None)) for item in batch]


@settings(
    deadline=None,
    max_examples=rounds(50),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(items(), max_size=3), st.integers(1, 2**31))
def test_every_item_comes_back_equal(spool: Spool, batch: list[Item], run_id: int) -> None:
    spool.keep(run_id, batch)
    ((stored_run, stored),) = sent(spool)
    assert (stored_run, identified(stored)) == (run_id, identified(batch))
    assert list(map(type, stored)) == list(map(type, batch))
    assert spool.files() == []


PAGE = Answer(
    status=200,
    headers=(("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
    body=bytes(range(256)),
    reader="post",
)


def test_the_bytes_of_a_rejected_page_come_back(spool: Spool) -> None:
    spool.keep(1, [reject(key="a" * 32, answer=PAGE)])
    ((_, (found,)),) = sent(spool)
    assert getattr(found, "answer", None) == PAGE


def test_what_an_older_program_has_kept_is_read(spool: Spool) -> None:
    """It knew no answers, and of listings only their entries."""
    path = spool.keep(1, [reject(), listing()])
    content = orjson.loads(path.read_bytes())
    del content["items"][0]["fields"]["answer"]
    for name in ("addresses", "etag", "last_modified"):
        del content["items"][1]["fields"][name]
    path.write_bytes(orjson.dumps(content))
    bare = listing(addresses=(), etag=None, last_modified=None)
    assert sent(spool) == [(1, [reject(), bare])]


def test_the_oldest_is_sent_first(spool: Spool) -> None:
    for run_id in (3, 1, 2):
        path = spool.keep(run_id, [reject()])
        os.utime(path, (run_id * 1000, run_id * 1000))
    assert [run_id for run_id, _ in sent(spool)] == [1, 2, 3]


def test_what_was_sent_is_told_and_deleted(spool: Spool) -> None:
    path = spool.keep(1, [reject(), listing()])
    assert list(spool.send(lambda *_: None)) == [(path, 2)]
    assert not path.exists()


def test_a_file_stays_until_it_is_written(spool: Spool) -> None:
    def refuse(run_id: int, batch: Sequence[Item]) -> None:
        raise StorageError("the database cannot be written")

    path = spool.keep(1, [article()])
    with pytest.raises(StorageError, match="cannot be written"):
        list(spool.send(refuse))
    assert spool.files() == [path]
    assert sent(spool) == [(1, [article()])]


def test_what_was_not_written_to_its_end_is_not_read(spool: Spool) -> None:
    path = spool.keep(1, [reject()])
    path.rename(path.with_suffix(".partial"))
    assert (spool.files(), sent(spool)) == ([], [])


def test_each_database_has_its_own(tmp_path: Path, spool: Spool) -> None:
    Spool(tmp_path, "sqlite:////srv/other.db").keep(1, [reject()])
    assert spool.files() == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"version": 1, "run_id": 1, "items": [{"ki', id="cut off"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b'{"run_id": 1, "items": []}', id="no version"),
        pytest.param(
            b'{"version": 1, "run_id": 1, "items": [{"kind": "Word", "fields": {}}]}',
            id="unknown item",
        ),
        pytest.param(
            b'{"version": 1, "run_id": 1, "items": [{"kind": "Reject", "fields": {}}]}',
            id="lacking fields",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_named(spool: Spool, content: bytes) -> None:
    path = spool.keep(1, [reject()])
    path.write_bytes(content)
    with pytest.raises(StorageError) as told:
        sent(spool)
    assert str(told.value).startswith(f"{path} cannot be read: ")
    assert str(told.value).endswith("; move it out of the folder to crawl without it")
    assert path.exists()


def test_the_version_of_another_program_is_named(spool: Spool) -> None:
    path = spool.keep(1, [reject()])
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "version": 2}))
    with pytest.raises(StorageError) as told:
        sent(spool)
    assert str(told.value) == f"{path}: another version of finews wrote it"


def test_half_a_surrogate_pair_costs_no_other_item(spool: Spool) -> None:
    spool.keep(1, [article(title="\ud83d"), reject()])
    ((_, stored),) = sent(spool)
    assert reject() in stored


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageError, match=r"^2 items are lost: .*file"):
        Spool(tmp_path / "file", "sqlite://").keep(1, [reject(), reject()])
