"""What splitting costs in requests, on a real server: the figures of docs/workers.md."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from finews.queue import splitting
from finews.queue.splitting import gathered, listings_in, split
from finews_crawler.reference import load_table
from tests.end_to_end.small_site import Counting, SmallSite, counting, made
from tests.finews.jobs.making import a_job

if TYPE_CHECKING:
    from tests.conftest import Crawler


KNOWN = load_table("sites")["site"]["known_categories"]


@pytest.fixture
def server() -> Iterator[Counting]:
    with counting() as told:
        yield told


@pytest.fixture
def site(server: Counting, tmp_path: Path) -> SmallSite:
    """Three categories of ten young posts, of which four stand in the first two; one in none."""
    server.folder = tmp_path / "site"
    posts = [
        made(number, hours=1, category=("Wind", "emnews", "sitenews")[number % 3])
        for number in range(30)
    ]
    shared = [
        replace(post, categories=["Wind", "emnews"]) if post.categories == ["Wind"] else post
        for post in posts[:12]
    ]
    built = SmallSite(server.folder)
    homeless = replace(made(30, hours=0.5), categories=[])
    built.publish(*shared, *posts[12:], homeless)
    return built


def crawled(crawler: "Crawler", server: Counting, crawls: list[Mapping[str, str]]) -> Counter[str]:
    """The requests of some crawls, by what was asked for."""
    server.forget()
    for arguments in crawls:
        given = [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
        assert crawler.run("category", *given).exit_code in {0, 3}
    kinds = Counter(path.split("/")[1] if "/20" not in path else "post" for path in server.asked)
    assert kinds.total() == len(server.asked)
    return kinds


def units(
    crawler: "Crawler", arguments: Mapping[str, str], most: int, patched: pytest.MonkeyPatch
) -> list[Mapping[str, str]]:
    """The arguments of a job's units of so many posts, as the database knows the site now."""
    patched.setattr(splitting, "gathered", partial(gathered, most=most))
    found = split(a_job(arguments=arguments), listings_in(crawler.engine()))
    return [unit.arguments for unit in found]


def test_what_is_asked_for_twice(
    crawler: "Crawler", server: Counting, site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(site.posts) == 31
    whole = {"site": server.url, "refresh": "6h"}
    crawled(crawler, server, [whole])  # now the categories are known
    before = crawled(crawler, server, [whole])
    asked = {"post": 31, "category": len(KNOWN), "": 1, "feed.xml": 1, "robots.txt": 1}
    assert before == asked

    # Posts once each; listings once more, to be told that they have not changed; robots.txt by
    # every unit.
    together = units(crawler, whole, 20, monkeypatch)
    more = {"category": len(KNOWN) + 3, "robots.txt": len(together)}
    assert crawled(crawler, server, together) == {**before, **more}
    assert server.status("/category/Wind.html") == [304, 304]

    # Were the categories with the same posts not together, those posts would be read twice.
    apart = units(crawler, whole, 10, monkeypatch)
    assert crawled(crawler, server, apart)["post"] == 35
    assert (len(together), len(apart)) == (3, 4)
