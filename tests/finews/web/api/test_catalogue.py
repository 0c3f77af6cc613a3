"""Securities, names, crawls, the clock."""

from datetime import timedelta

import httpx
import pytest

from finews_crawler.outcome import Verdict
from pipelines.store.engine import open_engine, writing
from pipelines.store.findings import Finding, write_findings
from pipelines.store.runs import finish_run, start_run
from tests.finews.filling import START
from tests.finews.web.serving import served

V1 = "/api/v1"


def test_securities_by_key_in_parts(reader: httpx.Client) -> None:
    keys, following = list[str](), f"{V1}/securities?limit=2"
    while following:
        part = reader.get(following).json()
        keys += [one["key"] for one in part["items"]]
        following = part["next"]
    assert keys == ["000001.SZ", "600919.SH", "777.ABC", "920799.BJ"]


@pytest.mark.parametrize("symbol", ["920799.BJ", "830799.BJ", "0.920799"])
def test_a_security_by_any_symbol_that_it_has_had(reader: httpx.Client, symbol: str) -> None:
    found = reader.get(f"{V1}/securities/{symbol}").json()
    assert (found["key"], found["names"]) == ("920799.BJ", ["江苏银行"])
    assert [(one["symbol"], one["since"], one["until"]) for one in found["aliases"]] == [
        ("920799.BJ", "2025-05-06", None),
        ("830799.BJ", None, "2025-05-06"),
    ]
    articles = reader.get(found["articles"]).json()["items"]
    assert articles
    assert all("920799.BJ" in one["symbols"] for one in articles)


def test_a_security_that_no_article_mentions(reader: httpx.Client) -> None:
    answer = reader.get(f"{V1}/securities/000009.SZ")
    assert (answer.status_code, answer.json()["detail"]) == (404, "no article mentions 000009.SZ")


def test_what_is_no_symbol(reader: httpx.Client) -> None:
    answer = reader.get(f"{V1}/securities/600919")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "symbol")


def test_sources_and_categories(reader: httpx.Client) -> None:
    assert {one["name"] for one in reader.get(f"{V1}/sources").json()["items"]} == {
        "财联社",
        "证券日报",
    }
    slugs = [one["slug"] for one in reader.get(f"{V1}/categories").json()["items"]]
    assert sorted(slugs) == ["Wind", "cailianshe", "emnews", "sitenews"]


def test_crawls_and_what_they_found(own_url: str) -> None:
    engine = open_engine(own_url)
    number = start_run(engine, "live", {"columns": "350"}, START, "hourly")
    gap = Finding(kind="gap", subject="Wind", detail="12 posts may be missing", since_at=START)
    with writing(engine).begin() as connection:
        write_findings(connection, [gap], number, START)
    verdict = Verdict(ok=True, message="articles: 0", reason="finished", findings=(gap.line,))
    finish_run(engine, number, verdict, {}, START + timedelta(minutes=1))
    engine.dispose()
    with served(own_url) as client:
        (listed,) = client.get(f"{V1}/runs").json()["items"]
        found = client.get(f"{V1}/runs/{number}").json()
        assert client.get(f"{V1}/runs/99").status_code == 404
    assert (listed["spider"], listed["job"], listed["state"]) == ("live", "hourly", "degraded")
    assert found == {
        **listed,
        "findings": [
            {
                "kind": "gap",
                "subject": "Wind",
                "detail": "12 posts may be missing",
                "since_at": "2022-06-14T09:30:00+08:00",
                "until_at": None,
            }
        ],
    }


def test_the_clock_tells_where_to_go_on(client: httpx.Client) -> None:
    clock = client.get(f"{V1}/clock").json()
    assert clock == {"at": "2022-06-14T09:30:00.000001+08:00", "seq": 7}
    now = client.get(f"{V1}/articles", params={"as_of": clock["at"]}).json()
    assert now["items"] == client.get(f"{V1}/articles").json()["items"]
    assert client.get(f"{V1}/changes?after={clock['seq']}").json()["items"] == []
