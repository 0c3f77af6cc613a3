"""What need not be read: the questions that a crawl asks the database before it asks the site."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from finews_crawler.items import Article, Miss, Reject
from finews_crawler.memory import Standing, Wanted
from pipelines.store import memory
from pipelines.store.batch import Item
from pipelines.store.memory import settled
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.pipelines.making import reject
from tests.pipelines.store.conftest import START, empty
from tests.rounds import rounds

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

SITE = "http://127.0.0.1:8000"
PUBLIC = "https://finews.withounder.com"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
CODE = "202206143000000001"
PAGE = f"/emnews/2022/06/14/{CODE}.html"
COPY = f"/wind/2022/06/14/NW{CODE}.html"
WANTED = Wanted(key=CODE, addresses=(f"{SITE}{PAGE}",))
BOTH = Wanted(key=CODE, addresses=(f"{SITE}{PAGE}", f"{SITE}{COPY}"))
ANY = Wanted(key=CODE)
TEXT = replace(WANTED, full=True)


@dataclass
class Store:
    """A database whose clock is the test's, filled and asked."""

    engine: Engine
    make: Callable[..., Article]
    clock: "Clock"

    def __post_init__(self) -> None:
        run = start_run(self.engine, "category", {}, self.clock())
        self._writer = Writer(self.engine, run, DAY, self.clock)

    def write(self, *items: Item) -> None:
        self._writer.write(items)

    def page(self, path: str = PAGE, **changed: object) -> Article:
        """The article as a page of the site tells it."""
        return self.make(**{"url": f"{PUBLIC}{path}", **changed})

    def notice(self, url: str, **changed: object) -> Article:
        """An article without a code."""
        return self.make(code=None, identity=url, url=url, **changed)

    def gone(self, path: str, reason: str = "http_404") -> Reject:
        stage = "fetch" if reason.startswith(("http_", "timeout")) else "extract"
        return reject(url=f"{SITE}{path}", stage=stage, reason=reason, seen_at=self.clock())

    def no_text(self) -> Miss:
        share = f"http://127.0.0.1:9/NewsData/GetNewsText.do?id=NW{CODE}"
        seen = self.clock()
        return Miss(stage="share", reason="empty_answer", url=share, code=CODE, seen_at=seen)

    def ask(self, *wanted: Wanted, refresh: timedelta = timedelta()) -> dict[str, Standing]:
        with self.engine.connect() as connection:
            return settled(connection, wanted, refresh)


@pytest.fixture
def store(
    engine: Engine,
    make_article: Callable[..., Article],
    clock: "Clock",
    monkeypatch: pytest.MonkeyPatch,
) -> Store:
    monkeypatch.setattr(memory, "database_now", lambda _connection: clock())
    return Store(engine, make_article, clock)


# --- stored articles --------------------------------------------------------------------------


def test_an_empty_database_knows_nothing(store: Store) -> None:
    assert (store.ask(WANTED, ANY), store.ask()) == ({}, {})


@pytest.mark.parametrize("site", [PUBLIC, SITE, "http://finews.zning.me"])
def test_a_stored_article_is_known_on_whatever_host(store: Store, site: str) -> None:
    store.write(store.page(url=f"{site}{PAGE}"))
    assert (store.ask(WANTED), store.ask(ANY)) == ({CODE: "known"}, {CODE: "known"})


def test_a_copy_that_was_not_read_is_to_be_read(store: Store) -> None:
    store.write(store.page())
    assert store.ask(BOTH) == {}
    assert store.ask(replace(BOTH, addresses=(f"{SITE}{COPY}",))) == {}


def test_an_article_whose_copies_were_all_read_is_known(store: Store) -> None:
    first, second = store.page(), store.page(COPY)
    store.write(replace(first, printings=(first, second)))
    assert store.ask(BOTH) == {CODE: "known"}


def test_the_list_that_named_an_article_is_not_its_page(store: Store) -> None:
    store.write(store.page(page_kind="list", url="http://127.0.0.1:9/list?page=1"))
    assert (store.ask(WANTED), store.ask(ANY)) == ({}, {CODE: "known"})


CODED = "%E7%AB%99%E5%8A%A1/2021/12/02/%E5%85%AC%E5%91%8A"
NOTICES = {
    "as it is": f"{PUBLIC}/站务/2021/12/02/公告(1).html",
    "all coded": f"{PUBLIC}/{CODED}%282%29.html",
    "coded as the site does": f"{PUBLIC}/{CODED}(3).html",
    "an older host": f"http://finnews.zning.me/{CODED}(4).html",
    "a copy that names no other": f"{SITE}/{CODED}%285%29.html",
}


def test_an_article_without_code_is_known_by_its_address(store: Store) -> None:
    """Its page is asked for with all letters coded; the key has none coded."""
    store.write(*map(store.notice, NOTICES.values()))
    keys = [f"/站务/2021/12/02/公告({number}).html" for number in range(1, 7)]
    wanted = [Wanted(key=key, addresses=(f"{SITE}{quote(key)}",)) for key in keys]
    assert store.ask(*wanted) == dict.fromkeys(keys[:5], "known")


def test_the_same_path_on_a_foreign_host_is_another_article(store: Store) -> None:
    path = "/a/2022/06/14/init.html"
    store.write(store.notice(f"https://elsewhere.test{path}"))
    assert store.ask(Wanted(key=path, addresses=(f"{SITE}{path}",))) == {}


def test_a_path_that_no_database_takes_costs_no_other_answer(store: Store) -> None:
    store.write(store.page())
    bad = Wanted(key="/a/2022/06/14/\0.html", addresses=(f"{SITE}/a/2022/06/14/%00.html",))
    assert store.ask(bad, WANTED) == {CODE: "known"}


# --- the window that is read again ------------------------------------------------------------

# How long ago, the window, and whether that is known; the oldest first.
WINDOWS = [
    (30 * DAY, HOUR, True),
    (30 * DAY, 31 * DAY, False),
    (HOUR, HOUR, True),
    (HOUR - SECOND, HOUR, False),
    (timedelta(), HOUR, False),
    (timedelta(), timedelta(), True),
    (-SECOND, HOUR, True),
    (-30 * DAY, timedelta(days=36525), True),
]


def test_what_was_published_within_the_window_is_read_again(store: Store) -> None:
    """What claims to come from the future is not: it would be read with every crawl."""
    made = [store.make(number) for number in range(len(WINDOWS))]
    store.write(
        *(
            replace(one, published_at=START - ago)
            for one, (ago, *_) in zip(made, WINDOWS, strict=True)
        )
    )
    for one, (_, refresh, is_known) in zip(made, WINDOWS, strict=True):
        expected = {one.identity: "known"} if is_known else {}
        assert store.ask(Wanted(key=one.identity), refresh=refresh) == expected


def test_what_states_no_time_is_read_again_while_it_is_new_here(store: Store) -> None:
    unstated = {"published_at": None, "published_precision": None, "published_quality": "missing"}
    made = [store.make(number, **unstated) for number in range(len(WINDOWS))]
    for one, (ago, *_) in zip(made, WINDOWS, strict=True):
        store.clock.now = START - ago
        store.write(one)
    # No two transactions of a database have the same time: equal ones are a microsecond apart.
    store.clock.now = START + timedelta(microseconds=1)
    for one, (_, refresh, is_known) in zip(made, WINDOWS, strict=True):
        expected = {one.identity: "known"} if is_known else {}
        assert store.ask(Wanted(key=one.identity), refresh=refresh) == expected


def test_an_old_article_that_was_first_seen_now_is_not_read_again(store: Store) -> None:
    store.write(store.page(published_at=START - 2 * DAY))
    assert store.ask(WANTED, refresh=HOUR) == {CODE: "known"}


# --- the text behind a flash ------------------------------------------------------------------


def test_a_stored_digest_is_enough_until_the_text_is_wanted(store: Store) -> None:
    store.write(store.page(body_kind="digest"))
    assert (store.ask(WANTED), store.ask(TEXT)) == ({CODE: "known"}, {})
    store.write(store.page(body_kind="full"))
    assert store.ask(TEXT) == {CODE: "known"}


def test_a_text_that_is_not_there_is_asked_for_again_after_a_while(store: Store) -> None:
    store.write(store.page(body_kind="digest"), store.no_text())
    assert store.ask(TEXT) == {CODE: "known"}
    store.clock.forward(hours=23, minutes=59)
    assert store.ask(TEXT) == {CODE: "known"}
    store.clock.forward(minutes=1)
    assert (store.ask(TEXT), store.ask(WANTED)) == ({}, {CODE: "known"})


def test_a_page_that_is_gone_says_nothing_about_the_text(store: Store) -> None:
    store.write(store.page(body_kind="digest"), store.gone(COPY))
    assert store.ask(TEXT) == {}


def test_without_a_code_nobody_can_be_asked_for_the_text(store: Store) -> None:
    path = "/a/2022/06/14/init.html"
    store.write(store.notice(f"{PUBLIC}{path}", body_kind="digest"))
    wanted = Wanted(key=path, addresses=(f"{SITE}{path}",), full=True)
    assert store.ask(wanted) == {path: "known"}


# --- missed pages -----------------------------------------------------------------------------


def test_a_missed_page_is_due_again_after_a_day(store: Store) -> None:
    store.write(store.gone(PAGE))
    assert store.ask(WANTED) == {CODE: "missed"}
    store.clock.forward(hours=23, minutes=59)
    assert store.ask(WANTED, refresh=30 * DAY) == {CODE: "missed"}
    store.clock.forward(minutes=1)
    assert store.ask(WANTED) == {}


def test_an_article_is_missed_when_all_its_pages_are(store: Store) -> None:
    store.write(store.gone(PAGE))
    assert store.ask(BOTH) == {}
    store.write(store.gone(COPY, "unknown_layout"))
    assert store.ask(BOTH) == {CODE: "missed"}
    store.clock.forward(hours=1)  # what could not be read is due before what is not there
    assert store.ask(BOTH) == {}


def test_a_stored_article_may_have_a_copy_that_is_gone(store: Store) -> None:
    store.write(store.page(), store.gone(COPY))
    assert store.ask(BOTH) == {CODE: "known"}


def test_a_server_in_trouble_is_no_missed_page(store: Store) -> None:
    store.write(*(store.gone(PAGE, reason) for reason in ("http_503", "http_429", "timeouterror")))
    assert store.ask(WANTED) == {}


def test_a_page_that_one_copy_of_the_site_lacks_is_not_missed_on_another(store: Store) -> None:
    store.write(store.gone(PAGE))
    assert store.ask(replace(WANTED, addresses=(f"{PUBLIC}{PAGE}",))) == {}


def test_who_reads_elsewhere_is_not_kept_from_it_by_a_site_that_lost_the_page(
    store: Store,
) -> None:
    store.write(store.gone(PAGE))
    assert store.ask(ANY) == {}
    store.write(store.no_text())
    assert store.ask(ANY) == {CODE: "missed"}


# --- many at once -----------------------------------------------------------------------------


def test_a_large_question(store: Store) -> None:
    """More than a crawl asks at once; each path stands for many addresses."""
    stored = [store.make(number) for number in range(40)]
    missed, fresh = numbered(40, 50), numbered(50, 900)
    paths = [
        Wanted(key=f"/站务/{one}(甲).html", addresses=(f"{SITE}/n{one}",)) for one in range(300)
    ]
    store.write(*stored, *(store.gone(one.addresses[0].removeprefix(SITE)) for one in missed))
    known = [Wanted(key=one.identity) for one in stored]
    expected: dict[str, Standing] = dict.fromkeys((one.key for one in known), "known")
    expected |= {one.key: "missed" for one in missed}
    assert store.ask(*paths, *fresh, *missed, *known) == expected


def numbered(first: int, end: int) -> list[Wanted]:
    codes = {number: f"20220614{3_000_000_000 + number}" for number in range(first, end)}
    return [Wanted(key=code, addresses=(f"{SITE}/{one}.html",)) for one, code in codes.items()]


PAGES = st.sets(st.sampled_from("abc"))


@settings(
    deadline=None,
    max_examples=rounds(15),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(read=PAGES, missed=PAGES, wanted=PAGES)
def test_known_is_what_is_stored_and_has_no_page_left_to_read(
    store: Store, read: set[str], missed: set[str], wanted: set[str]
) -> None:
    empty(store.engine)
    fresh = Store(store.engine, store.make, store.clock)
    printings = tuple(store.page(f"/{one}.html") for one in sorted(read))
    united = [replace(printings[0], printings=printings)] if printings else []
    fresh.write(*united, *(store.gone(f"/{one}.html") for one in sorted(missed)))
    addresses = tuple(f"{SITE}/{one}.html" for one in sorted(wanted))
    answer = store.ask(Wanted(key=CODE, addresses=addresses))
    if read:
        assert answer == ({CODE: "known"} if wanted <= read | missed else {})
    else:
        assert answer == ({CODE: "missed"} if wanted and wanted <= missed else {})
