"""`/api/v1/changes`: once, with patience, and as a stream of events, while a writer commits."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from finews.web import events
from finews.web.watching import Watcher
from pipelines.store import queries
from pipelines.store.engine import open_engine
from tests.finews.filling import BANK
from tests.finews.web.serving import many, numbered, served

CHANGES = "/api/v1/changes"
STREAM = {"accept": "text/event-stream"}
Event = dict[str, str]


def told(lines: Iterator[str]) -> Iterator[Event]:
    """The events of a stream; heartbeats have no data."""
    event: Event = {}
    for line in lines:
        name, colon, value = line.partition(": ")
        if colon:
            event[name] = value
        elif event:
            yield event
            event = {}


def numbers(found: list[dict[str, Any]]) -> list[int]:
    return [one["seq"] for one in found]


# --- once -----------------------------------------------------------------------------------------


def test_a_consumer_that_keeps_one_number_gets_every_change_once(database_url: str) -> None:
    many(database_url, 12)
    engine = open_engine(database_url)
    expected = [change.seq for change in queries.changes(engine, 0, 1000)]
    engine.dispose()
    with served(database_url) as client:
        following, found = f"{CHANGES}?limit=5", list[int]()
        while items := client.get(following).json():
            if not items["items"]:
                break
            found += numbers(items["items"])
            following = items["next"]
        assert found == expected
        assert items["after"] == client.get("/api/v1/clock").json()["seq"] == expected[-1]


def test_a_change_brings_the_version_that_it_left_behind(client: httpx.Client) -> None:
    query = f"{CHANGES}?symbol=600919.SH&fields=title"
    found = client.get(query).json()["items"]
    assert [(one["kind"], one["code"], one["article"]["title"]) for one in found] == [
        ("new", BANK, "江苏银行将公布业绩"),
        ("story", BANK, "江苏银行将公布业绩"),
        ("revised", BANK, "江苏银行公布业绩"),
    ]
    lines = client.get(query, headers={"accept": "application/x-ndjson"}).text.splitlines()
    assert [json.loads(line) for line in lines] == found


def test_a_number_of_another_database_is_no_silence_for_ever(client: httpx.Client) -> None:
    answer = client.get(f"{CHANGES}?after=1000")
    assert answer.status_code == 422
    assert "1000 lies ahead of this database, whose newest change is 7" in answer.json()["detail"]


# --- with patience --------------------------------------------------------------------------------


def test_a_patient_question_is_answered_when_something_comes(database_url: str) -> None:
    many(database_url, 3)
    with served(database_url) as client, ThreadPoolExecutor() as pool:
        after = client.get("/api/v1/clock").json()["seq"]
        query = f"{CHANGES}?after={after}&wait=60&category=Wind"
        asked = pool.submit(client.get, query, timeout=70)
        many(database_url, 9)  # three are known; two of those that are not stand in Wind
        found = asked.result().json()
    assert [one["kind"] for one in found["items"][:1]] == ["new"]
    assert found["items"][0]["code"] == numbered(6).code
    assert f"after={found['after']}" in found["next"]
    assert "wait=60" in found["next"]


@pytest.mark.parametrize("wait", ["nan", "inf", "-1", "61", "soon", ""])
def test_no_patience_without_an_end(client: httpx.Client, wait: str) -> None:
    answer = client.get(f"{CHANGES}?after=7&wait={wait}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "wait")


def test_a_patient_question_is_answered_in_vain_after_its_time(client: httpx.Client) -> None:
    found = client.get(f"{CHANGES}?after=7&wait=0.05").json()
    assert (found["items"], found["after"]) == ([], 7)


# --- events ---------------------------------------------------------------------------------------


def test_a_stream_tells_what_is_committed_and_goes_on_where_it_broke_off(database_url: str) -> None:
    many(database_url, 2)
    with served(database_url) as client:
        after = client.get("/api/v1/clock").json()["seq"]
        with client.stream("GET", f"{CHANGES}?after={after}&fields=code", headers=STREAM) as stream:
            assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert stream.headers["cache-control"] == "no-store"
            lines = told(stream.iter_lines())
            assert next(lines) == {"id": str(after)}
            many(database_url, 4)
            first = next(one for one in lines if "data" in one)
        assert (first["event"], int(first["id"])) == ("change", after + 1)
        change = json.loads(first["data"])
        assert (change["seq"], change["kind"]) == (after + 1, "new")
        assert change["article"] == {"code": numbered(2).code}
        resumed = {**STREAM, "last-event-id": first["id"]}
        with client.stream("GET", f"{CHANGES}?after=0", headers=resumed) as stream:
            lines = (one for one in told(stream.iter_lines()) if "data" in one)
            assert int(next(lines)["id"]) == after + 2


def test_a_stream_of_a_filter_passes_over_the_rest(reader: httpx.Client) -> None:
    expected = numbers(reader.get(f"{CHANGES}?category=Wind&limit=500").json()["items"])
    with reader.stream("GET", f"{CHANGES}?category=Wind", headers=STREAM) as stream:
        lines = told(stream.iter_lines())
        assert next(lines) == {"id": "0"}
        assert [int(next(lines)["id"]) for _ in expected] == expected


def test_a_silent_stream_gives_signs_of_life(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)
    with client.stream("GET", f"{CHANGES}?after=7", headers=STREAM) as stream:
        lines = told(stream.iter_lines())
        assert [next(lines) for _ in range(3)] == [{"id": "7"}] * 3


@pytest.mark.parametrize("number", ["x", "-1", "9" * 19, "²"])
def test_a_number_at_which_no_stream_broke_off(client: httpx.Client, number: str) -> None:
    headers = {**STREAM, "last-event-id": number.encode()}
    answer = client.get(CHANGES, headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "last_event_id")


def test_no_more_clients_wait_than_there_are_seats(
    own_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(own_url, 1)
    monkeypatch.setattr(Watcher, "most", 2)
    with (
        served(own_url) as client,
        client.stream("GET", CHANGES, headers=STREAM) as one,
        client.stream("GET", "/live") as two,
    ):
        # As long as its lines are held, a stream is open.
        open_streams = one.iter_lines(), two.iter_lines()
        assert [next(lines) for lines in open_streams] == ["id: 0", "event: change"]
        answer = client.get(CHANGES, headers=STREAM)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert client.get(f"{CHANGES}?wait=1").status_code == 503
        assert client.get(CHANGES).status_code == 200


# --- for pages ------------------------------------------------------------------------------------


def test_open_pages_are_told_the_number_of_the_newest_change(database_url: str) -> None:
    many(database_url, 2)
    with served(database_url) as client, client.stream("GET", "/live") as stream:
        lines = told(stream.iter_lines())
        first = next(lines)
        assert first == {"event": "change", "id": first["data"], "data": first["data"]}
        many(database_url, 3)
        later = next(one for one in lines if "data" in one)
    assert int(later["data"]) > int(first["data"])
