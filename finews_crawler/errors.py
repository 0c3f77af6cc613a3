"""The one tree of errors, grouped by who must react."""


def one_line(error: BaseException) -> str:
    """An error as an operator reads it; of a database's the driver's own words, without the SQL."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


class FinewsError(Exception):
    """Every error that finews raises on purpose."""


class ConfigurationError(FinewsError):
    """The operator must mend a setting, an argument or a reference table before a run can start."""


class ArgumentError(ConfigurationError):
    """A spider argument is unknown or its value cannot be understood."""


class StorageError(FinewsError):
    """The database cannot be opened or refuses a write; the operator must look at it."""


class QueryError(FinewsError):
    """A reader asked for what cannot be answered; the message says what to ask instead."""


class ExtractionError(FinewsError):
    """A page cannot be used; the crawl goes on and keeps the page's address as a reject."""

    reason = "extraction"

    def __init__(self, url: str, detail: str) -> None:
        super().__init__(f"{url}: {detail}")
        self.url = url
        self.detail = detail


class UnknownLayoutError(ExtractionError):
    """The page lacks a part that every known layout has; the message names the part."""

    reason = "unknown_layout"


class NotFoundPageError(ExtractionError):
    """The site's "404 找不到页面" page, answered with a status of success."""

    reason = "not_found_page"


class EmptyAnswerError(ExtractionError):
    """The endpoint answered in the right form but holds no article."""

    reason = "empty_answer"
