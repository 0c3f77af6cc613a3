"""A page that is read again replaces what it gave; the same page on a mirror is the same page."""

from dataclasses import replace
from datetime import timedelta

import pytest

from finews_crawler.items import Article, PageKind
from pipelines.store.drafts import Draft
from tests.pipelines.making import CODE, FETCHED, PAGE, article, link

TEXT = "江苏银行公布业绩，中信证券看好。"
SHARE_PAGE = f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW{CODE}"
KINDS: list[PageKind] = ["post", "markdown", "feed", "origin", "share_json", "share_html", "list"]


def printing(kind: PageKind, **changed: object) -> Article:
    """An article as a page of a kind prints it."""
    url = SHARE_PAGE if kind.startswith("share") else PAGE
    page = {"page_kind": kind, "extractor": f"{kind}/1", "url": url}
    return article(**{**page, **changed})


LINKED = printing("post", body_text=TEXT, mentions=(link(TEXT, "江苏银行"),))


def read(*pages: Article) -> tuple[list[str], Article]:
    """The outcome of each reading of a page, one after the other, and the article at the end."""
    draft = Draft(None, {})
    outcomes: list[str] = [draft.take(page) for page in pages]
    return outcomes, replace(draft.article, printings=())


def body(found: Article) -> tuple[object, ...]:
    return found.body_text, found.body_html, found.body_kind, found.extractor, found.fetched_at


EDITED = {"title": "改题", "body_text": "改文。", "body_html": "<p>改文。</p>", "digest": "改摘"}


def edit(page: Article, **changed: object) -> Article:
    """The same page an hour later."""
    later = {"fetched_at": FETCHED + timedelta(hours=1), **(changed or EDITED)}
    return replace(page, **later)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_of_the_page_is_seen(kind: PageKind) -> None:
    known = printing(kind, digest="摘要")
    assert read(known, edit(known)) == (["new", "revised"], edit(known))


def test_an_edit_may_make_the_body_shorter_and_poorer() -> None:
    edited = edit(LINKED, body_text="撤稿。", mentions=())
    assert read(LINKED, edited) == (["new", "revised"], edited)


def test_a_page_read_again_without_a_change_is_unchanged() -> None:
    known = printing("post")
    again = replace(known, fetched_at=FETCHED + timedelta(hours=1))
    assert read(known, again) == (["new", "unchanged"], known)


def test_an_edit_of_a_page_that_gives_nothing_changes_nothing() -> None:
    poor = printing("share_html", title="差", body_text="同。")
    outcomes, _ = read(LINKED, poor, edit(poor, body_text="同，改。"))
    assert outcomes == ["new", "unchanged", "unchanged"]


def test_reading_two_pages_in_turns_ends_where_one_turn_ends() -> None:
    first, second = LINKED, printing("share_json", body_text="全文。", digest="摘要")
    outcomes, found = read(first, second, first, second)
    assert (outcomes, found) == (
        ["new", "completed", "unchanged", "unchanged"],
        read(first, second)[1],
    )


def test_categories_that_a_page_was_listed_under_stay() -> None:
    known = printing("post", categories=("emnews",))
    _, found = read(known, edit(known, categories=("Wind",)))
    assert found.categories == ("Wind", "emnews")


# --- the same page on another host or port --------------------------------------------------------

PUBLIC, OTHER_HOST = "https://finews.withounder.com", "https://finews.zning.me"
MIRROR, OTHER_MIRROR = "http://127.0.0.1:8000", "http://localhost:8001"


def on(root: str, page: Article) -> Article:
    """The article as a copy of its site prints it."""

    def moved(url: str | None) -> str | None:
        return url and f"{root}/{url.split('/', 3)[3]}"

    return replace(page, url=moved(page.url) or "", share_url=moved(page.share_url))


@pytest.mark.parametrize("kind", ["post", "share_json"])
@pytest.mark.parametrize(
    ("first", "then"),
    [(PUBLIC, MIRROR), (PUBLIC, OTHER_HOST), (MIRROR, OTHER_MIRROR)],
    ids=["public_then_mirror", "two_public_hosts", "two_mirrors"],
)
def test_a_mirror_adds_nothing(kind: PageKind, first: str, then: str) -> None:
    page = printing(kind, share_url=SHARE_PAGE, body_text=TEXT, mentions=LINKED.mentions)
    known = on(first, page)
    assert read(known, on(then, page)) == (["new", "unchanged"], known)


def test_an_edit_is_seen_on_a_mirror_and_the_addresses_stay() -> None:
    known = printing("post", share_url=SHARE_PAGE)
    assert read(known, on(MIRROR, edit(known))) == (["new", "revised"], edit(known))


def test_a_public_address_takes_the_place_of_a_mirrors() -> None:
    page = printing("post", share_url=SHARE_PAGE)
    assert read(on(MIRROR, page), page) == (["new", "completed"], page)


def test_another_query_is_another_page() -> None:
    poorer = printing("post", body_text="同。", url=on(MIRROR, LINKED).url + "?page=2")
    _, found = read(LINKED, poorer)
    assert (found.body_text, found.mentions) == (LINKED.body_text, LINKED.mentions)


def test_a_completed_flash_stays_complete_when_it_is_seen_alone_again() -> None:
    flash = printing("post", body_kind="digest", body_text="短讯。")
    whole = printing("share_json", body_text="短讯。\n\n全文。")
    later = replace(flash, fetched_at=FETCHED + timedelta(days=1))
    outcomes, found = read(flash, whole, later)
    assert (outcomes, found.body_text) == (["new", "completed", "unchanged"], whole.body_text)
