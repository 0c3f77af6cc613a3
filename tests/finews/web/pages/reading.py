"""How tests read a page: what a person sees of it, and where its links lead."""

import httpx
from parsel import Selector, SelectorList

from finews.web.pages.addresses import with_query

AWAY = "ancestor-or-self::*[contains(concat(' ', @class, ' '), ' away ')]"


def read(client: httpx.Client, path: str, status: int = 200, **words: object) -> Selector:
    """Ask for a page."""
    answer = client.get(with_query(path, **words), headers={"accept-language": "en"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Selector(answer.text)


def words(found: Selector | SelectorList[Selector]) -> str:
    """The text that is seen, with white space folded."""
    return " ".join("".join(found.xpath(f".//text()[not({AWAY})]").getall()).split())


def all_words(found: SelectorList[Selector]) -> list[str]:
    """The text of each."""
    return [words(one) for one in found]


def titles(page: Selector) -> list[str]:
    """The titles of a list."""
    return all_words(page.css("#stream .title, .nested .title"))


def facts(page: Selector) -> dict[str, str]:
    """A list of facts by name."""
    return {
        words(name): words(name.xpath("following-sibling::dd[1]"))
        for name in page.css("dl.facts dt")
    }


def table(page: Selector, under: str) -> list[list[str]]:
    """The rows of a table's body, cell by cell."""
    return [all_words(row.css("th, td")) for row in page.css(f"{under} tbody tr")]
