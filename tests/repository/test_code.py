"""The house style, counted: sizes, names, broad excepts, floors, and nothing done at import."""

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from statistics import median

import pytest
from scrapy import Spider

from tests.repository.reading import PACKAGES, ROOT, project_files

LONGEST_FUNCTION, MEDIAN_FUNCTION, LONGEST_FILE = 50, 10, 350
SPIDERS = ROOT / "finews_crawler" / "spiders"
# Run by a program of their own that sets the stage: alembic, and `python -m`.
NOT_IMPORTED = {"pipelines.store.migrations.env"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def sources(*folders: str) -> list[Path]:
    """The Python files of these top folders."""
    python = project_files(".py")
    return [path for path in python if path.relative_to(ROOT).parts[0] in folders]


def product() -> list[Path]:
    return sources(*PACKAGES, "benchmarks")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def function_lengths() -> dict[str, int]:
    return {
        f"{name_of(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in product()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


# --- sizes -----------------------------------------------------------------------------------


def test_no_function_is_long() -> None:
    lengths = function_lengths()
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_functions_are_short_as_a_rule() -> None:
    assert median(function_lengths().values()) <= MEDIAN_FUNCTION


def test_no_file_is_long() -> None:
    files = [*product(), *sources("tests")]
    lengths = {name_of(path): len(path.read_bytes().splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


# --- broad excepts ---------------------------------------------------------------------------


def broad_excepts(path: Path) -> Iterator[int]:
    """The lines that catch everything."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            caught = {name.id for name in ast.walk(node.type or node) if isinstance(name, ast.Name)}
            if node.type is None or caught & {"Exception", "BaseException"}:
                yield node.lineno


def test_what_catches_everything_says_why() -> None:
    lines = [
        (name_of(path), path.read_text(encoding="utf-8").splitlines()[number - 1])
        for path in product()
        for number in broad_excepts(path)
    ]
    assert [line for line in lines if " # noqa: BLE001 - " not in line[1]] == []


# --- names of spiders ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "module", [path.stem for path in sorted(SPIDERS.glob("*.py")) if path.stem != "__init__"]
)
def test_a_spider_has_one_name(module: str) -> None:
    loaded = import_module(f"finews_crawler.spiders.{module}")
    own = [
        (kind.__name__, kind.name)
        for _, kind in inspect.getmembers(loaded, inspect.isclass)
        if issubclass(kind, Spider) and kind.__module__ == loaded.__name__
    ]
    camel = "".join(word.capitalize() for word in module.split("_"))
    assert own == [(f"{camel}Spider", module)]


# --- floors ----------------------------------------------------------------------------------


def imported_roots(path: Path) -> set[str]:
    """The top packages that a file imports, anywhere in it."""
    nodes = list(ast.walk(tree(path)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    ("floor", "above"),
    [
        ("finews_crawler", {"pipelines", "finews", "benchmarks"}),
        ("pipelines", {"finews", "benchmarks"}),
        ("finews", {"benchmarks"}),
    ],
)
def test_no_floor_imports_one_above(floor: str, above: set[str]) -> None:
    assert {name_of(path) for path in sources(floor) if imported_roots(path) & above} == set()


# --- import ----------------------------------------------------------------------------------

# Runs in a process of its own: an audit hook cannot be taken off.
WATCHED_IMPORT = """
import json, os, sys
import croniter  # of procrastinate: it asks the program `file` how wide Python is
sys.dont_write_bytecode = True
seen, now = [], ""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
DONE = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.truncate",
        "sqlite3.connect", "subprocess.Popen", "os.system", "os.posix_spawn", "os.fork")

def watch(event, given):
    if event == "open":
        path, mode, flags = given
        done = set(mode or "") & set("wax+") or (flags or 0) & WRITES
        if done and path != os.devnull:
            seen.append([now, event, str(path)])
    elif event.startswith("socket.") or event in DONE:
        seen.append([now, event, repr(given[1:2])])

sys.addaudithook(watch)
for now in sys.argv[1:]:
    __import__(now)
print(json.dumps(seen))
"""


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def watched_import(folder: Path, *modules: str) -> list[list[str]]:
    """What importing these modules did to the world: (module, event, on what)."""
    answer = subprocess.run(
        [sys.executable, "-c", WATCHED_IMPORT, *modules],
        cwd=folder,
        env={"PATH": "", "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    events: list[list[str]] = json.loads(answer.stdout)
    return events


def test_nothing_happens_at_import(tmp_path: Path) -> None:
    modules = sorted({module_name(path) for path in product()} - NOT_IMPORTED)
    assert watched_import(tmp_path, *modules) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("open('here', 'w')", "open"),
        ("import os; os.mkdir('here')", "os.mkdir"),
        ("import sqlite3; sqlite3.connect('here')", "sqlite3.connect"),
        ("import socket; socket.socket()", "socket.__new__"),
    ],
)
def test_the_watch_sees_what_an_import_does(tmp_path: Path, line: str, event: str) -> None:
    (tmp_path / "doer.py").write_text(line)
    assert ["doer", event] in [one[:2] for one in watched_import(tmp_path, "doer")]
