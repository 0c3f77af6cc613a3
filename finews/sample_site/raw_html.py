"""kramdown's treatment of raw HTML: kept, closed at the end, its stray end tags made text."""

import re
from html import unescape

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905 - a list reads worse
KNOWN = VOID | frozenset(
    """a b blockquote center div em figure font h1 h2 h3 h4 h5 h6 i li ol p pre script span strong
    style sub sup table tbody td th thead tr u ul video""".split()  # noqa: SIM905 - same
)
_TOKEN = re.compile(
    r"(?P<comment><!--.*?-->)|<(?P<end>/?)(?P<name>[^\W\d_][\w:-]*)"
    r"(?P<rest>(?:\s+[\w:.-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?)*\s*/?)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([\w:.-]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
_BARE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z]\w*|#\d+|#x[0-9A-Fa-f]+);)")


def escaped(text: str) -> str:
    """Escape a bare `&`, `<` and `>`; entities stay."""
    kept = _BARE_AMPERSAND.sub("&amp;", text)
    return kept.replace("<", "&lt;").replace(">", "&gt;")


def _attributes(rest: str) -> str:
    pairs = _ATTRIBUTE.findall(rest.rstrip("/ "))
    shown = ((name, _BARE_AMPERSAND.sub("&amp;", value.strip("\"'"))) for name, value in pairs)
    return "".join(f' {name}="{value.replace(chr(34), "&quot;")}"' for name, value in shown)


def _cased(name: str) -> str:
    """HTML's own names are lowered, other names keep their case."""
    return name.lower() if name.lower() in KNOWN else name


class RawHtml:
    """Rewrites one stretch of raw HTML."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[str] = []

    def render(self, text: str) -> str:
        """Give the HTML as kramdown prints it."""
        position = 0
        for token in _TOKEN.finditer(text):
            self._text(text[position : token.start()])
            self._token(token)
            position = token.end()
        self._text(text[position:])
        if self._open:
            self._out.append("\n")
        self._out += [f"</{name}>" for name in reversed(self._open)]
        return "".join(self._out).strip()

    def _text(self, text: str) -> None:
        if self._open:
            self._out.append(escaped(text))
        elif text.strip():
            self._out.append(escaped(text.strip()))

    def _token(self, token: re.Match[str]) -> None:
        if token["comment"]:
            self._out.append(token["comment"] + ("" if self._open else "\n"))
        elif token["end"]:
            self._end(_cased(token["name"]), token[0])
        else:
            self._start(_cased(token["name"]), token["rest"])

    def _start(self, name: str, rest: str) -> None:
        if name in VOID:
            self._out.append(f"<{name}{_attributes(rest)} />")
            return
        self._out.append(f"<{name}{_attributes(rest)}>")
        self._open.append(name)

    def _end(self, name: str, printed: str) -> None:
        """An end tag that does not fit the innermost open element is text."""
        if not self._open or self._open[-1] != name:
            self._out.append(escaped(printed))
            return
        self._open.pop()
        self._out.append(f"</{name}>" + ("" if self._open else "\n"))


def is_closed(text: str) -> bool:
    """Whether every element that a stretch of HTML opens is closed in it."""
    reader = RawHtml()
    reader.render(text)
    return not reader._open


def plain(html: str) -> str:
    """The words of HTML, as jekyll's strip_html gives them."""
    without = re.sub(r"<(script|style).*?</\1>|<!--.*?-->|<[^>]*>", "", html, flags=re.DOTALL)
    return " ".join(unescape(without).split())
