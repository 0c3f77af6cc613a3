"""Known attacks on sanitisers, put wherever a page can hold them: nothing active gets through."""

import json
import re
from collections.abc import Callable, Iterator
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import fragment_fromstring

from finews_crawler.errors import ExtractionError
from finews_crawler.extraction.post import extract_post
from finews_crawler.extraction.share_json import extract_share_json
from finews_crawler.reference import data_path
from pipelines.normalise.article import normalise
from pipelines.normalise.markup import sanitised
from tests.finews_crawler.extraction.conftest import (
    CODE,
    FETCHED_AT,
    POST_URL,
    QUOTE,
    SHARE_URL,
    SITE,
    Layout,
    post_page,
)

Found = tuple[str, str, str]
"""An element, an attribute (empty for the element itself), the attribute's value."""

LINKED = frozenset({"href", "src"})
BARE = ("br", "figure", "h3", "li", "p", "strong", "table", "tbody", "td", "tr", "ul")
ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(BARE, frozenset()),
    "a": frozenset({"href", "rel", "data-secid", "data-kind"}),
    "img": frozenset({"src", "alt"}),
}
SAID = "正文。"
NO_BODY = ""
"""An open tag in the title swallows the article: such a page is refused before it is cleaned."""


# --- the attacks -------------------------------------------------------------------------------


def unescaped(line: str) -> str:
    known = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "0": "\0", "\\": "\\"}

    def character(found: re.Match[str]) -> str:
        return known[found[1]] if found[1] in known else chr(int(found[1][1:], 16))

    return re.sub(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|[ntrf0\\])", character, line)


def attacks() -> list[str]:
    text = Path(__file__).with_name("xss_vectors.txt").read_text(encoding="utf-8")
    lines = (line for line in text.split("\n") if line and not line.startswith("# "))
    return list(map(unescaped, lines))


ATTACKS = attacks()


# --- the places --------------------------------------------------------------------------------


def of_post(body: str, *, title: str = "标题", layout: Layout = Layout.NEW) -> str:
    page = post_page(f"<p>{SAID}</p>{body}", title=title, layout=layout)
    raw = extract_post(page, POST_URL, FETCHED_AT)
    return normalise(raw).body_html if raw.body else NO_BODY


def of_share(text: str) -> str:
    answer = {"Id": f"NW{CODE}", "Title": text, "digest": text, "text": f"<p>{SAID}</p>{text}"}
    raw = extract_share_json(
        json.dumps(answer).encode(), SHARE_URL, FETCHED_AT, asked=CODE, share_url=SHARE_URL
    )
    return normalise(raw).body_html


def quoted(attack: str) -> str:
    """The attack as the value of an attribute; its character references work."""
    return attack.replace('"', "&quot;")


PLACES: dict[str, Callable[[str], str]] = {
    "body_of_the_new_layout": of_post,
    "body_of_the_old_layout": lambda attack: of_post(attack, layout=Layout.OLD),
    "title_of_the_new_layout": lambda attack: of_post("", title=attack),
    "title_of_the_old_layout": lambda attack: of_post("", title=attack, layout=Layout.OLD),
    "inside_a_paragraph": lambda attack: of_post(f"<p>词{attack}</p>"),
    "words": lambda attack: of_post(f"<p>{escape(attack)}</p>"),
    "link": lambda attack: of_post(f'<p><a href="{quoted(attack)}">词</a></p>'),
    "link_as_printed": lambda attack: of_post(f'<p><a href="{escape(attack)}">词</a></p>'),
    "link_without_quotes": lambda attack: of_post(f"<p><a href={attack}>词</a></p>"),
    "picture": lambda attack: of_post(f'<p><img src="{quoted(attack)}"></p>'),
    "late_picture": lambda attack: of_post(f'<p><img src="a.jpg" data-src="{quoted(attack)}"></p>'),
    "words_of_a_picture": lambda attack: of_post(
        f'<p><img src="https://example.test/a.jpg" alt="{quoted(attack)}"></p>'
    ),
    "stock_code": lambda attack: of_post(
        f'<p><a href="{QUOTE}/1.600919" class="keytip" data-code="1,{quoted(attack)}">词</a></p>'
    ),
    "stock_name": lambda attack: of_post(
        f'<p><a href="{QUOTE}/1.600919" class="keytip" data-code="1,600919">{attack}</a></p>'
    ),
    "stock_chart": lambda attack: of_post(
        f'<p><img src="https://webquoteklinepic.eastmoney.com/GetPic.aspx?nid={quoted(attack)}" '
        f'data-code="K {quoted(attack)}|1|1" alt="K图 {quoted(attack)}_0"></p>'
    ),
    "table_cell": lambda attack: of_post(f"<table><tr><td>词{attack}</td></tr></table>"),
    "share_text": of_share,
}


# --- what is found ------------------------------------------------------------------------------


def by_lxml(html: str) -> Iterator[Found]:
    root = fragment_fromstring(html, create_parent="section")
    for element in root.iterdescendants():
        yield str(element.tag), "", ""
        yield from ((str(element.tag), name, value) for name, value in element.attrib.items())


def by_html5lib(html: str) -> Iterator[Found]:
    html5lib: Any = import_module("html5lib")
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        if element.tag == "DOCUMENT_FRAGMENT":
            continue
        yield str(element.tag), "", ""
        yield from ((str(element.tag), name, value) for name, value in element.attrib.items())


READERS = (by_lxml, *((by_html5lib,) if find_spec("html5lib") else ()))


def is_web_address(address: str) -> bool:
    """Whether it names http(s) in full: nothing is left for a browser to guess."""
    return re.match(r"https?://[^/\\\s\x00-\x1f]", address) is not None


def is_allowed(found: Found) -> bool:
    tag, name, value = found
    if not name:
        return tag in ALLOWED
    return name in ALLOWED.get(tag, ()) and (name not in LINKED or is_web_address(value))


def is_relative(found: Found) -> bool:
    """Whether it is an address of the page's own site, which only the blocks make whole."""
    address = re.sub(r"[\x00-\x20]", "", found[2])  # browsers overlook these
    has_host_or_scheme = re.match(r"[/\\]{2}|[a-z][a-z0-9+.-]*:", address, re.IGNORECASE)
    return found[1] in LINKED and has_host_or_scheme is None


def dangers(html: str) -> list[Found]:
    """Whatever a browser would see in the HTML that the clean form does not use."""
    return [one for read in READERS for one in read(html) if not is_allowed(one)]


# --- the tests ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        *("<script>x</script>", "<p onclick=x>词</p>", "<p style=x>词</p>", "<svg></svg>"),
        *('<a href="javascript:x">词</a>', '<a href="//e.test/">词</a>', '<img src="a.jpg">'),
        *('<a href=" https://e.test/">词</a>', "<!-- x -->"),
    ],
)
def test_dangers_are_seen(html: str) -> None:
    assert dangers(html) != []


def test_the_clean_form_is_no_danger() -> None:
    link = '<a href="https://e.test/" rel="nofollow noopener">词</a>'
    assert (
        dangers(f'<p><strong>词</strong><br>{link}<img src="http://e.test/a" alt="图"></p>') == []
    )


def test_the_attacks_differ_and_are_many() -> None:
    assert (len(set(ATTACKS)) == len(ATTACKS), len(ATTACKS) >= 100) == (True, True)


@pytest.mark.parametrize("place", PLACES)
def test_no_attack_leaves_anything_active(place: str) -> None:
    found = {attack: dangers(PLACES[place](attack)) for attack in ATTACKS}
    assert {attack: active for attack, active in found.items() if active} == {}


@pytest.mark.parametrize("place", PLACES)
def test_an_attacked_article_stays_when_cleaned_again(place: str) -> None:
    cleaned = map(PLACES[place], ATTACKS)
    assert [html for html in cleaned if sanitised(html) != html] == []


@pytest.mark.parametrize("place", [place for place in PLACES if not place.startswith("title")])
def test_an_attack_does_not_cost_the_article_its_words(place: str) -> None:
    assert [attack for attack in ATTACKS if SAID not in PLACES[place](attack)] == []


def test_the_last_net_alone_holds_every_attack() -> None:
    """The HTML is built from blocks; were it the page's own, the sanitiser would still do."""
    found = {attack: dangers(sanitised(f"<p>{attack}</p>")) for attack in ATTACKS}
    active = {
        attack: [one for one in seen if not is_relative(one)] for attack, seen in found.items()
    }
    assert {attack: seen for attack, seen in active.items() if seen} == {}


# --- the sample site -----------------------------------------------------------------------------


def sample_articles() -> Iterator[str]:
    """The clean HTML of every page of the sample site that is an article."""
    for layout in ("site", "site_old"):
        root = data_path("sample_site", layout)
        for path in sorted(root.rglob("*.html")):
            url = f"{SITE}/{path.relative_to(root).as_posix()}"
            try:
                yield normalise(extract_post(path.read_bytes(), url, FETCHED_AT)).body_html
            except ExtractionError:  # a list, the 404 page, a page without article
                continue
        for path in sorted(root.rglob("*.json*")):
            try:
                raw = extract_share_json(path.read_bytes(), SHARE_URL, FETCHED_AT)
            except ExtractionError:  # an answer without text
                continue
            yield normalise(raw).body_html


def test_the_articles_of_the_sample_site_are_safe_and_stay_when_cleaned_again() -> None:
    articles = list(sample_articles())
    assert [html for html in articles if dangers(html) or sanitised(html) != html] == []
    assert len(articles) > 100


# --- any mixture --------------------------------------------------------------------------------


def mixtures() -> st.SearchStrategy[str]:
    """Attacks, stretches of attacks, and any characters, one after the other."""
    attack = st.sampled_from(ATTACKS)
    stretch = st.builds(lambda whole, at: whole[at:] or whole, attack, st.integers(0, 20))
    anything = st.text(st.characters(codec="utf-8"), max_size=4)
    return st.lists(attack | stretch | anything, max_size=4).map("".join)


@settings(deadline=None)
@given(mixtures())
def test_any_mixture_in_a_share_answer_is_safe_and_stays_when_cleaned_again(text: str) -> None:
    html = of_share(text)
    assert (dangers(html), sanitised(html)) == ([], html)
