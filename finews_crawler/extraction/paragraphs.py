"""Runs of text to paragraphs: white space as a browser would show it, widgets kept whole."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from finews_crawler.items import Run

# U+3000 pairs indent paragraphs, U+00A0 pads them: both are white space to a reader.
_SPACE = re.compile(r"(?:[^\S\n]|[\u200b\ufeff])+")
_BLANK = " \t\n\r\f\v\u00a0\u3000\u200b\ufeff"
_BREAK = re.compile(r" ?\n[ \n]*")


def source_text(text: str) -> str:
    """Fold the white space of the page's source: a line end there is only a space."""
    return _SPACE.sub(" ", text.replace("\n", " ")) if text else ""


def with_text(run: Run, text: str) -> Run:
    """The run with other words; `dataclasses.replace` is slow, and this runs for every run."""
    if text == run.text:
        return run
    return Run(text=text, strong=run.strong, href=run.href, widget=run.widget)


def _split_edges(run: Run) -> Iterator[Run]:
    """Move the spaces at a widget's edges outside it, so that its surface is the bare words."""
    bare = run.text.strip(_BLANK)
    if run.widget is None or bare == run.text:
        yield run
        return
    before, _, after = run.text.partition(bare) if bare else (run.text, "", "")
    plain = replace(run, widget=None, href=None)
    if before:
        yield with_text(plain, before)
    if bare:
        yield with_text(run, bare)
    if after:
        yield with_text(plain, after)


def _trimmed(runs: list[Run]) -> tuple[Run, ...]:
    while runs and not runs[-1].text.rstrip():
        runs.pop()
    if runs:
        runs[-1] = with_text(runs[-1], runs[-1].text.rstrip())
    return tuple(runs)


def _strip_last(runs: list[Run]) -> None:
    """Take the spaces before a line break; a run of nothing else goes."""
    while runs and runs[-1].widget is None:
        if text := runs[-1].text.rstrip(" "):
            runs[-1] = with_text(runs[-1], text)
            return
        runs.pop()


def _same_look(first: Run, second: Run) -> bool:
    return (
        first.widget is None
        and second.widget is None
        and (first.strong, first.href) == (second.strong, second.href)
    )


def tidy(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Fold spaces across runs, drop empty ones and the paragraph's edges, join equal looks."""
    whole = tuple(runs)
    if len(whole) == 1 and whole[0].widget is None:  # most paragraphs
        text = _BREAK.sub("\n", _SPACE.sub(" ", whole[0].text)).strip(" \n")
        return (with_text(whole[0], text),) if text else ()
    kept: list[Run] = []
    last = "\n"
    for run in (part for one in whole for part in _split_edges(one)):
        text = _BREAK.sub("\n", _SPACE.sub(" ", run.text))
        if last in " \n":
            text = text.lstrip(" \n" if last == "\n" else " ")
        if text.startswith("\n") and kept and kept[-1].widget is None:
            _strip_last(kept)
        if not text:
            continue
        last = text[-1]
        if kept and _same_look(kept[-1], run):
            kept[-1] = with_text(kept[-1], kept[-1].text + text)
        else:
            kept.append(with_text(run, text))
    return _trimmed(kept)


def text_of_runs(runs: Iterable[Run]) -> str:
    """The paragraph's text."""
    return "".join(run.text for run in runs)
