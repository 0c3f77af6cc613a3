"""Rejected pages read again with today's readers: what they give, and what is noted of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, select, text

from finews_crawler.errors import StorageError
from finews_crawler.extraction.readers import READERS
from finews_crawler.items import Answer, Article, RawArticle, Reject
from pipelines import retry as module
from pipelines.retry import SPIDER, Retried, Unusable, read_again, retry, settled
from pipelines.store.engine import writing
from pipelines.store.models import Reject as RejectTable
from pipelines.store.queries import article_by_code, articles, run, runs
from pipelines.store.rejects import KeptPage
from pipelines.store.writer import Writer
from tests.finews_crawler.spiders.pages import SHELL, post_page, share_answer, share_page
from tests.origin_server import NEWEST, page_of
from tests.pipelines.making import CODE, PAGE, article, raw_article, reject
from tests.pipelines.store.conftest import START

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

OTHER, THIRD = "202206143000000002", "202206143000000003"
BROKEN = b"<html><p>1</p></html>"
NO_SECTION = "no div.wrapper > section"
NOW = START + timedelta(days=3)
NOTICE = "http://127.0.0.1:1/sitenews/2022/06/14/notice.html"
SHARE = "http://127.0.0.1:1/NewsData/GetNewsText.do?id=NW" + CODE


def address(code: str) -> str:
    return PAGE.replace(CODE, code)


def kept(body: str | bytes, reader: str = "post", url: str = PAGE) -> KeptPage:
    page = body.encode() if isinstance(body, str) else body
    return KeptPage(
        reject_id=1, url=url, seen_at=START, status=200, headers=(), body=page, reader=reader
    )


def rejected(code: str | None = CODE, body: str | bytes = "", **changed: Any) -> Reject:
    page = body.encode() if isinstance(body, str) else body
    answer = Answer(status=200, headers=(), body=page or post_page().encode(), reader="post")
    made = reject(code=code, url=address(code or ""), seen_at=START, answer=answer)
    return replace(made, **changed)


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


def now() -> datetime:
    return NOW


def times(engine: Engine) -> list[tuple[datetime | None, datetime | None]]:
    """When each reject was tried again, and when it was settled."""
    query = select(RejectTable.retried_at, RejectTable.settled_at).order_by(RejectTable.id)
    with engine.connect() as connection:
        return [(row.retried_at, row.settled_at) for row in connection.execute(query)]


# --- a page -----------------------------------------------------------------------------------


def test_a_page_tells_an_article_of_the_time_when_it_was_rejected() -> None:
    found = read_again(kept(post_page()))
    assert isinstance(found, Article)
    assert (found.code, found.title, found.source) == (CODE, "签下合同", "证券日报")
    assert (found.fetched_at, found.url, found.page_kind) == (START, PAGE, "post")


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (kept(share_answer(CODE), "share_json", SHARE), "share_json"),
        (kept(share_page(), "share_html", SHARE.replace("id=", "infoCode=")), "share_html"),
    ],
    ids=["JSON", "HTML"],
)
def test_a_share_answer_tells_its_article(page: KeptPage, kind: str) -> None:
    found = read_again(page)
    assert isinstance(found, Article)
    assert (found.code, found.page_kind, found.fetched_at) == (CODE, kind, START)


@pytest.mark.parametrize(
    ("page", "why"),
    [
        pytest.param(kept(BROKEN), NO_SECTION, id="no post"),
        pytest.param(kept(b""), "not HTML: Document is empty", id="nothing"),
        pytest.param(kept(post_page(), reader=""), "no article page", id="a list"),
        pytest.param(kept(post_page(), reader="gone"), "no article page", id="a reader of old"),
        pytest.param(
            kept(share_answer(OTHER), "share_json", SHARE),
            f"asked for {CODE}, answered {OTHER}",
            id="another's text",
        ),
        pytest.param(
            kept(SHELL, "share_html", SHARE),
            "the share page holds no text of its own",
            id="an empty share page",
        ),
    ],
)
def test_a_page_that_is_still_unusable_says_why(page: KeptPage, why: str) -> None:
    assert read_again(page) == why


@pytest.mark.parametrize("place", ["reader", "normalise"])
def test_our_own_bug_is_told_of_its_page_only(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    bug = failing(ZeroDivisionError("too short"))
    if place == "reader":
        monkeypatch.setattr(module, "READERS", {**READERS, "post": bug})
    else:
        monkeypatch.setattr(module, "normalise", bug)
    assert read_again(kept(post_page())) == "ZeroDivisionError: too short"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (replace(raw_article(), body=()), "the page has no body"),
        (raw_article(page_kind="share_html", code=None), "the page has no identity"),
    ],
)
def test_what_lacks_a_mandatory_part_is_no_article(
    monkeypatch: pytest.MonkeyPatch, raw: RawArticle, why: str
) -> None:
    monkeypatch.setattr(module, "READERS", {"post": lambda *_: raw})
    assert read_again(kept(post_page())) == why


# --- rejects of a database --------------------------------------------------------------------


def test_what_can_be_read_now_is_stored_and_settled(engine: Engine, writer: Writer) -> None:
    writer.write([rejected(), rejected(OTHER, BROKEN)])
    told = retry(engine, [1, 2], now)
    broken = Unusable(reject_id=2, url=address(OTHER), why=NO_SECTION)
    assert told == Retried(tried=2, settled=frozenset({1}), unusable=(broken,))
    assert times(engine) == [(NOW, NOW), (NOW, None)]
    stored = article_by_code(engine, CODE)
    assert stored is not None
    assert (stored.article.title, stored.article.fetched_at) == ("签下合同", START)
    assert stored.first_seen_at > NOW  # by the database's own clock: nobody could know it before


def test_a_retry_is_a_run_of_its_own(engine: Engine, writer: Writer) -> None:
    writer.write([rejected(), rejected(OTHER), rejected(THIRD, BROKEN)])
    retry(engine, [1, 2, 3], now)
    latest = runs(engine, 1)[0]
    assert (latest.spider, latest.arguments) == (SPIDER, {"rejects": "3"})
    assert (latest.started_at, latest.finished_at, latest.outcome) == (NOW, NOW, "ok")
    assert latest.message == "2 of 3 kept pages give an article now"
    assert latest.counts == {"finews/store/new": 2}
    (first, _) = articles(engine, 9)
    assert first.revision == 1


def test_without_a_page_to_read_there_is_no_run(engine: Engine, writer: Writer) -> None:
    """Lists have no reader, and of a host that was silent there is no answer at all."""
    listing = Answer(status=200, headers=(), body=post_page().encode())
    writer.write([rejected(), rejected(answer=None), rejected(OTHER, answer=listing)])
    assert retry(engine, [2, 3], now) == Retried(tried=2, settled=frozenset())
    assert (len(runs(engine, 9)), times(engine)) == (1, [(None, None), (NOW, None), (NOW, None)])


def test_several_rejects_of_one_page_give_one_article(engine: Engine, writer: Writer) -> None:
    """One of them may be unusable: its article is there all the same."""
    writer.write([rejected(), rejected(), rejected(body=BROKEN)])
    assert retry(engine, [1, 2, 3], now) == Retried(tried=3, settled=frozenset({1, 2, 3}))
    assert [(row.code, row.revision) for row in articles(engine, 9)] == [(CODE, 1)]


def test_more_pages_than_one_transaction_takes(
    engine: Engine,
    writer: Writer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_PAGES", 2)
    monkeypatch.setattr(module, "_IDS", 3)
    codes = [f"20220614{3_000_000_000 + number}" for number in range(7)]
    bodies = [post_page(f"<p>第{code[-1]}家公司披露合同。</p>") for code in codes]
    pairs = list(zip(codes, bodies, strict=True))
    writer.write([rejected(code, BROKEN if code == codes[3] else body) for code, body in pairs])
    told = retry(engine, range(1, 8), now)
    assert told.settled == frozenset({1, 2, 3, 5, 6, 7})
    assert [one.reject_id for one in told.unusable] == [4]
    stored = sorted((row.code, row.body_text) for row in articles(engine, 9))
    assert stored == [(code, f"第{code[-1]}家公司披露合同。") for code in codes if code != codes[3]]


def test_an_article_that_the_database_refuses_leaves_its_reject_open(
    engine: Engine,
    writer: Writer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    naive = article(published_at=datetime(2022, 6, 14, 9, 0, tzinfo=UTC).replace(tzinfo=None))
    good = article(code=OTHER, identity=OTHER, url=address(OTHER))
    given = {CODE: naive, OTHER: good}
    monkeypatch.setattr(module, "read_again", lambda page: given[page.url[-23:-5]])
    writer.write([rejected(), rejected(OTHER)])
    told = retry(engine, [1, 2], now)
    assert told.settled == frozenset({2})
    assert [(one.reject_id, one.why) for one in told.unusable] == [
        (1, "the database refuses the article")
    ]
    latest = runs(engine, 1)[0]
    assert latest.counts == {"finews/store/new": 1, "finews/store/refused": 1}
    assert latest.message == "1 of 2 kept pages give an article now"


def test_a_database_that_is_lost_is_told(engine: Engine, writer: Writer) -> None:
    writer.write([rejected()])
    with writing(engine).begin() as connection:
        connection.execute(text("ALTER TABLE article_category RENAME TO away"))
    with pytest.raises(StorageError, match="the database cannot be written"):
        retry(engine, [1], now)
    latest = runs(engine, 1)[0]
    assert (latest.spider, latest.finished_at, latest.state(NOW)) == (SPIDER, None, "running")
    assert times(engine) == [(NOW, None)]


# --- settled ----------------------------------------------------------------------------------


def test_what_has_come_by_another_way_is_not_read(
    engine: Engine,
    writer: Writer,
    make_article: Callable[..., Article],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The kept page is older than what is stored, and may tell what was corrected since."""
    monkeypatch.setattr(module, "READERS", {"post": failing(AssertionError("read"))})
    writer.write([rejected(), make_article(1)])
    assert retry(engine, [1], now) == Retried(tried=1, settled=frozenset({1}))
    assert (run(engine, 2), times(engine)) == (None, [(NOW, NOW)])


def test_a_page_of_which_only_the_digest_is_stored_is_read(
    engine: Engine, writer: Writer, make_article: Callable[..., Article]
) -> None:
    """A list of Eastmoney told the digest when the article's own page could not be read."""
    page = page_of("签下合同", NEWEST, "证券日报", "公司披露一项合同。")
    url = f"https://finance.eastmoney.com/a/{CODE}.html"
    answer = Answer(status=200, headers=(), body=page.encode(), reader="origin")
    writer.write([rejected(url=url, answer=answer)])
    writer.write([make_article(1, code=CODE, identity=CODE, body_kind="digest", page_kind="list")])
    assert retry(engine, [1], now) == Retried(tried=1, settled=frozenset({1}))
    found = article_by_code(engine, CODE)
    assert found is not None
    assert (found.article.body_kind, found.article.body_text) == ("full", "公司披露一项合同。")


def test_a_reject_is_settled_by_its_code_or_by_its_address(
    engine: Engine,
    writer: Writer,
    make_article: Callable[..., Article],
    clock: "Clock",
) -> None:
    """A share answer has another address than the post, and a notice has no code."""
    writer.write([rejected(url=SHARE), rejected(None, url=NOTICE), rejected(OTHER)])
    notice = make_article(2, code=None, identity=NOTICE, url=NOTICE)
    writer.write([make_article(1), notice])
    told = settled(engine, [1, 2, 3], clock())
    assert told == Retried(tried=3, settled=frozenset({1, 2}))
    assert times(engine) == [(START, START), (START, START), (START, None)]


def test_to_try_again_what_is_settled_changes_nothing(engine: Engine, writer: Writer) -> None:
    writer.write([rejected()])
    retry(engine, [1], now)
    number = len(runs(engine, 9))
    assert retry(engine, [1], lambda: NOW + timedelta(days=1)).settled == frozenset({1})
    assert (times(engine), len(runs(engine, 9))) == ([(NOW, NOW)], number)


def test_nothing_is_nothing(engine: Engine) -> None:
    assert retry(engine, [], now) == Retried(tried=0, settled=frozenset())
