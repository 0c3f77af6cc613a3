"""The number to go on from, kept in a file between runs."""

from pathlib import Path

import orjson

from finews.export.files import OutputError, whole_file


def read_state(path: Path, table: str) -> int | None:
    """The number up to which a table is exported; None before the first run.

    Raises:
        OutputError: the file holds something else, or the number of another table.
    """
    try:
        found = orjson.loads(path.read_bytes())
        known, number = found["table"], found["next"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{path} is no state of an export") from error
    if known != table:
        raise OutputError(f"{path} is the state of an export of {known}, not of {table}")
    if not isinstance(number, int) or number < 0:
        raise OutputError(f"{path} is no state of an export")
    return number


def save_state(path: Path, table: str, number: int) -> None:
    """Keep the number; the file is never half written."""
    with whole_file(path) as out:
        out.write(orjson.dumps({"table": table, "next": number}, option=orjson.OPT_APPEND_NEWLINE))
