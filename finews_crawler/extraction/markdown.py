"""A post's own Markdown, as the site's archive keeps it: front matter, then HTML or plain words."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape, unescape
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from markdown_it import MarkdownIt

from finews_crawler.errors import UnknownLayoutError
from finews_crawler.extraction.body import Body, is_flash, read_body
from finews_crawler.extraction.footer import Footer, split_footer_lines
from finews_crawler.extraction.front_matter import FrontMatter, read_front_matter
from finews_crawler.extraction.html import parse_fragment
from finews_crawler.extraction.ids import article_code
from finews_crawler.extraction.records import plain_text_of
from finews_crawler.items import RawArticle, StatedTime

EXTRACTOR = "markdown/1"
SITE = "https://finews.withounder.com"

_FENCED = re.compile(r"\s*---[ \t]*\n(.*?)\n---[ \t]*(?:\n|$)", re.DOTALL)
_FILE_NAME = re.compile(r"(?:(\d{4}-\d\d-\d\d)|[^-\d]*)-(.+)")
_SAFE = "/:!$'()*,;@+=~"  # what Jekyll leaves as it is
_LATE_HOUR = re.compile(r"\d{4}-\d\d-\d\d (?:1[6-9]|2[0-3]):\d\d(?::\d\d)?\s*$")
_ABSOLUTE = re.compile(r"\d{4}-\d\d-\d\d")
_BLOCK_TAG = re.compile(r"\s*<(?:!--|p|div|center|table|h\d|ul|ol|span)\b|\s*<!--", re.IGNORECASE)
_ADDRESS = re.compile(r"<(https?://[^<>\s]*)>")
_INLINE_TAG = re.compile(r"<(?:span|a|p|br|strong|img|center)(?:\s[^<>]*)?/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _File:
    """The parts of a post file."""

    slug: str
    date: str | None
    front_matter: FrontMatter
    digest: str | None
    body: Body
    footer: Footer


def _front_matter(text: str, url: str) -> tuple[FrontMatter, str]:
    fenced = _FENCED.match(text)
    found = read_front_matter(fenced[1]) if fenced else None
    if fenced is None or found is None:
        raise UnknownLayoutError(url, "no front matter between two lines of ---")
    return found, text[fenced.end() :]


def _html(text: str, *, is_generated: bool) -> str:
    """The body as HTML: it is HTML, or the generator's words as they are, or Markdown."""
    if _BLOCK_TAG.match(text) or (is_generated and _INLINE_TAG.search(text)):
        return _ADDRESS.sub(r"&lt;\1&gt;", text)  # words to Jekyll, a tag to HTML
    if is_generated:
        paragraphs = re.split(r"\n\s*\n", text)
        return "".join(f"<p>{escape(unescape(words), quote=False)}</p>" for words in paragraphs)
    return str(MarkdownIt("commonmark").render(text))


def _split_digest(lines: list[str]) -> tuple[str, list[str]]:
    """The summary line `> …` in front of the body."""
    start = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    end = start
    while end < len(lines) and lines[end].startswith(">"):
        end += 1
    quoted = (line.removeprefix(">").strip() for line in lines[start:end])
    return " ".join(filter(None, quoted)), lines[end:]


def _read(body: bytes, url: str) -> _File:
    text = body.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    front_matter, content = _front_matter(text, url)
    path = PurePosixPath(unquote(urlsplit(url).path))
    named = _FILE_NAME.fullmatch(path.name.removesuffix(".md"))
    lines, footer = split_footer_lines(content.split("\n"))
    digest, lines = _split_digest(lines)
    is_generated = footer.address is not None or article_code(path.name) is not None
    html = _html("\n".join(lines), is_generated=is_generated)
    return _File(
        slug=named[2] if named else path.name.removesuffix(".md"),
        date=named[1] if named else None,
        front_matter=front_matter,
        digest=plain_text_of(digest) or None,
        body=read_body([parse_fragment(html, url)], SITE),
        footer=footer,
    )


def _times(file: _File) -> tuple[StatedTime, ...]:
    """What the front matter states, and the file's name.

    `今天 16:25` was today when the generator ran, which nobody knows any more: no statement.
    """
    stated = file.front_matter.date
    absolute = stated if stated and _ABSOLUTE.match(stated) else None
    found = (
        StatedTime(where="front_matter", text=absolute) if absolute else None,
        StatedTime(where="url", text=file.date) if file.date else None,
    )
    return tuple(statement for statement in found if statement is not None)


def _site_day(stated: str) -> str | None:
    """The day in the post's path; a time without zone the site took for UTC, 8 hours back."""
    try:
        day = date.fromisoformat(stated[:10])
        return (day + timedelta(days=1) if _LATE_HOUR.match(stated) else day).isoformat()
    except (ValueError, OverflowError):  # 2022-13-01, 9999-12-31
        return None


def _site_url(file: _File) -> str | None:
    """The address of a post without an id, by which it is known on the site."""
    stated = file.front_matter.date or ""
    day = _site_day(stated) if _ABSOLUTE.match(stated) else file.date
    if day is None:
        return None
    folders = [name.lower() for name in file.front_matter.categories]
    path = "/".join([*folders, *day.split("-"), f"{file.slug}.html"])
    return f"{SITE}/{quote(path, safe=_SAFE)}"


def extract_markdown(body: bytes, url: str, fetched_at: datetime) -> RawArticle:
    """Read a post file; `url` names it, and its last part is the file's name.

    Raises:
        UnknownLayoutError: it has no front matter.
    """
    file = _read(body, url)
    code = article_code(file.slug) or article_code(file.footer.address)
    bare = file.body.source_line is None and file.digest is None
    is_digest = bare and file.footer.address is not None and is_flash(file.body.blocks)
    return RawArticle(
        page_kind="markdown",
        extractor=EXTRACTOR,
        url=url,
        fetched_at=fetched_at,
        body=tuple(file.body.blocks),
        body_kind="digest" if is_digest else "full",
        code=code,
        canonical_url=_site_url(file),
        title=plain_text_of(file.front_matter.title),
        times=_times(file),
        source_line=file.body.source_line,
        digest=file.digest,
        categories=file.front_matter.categories,
        category_urls=tuple(file.footer.back_links),
        tags=file.front_matter.tags,
        share_url=file.footer.share_url,
        origin_url=file.footer.origin_url,
        related=tuple(file.body.related),
        footer_form=file.footer.form,
        unknown_widgets=tuple(file.body.unknown_widgets),
        strategies={"title": "front matter", "body": "markdown", "categories": "front matter"},
    )
