"""Every sentence of the pages is there in both languages, and none is there for nothing."""

import re
from string import Formatter

from finews import messages
from finews.web import app_texts, texts
from tests.repository.reading import ROOT

WEB = ROOT / "finews" / "web"
KNOWN = {**messages.TEXTS, **app_texts.TEXTS, **texts.TEXTS}
# A name that a template puts together, `t("quality_" ~ one)`, stands for all with this beginning.
BEGUN = re.compile(r"""["']([a-z_]+_)(?:["']\s*~|%d|\{)""")
QUOTED = re.compile(r"""["']([a-z_0-9]+)["']""")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_everything_with_the_same_values() -> None:
    for name, told in texts.TEXTS.items():
        assert set(told) == {"en", "zh"}, name
        assert all(told.values()), name
        assert fields(told["en"]) == fields(told["zh"]), name


def test_each_language_is_itself() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert [name for name, told in texts.TEXTS.items() if not chinese.search(told["zh"])] == []
    assert [name for name, told in texts.TEXTS.items() if chinese.search(told["en"])] == []


def sources() -> str:
    """The templates and the modules of the pages, without the texts themselves."""
    paths = [
        *WEB.rglob("*.html"),
        *(path for path in WEB.rglob("*.py") if "texts" not in path.name),
    ]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_every_sentence_is_used() -> None:
    found = sources()
    quoted, begun = set(QUOTED.findall(found)), tuple(BEGUN.findall(found))
    assert [name for name in texts.TEXTS if name not in quoted and not name.startswith(begun)] == []


def test_every_sentence_that_a_template_names_is_there() -> None:
    named = [
        name
        for path in WEB.rglob("*.html")
        for name in re.findall(
            r"""\bt\(["']([a-z_0-9]+)["'][,)]""", path.read_text(encoding="utf-8")
        )
    ]
    assert [name for name in named if name not in KNOWN] == []


def test_no_sentence_is_markup() -> None:
    for told in texts.TEXTS.values():
        assert [one for one in told.values() if "<" in one] == []
