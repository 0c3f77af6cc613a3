"""The commands that read the database, in both languages, as text and as JSON."""

import socket
from importlib.metadata import version
from pathlib import Path

import pytest

from finews.cli import main
from tests.finews.filling import BANK, CONTRACT, NOTICE, filled
from tests.finews.running import Run, json_lines, rows, runner

FIRST_SEEN = "2022-06-14T09:30:00+08:00"


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('read') / 'finews.db'}"
    filled(url)
    return url


@pytest.fixture
def run(database: str) -> Run:
    return runner(database)


@pytest.fixture
def run_empty(tmp_path: Path) -> Run:
    return runner(f"sqlite:///{tmp_path / 'empty.db'}")


# --- articles ---------------------------------------------------------------------------------


def test_articles_newest_first_those_without_a_time_last(run: Run) -> None:
    found = json_lines(run("articles", "--json"))
    assert [article["code"] for article in found] == [BANK, CONTRACT, None]


def test_an_article_as_json(run: Run) -> None:
    assert json_lines(run("articles", "--json", "--limit", "1")) == [
        {
            "code": BANK,
            "title": "江苏银行公布业绩",
            "published_at": "2022-06-14T09:30:00+08:00",
            "source": "财联社",
            "symbols": ["600919.SH"],
            "first_seen_at": FIRST_SEEN,
            "revision": 2,
        }
    ]


def test_articles_as_a_table(run: Run) -> None:
    heading, *lines = rows(run("articles"))
    assert heading == ["published", "source", "title", "symbols", "code"]
    assert [[line[0], *line[2:]] for line in lines[:2]] == [
        ["2022-06-14", "财联社", "江苏银行公布业绩", "600919.SH", BANK],
        ["2022-06-14", "证券日报", "[公告]", "签下合同", "777.ABC", CONTRACT],
    ]
    assert [line[1][:5] for line in lines[:2]] == ["09:30", "08:30"]
    assert lines[2] == ["unknown", "(no", "title)"]


def test_articles_in_chinese(database: str) -> None:
    heading, *lines = rows(runner(database, "zh_CN.UTF-8")("articles"))
    assert heading == ["发布时间", "来源", "标题", "证券", "编号"]
    assert lines[2] == ["不详", "（无标题）"]


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        pytest.param(("--symbol", "600919.SH"), [BANK], id="symbol"),
        pytest.param(("--source", "证券日报"), [CONTRACT], id="source"),
        pytest.param(("--category", "emnews"), [BANK], id="category"),
        pytest.param(("--category", "Wind"), [CONTRACT], id="category in capitals"),
        pytest.param(("--category", "wind"), [], id="category in other letters"),
        pytest.param(("--symbol", "600919.SH", "--source", "证券日报"), [], id="two at once"),
        pytest.param(("--limit", "2"), [BANK, CONTRACT], id="limit"),
    ],
)
def test_filters(run: Run, arguments: tuple[str, ...], codes: list[str]) -> None:
    found = json_lines(run("articles", "--json", *arguments))
    assert [article["code"] for article in found] == codes


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "No articles match. Is the database filled? Try `finews demo`.\n"),
        ("zh", "没有符合条件的文章。数据库里有内容吗？可先运行 `finews demo`。\n"),
    ],
)
def test_no_article_is_told_in_words(database: str, language: str, told: str) -> None:
    result = runner(database, language)("articles", "--symbol", "000001.SZ")
    assert (result.exit_code, result.stdout) == (0, told)


def test_no_article_is_no_line_of_json(run_empty: Run) -> None:
    result = run_empty("articles", "--json")
    assert (result.exit_code, result.stdout) == (0, "")


# --- show -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [BANK, f"NW{BANK}", f"nw{BANK}"])
def test_an_article_is_found_by_its_code(run: Run, code: str) -> None:
    (found,) = json_lines(run("show", code, "--json"))
    assert (found["article"]["code"], found["revision"]) == (BANK, 2)


def test_all_that_is_known_of_an_article_as_json(run: Run) -> None:
    (found,) = json_lines(run("show", BANK, "--json"))
    article = found["article"]
    assert (found["first_seen_at"], article["published_at"], article["categories"]) == (
        FIRST_SEEN,
        "2022-06-14T09:30:00+08:00",
        ["cailianshe", "emnews"],
    )
    link = article["mentions"][0]
    assert article["body_text"][link["start"] : link["end"]] == link["surface"]


def test_an_article_to_read(run: Run) -> None:
    assert rows(run("show", BANK)) == [
        ["江苏银行公布业绩"],
        ["code", BANK],
        ["published", "2022-06-14", "09:30:00", "(stated)"],
        ["source", "财联社"],
        ["categories", "cailianshe", "emnews"],
        ["symbols", "600919.SH"],
        ["first", "seen", "2022-06-14", "09:30:00"],
        ["revision", "2"],
        ["address", f"https://finews.withounder.com/emnews/2022/06/14/{BANK}.html"],
        ["一句摘要。"],
        ["江苏银行公布业绩。"],
        ["利润增长。"],
    ]


def test_an_unknown_code(run: Run, database: str) -> None:
    result = run("show", "NW202206149999999999")
    expected = f"No article with code NW202206149999999999 in {database}.\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", expected)


def test_an_unknown_code_in_chinese(database: str) -> None:
    result = runner(database, "zh")("show", "12", "--json")
    expected = f"{database} 中没有编号为 12 的文章。\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", expected)


# --- revisions --------------------------------------------------------------------------------


def test_the_versions_of_an_article_the_oldest_first(run: Run) -> None:
    found = json_lines(run("revisions", f"NW{BANK}", "--json"))
    assert [(row["revision"], row["title"], row["changed"]) for row in found] == [
        (1, "江苏银行将公布业绩", []),
        (2, "江苏银行公布业绩", ["title"]),
    ]
    assert [row["symbols"] for row in found] == [["600919.SH"]] * 2


def test_versions_as_a_table(run: Run) -> None:
    heading, first, second = rows(run("revisions", BANK))
    assert heading == ["revision", "from", "seen", "what", "differs", "published", "title"]
    assert (first[0], first[-1]) == ("1", "江苏银行将公布业绩")
    assert (second[:2], second[4], second[-1]) == (["2", "page"], "title", "江苏银行公布业绩")


def test_versions_of_an_unknown_code(run: Run, database: str) -> None:
    result = run("revisions", "202206149999999999")
    expected = f"No article with code 202206149999999999 in {database}.\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", expected)


# --- what is empty, and what goes wrong -------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "told"), [("runs", "No crawl has run yet.\n"), ("rejects", "No rejects.\n")]
)
def test_an_empty_database_is_told_in_words(run_empty: Run, command: str, told: str) -> None:
    result = run_empty(command)
    assert (result.exit_code, result.stdout) == (0, told)


@pytest.mark.parametrize("command", [("articles",), ("show", BANK), ("runs",), ("rejects",)])
@pytest.mark.parametrize(
    ("url", "told"),
    [
        pytest.param(
            "sqlite:////proc/x/finews.db",
            "finews: the database sqlite:////proc/x/finews.db cannot be opened: ",
            id="no folder",
        ),
        pytest.param("nonsense", "finews: FINEWS_DATABASE_URL is no database URL, ", id="no URL"),
        pytest.param("nosuch://host/a", "finews: no driver for nosuch://host/a: ", id="no driver"),
        pytest.param(
            "postgresql+psycopg://u:secret@127.0.0.1:1/a",
            "finews: the database postgresql+psycopg://u:***@127.0.0.1:1/a cannot be opened: ",
            id="no server",
        ),
    ],
)
def test_a_database_that_cannot_be_opened(command: tuple[str, ...], url: str, told: str) -> None:
    result = runner(url)(*command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(told)
    assert (result.stderr.count("\n"), "secret" in result.stderr) == (1, False)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "finews.db"
    file.write_text("words, no database" * 100)
    result = runner(f"sqlite:///{file}")("articles")
    expected = f"finews: the database sqlite:///{file} cannot be opened: file is not a database\n"
    assert (result.exit_code, result.stderr) == (2, expected)


def test_a_database_can_be_named_in_the_command(database: str, run_empty: Run) -> None:
    found = json_lines(run_empty("articles", "--json", "--database", database))
    assert [article["code"] for article in found] == [BANK, CONTRACT, None]


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_must_be_a_number_from_one(run: Run, limit: str) -> None:
    result = run("articles", "--limit", limit)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Invalid value for '--limit'" in result.stderr


def test_a_port_that_is_taken_is_one_line(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("sample-site", "--port", str(port))
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith("finews: ")
    assert str(port) in result.stderr


# --- help -------------------------------------------------------------------------------------


def test_the_version(run: Run) -> None:
    assert run("--version").stdout.split()[-1] == version("finews")


def test_help_names_every_command_in_both_languages(run: Run) -> None:
    told = run("-h").stdout
    assert [name for name in sorted(main.commands) if f"\n  {name} " not in told] == []
    helps = {name: command.help or "" for name, command in main.commands.items()}
    assert [name for name, words in helps.items() if words.isascii()] == []


def test_the_notice_has_no_code_to_show(run: Run) -> None:
    result = run("show", NOTICE)
    assert (result.exit_code, result.stdout) == (1, "")
