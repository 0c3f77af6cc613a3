"""The search index: the same answers on both engines."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, text

from finews_crawler.errors import QueryError
from finews_crawler.items import Article
from pipelines.search.bigrams import Phrase, parse, tokens
from pipelines.store import words_tsvector
from pipelines.store.engine import writing
from pipelines.store.models import ArticleRevision
from pipelines.store.words import (
    BODY_CHARACTERS,
    TITLE_CHARACTERS,
    add_words,
    matches,
    rebuild,
)
from pipelines.store.writer import Writer
from tests.rounds import rounds

Text = tuple[str, str]
Fill = Callable[..., list[int]]
LONG = "，".join(f"{number}号公告江苏" for number in range(6_000))


@pytest.fixture
def fill(engine: Engine, writer: Writer, make_article: Callable[..., Article]) -> Fill:
    """Store articles of these titles and bodies; gives their revisions' ids."""

    def store(*texts: Text) -> list[int]:
        writer.write(
            [
                make_article(number, title=title, body_text=body, mentions=(), digest=None)
                for number, (title, body) in enumerate(texts, 1)
            ]
        )
        query = select(ArticleRevision.title, ArticleRevision.body_text, ArticleRevision.id)
        with engine.connect() as connection:
            ids = {(row[0], row[1]): row[2] for row in connection.execute(query)}
        return [ids[one] for one in texts]

    return store


@contextmanager
def bare_index(engine: Engine) -> Iterator[Connection]:
    """An empty index that takes any ids; nothing of it stays."""
    with writing(engine).connect() as connection:
        if engine.dialect.name == "postgresql":
            name = "fk_revision_words_revision_id_article_revision"
            connection.execute(text(f"ALTER TABLE revision_words DROP CONSTRAINT {name}"))
        yield connection
        connection.rollback()


def search(engine: Engine, words: str, **limits: object) -> list[int]:
    """The ids that a query finds, the best first."""
    found = matches(engine.dialect.name, parse(words), **limits)  # type: ignore[arg-type]
    query = select(found.c.revision_id).order_by(found.c.score.desc(), found.c.revision_id.desc())
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


# --- what is found -------------------------------------------------------------------------------


def test_what_a_query_finds(engine: Engine, fill: Fill) -> None:
    bank, _ = fill(
        ("江苏银行大涨", "江苏银行业（600919.SH）Ａ股涨3.5%，C919。"), ("无关", "别的事。")
    )
    found = ["江苏", "江苏银行", "行业", "行", "A股", "a股", "600919", "600919.SH", "3.5%"]
    found += ["大涨", "江苏 大涨", "C919", "919", '"涨 3"', "-保险 银行"]
    missed = ["江苏 保险", "江苏 -大涨", "银江", "大涨江苏", "大涨 -行", "60091", "江苏 -保险 -a股"]
    assert {words: search(engine, words) for words in found} == {key: [bank] for key in found}
    assert {words: search(engine, words) for words in missed} == {key: [] for key in missed}


def test_no_phrase_goes_from_the_title_into_the_body(engine: Engine, fill: Fill) -> None:
    fill(("甲乙、丙", "丁、戊己"))
    assert [search(engine, words) for words in ('"丙、丁"', "丙丁")] == [[], []]


PIECES = st.lists(st.sampled_from([*"江苏银行股", "A", "3d", "，", " "]), max_size=9).map("".join)


def has(text_tokens: Sequence[str], phrase: Phrase) -> bool:
    if phrase.is_prefix:
        return any(token.startswith(phrase.tokens[0]) for token in text_tokens)
    places = range(len(text_tokens))
    length = len(phrase.tokens)
    return any(tuple(text_tokens[at : at + length]) == phrase.tokens for at in places)


@contextmanager
def small_parts(first_block: int, part: int) -> Iterator[None]:
    """Blocks and parts of a few ids, as PostgreSQL's index has them with very many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words_tsvector, "_BLOCKS", (first_block,))
        patch.setattr(words_tsvector, "_PART", part)
        words_tsvector._blocks.cache_clear()
        yield
    words_tsvector._blocks.cache_clear()


@pytest.mark.parametrize(("last_position", "part"), [(16_383, 15), (4, 15), (4, 2)])
@settings(
    deadline=None,
    max_examples=rounds(10),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(PIECES, PIECES), min_size=1, max_size=12), st.lists(PIECES, min_size=12))
def test_the_index_finds_what_the_tokens_say(
    engine: Engine, last_position: int, part: int, texts: list[Text], queries: list[str]
) -> None:
    with (
        small_parts(part - 2, part),
        pytest.MonkeyPatch.context() as patch,
        bare_index(engine) as connection,
    ):
        patch.setattr(words_tsvector, "_LAST_POSITION", last_position)
        add_words(connection, [(number, *one) for number, one in enumerate(texts)])
        for words in filter(tokens, queries):
            query = parse("银行 " + words + " -A股")
            expected = {
                number
                for number, one in enumerate(texts)
                if all(any(has(tokens(part), want) for part in one) for want in query.wanted)
                and not any(has(tokens(part), no) for part in one for no in query.excluded)
            }
            found = matches(connection.dialect.name, query)
            assert set(connection.execute(select(found.c.revision_id)).scalars()) == expected


@settings(
    deadline=None,
    max_examples=rounds(100),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.text(max_size=20)
    | st.lists(
        st.sampled_from(
            [*"\"-*:&|!()^{}+\0\\'%?", "a", "行", "银行", " ", "<->", "NEAR", "AND", "#long"]
        ),
        max_size=12,
    ).map("".join)
)
def test_any_text_is_an_error_or_runs(engine: Engine, words: str) -> None:
    try:
        parse(words)
    except QueryError:
        return
    assert search(engine, words) == []


def test_large_queries_run(engine: Engine, fill: Fill) -> None:
    fill(("标题", "正文"))
    large = ["ﷺ" * 1000, "字 " * 499, "a" * 1000, " -".join(map(str, range(200)))]
    large.append(" ".join(map(chr, range(0x4E00, 0x4E00 + 500))))
    assert [search(engine, words) for words in large] == [[]] * 5


# --- order and limits ----------------------------------------------------------------------------


def test_the_title_outweighs_the_body(engine: Engine, fill: Fill) -> None:
    titled, told, both = fill(
        ("江苏银行公布业绩", "营收增长，利润亦增长。"),
        ("公司公布年度业绩", "江苏银行增长，利润亦增。"),
        ("江苏银行公布利润", "江苏银行增长，利润亦增。"),
    )
    assert search(engine, "江苏银行") == [both, titled, told]


def test_the_newest_are_given(engine: Engine, fill: Fill) -> None:
    ids = fill(*[(f"银行{number}", "江苏") for number in range(30)])
    for words in ("江苏", "江苏 银行", "银行7"):
        every = set(search(engine, words, newest=None))
        assert set(search(engine, words, newest=3)) == set(sorted(every)[-3:])
    assert set(search(engine, "江苏", newest=4, until=ids[20])) == set(ids[17:21])


def test_conditions_come_before_the_choice_of_the_newest(engine: Engine, fill: Fill) -> None:
    ids = fill(*[(f"{number}", "江苏银行") for number in range(9)])
    where = ArticleRevision.title.in_(["2", "4", "6"])
    assert set(search(engine, "银行", newest=2, where=where)) == {ids[4], ids[6]}
    assert set(search(engine, "江苏银行", newest=2, until=ids[5], where=where)) == {ids[2], ids[4]}


def test_a_reader_joins_what_is_found_with_what_is_stored(engine: Engine, fill: Fill) -> None:
    fill(("江苏银行", "业绩"), ("江苏证券", "业绩"), ("银行", "公告"))
    both = [matches(engine.dialect.name, parse(words)).alias() for words in ("江苏", "银行")]
    query = select(ArticleRevision.title)
    for one in both:
        query = query.join(one, one.c.revision_id == ArticleRevision.id)
    with engine.connect() as connection:
        assert connection.execute(query).all() == [("江苏银行",)]


def test_every_block_of_ids_is_searched(engine: Engine) -> None:
    ids = [1, 511, 512, 5_000, 40_000, 40_001, 700_000, 2_000_000, 2**40]
    with bare_index(engine) as connection:
        add_words(connection, [(number, "江苏", "银行业") for number in ids[:-1]])
        for until in (*ids, None):
            found = matches(connection.dialect.name, parse("银行业 江苏"), until=until)
            got = set(connection.execute(select(found.c.revision_id)).scalars())
            assert got == {one for one in ids[:-1] if until is None or one <= until}


def test_parts_keep_order_limits_and_scores(engine: Engine) -> None:
    laughs = "哈" * 300  # more than a vector can tell the places of
    bodies = ["银行业", laughs + "，银行业", "银行业，江苏", "别的事"]
    with small_parts(1, 3), bare_index(engine) as connection:
        add_words(connection, [(number, "江苏", bodies[number % 4]) for number in range(64)])

        def found(words: str, newest: int | None, until: int | None = None) -> dict[int, float]:
            one = matches(connection.dialect.name, parse(words), newest=newest, until=until)
            return dict(connection.execute(select(one.c.revision_id, one.c.score)).all())

        for words in ("行", "银行业", "江苏 银行业"):
            every = [number for number in range(64) if number % 4 != 3]
            for newest, until in [(None, None), (1, None), (7, None), (7, 22), (40, 63), (9, 7)]:
                there = [one for one in every if until is None or one <= until]
                assert sorted(found(words, newest, until)) == there[-newest if newest else 0 :]
            scores = [found(words, None)[number] for number in every]
            assert len(set(scores)) <= 3
            assert scores == scores[:3] * 16
        assert sorted(found("哈", 5)) == [45, 49, 53, 57, 61]
        assert sorted(found("江苏 -银行业", None)) == list(range(3, 64, 4))


# --- long texts ----------------------------------------------------------------------------------


def test_a_text_of_40_000_characters(engine: Engine, fill: Fill) -> None:
    (long,) = fill(("长文", f"{LONG}。终章银行业"))
    found = ["江苏", "终章银行业", "5999号公告", "-银行终章 江苏", "长文 终章银行业", "章"]
    missed = ["-终章银行业 江苏", "银行终章", "业银行", "长文5号", '"长文 0号"', "章 -终章"]
    assert len(LONG) > 40_000
    assert {words: search(engine, words) for words in found} == {key: [long] for key in found}
    assert {words: search(engine, words) for words in missed} == {key: [] for key in missed}


def test_a_phrase_after_many_of_its_tokens(engine: Engine, fill: Fill) -> None:
    laughs, other = fill(("笑", "哈哈，" * 300 + "哈哈江"), ("别", "哈哈江"))
    assert set(search(engine, "哈哈江")) == {laughs, other}
    assert search(engine, "哈哈 -哈哈江") == []


def test_a_monstrous_text_is_searched_at_its_beginning(engine: Engine, fill: Fill) -> None:
    letters = [chr(0x20000 + number % 40_000) for number in range(BODY_CHARACTERS)]
    body = "江苏" + "".join(letters[:-2]) + "银行"
    (monster,) = fill(("标" * TITLE_CHARACTERS + "题目", body + "业绩"))
    found = [search(engine, words) for words in ("江苏", "题目", "业绩")]
    assert found == [[monster], [], []]


# --- upkeep --------------------------------------------------------------------------------------


def test_rebuilding_gives_the_same_index(engine: Engine, fill: Fill) -> None:
    ids = fill(*[(f"银行{number}", "江苏") for number in range(7)])
    with writing(engine).begin() as connection:
        assert [rebuild(connection, size=3), rebuild(connection)] == [7, 7]
    assert set(search(engine, "江苏")) == set(ids)
    assert search(engine, "银行6") == [ids[6]]


def test_nothing_to_index_is_no_error(engine: Engine, fill: Fill) -> None:
    fill(("", ""), ("。", "，"))
    with writing(engine).begin() as connection:
        add_words(connection, [])
    assert search(engine, "银行") == []
