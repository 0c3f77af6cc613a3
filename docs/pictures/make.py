"""`make pictures`: the pictures of the README, from a real crawl of the sample site."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape, unescape
from io import StringIO
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

HERE = Path(__file__).resolve().parent
FINEWS = (sys.executable, "-m", "finews")
COLUMNS = 100
COLOURS = 128
ARTICLE = "202206133778412487"
# What is typed for the picture of a terminal.
TYPED = (
    ("articles", "--symbol", "600919.SH"),
    ("search", "消费电子", "--limit", "3"),
    ("mentions", "--symbol", "300750.SZ"),
)
DESK, PHONE = (1280, 800), (390, 844)
# Name of a picture -> path of the page, language, size of the window.
PAGES: Mapping[str, tuple[str, str, tuple[int, int]]] = {
    "stream": ("/", "en", DESK),
    "stream.zh-CN": ("/", "zh", DESK),
    "article": (f"/article/{ARTICLE}", "en", DESK),
    "phone": ("/", "zh", PHONE),
}
# The fonts that Rich would fetch from outside.
_FONT_FACE = re.compile(r"@font-face \{.*?\}", re.DOTALL)
_TEXT = re.compile(
    r'(<text class="[^"]+" )x="([\d.]+)"( y="[\d.]+" )textLength="[\d.]+"(.*?>)(.*?)<'
)
CELL = 12.2
"""Width of a character in Rich's pictures."""


def environment(folder: Path) -> dict[str, str]:
    """A database of its own, and a terminal in colour."""
    own = {
        "FINEWS_DATABASE_URL": f"sqlite:///{folder / 'finews.db'}",
        "FINEWS_LANGUAGE": "en",
        "COLUMNS": str(COLUMNS),
        "FORCE_COLOR": "1",
        "TERM": "xterm-256color",
    }
    return {**os.environ, **own}


def answer(words: tuple[str, ...], variables: Mapping[str, str]) -> str:
    """What a command prints."""
    done = subprocess.run(  # noqa: S603 - our own commands
        [*FINEWS, *words], env=variables, capture_output=True, text=True, check=True
    )
    return done.stdout


def placed(found: re.Match[str]) -> str:
    """A text with its Chinese apart: Rich forgets that its characters are two cells wide."""
    begin, x, middle, end, text = found.groups()
    parts, at = [], float(x)
    for size, characters in groupby(unescape(text), cell_len):
        run = "".join(characters)
        width = CELL * size * len(run)
        parts.append(
            f'{begin}x="{at:.1f}"{middle}textLength="{width:.1f}"{end}{escape(run, quote=False)}'
        )
        at += width
    return "</text>".join(parts) + "<"


def terminal(variables: Mapping[str, str]) -> str:
    """A terminal with some commands and their answers, as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    for words in TYPED:
        console.print(Text(f"$ finews {' '.join(words)}", style="bold"))
        console.print(Text.from_ansi(answer(words, variables).rstrip()))
        console.print()
    return _TEXT.sub(placed, _FONT_FACE.sub("", console.export_svg(title="finews")))


@contextmanager
def served(variables: Mapping[str, str]) -> Iterator[str]:
    """Run `finews serve`; gives its address."""
    command = [*FINEWS, "serve", "--port", "0"]
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603 - same
        try:
            lines = iter(server.stderr or ())
            yield next(found[0] for line in lines if (found := re.search(r"http://[\w.:]+", line)))
        finally:
            server.terminate()


def photograph(browser: Browser, site: str, name: str) -> None:
    """Take one picture of a page, with few colours to keep it small."""
    path, language, (width, height) = PAGES[name]
    target = HERE / f"{name}.png"
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
    page.goto(f"{site}{path}?lang={language}")
    page.wait_for_load_state()
    page.screenshot(path=target)
    page.close()
    with Image.open(target) as picture:
        picture.convert("RGB").quantize(COLOURS).save(target, optimize=True)


def main() -> None:
    """Crawl, serve, take all pictures."""
    with TemporaryDirectory() as name:
        variables = environment(Path(name))
        answer(("demo",), variables)
        (HERE / "terminal.svg").write_text(terminal(variables), encoding="utf-8")
        with served(variables) as site, sync_playwright() as playwright:
            # In a container Chromium cannot make its own sandbox; it meets no page but ours.
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            for page in PAGES:
                photograph(browser, site, page)
            browser.close()


if __name__ == "__main__":
    main()
