"""A job becomes units: small, the same each time, and none reads what another one reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews.jobs.definition import spiders
from finews.jobs.sites import EASTMONEY
from finews.queue import splitting
from finews.queue.splitting import gathered, split
from finews.queue.units import LAST, ORDINARY, Unit
from finews_crawler.errors import ConfigurationError
from finews_crawler.memory import KnownListing
from tests.finews.jobs.making import a_job

SITE = "http://127.0.0.1:8000/"
CODES = [f"NW20220614{3_000_000_000 + number}" for number in range(450)]


def known(**posts: Sequence[str]) -> Mapping[str, KnownListing]:
    return {
        slug: KnownListing(
            slug=slug,
            url=f"{SITE}category/{slug}.html",
            heading=None,
            addresses=tuple(addresses),
            etag=None,
            last_modified=None,
        )
        for slug, addresses in posts.items()
    }


def units(
    spider: str, listings: Mapping[str, KnownListing] | None = None, **arguments: str
) -> list[Unit]:
    job = a_job(spider=spider, arguments=arguments, settings={"LOG_LEVEL": "ERROR"})
    return split(job, lambda root: listings or {})


def many(prefix: str, number: int) -> list[str]:
    return [f"/{prefix}/{one}" for one in range(number)]


# --- every spider ----------------------------------------------------------------------------


@pytest.fixture
def examples(tmp_path: Path) -> Mapping[str, Mapping[str, str]]:
    (tmp_path / "one.md").write_text("x", encoding="utf-8")
    return {
        "archive": {"path": str(tmp_path)},
        "category": {"site": SITE, "full": "1", "refresh": "1h"},
        "live": {"columns": "724:102,350", "since": "6h"},
        "pages": {"urls": f"{SITE}a/2022/06/14/{CODES[0]}.html"},
        "share": {"codes": ",".join(CODES[:2])},
        "stock": {"symbols": "600919.SH", "text": "0"},
    }


def test_every_spider_can_be_split(examples: Mapping[str, Mapping[str, str]]) -> None:
    """Its units are crawls that can be run by hand."""
    assert set(examples) == set(spiders())
    for spider, arguments in examples.items():
        made = units(spider, known(Wind=many("w", 3)), **arguments)
        assert made == units(spider, known(Wind=many("w", 3)), **arguments)
        assert len({one.key for one in made}) == len(made) > 0
        for one in made:
            spiders()[spider].read_values(dict(one.arguments))
            kept = (one.job, one.spider, one.settings)
            assert kept == ("mirror", spider, {"LOG_LEVEL": "ERROR"})
            assert one.site
            assert "%" not in one.site


def test_a_fault_in_the_arguments_is_told() -> None:
    with pytest.raises(ConfigurationError, match="file: /nowhere: "):
        units("share", file="/nowhere")


# --- categories ------------------------------------------------------------------------------


def test_a_site_that_was_never_read_is_one_unit() -> None:
    (only,) = units("category", site=SITE, refresh="all")
    assert (only.part, only.arguments) == ("home", {"site": SITE, "refresh": "all"})


def test_what_is_known_is_read_first_and_then_all_else() -> None:
    listings = known(Wind=many("w", 300), emnews=many("e", 350), small=many("s", 90))
    first, second, home = units("category", listings, site=SITE, refresh="6h")
    assert [one.arguments["categories"] for one in (first, second)] == ["emnews", "Wind,small"]
    assert [one.arguments["refresh"] for one in (first, second)] == ["6h", "6h"]
    assert home.arguments == {"site": SITE, "refresh": "6h", "rest": "1"}
    assert [one.priority for one in (first, second, home)] == [ORDINARY, ORDINARY, LAST]
    assert {one.locks for one in (first, second, home)} == {("127.0.0.1:8000",)}


def test_chosen_categories_are_all_that_is_read() -> None:
    made = units("category", known(other=many("o", 3)), site=SITE, categories="c,a,b")
    assert [one.arguments["categories"] for one in made] == ["a,b", "c"]
    assert [one.part for one in made] == ["a, b", "c"]


def test_a_slug_that_no_argument_can_name_is_left_to_the_last_unit() -> None:
    listings = known(**{"a,b": many("x", 3), " c": many("y", 3), "d e": many("z", 3)})
    named = [one.arguments.get("categories") for one in units("category", listings, site=SITE)]
    assert named == ["d e", None]


def test_lists_of_eastmoney_are_no_categories() -> None:
    """The same server may answer as both: a demonstration, a test."""
    (only,) = units("category", known(**{"eastmoney:350": many("e", 3)}), site=SITE)
    assert only.arguments == {"site": SITE}


def test_a_unit_is_named_after_its_first_categories() -> None:
    listings = known(**{slug: many(slug, 3) for slug in "abcde"})
    assert units("category", listings, site=SITE)[0].part == "a, b, c +2"


slugs = st.text("abcdef", min_size=1, max_size=3)
posts = st.lists(st.integers(0, 30).map(str), max_size=12)


@given(st.dictionaries(slugs, posts, max_size=12), st.integers(1, 20))
def test_categories_in_batches(listed: Mapping[str, list[str]], most: int) -> None:
    batches = gathered(listed, most)
    assert sorted(slug for batch in batches for slug in batch) == sorted(listed)
    for batch in batches:
        union = {post for slug in batch for post in listed[slug]}
        assert len(union) <= most or len(batch) == 1
    assert batches == gathered(dict(reversed(list(listed.items()))), most)


def test_categories_with_the_same_posts_are_read_together() -> None:
    listed = {
        "a": many("x", 6),
        "b": many("y", 5),
        "c": many("y", 4),
        "d": many("x", 3),
    }
    assert gathered(listed, 6) == [["a", "d"], ["b", "c"]]


# --- lists of words --------------------------------------------------------------------------


def test_codes_in_batches_that_need_no_file(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    path.write_text("\n".join([*CODES, CODES[0], CODES[1].removeprefix("NW")]), encoding="utf-8")
    made = units("share", file=str(path), endpoint=SITE)
    assert [one.part for one in made] == ["1-200", "201-400", "401-450"]
    asked = [word for one in made for word in one.arguments["codes"].split(",")]
    assert asked == CODES
    assert {tuple(sorted(one.arguments)) for one in made} == {("codes", "endpoint")}
    assert {one.locks for one in made} == {("127.0.0.1:8000",)}


def test_codes_are_apart_by_the_host_that_is_asked() -> None:
    there = f"http://a.test/html_News/NewsShare.html?infoCode={CODES[2]}"
    made = units("share", codes=f"{CODES[0]},{there},{CODES[1]},nonsense")
    found = {one.site: one.arguments["codes"] for one in made}
    assert found == {
        "finews.zning.xyz": f"{CODES[0]},{CODES[1]},nonsense",
        "a.test": there,
    }


def test_addresses_in_batches() -> None:
    urls = [f"{SITE}a/2022/06/14/{code}.html" for code in CODES[:201]]
    made = units("pages", urls=",".join(urls), refresh="1h")
    assert [one.arguments["urls"].count(",") + 1 for one in made] == [200, 1]
    assert {one.arguments["refresh"] for one in made} == {"1h"}
    assert {one.locks for one in made} == {("127.0.0.1:8000",)}


def test_addresses_of_share_pages_are_read_elsewhere(tmp_path: Path) -> None:
    share = f"http://a.test/html_News/NewsShare.html?infoCode={CODES[0]}"
    path = tmp_path / "urls.txt"
    path.write_text(f"{SITE}a/2022/06/14/a,b.html\n{share}\n", encoding="utf-8")
    (only,) = units("pages", file=str(path))
    assert only.arguments == {"urls": f"{SITE}a/2022/06/14/a%2Cb.html,{share}"}
    assert (only.site, only.hosts) == ("127.0.0.1:8000", ("a.test",))


# --- Eastmoney -------------------------------------------------------------------------------


def test_columns_one_by_one() -> None:
    made = units("live", columns="724:102,350", since="3d")
    assert [dict(one.arguments) for one in made] == [
        {"columns": "724:102", "since": "3d"},
        {"columns": "350", "since": "3d"},
    ]
    assert {one.site for one in made} == {EASTMONEY}


def test_stocks_in_batches() -> None:
    symbols = [f"{600_000 + number}.SH" for number in range(12)]
    made = units("stock", symbols=",".join(symbols), endpoint=SITE)
    assert [one.arguments["symbols"].count(",") + 1 for one in made] == [10, 2]
    assert made[0].part == "600000.SH, 600001.SH, 600002.SH +7"
    assert {one.site for one in made} == {"127.0.0.1:8000"}


# --- the archive -----------------------------------------------------------------------------


def test_an_archive_is_one_unit_with_an_absolute_path(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("x", encoding="utf-8")
    (only,) = units("archive", path=str(tmp_path))
    assert (only.part, only.site) == (str(tmp_path), f"file:{tmp_path}")


def test_a_relative_path_means_nothing_to_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.md").write_text("x", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"job mirror: path: workers need an absolute"):
        units("archive", path=".")


def test_the_table_of_the_module_names_every_spider() -> None:
    told = [line.split("|")[1].strip() for line in (splitting.__doc__ or "").splitlines()[4:10]]
    assert sorted(told) == sorted(spiders())
