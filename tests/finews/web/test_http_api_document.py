"""docs/http-api.md held against the code: addresses, words, numbers, errors."""

from finews.web.api.asked import DEFAULT_LIMIT, HIGHEST_LIMIT
from finews.web.api.changes import LONGEST_WAIT_SECONDS
from finews.web.api.document import document_of
from finews.web.app import create_app
from finews.web.depends import WORD_HELP
from finews.web.guard import SESSION_SECONDS
from finews.web.problems import TITLED
from finews.web.settings import SHORTEST_TOKEN, WebSettings
from finews.web.watching import Watcher
from tests.repository.reading import document, quoted, section, table_rows

TEXT = document("docs/http-api.md")


def first_cells(heading: str) -> list[str]:
    return [quoted(row[0])[0] for row in table_rows(section(TEXT, heading))]


def test_every_address_has_its_row() -> None:
    paths = document_of(create_app(WebSettings(database_url="")), has_token=False)["paths"]
    assert sorted(first_cells("## Addresses")) == sorted(paths)


def test_every_word_has_its_row() -> None:
    rows = table_rows(section(TEXT, "## Which articles"))
    assert rows == [[f"`{word}`", told.help] for word, told in WORD_HELP.items()]


def test_every_error_has_its_row() -> None:
    shown = {int(row[0]) for row in table_rows(section(TEXT, "## Errors"))}
    assert shown == TITLED - {400, 413} | {304}


def test_the_numbers() -> None:
    told = " ".join(TEXT.split())
    for sentence in (
        f"{DEFAULT_LIMIT} when it is not given, {HIGHEST_LIMIT} at the highest",
        f"so many seconds ({LONGEST_WAIT_SECONDS} at most)",
        f"There are {Watcher.most} seats",
        f"a token of {SHORTEST_TOKEN} characters or more",
        f"a signed cookie for {SESSION_SECONDS // 86_400} days",
    ):
        assert sentence in told
