"""What the packages import is what they declare: an installed wheel has no development tools."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.repository.reading import PACKAGES, ROOT

OPTIONAL = {"procrastinate", "psycopg"}
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


def declared() -> set[str]:
    """The names of the dependencies of an installation without extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    requirements = project["project"]["dependencies"]
    return {re.split(r"[\[<>=~! ]", line)[0].lower() for line in requirements}


@pytest.mark.parametrize("module", sorted(imported_modules() - OPTIONAL - ONLY_TYPES))
def test_an_imported_package_is_declared(module: str) -> None:
    named = packages_distributions().get(module, [])
    distributions = {name.lower().replace("_", "-") for name in named}
    # Scrapy itself stands on Twisted and hands its errors on.
    assert distributions & (declared() | {"twisted"})
