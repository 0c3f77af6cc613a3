"""How Sphinx builds the documents: `make docs`. A broken link is an error."""

import re
from importlib import import_module
from importlib.metadata import version as version_of
from pathlib import Path
from urllib.parse import unquote

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

import finews

ROOT = Path(__file__).resolve().parent.parent

project = "finews"
author = "the finews founders"
release = version_of("finews")
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "finews"
html_copy_source = False
html_show_copyright = False
nitpicky = True
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
# What pandas and matplotlib return is shown; what they print beside it is not.
nb_merge_streams = True
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True

# Chinese has no space where a line of the source ends.
_BETWEEN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])")
_CODE = re.compile(r"(?<![`:\w])`([^`\n]+)`(?!`)")
# Modules that a docstring's types know by another name.
_SHORT = {"pa": "pyarrow", "pd": "pandas", "pl": "polars"}


class FilesOfProject(SphinxPostTransform):
    """A link to a folder or document outside of the pages: its name. One to nowhere warns."""

    default_priority = 8  # before MyST's own, which is 9

    def run(self, **_kwargs: object) -> None:
        """Replace them in one document."""
        for node in list(self.document.findall(pending_xref)):
            if node["reftype"] == "myst" and self._is_beside(node):
                node.replace_self(node[0].deepcopy())

    def _is_beside(self, node: pending_xref) -> bool:
        folder = Path(self.env.doc2path(node["refdoc"])).parent
        target = (folder / unquote(node["reftarget"])).resolve()
        if node["refdomain"] == "doc":
            is_page = node["reftarget"] in self.env.all_docs
            return not is_page and target.with_name(f"{target.name}.md").is_file()
        return ROOT in target.parents and target.is_dir()


def _python_name(
    app: Sphinx, environment: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """A type that a docstring names by its home: by its public name, or known but no page here."""
    if node.get("refdomain") != "py":
        return None
    module, _, name = node["reftarget"].rpartition(".")
    if name in finews.__all__ and module != "finews":
        domain = environment.domains.python_domain
        home = node["refdoc"]
        return domain.resolve_xref(
            environment, home, app.builder, "obj", f"finews.{name}", node, content
        )
    return content if module and _is_there(_SHORT.get(module, module), name) else None


def _is_there(module: str, name: str) -> bool:
    try:
        return hasattr(import_module(module), name)
    except ImportError:
        return False


def _as_markup(
    _app: Sphinx, what: str, _name: str, _of: object, _options: object, lines: list[str]
) -> None:
    """Docstrings have code in single backticks, as Markdown does, and no type before a colon."""
    lines[:] = [_CODE.sub(r"``\1``", line) for line in lines]
    if what in {"attribute", "property"}:
        lines[:0] = ["..", ""]  # napoleon reads a type only from the first line


def _joined(_app: Sphinx, name: str, source: list[str]) -> None:
    if name.endswith(".zh-CN"):
        source[0] = _BETWEEN.sub("", source[0])


def setup(app: Sphinx) -> None:
    """Sphinx calls this."""
    app.connect("missing-reference", _python_name)
    app.connect("autodoc-process-docstring", _as_markup, priority=400)
    app.connect("source-read", _joined)
    app.add_post_transform(FilesOfProject)
