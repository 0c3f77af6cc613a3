"""The documents as Sphinx builds them: every warning is an error, every notebook is run."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from filelock import FileLock

import finews
from finews.cli import main
from tests.repository.reading import ROOT

DOCS = ROOT / "docs"
LINK = re.compile(r"""<(?:script|link|img)\b[^>]*\b(?:src|href)=["'](https?:[^"']+)""")


def built(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Build the pages of a folder as `make docs` does."""
    own = {"IPYTHONDIR": str(target / ".ipython")}  # else the kernel writes into the home folder
    words = [sys.executable, "-m", "sphinx", "--builder", "html", "--fail-on-warning"]
    return subprocess.run(
        [*words, "--keep-going", "--quiet", str(source), str(target)],
        env={**os.environ, **own},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built once however many processes run the tests."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    told = folder / "documents.txt"
    with FileLock(folder / "documents.lock"):
        if not told.exists():
            done = built(DOCS, folder / "documents")
            told.write_text(f"{done.returncode}\n{done.stderr}", encoding="utf-8")
    code, _, errors = told.read_text(encoding="utf-8").partition("\n")
    assert code == "0", errors
    return folder / "documents"


def page(site: Path, name: str) -> str:
    return (site / f"{name}.html").read_text(encoding="utf-8")


def paths(command: click.Command, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A command and all below it, by their words."""
    yield above
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from paths(below, (*above, name))


def test_every_document_is_a_page_that_the_index_leads_to(site: Path) -> None:
    names = {path.stem for path in DOCS.glob("*.md")}
    led = set(re.findall(r'href="([\w.-]+)\.html"', page(site, "index")))
    assert names - {"index"} - led == set()
    assert [name for name in sorted(names) if not (site / f"{name}.html").is_file()] == []


def test_every_command_stands_on_the_page_of_commands(site: Path) -> None:
    told = set(re.findall(r'<section id="([\w-]+)"', page(site, "commands")))
    assert {"-".join(words) for words in paths(main, ("finews",))} - told == set()


def test_every_public_name_stands_in_the_reference(site: Path) -> None:
    told = set(re.findall(r'id="finews\.(\w+)"', page(site, "reference")))
    assert set(finews.__all__) - told == set()


def test_the_notebook_was_run(site: Path) -> None:
    text = page(site, "event-study")
    (picture,) = re.findall(r'src="(_images/\w+\.(?:png|svg))"', text)
    assert (site / picture).stat().st_size > 0
    for way in ("newest version, at published_at", "as_of: the version of then, at seen_at"):
        assert f">{way}</th>" in text


def test_no_page_asks_another_machine_for_anything(site: Path) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in site.glob("*.html")}
    assert [(name, url) for name, text in texts.items() for url in LINK.findall(text)] == []


def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    docs = tmp_path / "project" / "docs"
    docs.mkdir(parents=True)
    (docs.parent / "there").mkdir()
    (docs / "conf.py").write_bytes((DOCS / "conf.py").read_bytes())
    links = ("../there", "../gone", "gone.md", "#gone")
    (docs / "index.md").write_text("# Title\n\n" + " ".join(f"[a]({one})" for one in links))
    done = built(docs, tmp_path / "site")
    assert done.returncode != 0
    assert re.findall(r"not found: '([^']+)'", done.stderr) == ["../gone", "gone.md", "gone"]
