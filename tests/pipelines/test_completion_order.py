"""Printings united in any order and any number of times: one end, with offsets that fit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise, permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.items import Article, Image, Mention, PageKind, Quality
from pipelines.completion import content_hash, unite
from pipelines.store.drafts import Draft
from tests.pipelines.making import CODE, PAGE, article, chart, link
from tests.rounds import rounds

SHARE_PAGE = f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW{CODE}"
PAGES: list[tuple[PageKind, str]] = [
    ("post", PAGE),
    ("post", f"https://finews.withounder.com/cailianshe/2022/06/14/NW{CODE}.html"),
    ("markdown", f"https://raw.example.test/2022-06-14-{CODE}.md"),
    ("feed", PAGE),
    ("origin", f"http://finance.eastmoney.com/a/{CODE}.html"),
    ("share_json", SHARE_PAGE),
    ("share_html", SHARE_PAGE),
]
TEXTS = ("江苏银行公布业绩。", "江苏银行公布业绩，中信证券看好。", "今日，江苏银行公布业绩。")
LINKED_NAMES = {"江苏银行": "1.600919", "中信证券": "1.600030", "业绩": "90.BK0001"}

GROUPS: dict[str, tuple[str, ...]] = {
    "body": ("body_text", "body_html", "body_kind", "extractor", "fetched_at"),
    "mentions": ("mentions",),
    "pictures": ("images",),
    "head": ("title", "url", "page_kind"),
    "time": ("published_at", "published_precision", "published_quality"),
    "source": ("source", "source_raw"),
    "digest": ("digest",),
    "sets": ("categories", "tags"),
    "addresses": ("share_url", "origin_url"),
}


@st.composite
def mentions(draw: st.DrawFn, text: str) -> tuple[Mention, ...]:
    names = [name for name in LINKED_NAMES if name in text and draw(st.booleans())]
    links = sorted((link(text, name, LINKED_NAMES[name]) for name in names), key=str)
    charts = draw(st.lists(st.sampled_from(["1.600919", "0.000001"]), unique=True))
    return (*links, *map(chart, charts))


def times() -> st.SearchStrategy[dict[str, Any]]:
    """Statements of time: known ones of differing trust, or none."""
    qualities: list[Quality] = ["stated", "zone_corrected", "disagrees"]
    known = st.fixed_dictionaries(
        {
            "published_at": st.integers(7, 9).map(
                lambda hour: datetime(2022, 6, 14, hour, tzinfo=UTC)
            ),
            "published_precision": st.sampled_from(["second", "minute"]),
            "published_quality": st.sampled_from(qualities),
        }
    )
    unknown: dict[str, Any] = {
        "published_at": None,
        "published_precision": None,
        "published_quality": "missing",
    }
    return known | st.just(unknown)


def sometimes(*values: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *values])


def some_of(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True).map(tuple)


@st.composite
def printings(draw: st.DrawFn, page: tuple[PageKind, str]) -> Article:
    """What one page may print of the article."""
    kind, url = page
    text, source = draw(st.sampled_from(TEXTS)), draw(sometimes("财联社", "新华社"))
    pictures = draw(some_of("https://example.test/a.jpg", "https://example.test/b.jpg"))
    return article(
        page_kind=kind,
        extractor=f"{kind}/1",
        url=url,
        title=draw(st.sampled_from(["", "甲", "乙"])),
        **draw(times()),
        source=source,
        source_raw=source,
        digest=draw(sometimes("摘要", "另摘要")),
        body_text=text,
        body_html=f"<p>{text}</p>",
        body_kind=draw(st.sampled_from(["full", "digest"])),
        categories=tuple(sorted(draw(some_of("emnews", "wind", "Wind")))),
        tags=draw(some_of("甲", "乙", "丙")),
        mentions=draw(mentions(text)),
        images=tuple(Image(url=picture) for picture in pictures),
        share_url=draw(sometimes(SHARE_PAGE)),
        origin_url=draw(sometimes("http://finance.eastmoney.com/a/1.html")),
    )


@st.composite
def pages(draw: st.DrawFn, most: int) -> list[Article]:
    """The printings of some different pages."""
    chosen = draw(st.lists(st.sampled_from(PAGES), min_size=2, max_size=most, unique=True))
    return [draw(printings(page)) for page in chosen]


def facts(found: Article, group: str) -> tuple[object, ...]:
    return tuple(getattr(found, name) for name in GROUPS[group])


def ends(copies: list[Article]) -> list[Article]:
    """What the printings make in every order of arrival."""
    return [replace(unite(order), printings=()) for order in permutations(copies)]


def three(*changed: Mapping[str, Any]) -> list[Article]:
    """A post, an answer and a share page that differ only in what is given for each."""
    kinds: list[PageKind] = ["post", "share_json", "share_html"]
    urls = [PAGE, SHARE_PAGE, SHARE_PAGE]
    pages = [
        {"page_kind": kind, "extractor": f"{kind}/1", "url": url}
        for kind, url in zip(kinds, urls, strict=True)
    ]
    return [article(**{**page, **changes}) for page, changes in zip(pages, changed, strict=True)]


TWO_POSTS = three({}, {"page_kind": "post", "extractor": "post/1", "url": PAGES[1][1]}, {})
LINKS = [link(TEXTS[1], "江苏银行"), link(TEXTS[1], "中信证券", "1.600030")]
NO_SOURCE = {"source": None, "source_raw": None}
NO_TIME = {"published_at": None, "published_precision": None, "published_quality": "missing"}


@pytest.mark.parametrize(
    "copies",
    [
        pytest.param(
            [
                *(replace(post, body_kind="digest") for post in TWO_POSTS[:2]),
                replace(TWO_POSTS[2], body_text=TEXTS[1]),
            ],
            id="url_when_neither_post_gives_the_body",
        ),
        pytest.param(three({"title": ""}, {"title": "甲"}, {"title": "乙"}), id="title"),
        pytest.param(
            three(NO_TIME, {}, {"published_at": datetime(2022, 6, 14, 8, tzinfo=UTC)}), id="time"
        ),
        pytest.param(three(NO_SOURCE, {}, {"source": "新华社"}), id="source"),
        pytest.param(three({}, {"digest": "摘要"}, {"digest": "另摘要"}), id="digest"),
        pytest.param(
            three(
                {"body_kind": "digest"},
                {"body_kind": "digest", "body_text": TEXTS[2]},
                {"body_text": TEXTS[1]},
            ),
            id="digest_of_two_flashes",
        ),
        pytest.param(three({}, {"tags": ("甲",)}, {"tags": ("乙",)}), id="tags"),
        pytest.param(
            three({}, {"mentions": (chart("1.600919"),)}, {"mentions": (chart("0.000001"),)}),
            id="charts",
        ),
        pytest.param(
            three({}, *({"images": (Image(url=f"https://e.test/{name}"),)} for name in "ab")),
            id="pictures",
        ),
        pytest.param(
            three({}, *({"share_url": f"http://e.test/{name}"} for name in "ab")), id="share_url"
        ),
        pytest.param(
            three(
                {"body_text": "别文", "mentions": (link("别文", "别"),)},
                *({"body_text": TEXTS[1], "mentions": (one,)} for one in LINKS),
            ),
            id="links_of_equal_texts",
        ),
    ],
)
def test_three_printings_have_one_end(copies: list[Article]) -> None:
    found = ends(copies)
    assert found == [found[0]] * len(found)


@pytest.mark.parametrize("group", GROUPS)
@settings(deadline=None, max_examples=rounds(50))
@given(copies=pages(4))
def test_the_order_of_arrival_does_not_matter(copies: list[Article], group: str) -> None:
    found = [facts(end, group) for end in ends(copies)]
    assert found == [found[0]] * len(found)


# --- read one after the other, again and again ---------------------------------------------------


def read(sequence: Sequence[Article]) -> tuple[Draft, list[str]]:
    """The draft after readings of pages, and the outcome of each reading."""
    draft = Draft(None, {})
    return draft, [draft.take(page) for page in sequence]


def end(sequence: Sequence[Article]) -> Article:
    return replace(read(sequence)[0].article, printings=())


@settings(deadline=None, max_examples=rounds(50))
@given(pages(4))
def test_reading_pages_one_by_one_ends_where_uniting_them_ends(copies: list[Article]) -> None:
    assert end(copies) == replace(unite(copies), printings=())


@settings(deadline=None, max_examples=rounds(50))
@given(pages(4), st.randoms(use_true_random=False))
def test_reading_the_pages_again_in_any_order_changes_nothing(
    copies: list[Article], random: Random
) -> None:
    again = [*copies, *random.sample(copies, len(copies))]
    draft, outcomes = read(again)
    assert outcomes[len(copies) :] == ["unchanged"] * len(copies)
    assert replace(draft.article, printings=()) == end(copies)


def readings() -> st.SearchStrategy[list[Article]]:
    """Any sequence of readings, edits of a page and repeats among them."""
    one = st.sampled_from(PAGES).flatmap(printings)
    return st.lists(one, min_size=1, max_size=6)


@settings(deadline=None, max_examples=rounds(50))
@given(readings())
def test_of_a_page_the_last_reading_counts(sequence: list[Article]) -> None:
    last = {(one.page_kind, one.url): one for one in sequence}
    expected = unite(list(last.values()))
    found = end(sequence)
    for group in ("body", "mentions", "pictures", "head", "time", "source", "digest"):
        assert facts(found, group) == facts(expected, group)


@settings(deadline=None, max_examples=rounds(50))
@given(readings())
def test_every_revision_is_another_and_the_last_is_the_article(sequence: list[Article]) -> None:
    draft, outcomes = read(sequence)
    made = [(change.number, change.revision) for change in draft.changes if change.revision]
    numbers = [number for number, _ in made]
    assert numbers == list(range(1, draft.number + 1))
    assert len(numbers) - 1 <= len([one for one in outcomes if one in {"revised", "completed"}])
    hashes = [revision.content_hash for _, revision in made]
    assert all(first != second for first, second in pairwise(hashes))
    assert hashes[-1] == content_hash(draft.article)


@settings(deadline=None, max_examples=rounds(50))
@given(readings())
def test_offsets_always_fit_the_text(sequence: list[Article]) -> None:
    found = end(sequence)
    linked = [one for one in found.mentions if one.start is not None]
    assert [found.body_text[one.start : one.end] for one in linked] == [
        one.surface for one in linked
    ]


@settings(deadline=None, max_examples=rounds(50))
@given(readings())
def test_a_place_is_linked_once_and_a_chart_stands_once(sequence: list[Article]) -> None:
    mentions = end(sequence).mentions
    places = [(one.start, one.end) if one.start is not None else one.secid for one in mentions]
    assert len(places) == len(set(places))


@settings(deadline=None, max_examples=rounds(50))
@given(readings())
def test_the_text_is_always_one_that_a_page_printed(sequence: list[Article]) -> None:
    found = end(sequence)
    printed = {(one.body_text, one.body_html, one.body_kind, one.extractor) for one in sequence}
    assert (found.body_text, found.body_html, found.body_kind, found.extractor) in printed
