"""`/api/v1/articles` and `/mentions`: the rows of the queries, in parts that fit together."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from finews.asking import filter_of
from finews.web.words import address
from pipelines.store import queries
from pipelines.store.engine import open_engine
from pipelines.store.queries import Filter
from tests.finews.filling import BANK, NOTICE_ARTICLE, START, written
from tests.finews.web.serving import SYMBOLS, many, numbered, served

V1 = "/api/v1"


def walked(client: httpx.Client, first: str) -> Iterator[dict[str, Any]]:
    """All parts of a list."""
    following: str | None = first
    while following is not None:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        part = answer.json()
        yield part
        following = part["next"]


def items(client: httpx.Client, first: str) -> list[dict[str, Any]]:
    return [item for part in walked(client, first) for item in part["items"]]


# --- the same rows as the queries -----------------------------------------------------------------

moments = st.integers(-60, 10).map(lambda minutes: START + timedelta(minutes=minutes))
spans = st.just([None, None]) | st.tuples(moments, moments).map(sorted)


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    """Filters that choose among `many`, and some that choose nothing."""
    published, seen = draw(spans), draw(spans)
    return Filter(
        symbols=draw(some(*SYMBOLS, "600000.SH")),
        sources=draw(some("财联社", "证券日报", "无")),
        categories=draw(some("emnews", "Wind", "cailianshe", "none")),
        kinds=draw(some("full", "digest")),  # type: ignore[arg-type]
        published_from=published[0],
        published_to=published[1],
        seen_from=seen[0],
        seen_to=seen[1],
        with_late=draw(st.booleans()),
    )


@pytest.fixture
def both(database_url: str) -> Iterator[tuple[httpx.Client, Engine]]:
    """A server and the queries, on either engine."""
    many(database_url)
    engine = open_engine(database_url)
    with served(database_url) as client:
        yield client, engine
    engine.dispose()


SAME = settings(
    deadline=None,
    max_examples=15,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SAME
@given(wanted=filters(), limit=st.sampled_from([5, 12, 40]))
def test_any_filter_gives_the_rows_of_the_queries(
    both: tuple[httpx.Client, Engine], wanted: Filter, limit: int
) -> None:
    client, engine = both
    more = [("limit", limit), ("fields", "revision_id")]
    newest = [row.revision_id for row in queries.articles(engine, 100, wanted)]
    found = items(client, address(f"{V1}/articles", wanted, more))
    assert [item["revision_id"] for item in found] == newest
    seen = items(client, address(f"{V1}/articles", wanted, [*more, ("order", "seen")]))
    assert [item["revision_id"] for item in seen] == sorted(newest)
    mentions = items(client, address(f"{V1}/mentions", wanted, [("limit", limit)]))
    assert [(item["revision_id"], item["position"]) for item in mentions] == [
        (row.revision_id, row.position) for row in queries.stream_mentions(engine, wanted)
    ]


def test_parts_fit_together_whatever_is_written_meanwhile(database_url: str) -> None:
    many(database_url, 10)
    for order in ("newest", "seen"):
        with served(database_url) as client:
            all_at_once = items(client, f"{V1}/articles?order={order}&limit=500")
            parts = walked(client, f"{V1}/articles?order={order}&limit=4")
            found = next(parts)["items"]
            revised = replace(numbered(0), title=f"新标题 {order}", published_at=START)
            written(database_url, [revised, numbered(90 + len(order))])
            found += [item for part in parts for item in part["items"]]
        assert found == all_at_once


def test_the_words_of_an_address_mean_what_they_mean_elsewhere(reader: httpx.Client) -> None:
    query = {"symbol": ["1.600919"], "published_from": ["2022-06-14"], "kind": ["full"]}
    found = items(reader, f"{V1}/articles?symbol=1.600919&published_from=2022-06-14&kind=full")
    wanted = filter_of(query)
    assert wanted.symbols == ("600919.SH",)
    assert found
    assert {item["body_kind"] for item in found} == {"full"}
    assert all("600919.SH" in item["symbols"] for item in found)


# --- one article ----------------------------------------------------------------------------------


def test_an_article_with_all_that_is_known_of_it(client: httpx.Client) -> None:
    found = client.get(f"{V1}/articles/{BANK}").json()
    assert (found["code"], found["revision"], found["changed"]) == (BANK, 2, ["title"])
    assert found["published_at"] == "2022-06-14T09:30:00+08:00"
    link = found["mentions"][0]
    assert found["body_text"][link["start"] : link["end"]] == link["surface"] == "江苏银行"
    assert found["details"]["tags"] == ["财联社新闻"]
    assert found["revisions"] == f"{V1}/articles/{BANK}/revisions"


def test_an_article_as_it_could_be_read(client: httpx.Client) -> None:
    first = client.get(f"{V1}/articles/{BANK}?as_of=2022-06-14T09:30:00%2B08:00").json()
    assert (first["title"], first["revision"], first["details"]) == ("江苏银行将公布业绩", 1, None)
    assert client.get(f"{V1}/articles/{BANK}?as_of=2022-06-13").status_code == 404


def test_the_versions_of_an_article(client: httpx.Client) -> None:
    found = client.get(f"{V1}/articles/{BANK}/revisions").json()["items"]
    assert [(one["revision"], one["title"]) for one in found] == [
        (1, "江苏银行将公布业绩"),
        (2, "江苏银行公布业绩"),
    ]


def test_an_article_without_a_code_goes_by_its_number(client: httpx.Client) -> None:
    (notice,) = client.get(f"{V1}/articles?category=sitenews").json()["items"]
    assert (notice["code"], notice["identity"]) == (None, NOTICE_ARTICLE.identity)
    found = client.get(f"{V1}/articles/{notice['id']}").json()
    assert {name: found[name] for name in notice} == notice
    versions = client.get(f"{V1}/articles/{notice['id']}/revisions").json()["items"]
    assert versions == [notice]


@pytest.mark.parametrize("key", ["999", "202206149999999999"])
def test_an_article_that_is_not_there(client: httpx.Client, key: str) -> None:
    for address_of in (f"{V1}/articles/{key}", f"{V1}/articles/{key}/revisions"):
        answer = client.get(address_of)
        assert (answer.status_code, answer.json()["detail"]) == (404, f"there is no article {key}")


# --- fields, forms, marks -------------------------------------------------------------------------


def test_a_list_sends_the_fields_that_are_asked_for(client: httpx.Client) -> None:
    found = client.get(f"{V1}/articles?fields=title,code,title&limit=1").json()["items"]
    assert found == [{"title": "江苏银行公布业绩", "code": BANK}]


def test_the_next_part_stands_in_the_header_too(client: httpx.Client) -> None:
    answer = client.get(f"{V1}/articles?limit=2&fields=id&symbol=600919.SH&late=yes&limit=1")
    assert answer.json()["next"] is None
    assert "link" not in answer.headers
    answer = client.get(f"{V1}/articles?limit=2&fields=id")
    assert answer.links["next"]["url"] == answer.json()["next"]


def test_json_lines(client: httpx.Client) -> None:
    answer = client.get(f"{V1}/articles", headers={"accept": "application/x-ndjson"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == client.get(f"{V1}/articles").json()["items"]


def test_csv(client: httpx.Client) -> None:
    answer = client.get(
        f"{V1}/articles?fields=code,title,known_late,symbols,published_at",
        headers={"accept": "text/csv"},
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert list(csv.reader(io.StringIO(answer.text)))[:2] == [
        ["code", "title", "known_late", "symbols", "published_at"],
        [BANK, "江苏银行公布业绩", "false", '["600919.SH"]', "2022-06-14T09:30:00+08:00"],
    ]


def test_an_empty_list_as_csv_has_its_header(client: httpx.Client) -> None:
    query = "?symbol=000009.SZ&fields=code"
    answer = client.get(f"{V1}/articles{query}", headers={"accept": "text/csv"})
    assert answer.text == "code\r\n"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("text/*", "text/csv; charset=utf-8; header=present"),
        ("application/jsonl", "application/x-ndjson"),
        ("application/json;q=0.1, text/csv;q=0.5", "text/csv; charset=utf-8; header=present"),
        ("*/*, application/json;q=0", "application/x-ndjson"),
        ("text/csv;q=high, application/json", "application/json"),
    ],
)
def test_the_form_that_a_client_likes_best(client: httpx.Client, accept: str, media: str) -> None:
    answer = client.get(f"{V1}/articles?limit=1", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert "Accept" in answer.headers["vary"]


def test_a_form_that_it_cannot_be_had_in(client: httpx.Client) -> None:
    answer = client.get(f"{V1}/articles", headers={"accept": "text/html"})
    assert (answer.status_code, answer.json()["detail"]) == (
        406,
        "this can be had as application/json, application/x-ndjson, text/csv",
    )


def test_whoever_has_it_already_is_told_so(own_url: str) -> None:
    many(own_url, 3)
    with served(own_url) as client:
        for path in ("articles", "mentions", "articles/1", "search?q=江苏", "securities", "clock"):
            first = client.get(f"{V1}/{path}")
            headers = {"if-none-match": f'"x", {first.headers["etag"]}'}
            again = client.get(f"{V1}/{path}", headers=headers)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
            other_form = {**headers, "accept": "text/csv"}
            if path == "mentions":
                assert client.get(f"{V1}/{path}", headers=other_form).status_code == 200
        tag = {"if-none-match": client.get(f"{V1}/articles").headers["etag"]}
        written(own_url, [numbered(50)])
        assert client.get(f"{V1}/articles", headers=tag).status_code == 200


def test_a_span_ago_is_never_taken_for_the_same(client: httpx.Client) -> None:
    first = client.get(f"{V1}/articles?seen_from=6h").headers["etag"]
    assert client.get(f"{V1}/articles?seen_from=6h").headers["etag"] != first


# --- mentions, search -----------------------------------------------------------------------------


def test_mentions_of_a_kind(client: httpx.Client) -> None:
    found = items(client, f"{V1}/mentions?mention_kind=link&mention_kind=listed&limit=1")
    assert [(one["security"], one["kind"], one["surface"]) for one in found] == [
        ("600919.SH", "link", "江苏银行")
    ]


def test_a_search(client: httpx.Client) -> None:
    found = client.get(f"{V1}/search?q=江苏 公布&fields=code&symbol=600919.SH").json()
    (hit,) = found["items"]
    assert hit["article"] == {"code": BANK}
    assert [piece["text"] for piece in hit["title_pieces"] if piece["is_hit"]] == ["江苏", "公布"]
    lines = client.get(
        f"{V1}/search?q=江苏&fields=code&symbol=600919.SH", headers={"accept": "text/csv"}
    )
    assert lines.text.splitlines()[0] == "score,snippet,code"
    assert "«江苏»银行公布业绩。" in lines.text


@pytest.mark.parametrize("words", ["", "，", "-江苏"])
def test_a_search_without_a_word_to_search_for(client: httpx.Client, words: str) -> None:
    answer = client.get(f"{V1}/search", params={"q": words})
    assert answer.status_code == 422
