"""`finews rejects retry --offline`: pages that were kept, read again with today's readers."""

from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.store.engine import open_engine
from pipelines.store.queries import article_by_code, runs
from tests.finews.filling import BANK, START, written
from tests.finews.rejected import (
    ABSENT,
    LISTING,
    MENDED,
    OTHER,
    SITE,
    THIRD,
    WORD,
    database_of,
    of,
    rejected,
    standing,
)
from tests.finews.running import Run, json_lines, runner
from tests.finews_crawler.spiders.pages import post_page, share_answer


@pytest.fixture
def database(tmp_path: Path) -> str:
    return database_of(tmp_path, MENDED, ABSENT, LISTING, WORD)


@pytest.fixture
def run(database: str) -> Run:
    return runner(database)


def test_a_page_that_can_be_read_now_gives_its_article(database: str, run: Run) -> None:
    result = run("rejects", "retry", "1", "--offline")
    expected = "Rejects tried again: 1; settled: 1; open still: 0.\n"
    assert (result.exit_code, result.stdout, result.stderr) == (0, expected, "")
    engine = open_engine(database)
    stored = article_by_code(engine, OTHER)
    (latest, _) = runs(engine, 9)
    engine.dispose()
    assert stored is not None
    assert (stored.article.title, stored.article.fetched_at) == ("签下合同", START)
    assert (latest.spider, latest.outcome, latest.counts) == (
        "retry",
        "ok",
        {"finews/store/new": 1},
    )
    assert standing(database)[-1] == (1, True, True)


def test_what_is_still_unusable_says_why(tmp_path: Path) -> None:
    broken = rejected(BANK, answer=of(b"<html><p>1</p></html>"))
    url = database_of(tmp_path, MENDED, broken, ABSENT)
    result = runner(url)("rejects", "retry", "--all", "--offline")
    told = f"2  {broken.url}: no div.wrapper > section\n"
    assert result.stdout == f"Rejects tried again: 3; settled: 1; open still: 2.\n{told}"
    assert result.exit_code == 1
    assert standing(url) == [(3, True, False), (2, True, False), (1, True, True)]


def test_a_page_that_was_rejected_twice_is_told_once(tmp_path: Path) -> None:
    broken = rejected(BANK, answer=of(b"<html><p>1</p></html>"))
    url = database_of(tmp_path, broken, broken)
    result = runner(url)("rejects", "retry", "--all", "--offline")
    told = f"2  {broken.url}: no div.wrapper > section\n"
    assert result.stdout == f"Rejects tried again: 2; settled: 0; open still: 2.\n{told}"


def test_lists_and_mistyped_words_are_left_out(database: str, run: Run) -> None:
    result = run("rejects", "retry", "--all", "--offline")
    assert result.stdout.splitlines()[0].endswith("(the next crawl reads lists again): 2.")
    assert result.stdout.splitlines()[1] == "Rejects tried again: 2; settled: 1; open still: 1."
    assert [tried for _, tried, _ in standing(database)] == [False, False, True, True]


def test_only_lists_are_nothing_to_try(run: Run) -> None:
    result = run("rejects", "retry", "3", "4")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 2)
    assert result.stdout.startswith("No reject is open among these")


@pytest.mark.parametrize(
    ("words", "tried"),
    [
        ("1 2", {1, 2}),
        ("--all", {1, 2}),
        ("--stage extract", {1}),
        ("--reason http_404", {2}),
        (f"--code NW{THIRD}", {2}),
        ("--run 1", {1, 2}),
        ("--since 36500d", {1, 2}),
        ("--all --stage fetch", {2}),
        ("1 --stage fetch", set()),
        ("--run 2", set()),
    ],
)
def test_what_is_chosen_is_tried_and_nothing_else(
    database: str, run: Run, words: str, tried: set[int]
) -> None:
    run("rejects", "retry", *words.split(), "--offline")
    assert {number for number, was_tried, _ in standing(database) if was_tried} == tried


def test_what_is_settled_is_not_tried_again(database: str, run: Run) -> None:
    run("rejects", "retry", "1", "--offline")
    again = run("rejects", "retry", "1", "--offline")
    told = "No reject is open among these: there is nothing to try again.\n"
    assert (again.exit_code, again.stdout) == (0, told)
    zh = runner(database, "zh")("rejects", "retry", "1")
    assert (zh.exit_code, zh.stdout) == (0, "所选记录中没有未解决的，无需重试。\n")


def test_an_article_that_came_by_another_way_settles_without_a_run(tmp_path: Path) -> None:
    older = rejected(BANK)
    url = database_of(tmp_path, older)
    late = post_page("<p>后来改过的正文。</p><p>（文章来源：证券日报）</p>").encode()
    newer = rejected(BANK, seen_at=START + timedelta(days=1), answer=of(late))
    written(url, [newer])
    assert runner(url)("rejects", "retry", "2", "--offline").exit_code == 0
    before = len(json_lines(runner(url)("runs", "--json")))
    result = runner(url)("rejects", "retry", "1", "--offline")
    assert (result.exit_code, len(json_lines(runner(url)("runs", "--json")))) == (0, before)
    (stored,) = json_lines(runner(url)("show", BANK, "--json"))
    assert (stored["revision"], stored["article"]["body_text"]) == (1, "后来改过的正文。")


def test_a_share_answer_is_read_again(tmp_path: Path) -> None:
    address = f"{SITE}/NewsData/GetNewsText.do?id=NW{OTHER}"
    answer = of(share_answer(OTHER).encode(), reader="share_json")
    url = database_of(tmp_path, rejected(OTHER, url=address, answer=answer))
    result = runner(url, "zh")("rejects", "retry", "--all", "--offline")
    told = "已重试 1 条拒收记录：1 条已解决（文章已入库），0 条仍未解决。\n"
    assert (result.exit_code, result.stdout) == (0, told)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "say which rejects: numbers, --stage, --reason, --code, --run, --since, or --all"),
        ("zh", "请指定拒收记录：编号、--stage、--reason、--code、--run、--since 或 --all"),
    ],
)
def test_retry_wants_to_know_what(database: str, language: str, told: str) -> None:
    result = runner(database, language)("rejects", "retry", "--offline")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, f"Error: {told}")


def test_a_mistyped_number_is_told_before_anything_is_done(database: str, run: Run) -> None:
    result = run("rejects", "retry", "1", "77", "78", "--offline")
    told = "No reject has the number 77.\nNo reject has the number 78.\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", told)
    assert not any(tried for _, tried, _ in standing(database))
