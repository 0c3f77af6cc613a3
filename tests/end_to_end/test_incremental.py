"""Crawls that follow one another: a repeat costs the listings, what is new, and no more."""

import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from finews.sample_site.posts import Post
from tests.end_to_end.small_site import Counting, SmallSite, changed, code_of, counting, made
from tests.processes import Program

if TYPE_CHECKING:
    from tests.conftest import Crawl, Crawler

STORED = "SELECT identity FROM article"


@dataclass
class World:
    """A site, its server, and the crawls of it into one database."""

    site: SmallSite
    server: Counting
    crawler: "Crawler"
    old: list[Post]
    recent: list[Post]
    """Published within the six hours in which a post is read again."""

    def crawl(self, *arguments: str, **hold: int) -> "Crawl":
        self.server.forget(**hold)
        given = [word for one in arguments for word in ("-a", one)]
        return self.crawler.run("category", "-a", f"site={self.server.url}", *given)

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.crawler.database)) as connection:
            return connection.execute(query).fetchall()

    def history(self) -> dict[str, list[Any]]:
        """All that a reader of articles or of the change feed could see."""
        tables = ("article", "article_revision", "change", "mention", "printing", "story_member")
        return {name: self.rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables}

    def revisions(self) -> dict[str, int]:
        return dict(self.rows("SELECT identity, revision FROM article"))

    def rejects(self) -> list[tuple[str, str]]:
        return self.rows("SELECT url, reason FROM reject ORDER BY id")

    def missed(self) -> list[tuple[str, int]]:
        return self.rows("SELECT url, times FROM missed_page ORDER BY url")


def paths(*posts: Post) -> list[str]:
    return sorted(one.path for one in posts)


def codes(*posts: Post) -> list[str]:
    return sorted(map(code_of, posts))


@pytest.fixture(scope="module")
def server() -> Iterator[Counting]:
    with counting() as told:
        yield told


@pytest.fixture(scope="module")
def first(
    server: Counting, new_crawler: Callable[[], "Crawler"], tmp_path_factory: pytest.TempPathFactory
) -> World:
    """The first crawl of a site; each test goes on from it."""
    old = [made(number, 30 + number, "Wind" if number % 2 else "emnews") for number in range(12)]
    recent = [made(number, 1) for number in (20, 21)]
    site = SmallSite(tmp_path_factory.mktemp("site"))
    world = World(site, server, new_crawler(), old, recent)
    world.site.publish(*old, *recent)
    server.folder = world.site.folder
    crawl = world.crawl()
    assert (crawl.exit_code, crawl.last_line) == (0, "finews: category: articles: 14 new")
    assert server.posts == paths(*old, *recent)
    return world


@pytest.fixture
def world(first: World, crawler: "Crawler", tmp_path: Path) -> World:
    shutil.copy(first.crawler.database, crawler.database)
    site = first.site.copied(tmp_path / "site")
    first.server.folder = site.folder
    return World(site, first.server, crawler, first.old, first.recent)


# --- a site that stays as it is ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "reads_recent", "told"),
    [
        ((), True, "2 unchanged, 12 known and not read again"),
        (("refresh=0",), False, "14 known and not read again"),
    ],
    ids=["six hours", "no window"],
)
def test_a_repeat_asks_for_each_listing_once_and_writes_no_article_row(
    world: World, arguments: tuple[str, ...], reads_recent: bool, told: str
) -> None:
    before = world.history()
    crawl = world.crawl(*arguments)
    assert (crawl.exit_code, crawl.last_line) == (0, f"finews: category: articles: {told}")
    assert world.server.posts == (paths(*world.recent) if reads_recent else [])
    listings = [path for path in world.server.asked if path[1:] not in world.server.posts]
    assert len(listings) == len(set(listings))
    assert {"/", "/feed.xml", "/category/Wind.html", "/category/emnews.html"} < set(listings)
    assert world.history() == before


def test_a_listing_that_has_not_changed_is_not_sent_again(world: World) -> None:
    for _ in range(2):  # the answer 304 names no time of change, which must not be forgotten
        world.crawl("refresh=0")
        found = [world.server.status(f"/category/{slug}.html") for slug in ("Wind", "emnews")]
        assert found == [[304], [304]]
    rows = world.rows("SELECT entry_count, first_run_id, last_run_id FROM listing ORDER BY 1")
    assert rows == [(6, 1, 3), (8, 1, 3)]


# --- what is new ------------------------------------------------------------------------------


def test_a_new_post_costs_one_request(world: World) -> None:
    new = made(30, 0.5, "emnews")
    world.site.publish(*world.old, *world.recent, new)
    crawl = world.crawl("refresh=0")
    assert crawl.last_line == "finews: category: articles: 1 new, 14 known and not read again"
    assert world.server.posts == paths(new)
    found = [world.server.status(f"/category/{slug}.html") for slug in ("Wind", "emnews")]
    assert found == [[304], [200]]
    assert sorted(one for (one,) in world.rows(STORED)) == codes(*world.old, *world.recent, new)


def test_a_new_category_is_found_by_its_first_post(world: World) -> None:
    new = made(31, 0.5, "xinhuashe")
    world.site.publish(*world.old, *world.recent, new)
    world.crawl("refresh=0")
    assert world.server.posts == paths(new)
    assert world.server.status("/category/xinhuashe.html") == [200]
    world.crawl("refresh=0")
    assert world.server.posts == []
    assert world.server.status("/category/xinhuashe.html") == [304]


def test_a_recent_post_that_changed_is_a_revision_and_an_old_one_waits_for_refresh_all(
    world: World,
) -> None:
    recent, old = world.recent[0], world.old[0]
    now = [changed(recent, "公司更正公告。"), changed(old, "公司撤回公告。")]
    world.site.publish(*world.old[1:], world.recent[1], *now)
    world.crawl()
    assert world.server.posts == paths(*world.recent)
    assert (world.revisions()[code_of(recent)], world.revisions()[code_of(old)]) == (2, 1)
    again = world.crawl("refresh=all")
    assert world.server.posts == paths(*world.old, *world.recent)
    assert again.last_line == "finews: category: articles: 1 revised, 13 unchanged"
    assert (world.revisions()[code_of(recent)], world.revisions()[code_of(old)]) == (2, 2)
    assert sum(world.revisions().values()) == 16


# --- what is gone -----------------------------------------------------------------------------


def test_a_post_that_is_gone_comes_from_the_archive_and_is_known_late(world: World) -> None:
    kept, lost = made(40, 50), made(41, 51)
    world.site.publish(*world.old, *world.recent, gone=[kept, lost])
    world.site.keep(kept)
    world.crawler.environment["FINEWS_OLD_POSTS"] = (
        f"{world.server.url}/old_post/{{date}}-{{slug}}.md"
    )
    crawl = world.crawl("refresh=0")
    assert crawl.last_line == "finews: category: articles: 1 new, 14 known and not read again"
    assert world.server.posts == paths(kept, lost)
    query = "SELECT identity, page_kind, known_late, url FROM article WHERE known_late"
    late = {identity: row for identity, *row in world.rows(query)}
    page = f"https://finews.withounder.com/{kept.path}"
    assert late[code_of(kept)] == ["markdown", 1, page]
    at_site = {code_of(one): f"{world.server.url}/{one.path}" for one in (kept, lost)}
    assert world.rejects() == [(at_site[code_of(lost)], "http_404")]
    assert world.missed() == sorted((url, 1) for url in at_site.values())
    world.crawl("refresh=0")
    assert [path for path in world.server.asked if "old_post" in path] == []
    assert (world.server.posts, len(world.rejects())) == ([], 1)


def test_a_gap_makes_a_finding_of_the_run_that_saw_it(world: World) -> None:
    world.crawl("refresh=0")
    others = [made(number, 1, "Wind") for number in (50, 51)]
    world.site.publish(*(one for one in world.old if one.categories == ["emnews"]), *others)
    crawl = world.crawl("refresh=0")
    query = "SELECT run_id, kind, subject, detail, since_at < until_at FROM finding"
    ((run, kind, subject, detail, is_span),) = world.rows(f"{query} WHERE kind = 'gap'")
    assert (run, kind, subject, is_span) == (3, "gap", "Wind", 1)
    assert detail.endswith("although the site shows a post for 3.0 days")
    assert (crawl.exit_code, world.rows("SELECT outcome FROM crawl_run")[-1]) == (3, ("degraded",))
    assert f"gap Wind: {detail}" in crawl.told


# --- crawls that were cut short ---------------------------------------------------------------


@pytest.fixture
def large(server: Counting, crawler: "Crawler", tmp_path: Path) -> World:
    """A site of which nothing is known yet."""
    posts = [made(number, 30, "Wind" if number % 2 else "emnews") for number in range(40)]
    world = World(SmallSite(tmp_path / "site"), server, crawler, posts, [])
    world.site.publish(*posts)
    world.site.keep(*posts)
    server.folder = world.site.folder
    crawler.environment["FINEWS_BATCH_SECONDS"] = "0.05"
    return world


@contextmanager
def cut_short(world: World, number: int) -> Iterator[Program]:
    """A crawl whose site has answered with so many posts, all of them stored, and now waits."""
    stored = len(world.rows(STORED)) if world.crawler.database.exists() else 0
    world.server.forget(hold_after=number)
    with world.crawler.started("category", "-a", f"site={world.server.url}") as process:
        try:
            # With its first request its database is made.
            wait_until(process, lambda: "/" in world.server.asked)
            wait_until(process, lambda: len(world.rows(STORED)) == stored + number)
            yield process
        finally:
            process.kill()
            world.server.open()


def wait_until(process: Program, condition: Callable[[], bool]) -> None:
    last = time.monotonic() + 300
    while not condition():
        assert process.poll() is None, "the crawl has ended"
        assert time.monotonic() < last, "the crawl hangs"
        time.sleep(0.02)


def check_resumed(world: World, posts: list[Post], stored: list[str]) -> None:
    """The next crawl has finished the job: all is there once, and nothing was asked again."""
    asked = world.server.posts
    assert [path for path in asked if path[-23:-5] in stored] == []
    assert len(asked) == len(set(asked)) == len(posts) - len(stored)
    assert world.revisions() == dict.fromkeys(codes(*posts), 1)
    news = world.rows(
        "SELECT identity FROM change JOIN article ON article.id = article_id WHERE kind = 'new'"
    )
    assert sorted(one for (one,) in news) == codes(*posts)


@pytest.mark.parametrize("number", [3, 21, 39])
def test_after_kill_9_the_next_crawl_finishes_the_job(large: World, number: int) -> None:
    with cut_short(large, number) as process:
        process.kill()
        process.wait()
        stored = sorted(one for (one,) in large.rows(STORED))
    assert len(stored) == number
    again = large.crawl("refresh=0")
    left, known = 40 - number, number
    told = f"articles: {left} new, {known} known and not read again"
    assert (again.exit_code, again.last_line) == (0, f"finews: category: {told}")
    check_resumed(large, large.old, stored)
    ends = large.rows("SELECT outcome, finished_at IS NULL FROM crawl_run ORDER BY id")
    assert ends == [(None, 1), ("ok", 0)]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_after_one_signal_nothing_that_was_asked_for_is_asked_again(
    large: World, sent: signal.Signals
) -> None:
    with cut_short(large, 10) as process:
        process.send_signal(sent)
        large.server.open()
        _, told = process.communicate()
        stored = sorted(one for (one,) in large.rows(STORED))
        asked = large.server.posts
    assert process.returncode == 1
    assert "the crawl was stopped: shutdown" in told
    assert "Traceback" not in told
    assert stored == sorted(path[-23:-5] for path in asked)
    assert 10 <= len(stored) < 40
    large.crawl("refresh=0")
    check_resumed(large, large.old, stored)


def test_after_two_sigterms_too_and_they_end_a_crawl_whose_site_hangs(large: World) -> None:
    with cut_short(large, 10) as process:
        while process.poll() is None:  # two signals at once may arrive as one
            process.send_signal(signal.SIGTERM)
            time.sleep(0.1)
        stored = sorted(one for (one,) in large.rows(STORED))
    assert len(stored) == 10
    large.crawl("refresh=0")
    check_resumed(large, large.old, stored)


def test_what_left_the_site_while_no_crawl_ran_comes_from_the_archive(large: World) -> None:
    """The listings of crawls that were killed still tell what these did not come to read."""
    template = f"{large.server.url}/old_post/{{date}}-{{slug}}.md"
    large.crawler.environment["FINEWS_OLD_POSTS"] = template
    listed = "SELECT count(*) FROM listing"
    for many, read, rows in ((40, 10, 2), (20, 0, 4)):
        large.site.publish(*large.old[:many])
        with cut_short(large, read) as process:
            wait_until(process, lambda rows=rows: large.rows(listed) == [(rows,)])  # type: ignore[misc]
            process.kill()
            process.wait()
    stored = sorted(one for (one,) in large.rows(STORED))
    assert len(stored) == 10
    new = made(60, 1)
    large.site.publish(*large.old[:10], new)
    large.crawl("refresh=0")
    check_resumed(large, [*large.old, new], stored)
    kinds = dict(large.rows("SELECT identity, page_kind FROM article"))
    left = [one for one in codes(*large.old[10:]) if one not in stored]
    assert len(left) >= 20
    assert {kinds[one] for one in left} == {"markdown"}
    assert {kinds[one] for one in codes(*large.old[:10], new)} == {"post"}
