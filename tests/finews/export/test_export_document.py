"""docs/export.md tells what the code does."""

import re

from finews.command_line import EXIT_NOTHING_FOUND
from finews.commands import export
from finews.export.forms import FORMS
from finews.export.parquet import _metadata
from finews.export.partitions import PARTITIONS
from finews.export.run import AFTER
from finews.export.tables import TABLES, About
from tests.pipelines.store.conftest import START
from tests.repository.reading import document, quoted, section, table_rows

TEXT = document("docs/export.md")


def told(heading: str, column: str) -> list[str]:
    """The first words in quotes of a table's rows."""
    text = TEXT.partition("\n## ")[0] if not heading else section(TEXT, heading)
    rows = table_rows(text[text.index(f"| {column} ") :].partition("\n\n")[0])
    return [quoted(row[0])[0] if "`" in row[0] else row[0] for row in rows]


def test_every_table_and_format_is_told() -> None:
    assert told("", "what") == told("## Only what is new", "what") == list(TABLES)
    assert told("## Formats", "format") == list(FORMS)


def test_the_metadata_of_parquet() -> None:
    about = About(table=TABLES["articles"], database_schema="1", as_of=START, after=None, next=1)
    assert told("## Formats", "key") == list(_metadata(about))


def test_the_exit_codes() -> None:
    codes = [int(one) for one in told("## How it ends", "exit code")]
    assert codes[:3] == [0, EXIT_NOTHING_FOUND, 2]
    assert codes[3:] == [export.EXIT_INTERRUPTED, export.EXIT_PIPE_CLOSED]


def test_every_option_of_its_own_is_told() -> None:
    known = {"--format", "--out", "--after", "--state", "--partition-by", "--zstd", "--json"}
    options = {name for one in export.export_table.params for name in one.opts}
    assert known <= options
    assert known <= set(re.findall(r"--[a-z-]+", TEXT))
    assert f"--partition-by {PARTITIONS[0]}` or `{PARTITIONS[1]}`" in TEXT
    assert AFTER in TEXT
