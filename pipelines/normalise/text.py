"""Blocks to plain text, with every widget's place in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from finews_crawler.items import Block, Chart, Paragraph, Run, Table, Widget

PARAGRAPH_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class Placed:
    """A widget in reading order; a chart has no words and so no place in the text."""

    widget: Widget
    surface: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(slots=True)
class Text:
    """The plain text under way; its length is the next character's offset."""

    parts: list[str] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    length: int = 0

    def add(self, words: str) -> None:
        """Append words."""
        self.parts.append(words)
        self.length += len(words)

    def add_runs(self, runs: Sequence[Run]) -> None:
        """Append runs with nothing between them, noting where widgets stand."""
        for run in runs:
            start = self.length
            self.add(run.text)
            if run.widget is not None and run.text:
                self.placed.append(Placed(run.widget, run.text, start, self.length))


def _add_table(text: Text, table: Table) -> None:
    for row_number, row in enumerate(table.rows):
        text.add("\n" if row_number else "")
        for cell_number, cell in enumerate(row):
            text.add("\t" if cell_number else "")
            text.add_runs(cell)


def _worded(blocks: Sequence[Block]) -> Iterator[Block]:
    return (block for block in blocks if isinstance(block, Paragraph | Table | Chart))


def plain_text(blocks: Sequence[Block]) -> tuple[str, tuple[Placed, ...]]:
    """Give the text (paragraphs apart by a blank line; cells by tab, rows by line) and its widgets.

    For every placed widget but a chart `text[start:end] == surface`.
    """
    text = Text()
    for block in _worded(blocks):
        if isinstance(block, Chart):
            text.placed.append(Placed(block.widget))
            continue
        text.add(PARAGRAPH_BREAK if text.length else "")
        if isinstance(block, Paragraph):
            text.add_runs(block.runs)
        elif isinstance(block, Table):
            _add_table(text, block)
    return "".join(text.parts), tuple(text.placed)
