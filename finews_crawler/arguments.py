"""Spider arguments (`-a name=value`): declared, checked, and listed when one is unknown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from finews_crawler.errors import ArgumentError

ArgumentValue = str | bool | tuple[str, ...] | timedelta | None


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a spider."""

    name: str
    parse: Callable[[str], ArgumentValue]
    help: str
    default: ArgumentValue = None


def flag(text: str) -> bool:
    """Read `1/0`, `yes/no`, `true/false`, `on/off`."""
    words = {"1": True, "yes": True, "true": True, "on": True}
    words |= {"0": False, "no": False, "false": False, "off": False, "": False}
    try:
        return words[text.strip().lower()]
    except KeyError as error:
        raise ArgumentError(f"{text!r} is neither 1 nor 0") from error


def comma_list(text: str) -> tuple[str, ...]:
    """Read `a,b`; spaces inside a word belong to it, those around it do not."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def read_arguments(
    spider: str, declared: Sequence[Argument], given: Mapping[str, str]
) -> dict[str, ArgumentValue]:
    """Check the given arguments against the declared ones and parse them.

    Names that begin with `_` are those of schedulers (scrapyd's `_job`) and are ignored.

    Raises:
        ArgumentError: an argument is unknown (the message lists the known ones) or malformed.
    """
    known = {argument.name: argument for argument in declared}
    unknown = sorted(name for name in given if name not in known and not name.startswith("_"))
    if unknown:
        listed = ", ".join(f"{argument.name} ({argument.help})" for argument in declared)
        raise ArgumentError(f"spider {spider}: no argument {', '.join(unknown)}; known: {listed}")
    return {argument.name: _value(spider, argument, given) for argument in declared}


def _value(spider: str, argument: Argument, given: Mapping[str, str]) -> ArgumentValue:
    if argument.name not in given:
        return argument.default
    try:
        return argument.parse(given[argument.name])
    except ArgumentError as error:
        raise ArgumentError(f"spider {spider}: {argument.name}: {error}") from error
