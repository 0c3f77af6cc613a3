"""The JSON form of rows, the same on every surface."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from typing import Any

from finews.reader.columns import columns, value_of
from finews_crawler.items import isoformat_shanghai


def plain_row(row: object) -> dict[str, Any]:
    """A row as JSON has it: columns by name in their order, lists, objects, texts.

    Times are ISO 8601 with the offset of Asia/Shanghai, days ISO 8601. A mapping is taken for a row
    without its class.
    """
    names = row if isinstance(row, Mapping) else columns(type(row))
    return {name: plain_value(value_of(row, name)) for name in names}


def plain_value(value: Any) -> Any:
    """The JSON form of a value of a row."""
    if isinstance(value, datetime):
        return isoformat_shanghai(value)
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "_asdict"):
        return plain_row(value._asdict())
    if isinstance(value, tuple | list):
        return [plain_value(one) for one in value]
    if isinstance(value, Mapping) or is_dataclass(value):
        return plain_row(value)
    return value
