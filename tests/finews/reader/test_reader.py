"""`finews.connect` as a program uses it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import finews
from finews.reader.reader import Reader
from pipelines.store.engine import open_engine, writing
from tests.finews.filling import (
    BANK,
    BANK_ARTICLE,
    CONTRACT,
    NOTICE,
    START,
    filled,
    written,
)


def titles(rows: finews.Rows[finews.ArticleRow]) -> list[str]:
    return [row.title for row in rows]


# --- lists ----------------------------------------------------------------------------------------


def test_articles_come_as_they_became_known(reader: Reader) -> None:
    assert titles(reader.articles()) == ["[公告] 签下合同", "", "江苏银行公布业绩"]
    assert titles(reader.articles(newest_first=True)) == ["江苏银行公布业绩", "[公告] 签下合同", ""]


def test_a_row_has_its_times_with_their_zone_and_its_symbols(reader: Reader) -> None:
    row = reader.articles(symbols="600919.SH").first()
    assert row is not None
    assert (row.published_at, row.first_seen_at) == (START, START)
    assert row.seen_at.utcoffset() == timedelta(0)
    assert row.symbols == ("600919.SH",)
    assert row.body_text[row.mentions[0].start : row.mentions[0].end] == "江苏银行"


def test_the_same_filters_for_every_list(reader: Reader) -> None:
    assert [row.code for row in reader.articles(sources="证券日报")] == [CONTRACT]
    assert [row.kind for row in reader.mentions(sources="财联社")] == ["link", "chart"]
    assert [row.revision for row in reader.revisions(sources="财联社")] == [1, 2]
    assert [row.kind for row in reader.changes(sources="财联社")] == [
        "new",
        "story",
        "revised",
    ]
    assert [hit.article.code for hit in reader.search("业绩", sources="财联社")] == [BANK]
    assert list(reader.search("业绩", sources="新华社")) == []


def test_of_several_names_one_is_enough(reader: Reader) -> None:
    assert len(list(reader.articles(sources=["财联社", "证券日报"]))) == 2
    assert len(list(reader.articles(categories=("Wind", "sitenews")))) == 2
    assert len(list(reader.articles(symbols={"600919.SH", "777.ABC"}))) == 2


def test_the_versions_of_one_article(reader: Reader) -> None:
    rows = list(reader.revisions(BANK))
    assert [(row.revision, row.title) for row in rows] == [
        (1, "江苏银行将公布业绩"),
        (2, "江苏银行公布业绩"),
    ]
    assert [row.revision for row in reader.revisions(f"NW{BANK}", as_of=rows[0].seen_at)] == [1]
    assert [row.identity for row in reader.revisions(NOTICE)] == [NOTICE]
    assert list(reader.revisions("202206143000000009")) == []


def test_mentions_of_one_kind(reader: Reader) -> None:
    rows = list(reader.mentions(mention_kinds="link"))
    assert [(row.symbol, row.surface, row.code) for row in rows] == [
        ("600919.SH", "江苏银行", BANK)
    ]
    assert len(list(reader.mentions(mention_kinds=["link", "chart"]))) == 3


def test_stories(reader: Reader) -> None:
    (story,) = reader.stories(sources="证券日报")
    assert [(one.code, one.title) for one in story.members] == [
        (BANK, "江苏银行公布业绩"),
        (CONTRACT, "[公告] 签下合同"),
    ]
    assert list(reader.stories(sources="新华社")) == []


# --- changes --------------------------------------------------------------------------------------


def test_a_consumer_of_changes_keeps_one_number(reader: Reader, database_url: str) -> None:
    changes = reader.changes()
    assert [(row.kind, row.code) for row in changes] == [
        ("new", BANK),
        ("new", CONTRACT),
        ("new", None),
        ("story", BANK),
        ("story", CONTRACT),
        ("revised", BANK),
    ]
    assert list(reader.changes(changes.after)) == []
    written(database_url, [replace(BANK_ARTICLE, title="再改")])
    more = reader.changes(changes.after)
    assert [(row.kind, row.revision) for row in more] == [("revised", 3)]
    assert more.after == [row.seq for row in more][-1]


def test_where_to_go_on_is_beyond_what_a_filter_leaves_out(reader: Reader) -> None:
    changes = reader.changes(sources="新华社")
    assert list(changes) == []
    assert changes.after == reader.changes().after


def test_changes_end_at_a_moment_in_the_past(reader: Reader) -> None:
    early = reader.changes(as_of=START)
    assert [row.kind for row in early] == ["new", "new", "new", "story", "story"]
    assert [row.kind for row in reader.changes(early.after)] == ["revised"]


# --- one moment -----------------------------------------------------------------------------------


def test_rows_can_be_gone_through_again_and_stay_as_they_were(
    reader: Reader, database_url: str
) -> None:
    rows, begun = reader.articles(), iter(reader.articles())
    before = next(begun)
    first = list(rows)
    written(
        database_url, [replace(BANK_ARTICLE, title="改了"), replace(BANK_ARTICLE, identity="b")]
    )
    assert list(rows) == first
    assert [before, *begun] == first
    assert rows.as_of < reader.articles().as_of == reader.now()
    assert "改了" in titles(reader.articles())
    assert list(reader.articles(as_of=rows.as_of)) == first


def test_the_first_rows_only(kept: Reader) -> None:
    rows = kept.articles()
    assert [rows.first()] == rows.take(1) == list(rows)[:1]
    assert rows.take(2) == list(rows)[:2]
    assert rows.take(9) == list(rows)
    assert kept.articles(sources="新华社").first() is None
    assert repr(kept.articles(as_of=START)) == "<rows of article as of 2022-06-14T09:30:00+08:00>"


# --- one row --------------------------------------------------------------------------------------


def test_one_article(reader: Reader) -> None:
    found = reader.article(f"nw{BANK}")
    assert found is not None
    assert found.title == "江苏银行公布业绩"
    early = reader.article(BANK, as_of=START)
    assert early is not None
    assert early.title == "江苏银行将公布业绩"
    assert reader.article(BANK, as_of=START - timedelta(days=1)) is None
    notice = reader.article(NOTICE)
    assert notice is not None
    assert notice.published_at is None


def test_one_security(reader: Reader) -> None:
    found = reader.security("1.600919")
    assert found is not None
    assert (found.key, found.names) == ("600919.SH", ("江苏银行",))
    assert reader.security("600000.SH") is None


# --- what is asked --------------------------------------------------------------------------------


def test_moments_as_python_has_them(kept: Reader) -> None:
    china = datetime.fromisoformat("2022-06-14T09:30:00+08:00")
    assert len(list(kept.articles(published_from=china))) == 1
    assert len(list(kept.articles(published_from=START))) == 1
    assert len(list(kept.articles(published_from=date(2022, 6, 14)))) == 2
    assert len(list(kept.articles(published_to=date(2022, 6, 14)))) == 0
    assert len(list(kept.articles(published_from="2022-06-14T09:30+08:00"))) == 1
    assert len(list(kept.articles(seen_from="1d"))) == 0


def test_what_is_none_does_not_matter(kept: Reader) -> None:
    assert len(list(kept.articles(symbols=None, as_of=None, late=None))) == 3


def test_what_was_no_news_any_more_can_be_left_out(reader: Reader, database_url: str) -> None:
    old = replace(BANK_ARTICLE, identity="old", code=None, published_at=START - timedelta(days=9))
    written(database_url, [old])
    assert len(list(reader.articles())) == 4
    assert len(list(reader.articles(late=False))) == 3


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"symbol": "600919.SH"}, "symbol: not understood; it can be symbols, sources,"),
        ({"symbols": "600919"}, "symbol: '600919' is no symbol"),
        ({"symbols": 600919}, "symbols: 600919 is neither a text nor a list of texts"),
        ({"symbols": [600919]}, "symbols: 600919 is not understood"),
        ({"symbols": []}, "symbols: the list is empty; leave it out to ask for any"),
        ({"kinds": "flash"}, "kind: 'flash' is no kind: full or digest"),
        ({"mention_kinds": "word"}, "mention_kinds: 'word' is none: chart, link, repeat, listed"),
        ({"mention_kinds": []}, "mention_kinds: the list is empty"),
        ({"published_from": "yesterday"}, "published_from: 'yesterday' is no moment"),
        ({"published_from": datetime(2022, 6, 14)}, "has no zone"),  # noqa: DTZ001
        ({"published_from": 20220614}, "published_from: 20220614 is not understood"),
        ({"published_from": ["1d"]}, r"published_from: \['1d'\] is not understood"),
        ({"as_of": datetime(2999, 1, 1, tzinfo=UTC)}, "lies ahead of the database"),
        ({"late": "perhaps"}, "late: 'perhaps' is neither yes nor no"),
    ],
)
def test_what_cannot_be_understood_is_told_at_once(
    kept: Reader, asked: dict[str, object], told: str
) -> None:
    with pytest.raises(finews.QueryError, match=told):
        kept.mentions(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["", "，"])
def test_a_search_without_a_word(kept: Reader, words: str) -> None:
    with pytest.raises(finews.QueryError):
        kept.search(words)
    with pytest.raises(finews.QueryError, match="limit: 0 is less than 1"):
        kept.search("业绩", limit=0)


# --- open and close -------------------------------------------------------------------------------


def test_the_database_of_the_settings(kept_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_DATABASE_URL", kept_url)
    with finews.connect() as reader:
        assert len(list(reader.articles())) == 3
        assert repr(reader) == f"<finews reader of {kept_url}>"
    assert repr(reader) == "<finews reader, closed>"


def test_a_closed_reader_says_so(kept_url: str) -> None:
    reader = finews.connect(kept_url)
    rows = reader.articles()
    reader.close()
    reader.close()
    for ask in (reader.now, reader.articles, lambda: list(rows), lambda: reader.security("1.1")):
        with pytest.raises(finews.StorageError, match="this reader is closed"):
            ask()


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(finews.StorageError, match="there is no database sqlite:////"):
        finews.connect(f"sqlite:///{tmp_path / 'none.db'}")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_migrated(empty_url: str) -> None:
    open_engine(empty_url).dispose()
    engine = open_engine(empty_url)
    with writing(engine).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()
    with pytest.raises(finews.StorageError, match=r"has schema 0001; .* run finews db upgrade"):
        finews.connect(empty_url)


def test_a_database_that_fails_is_told_in_one_line(database_url: str) -> None:
    filled(database_url)
    engine = open_engine(database_url)
    with finews.connect(database_url) as reader:
        rows = reader.articles()
        with writing(engine).begin() as connection:
            connection.exec_driver_sql("ALTER TABLE article_revision RENAME TO gone")
        with pytest.raises(
            finews.StorageError, match=r"the database does not answer: .*article_rev"
        ):
            list(rows)
        with writing(engine).begin() as connection:
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO article_revision")
    engine.dispose()
