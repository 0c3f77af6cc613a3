"""The articles of the database benchmarks: always the same, and like a language."""

from datetime import timedelta
from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.synthetic import FIRST, article, articles, published_at, world
from finews_crawler.items import Article

numbers = st.integers(min_value=0, max_value=2_000_000)


def some(count: int) -> list[Article]:
    return list(articles(count))


@given(number=numbers)
def test_a_number_always_gives_the_same_article(number: int) -> None:
    assert article(number) == article(number)


def test_a_million_are_a_stream() -> None:
    assert list(islice(articles(1_000_000, 5), 2)) == [article(5), article(6)]


@given(number=numbers)
def test_a_body_has_three_hundred_characters_or_a_sentence_more(number: int) -> None:
    assert 300 <= len(article(number).body_text) <= 345


@given(number=numbers)
def test_three_mentions_stand_where_they_say(number: int) -> None:
    one = article(number)
    assert len(one.mentions) == 3
    for mention in one.mentions:
        assert one.body_text[mention.start : mention.end] == mention.surface


@given(number=numbers)
def test_the_next_article_comes_some_minutes_later(number: int) -> None:
    apart = published_at(number + 1) - published_at(number)
    assert timedelta(minutes=4) <= apart <= timedelta(minutes=6)


def test_the_first_article() -> None:
    one = article(0)
    assert (one.code, one.identity, one.published_at) == (
        "201001040000000000",
        "201001040000000000",
        FIRST,
    )
    assert (one.page_kind, one.digest, len(one.title) > 0) == ("post", None, True)


def test_codes_grow() -> None:
    codes = [one.code or "" for one in some(500)]
    assert all(len(code) == 18 and code < later for code, later in pairwise(codes))


def test_the_world_has_words_securities_and_sources() -> None:
    known = world()
    assert (len(set(known.words)), len(known.securities), len(known.sources)) == (5_000, 4_000, 40)
    assert {len(word) for word in known.words} == {2, 3, 4}
    assert len({one.symbol for one in known.securities}) == 4_000
    assert {one.mic for one in known.securities} == {"XSHG", "XSHE"}


def test_common_words_are_in_many_articles_and_rare_ones_in_few() -> None:
    bodies = [one.body_text for one in some(1_000)]
    common, rare = (
        sum(word in body for body in bodies for word in words) / len(words) / len(bodies)
        for words in (world().words[:20], world().words[-500:])
    )
    assert common > 0.3
    assert rare < 0.02


def test_common_securities_are_mentioned_more_often() -> None:
    named = [mention.symbol for one in some(1_000) for mention in one.mentions]
    first, last = world().securities[0], world().securities[-1]
    assert named.count(first.symbol) > 20 > named.count(last.symbol)
