"""The same filter gives the same rows on every surface: Python, command line, HTTP, export."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import finews
from finews.command_line import EXIT_NOTHING_FOUND
from finews.web.words import address, words_of
from pipelines.store.queries import Filter
from tests.finews.filling import START
from tests.finews.running import json_lines, runner
from tests.finews.web.serving import SYMBOLS, many, served
from tests.rounds import rounds

MORE_THAN_THERE_ARE = "100"
LISTED = ("code", "title", "published_at", "source", "symbols", "first_seen_at", "revision")
Rows = list[dict[str, Any]]


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


def spans() -> st.SearchStrategy[Any]:
    moments = st.integers(-60, 10).map(lambda minutes: START + timedelta(minutes=minutes))
    ends = st.tuples(moments, moments).map(sorted)
    return st.just([None, None]) | ends | moments.map(lambda one: [one, None])


@dataclass(frozen=True)
class Wish:
    """A filter whose moment is still to be chosen among those at which something was written."""

    names: dict[str, Any]
    published: list[datetime | None]
    seen: list[datetime | None]
    moment: int | None

    def among(self, moments: list[datetime]) -> Filter:
        return Filter(
            **self.names,
            published_from=self.published[0],
            published_to=self.published[1],
            seen_from=self.seen[0],
            seen_to=self.seen[1],
            as_of=None if self.moment is None else moments[self.moment % len(moments)],
        )


def wishes() -> st.SearchStrategy[Wish]:
    names = st.fixed_dictionaries(
        {
            "symbols": some(*SYMBOLS, "600000.SH"),
            "sources": some("财联社", "证券日报", "无"),
            "categories": some("emnews", "Wind", "none"),
            "kinds": some("full", "digest"),
            "with_late": st.booleans(),
        }
    )
    return st.builds(
        Wish,
        names=names,
        published=spans(),
        seen=st.just([None, None]) | spans(),
        moment=st.none() | st.integers(0, 20),
    )


@dataclass(frozen=True)
class Surfaces:
    """One database, and every way to ask it; rows come as JSON, in the order of revisions."""

    reader: finews.Reader
    client: httpx.Client
    run: Callable[..., Any]
    folder: Path

    def moments(self) -> list[datetime]:
        return sorted({row.seen_at for row in self.reader.revisions()})

    def python(self, wanted: Filter) -> Rows:
        found = {one.name: getattr(wanted, one.name) for one in fields(Filter)}
        given: dict[str, Any] = {name: value for name, value in found.items() if value}
        given["late"] = given.pop("with_late", False)
        return json_form(self.reader.articles(**given).to_arrow().to_pylist())

    def command_line(self, wanted: Filter) -> Rows:
        result = self.run("articles", *options(wanted), "--limit", MORE_THAN_THERE_ARE, "--json")
        return json_lines(result)

    def http(self, wanted: Filter) -> Rows:
        found: Rows = []
        following: str | None = address("/api/v1/articles", wanted, [("order", "seen")])
        while following is not None:
            part = self.client.get(following).raise_for_status().json()
            found, following = [*found, *part["items"]], part["next"]
        return found

    def export(self, wanted: Filter) -> Rows:
        out = self.folder / "news.jsonl"
        out.unlink(missing_ok=True)
        result = self.run("export", "--out", str(out), *options(wanted))
        assert result.exit_code in {0, EXIT_NOTHING_FOUND}, result.output
        if result.exit_code == EXIT_NOTHING_FOUND:
            assert not out.exists()
            return []
        return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def options(wanted: Filter) -> list[str]:
    return [
        part for word, text in words_of(wanted) for part in (f"--{word.replace('_', '-')}", text)
    ]


def json_form(rows: Rows) -> Rows:
    def plain(value: object) -> str:
        assert isinstance(value, datetime)
        return value.isoformat()

    return list(json.loads(json.dumps(rows, default=plain)))


@pytest.fixture
def surfaces(database_url: str, tmp_path: Path) -> Iterator[Surfaces]:
    many(database_url)
    with finews.connect(database_url) as reader, served(database_url) as client:
        yield Surfaces(reader, client, runner(database_url), tmp_path)


@settings(
    deadline=None,
    max_examples=rounds(12),
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(wish=wishes())
def test_every_surface_gives_the_same_rows(surfaces: Surfaces, wish: Wish) -> None:
    wanted = wish.among(surfaces.moments())
    rows = surfaces.python(wanted)
    assert surfaces.http(wanted) == rows
    assert surfaces.export(wanted) == rows
    listed = surfaces.command_line(wanted)
    shown = [{name: row[name] for name in LISTED} for row in rows]
    assert sorted(listed, key=str) == sorted(shown, key=str)
