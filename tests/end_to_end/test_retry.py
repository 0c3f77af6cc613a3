"""`finews rejects retry`: pages that were broken, absent or refused, asked for again."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING

import pytest

from finews.sample_site.posts import Post
from finews_crawler.share_requests import json_url, page_url
from pipelines.store.queries import RejectRow, articles, rejects, runs
from tests.end_to_end.small_site import SmallSite, code_of, made
from tests.finews_crawler.spiders.pages import share_answer
from tests.misbehaving_server import Misbehaving, misbehaving
from tests.processes import finished

if TYPE_CHECKING:
    from tests.conftest import Crawl, Crawler

ONCE = ("-s", "RETRY_TIMES=0")
BROKEN = {"text": "<html><body><p>正在维护，请稍后再来。</p></body></html>"}
FAULTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("say", BROKEN),
    ("say", BROKEN),
    ("404", {}),
    ("404", {}),
    ("503", {}),
    ("500", {}),
)
REASONS = {"unknown_layout": 2, "http_404": 2, "http_503": 1, "http_500": 1}


@dataclass
class World:
    """A site behind a server that misbehaves, and one database."""

    site: SmallSite
    server: Misbehaving
    crawler: "Crawler"
    posts: list[Post]
    """The oldest first: the feed holds the ten newest whole, and stands in for their pages."""
    environment: dict[str, str] = field(default_factory=dict)

    def fault(self, *posts: Post, times: int | None = 1) -> None:
        """Let each page fail once, in one of the ways, and be good from then on."""
        for post, (fault, options) in zip(posts, FAULTS, strict=False):
            self.server.put(f"/{post.path}", fault, options, times=times)

    def crawl(self, *more: str) -> "Crawl":
        return self.crawler.run("category", "-a", f"site={self.server.url}", *ONCE, *more)

    def finews(self, *words: str) -> CompletedProcess[str]:
        """Run a command from another folder than the project's."""
        own = {
            "FINEWS_DATABASE_URL": f"sqlite:///{self.crawler.database}",
            "FINEWS_LANGUAGE": "en",
            **self.environment,
        }
        return finished("finews", words, self.crawler.folder, {**os.environ, **own})

    def rejects(self) -> list[RejectRow]:
        return rejects(self.crawler.engine(), 99)

    def reasons(self) -> dict[str, int]:
        return dict(Counter(row.reason for row in self.rejects()))

    def stored(self) -> list[tuple[str | None, int]]:
        return sorted((row.code, row.revision) for row in articles(self.crawler.engine(), 99))

    def asked(self) -> list[str]:
        return [one.path[1:] for one in self.server.asked if one.path != "/robots.txt"]


def world_of(folder: Path, crawler: "Crawler", server: Misbehaving, posts: Sequence[Post]) -> World:
    site = SmallSite(folder)
    site.publish(*posts)
    settings = {"FINEWS_RETRY_PAUSE_SECONDS": "0.01", "FINEWS_OLD_POSTS": ""}
    crawler.environment.update(settings)
    return World(site, server, crawler, list(posts), dict(settings))


@pytest.fixture
def world(tmp_path: Path, crawler: "Crawler") -> Iterator[World]:
    folder = tmp_path / "site"
    folder.mkdir()
    with misbehaving(folder) as server:
        posts = [made(number, 30 - number) for number in range(1, 18)]
        yield world_of(folder, crawler, server, posts)


def as_flash(post: Post) -> Post:
    """One paragraph above the address line."""
    _, _, end = post.content.partition("</p>\n\n")
    return replace(post, content=f"<p>公司披露一项合同。</p>\n\n{end}")


def others() -> list[Post]:
    """The posts of another site."""
    return [made(number, 50 - number) for number in range(30, 42)]


def once_each(*posts: Post) -> list[tuple[str | None, int]]:
    return sorted((code_of(post), 1) for post in posts)


def clean(told: CompletedProcess[str]) -> str:
    """What a command printed; whatever goes wrong, no operator sees a traceback."""
    assert "Traceback" not in told.stderr
    return told.stdout


# --- all is well again ------------------------------------------------------------------------


def test_everything_that_was_rejected_is_settled_and_every_article_is_there_once(
    world: World,
) -> None:
    faulty, good = world.posts[:6], world.posts[6:]
    world.fault(*faulty)
    assert world.crawl().exit_code in {0, 3}
    assert (world.reasons(), world.stored()) == (REASONS, once_each(*good))
    world.server.asked.clear()

    told = world.finews("rejects", "retry", "--all")
    expected = "Rejects tried again: 6; settled: 6; open still: 0.\n"
    assert (clean(told), told.returncode) == (expected, 0)
    assert world.stored() == once_each(*world.posts)
    assert sorted(world.asked()) == sorted(post.path for post in faulty)
    assert [row.settled_at is not None for row in world.rejects()] == [True] * 6
    latest = runs(world.crawler.engine(), 1)[0]
    assert (latest.spider, latest.outcome, latest.arguments["full"]) == ("pages", "ok", "1")

    again = world.finews("rejects", "retry", "--all")
    assert (clean(again), again.returncode) == (
        "No reject is open among these: there is nothing to try again.\n",
        0,
    )


def test_what_a_host_refused_is_all_asked_for_again(world: World) -> None:
    """After one 403 nothing is asked for any more; each page is known by its address.

    The next crawl asks for what is listed still, this for the rest, too.
    """
    posts = [made(number, 30 - number / 10) for number in range(1, 61)]
    world.site.publish(*posts)
    world.server.put("/wind/*", "403", begin=3, times=1)
    assert world.crawl().exit_code == 1
    known = {row.url.removeprefix(f"{world.server.url}/") for row in world.rejects()}
    assert {"http_403", "host_refuses"} == set(world.reasons())
    assert {post.path for post in posts} - set(world.asked()) <= known
    world.server.asked.clear()

    told = world.finews("rejects", "retry", "--all")
    assert "; open still: 0.\n" in clean(told)
    assert world.stored() == once_each(*posts)


def test_the_page_that_was_rejected_can_be_looked_at(world: World) -> None:
    world.fault(world.posts[0])
    world.crawl()
    (row,) = world.rejects()
    told = world.finews("rejects", "show", str(row.id), "--page")
    assert (told.returncode, told.stdout) == (0, BROKEN["text"])


def test_a_retry_changes_nothing_that_is_stored(world: World) -> None:
    world.fault(*world.posts[:2])
    world.crawl()
    before = world.stored()
    world.finews("rejects", "retry", "--all")
    assert set(before) < set(world.stored())
    crawl = world.crawl("-a", "refresh=all")
    assert (crawl.exit_code, world.stored()) == (0, once_each(*world.posts))


# --- not all is well --------------------------------------------------------------------------


def test_offline_asks_no_server(world: World) -> None:
    world.fault(*world.posts[:3])
    world.crawl()
    world.server.asked.clear()
    told = world.finews("rejects", "retry", "--all", "--offline")
    lines = clean(told).splitlines()
    assert (told.returncode, len(world.server.asked)) == (1, 0)
    assert lines[0] == "Rejects tried again: 3; settled: 0; open still: 3."
    assert sorted(line.split("  ")[1] for line in lines[1:]) == sorted(
        f"{world.server.url}/{post.path}: no div.wrapper > section" for post in world.posts[:2]
    )
    assert {row.retried_at is not None for row in world.rejects()} == {True}


def test_what_is_still_broken_stays_open_and_the_rest_is_settled(world: World) -> None:
    world.fault(world.posts[0], times=None)
    world.server.put(f"/{world.posts[1].path}", "404", times=1)
    world.crawl()
    told = world.finews("rejects", "retry", "--all")
    expected = "Rejects tried again: 2; settled: 1; open still: 1.\n"
    assert (clean(told), told.returncode) == (expected, 1)
    assert f"{world.posts[0].path}: unknown_layout" in told.stderr
    assert world.stored() == once_each(*world.posts[1:])
    states = {row.url.rsplit("/")[-1]: row.settled_at is not None for row in world.rejects()}
    assert states == {
        world.posts[0].path.rsplit("/")[-1]: False,
        world.posts[1].path.rsplit("/")[-1]: True,
    }


def test_lists_that_failed_are_left_to_the_next_crawl(world: World) -> None:
    """They are no article's: to ask for them alone would change nothing, and add a reject."""
    world.server.put("/feed.xml", "404", times=1)
    world.fault(world.posts[0])
    world.crawl()
    told = world.finews("rejects", "retry", "--all")
    lines = clean(told).splitlines()
    assert lines[-1] == "Rejects tried again: 1; settled: 1; open still: 0."
    assert (told.returncode, len(world.rejects())) == (0, 2)
    assert lines[0].endswith("(the next crawl reads lists again): 1.")


def test_a_site_that_is_gone(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    with misbehaving(folder) as server:
        other = world_of(folder, world.crawler, server, others())
        other.fault(other.posts[0])
        other.crawl()
    told = world.finews("rejects", "retry", "--all")
    expected = "Rejects tried again: 1; settled: 0; open still: 1.\n"
    assert (clean(told), told.returncode) == (expected, 1)
    assert "finews: pages: failed: the site " in told.stderr


def test_rejects_of_two_sites_are_asked_on_each(world: World, tmp_path: Path) -> None:
    world.fault(world.posts[0])
    world.crawl()
    folder = tmp_path / "other"
    folder.mkdir()
    with misbehaving(folder) as server:
        other = world_of(folder, world.crawler, server, others())
        other.fault(other.posts[0])
        other.crawl()
        told = world.finews("rejects", "retry", "--all")
        assert (clean(told).split(";")[1], told.returncode) == (" settled: 2", 0)
        paths = [one.asked()[-1] for one in (world, other)]
        assert paths == [world.posts[0].path, other.posts[0].path]
    assert world.stored() == once_each(*world.posts, *other.posts)


def test_a_retry_that_cannot_start_its_crawl_says_so(world: World) -> None:
    world.fault(world.posts[0])
    world.crawl()
    world.environment["FINEWS_BATCH_SIZE"] = "none"
    told = world.finews("rejects", "retry", "--all")
    assert told.returncode == 2
    assert told.stderr.count("FINEWS_BATCH_SIZE") == 1
    assert "Traceback" not in told.stderr


def test_a_text_that_was_refused_is_asked_for_again(world: World) -> None:
    """The flash is stored at once, and its text completes it later."""
    flash = as_flash(world.posts[0])
    code = code_of(flash)
    world.site.publish(flash, *world.posts[1:])
    text = world.site.folder / "share" / f"NW{code}.json"
    text.parent.mkdir()
    text.write_text(share_answer(code), encoding="utf-8")
    for url in (json_url("", code), page_url("", code)):
        world.server.put(url, "503", times=1)
    world.crawl("-a", "full=1")
    assert (world.reasons(), world.stored()) == ({"http_503": 2}, once_each(*world.posts))

    told = world.finews("rejects", "retry", "--all")
    expected = "Rejects tried again: 2; settled: 2; open still: 0.\n"
    assert (clean(told), told.returncode) == (expected, 0)
    (whole,) = (row for row in articles(world.crawler.engine(), 99) if row.code == code)
    assert (whole.body_kind, whole.body_text.endswith("金额三亿元。")) == ("full", True)
