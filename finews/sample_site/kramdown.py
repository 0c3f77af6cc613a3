"""As much of kramdown (GFM input) as the site's posts need.

A maintained Markdown library would read the posts well; the point is to read them as the real site
does: raw HTML to the blank line and beyond when a tag is open, stars of *ST as emphasis, an ASCII
bar as a table, quotes made curly.
"""

import re

from finews.sample_site.raw_html import RawHtml, escaped, is_closed

_BLOCK_HTML = re.compile(
    r"(?:<!--|</?(?:p|center|table|div|h[1-6]|ul|ol|li|blockquote|pre|hr|video|script|style)\b)",
    re.IGNORECASE,
)
_RULE = re.compile(r"(?:- ?){3,}$|(?:\* ?){3,}$")
_HEADING = re.compile(r"(#{1,6})\s+(.*)$")
_ORDERED = re.compile(r"\d+\.\s+")
_SETEXT = re.compile(r"(?P<text>[^\n]+)\n(?P<line>-+|=+)$")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]+)>")
_LINK = re.compile(r"\[([^\]]*)\]\(((?:[^()\n]|\([^()\n]*\))+)\)")
_INLINE_TAG = re.compile(r"</?(?:span|a|strong|em|br|img|font|sup|sub)\b[^>]*>")
_EMPHASIS = (
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\*)\*(?=[^\s*])([^*]+?)(?<=\S)\*(?!\*)"), r"<em>\1</em>"),
    (re.compile(r"~~(?=\S)(.+?)(?<=\S)~~"), r"<del>\1</del>"),
    (re.compile(r"\$\$(.+?)\$\$"), r"\\(\1\\)"),
)
_TYPOGRAPHY = (("---", "—"), ("--", "–"), ("...", "…"))
_OPENING = re.compile(r"(^|[\s(\[—–])([\"'])(?=\S)")
_CURLY = {'"': ("“", "”"), "'": ("‘", "’")}


def _curly(text: str) -> str:
    """Smart quotes: opening after white space, closing elsewhere, so mostly closing in Chinese."""
    text = _OPENING.sub(lambda found: found[1] + _CURLY[found[2]][0], text)
    for straight, (_, closing) in _CURLY.items():
        text = text.replace(straight, closing)
    return text


def _words(text: str) -> str:
    text = escaped(text)
    for pattern, replacement in _EMPHASIS:
        text = pattern.sub(replacement, text)
    for plain, typeset in _TYPOGRAPHY:
        text = text.replace(plain, typeset)
    return _curly(text)


def inline(text: str) -> str:
    """Render the inside of a paragraph."""
    parts: list[str] = []
    position = 0
    pattern = re.compile(f"{_AUTOLINK.pattern}|{_LINK.pattern}|({_INLINE_TAG.pattern})")
    for found in pattern.finditer(text):
        parts.append(_words(text[position : found.start()]))
        address, words, target, tag = found.groups()
        shown = f'<a href="{escaped(target or address or "")}">{_words(words or address or "")}</a>'
        parts.append(tag or shown)
        position = found.end()
    return "".join([*parts, _words(text[position:])])


def _table(text: str) -> str:
    rows = []
    for line in text.split("\n"):
        cells = "".join(f"      <td>{inline(cell.strip())}</td>\n" for cell in line.split("|"))
        rows.append(f"    <tr>\n{cells}    </tr>\n")
    return f"<table>\n  <tbody>\n{''.join(rows)}  </tbody>\n</table>"


def _quote(text: str) -> str:
    inner = render("\n".join(line.removeprefix(">").removeprefix(" ") for line in text.split("\n")))
    indented = "\n".join(f"  {line}" if line else line for line in inner.split("\n"))
    return f"<blockquote>\n{indented}\n</blockquote>"


def _ordered(text: str) -> str:
    items = [f"  <li>{inline(_ORDERED.sub('', line, 1))}</li>" for line in text.split("\n")]
    return "<ol>\n" + "\n".join(items) + "\n</ol>"


def _heading(level: int, text: str) -> str:
    return f'<h{level} id="{text.replace(" ", "-")}">{inline(text)}</h{level}>'


def _block(text: str) -> str:
    first, _, rest = text.partition("\n")
    if rest and _RULE.fullmatch(first):
        return f"<hr />\n{_block_of_words(rest)}"
    return _block_of_words(text)


def _block_of_words(text: str) -> str:
    if _RULE.fullmatch(text):
        return "<hr />"
    if found := _HEADING.fullmatch(text):
        level = len(found[1])
        return _heading(level, found[2])
    if found := _SETEXT.fullmatch(text):
        level = 1 if found["line"][0] == "=" else 2
        return _heading(level, found["text"])
    if text.startswith(">"):
        return _quote(text)
    if _ORDERED.match(text):
        return _ordered(text)
    return _table(text) if "|" in text else f"<p>{inline(text)}</p>"


def _blocks(text: str) -> list[str]:
    """Split at blank lines; raw HTML with an open element runs on to the end."""
    chunks = re.split(r"\n[ \t]*\n+", text.strip("\n"))
    blocks: list[str] = []
    for number, chunk in enumerate(chunks):
        if _BLOCK_HTML.match(chunk) and not is_closed(chunk):
            return [*blocks, RawHtml().render("\n\n".join(chunks[number:]))]
        if chunk.strip():
            is_html = _BLOCK_HTML.match(chunk.lstrip())
            blocks.append(RawHtml().render(chunk) if is_html else _block(chunk.strip()))
    return blocks


def render(text: str) -> str:
    """Render a post's Markdown."""
    return "\n\n".join(_blocks(text))
