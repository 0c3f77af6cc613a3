"""What the packages import is what they declare: an installed wheel has no development tools."""

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from tests.repository.reading import PACKAGES, ROOT, document

# Where a package of an extra may be imported at once; elsewhere only where it is used.
FOLDERS = {
    "workers": ("finews/queue",),
    "web": ("finews/web",),
}
ONLY_TYPES = {"_typeshed"}


def imported_modules() -> set[str]:
    """The top-level modules that the packages import."""
    found: set[str] = set()
    for path in (path for floor in PACKAGES for path in (ROOT / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - set(PACKAGES)


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", line)[0].lower() for line in requirements}


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(document("pyproject.toml"))["project"]
    return found


def declared() -> set[str]:
    """The names of all dependencies, those of extras too."""
    extras = project()["optional-dependencies"].values()
    return names_of([*project()["dependencies"], *(line for extra in extras for line in extra)])


@cache
def installed() -> Mapping[str, list[str]]:
    """Distributions by the modules that they bring; to look through all of them takes a while."""
    return packages_distributions()


def distributions(module: str) -> set[str]:
    named = installed().get(module, [])
    return {name.lower().replace("_", "-") for name in named}


@pytest.mark.parametrize("module", sorted(imported_modules() - ONLY_TYPES))
def test_an_imported_package_is_declared(module: str) -> None:
    # Scrapy itself stands on Twisted and hands its errors on.
    assert distributions(module) & (declared() | {"twisted"})


def imported_at_once(path: Path) -> set[str]:
    """The top-level modules that a file imports when it is imported."""
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in found}


def test_a_package_of_an_extra_is_imported_at_once_only_in_its_folder() -> None:
    always = names_of(project()["dependencies"])
    for path in (path for floor in PACKAGES for path in (ROOT / floor).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        extras = [name for name, folders in FOLDERS.items() if place.startswith(folders)]
        lines = [line for name in extras for line in project()["optional-dependencies"][name]]
        outside = {
            module
            for module in imported_at_once(path) - set(sys.stdlib_module_names) - set(PACKAGES)
            if not distributions(module) & (always | names_of(lines) | {"twisted"})
        }
        assert (place, outside) == (place, set())
