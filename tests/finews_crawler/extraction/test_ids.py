"""The article id in URLs, slugs and fields, and what a post's path says."""

import pytest

from finews_crawler.extraction.ids import PostPath, article_code, identity
from tests.finews_crawler.extraction.conftest import CODE, SITE

Facts = tuple[tuple[str, ...], str | None, str]


def facts(url: str) -> Facts:
    path = PostPath(url)
    return path.categories, path.date, path.slug


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        f"NW{CODE}",
        f"2022-06-14-NW{CODE}",
        f"{SITE}/wind/2022/06/14/NW{CODE}.html",
        f"http://finance.eastmoney.com/news/1344,{CODE}.html",
        f"https://finance.eastmoney.com/a/{CODE}.html",
        f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW{CODE}&a=1",
    ],
)
def test_the_id_is_found_wherever_it_is_printed(text: str) -> None:
    assert article_code(text) == CODE


@pytest.mark.parametrize(
    "text",
    [None, "", "init", CODE[:-1], f"{CODE}0", f"1{CODE}", f"19{CODE[2:]}", "2022-06-14"],
)
def test_what_is_no_id(text: str | None) -> None:
    assert article_code(text) is None


def test_the_first_of_two_ids_counts() -> None:
    assert article_code(f"{CODE},202206143000000002") == CODE


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/wind/2022/06/14/NW{CODE}.html", (("wind",), "2022-06-14", f"NW{CODE}")),
        (f"/2022/03/01/{CODE}.html", ((), "2022-03-01", CODE)),
        ("/21shiji/21app/2022/06/14/a.html", (("21shiji", "21app"), "2022-06-14", "a")),
        ("/bao%C2%B7gongsi/2022/06/14/a.html", (("bao·gongsi",), "2022-06-14", "a")),
        ("/c%23100%25/2022/06/14/a.html", (("c#100%",), "2022-06-14", "a")),
        ("/zhengquan(xianggang)/2022/06/14/a.html", (("zhengquan(xianggang)",), "2022-06-14", "a")),
        ("/s&p/2022/06/14/init.html?a=1#b", (("s&p",), "2022-06-14", "init")),
        ("/2020/01/01/2022/06/14/a.html", (("2020", "01", "01"), "2022-06-14", "a")),
    ],
    ids=["one", "none", "two", "middle-dot", "hash", "parentheses", "query", "like-a-date"],
)
def test_categories_date_and_slug_of_a_path(path: str, expected: Facts) -> None:
    assert facts(f"{SITE}{path}") == expected


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        (f"/old_post/2022-06-10-NW{CODE}.html", f"2022-06-10-NW{CODE}"),
        ("/category/Wind.html", "Wind"),
        ("/emnews/", ""),
        ("", ""),
    ],
)
def test_a_path_without_a_date_gives_its_last_part(path: str, slug: str) -> None:
    assert facts(f"{SITE}{path}") == ((), None, slug)


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        (f"/2026/11/24/2022-06-14-NW{CODE}.html", True),
        (f"/2022/06/14/NW{CODE}.html", False),
        (f"/old_post/2022-06-14-NW{CODE}.html", False),
    ],
    ids=["the slug keeps the file's date", "an empty category", "a page in old_post"],
)
def test_a_post_whose_front_matter_jekyll_could_not_read(path: str, broken: bool) -> None:
    assert PostPath(f"{SITE}{path}").is_broken_post is broken


@pytest.mark.parametrize(("code", "known_as"), [(CODE, CODE), (None, SITE), ("", SITE)])
def test_an_article_is_known_by_its_code_or_else_by_its_url(
    code: str | None, known_as: str
) -> None:
    assert identity(code, SITE) == known_as
