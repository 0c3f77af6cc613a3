"""The columns of rows: a row's fields in their order, then what is made of them."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import MappingProxyType
from typing import Any, get_type_hints


def columns(kind: Any) -> Mapping[str, Any]:
    """The columns of a class of rows, each with its type as annotated; this order is stable."""
    return _columns(kind)


@cache
def _columns(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    found = {one.name: hints[one.name] for one in fields(kind)}
    for name, made in vars(kind).items():
        if isinstance(made, property) and made.fget is not None:
            found[name] = get_type_hints(made.fget)["return"]
    return MappingProxyType(found)


def value_of(row: object, name: str) -> Any:
    """A column of a row, which is an object or a mapping."""
    return row[name] if isinstance(row, Mapping) else getattr(row, name)
