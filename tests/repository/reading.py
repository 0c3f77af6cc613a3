"""What the tests of the repository read: its files, and tables and commands of its documents."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("finews_crawler", "pipelines", "finews")
_FENCE = re.compile(r"^```([^`\n]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def project_files(*suffixes: str) -> list[Path]:
    """The files that are tracked, or would be: all, or those with one of the suffixes."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    paths = [ROOT / name for name in sorted(set(listed.stdout.split("\0"))) if name]
    return [one for one in paths if one.is_file() and (not suffixes or one.suffix in suffixes)]


def document(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def user_documents() -> list[str]:
    """The names of the documents that tell what to type."""
    docs = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").glob("*.md"))]
    return ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", *docs]


def section(text: str, heading: str) -> str:
    """The text under a heading that begins with these words, to the next heading."""
    _, _, rest = text.partition(f"\n{heading}")
    return re.split(r"\n#+ ", rest, maxsplit=1)[0]


def table_rows(text: str) -> list[list[str]]:
    """The cells of all table rows of a text, without the heads."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    rules = {number for number, row in enumerate(rows) if re.fullmatch(r":?-+:?", row[0])}
    heads = {number - 1 for number in rules}
    return [row for number, row in enumerate(rows) if number not in rules | heads]


def quoted(cell: str) -> list[str]:
    """The words in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def blocks(text: str, language: str | None = None) -> list[str]:
    """The fenced code blocks of a document."""
    return [body for kind, body in _FENCE.findall(text) if language in (None, kind)]


def commands(text: str) -> list[str]:
    """The lines of the code blocks without their comments."""
    lines = [line for body in blocks(text) for line in body.splitlines()]
    bare = (re.sub(r"(?:^|\s+)# .*", "", line).rstrip() for line in lines)
    return [line for line in bare if line]


def code_of(text: str) -> str:
    """All that is printed as code: blocks, and words in backticks."""
    return "\n".join([*commands(text), *quoted(_FENCE.sub("", text))])
