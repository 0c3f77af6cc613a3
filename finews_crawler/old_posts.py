"""Where a post is kept when the site shows it no more: the `old_post/` of its repository."""

from string import Formatter
from urllib.parse import quote

from finews_crawler.errors import ArgumentError
from finews_crawler.extraction.ids import PostPath
from finews_crawler.site import checked_root

# Name, format and conversion: neither of the last two.
_FIELDS = {("date", "", None), ("slug", "", None)}
_DAY_LENGTH = len("2022-06-14")


def checked_template(text: str) -> str:
    """An address with `{date}` and `{slug}` in it; empty: there is no such place.

    Raises:
        ArgumentError: it is no http(s) address, or lacks one of the two.
    """
    template = text.strip()
    if not template:
        return ""
    try:
        fields = [field[1:] for field in Formatter().parse(template) if field[1] is not None]
    except ValueError as error:
        raise ArgumentError(f"{template!r}: {error}") from error
    if set(fields) != _FIELDS:
        raise ArgumentError(f"{template!r} must name {{date}} and {{slug}} and no more")
    if "{" in checked_root(template):
        raise ArgumentError(f"{template!r} must name its host")
    return template


def old_post_url(template: str, post: str) -> str | None:
    """Where a post (its address on the site) is kept; None when its address has no day."""
    path = PostPath(post)
    if not template or path.date is None:
        return None
    date, slug = path.date, path.slug
    if path.is_broken_post:  # its address has the day of the build, its slug is the file's name
        date, slug = slug[:_DAY_LENGTH], slug[_DAY_LENGTH + 1 :]
    return template.format(date=date, slug=quote(slug, safe=""))
