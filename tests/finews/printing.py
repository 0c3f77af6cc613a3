"""What a reader sees on a terminal."""

from io import StringIO

from rich.console import Console, RenderableType


def lines(shown: RenderableType, width: int = 240) -> list[str]:
    """The lines, without what pads them; empty ones are left out."""
    console = Console(file=StringIO(), width=width)
    console.print(shown)
    assert isinstance(console.file, StringIO)
    told = console.file.getvalue().splitlines()
    return [line.rstrip() for line in told if any(map(str.isalnum, line))]


def printed(shown: RenderableType, width: int = 240) -> str:
    """All words with single spaces, without the table's lines."""
    words = "\n".join(lines(shown, width)).replace("│", " ").replace("┃", " ").split()
    return " ".join(words)
