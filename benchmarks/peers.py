"""One general extractor on many pages: `python -I peers.py NAME < pages.jsonl > readings.jsonl`.

Runs in an environment of its own (see `peers-requirements.txt`), so it imports nothing of this
project. A line in is `{"url": …, "body": …}`, the body in base64. The first line out says which
version answers, or why none does; each further line is the reading of one page, or its error.
Each peer has the settings that served it best on Chinese pages.
"""

import base64
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module, metadata
from typing import Any, NamedTuple, TextIO
from urllib.parse import urljoin

REPETITIONS = 3

Reading = dict[str, str | None]
Reader = Callable[[bytes, str], Reading]


class Peer(NamedTuple):
    """An extractor: how it is called and which fields it claims to read."""

    make: Callable[[], Reader]
    reads: tuple[str, ...]


def _text(value: object) -> str | None:
    """ISO 8601 of a time, the text of anything else."""
    if value is None:
        return None
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def make_trafilatura() -> Reader:
    """All fallbacks on, comments off; its date has no clock in any output format."""
    extract = import_module("trafilatura").bare_extraction

    def read(body: bytes, url: str) -> Reading:
        found = extract(body, url=url, with_metadata=True, fast=False, include_comments=False)
        if found is None:
            return {}
        return {"title": found.title, "time": found.date, "body": found.text}

    return read


def make_newspaper() -> Reader:
    """In Chinese; given the site's address, for it prefers a page's dated URL to its clock."""
    article_class = import_module("newspaper").Article

    def read(body: bytes, url: str) -> Reading:
        article = article_class(urljoin(url, "/"), language="zh", fetch_images=False)
        article.download(input_html=body.decode("utf-8", "replace"))
        article.parse()
        time_ = _text(article.publish_date)
        return {"title": article.title, "time": time_, "body": article.text}

    return read


def make_gne() -> Reader:
    """As it comes; what it takes for 来源 it gives as the author."""
    extract = import_module("gne").GeneralNewsExtractor().extract

    def read(body: bytes, url: str) -> Reading:
        found = extract(body.decode("utf-8", "replace"), host=urljoin(url, "/"))
        return {
            "title": found["title"],
            "time": found["publish_time"],
            "source": found["author"],
            "body": found["content"],
        }

    return read


def make_news_please() -> Reader:
    """As it comes; it finds the language by itself."""
    extract = import_module("newsplease").NewsPlease.from_html

    def read(body: bytes, url: str) -> Reading:
        found = extract(body, url=url)
        time_ = _text(found.date_publish)
        return {"title": found.title, "time": time_, "body": found.maintext}

    return read


def make_readability() -> Reader:
    """Its short title leaves the site's name out; its summary is HTML."""
    document = import_module("readability").Document
    parse = import_module("lxml.html").fromstring

    def read(body: bytes, url: str) -> Reading:
        found = document(body.decode("utf-8", "replace"), url=url)
        title = found.short_title()  # before the summary, which changes the tree
        return {"title": title, "body": str(parse(found.summary()).text_content())}

    return read


def make_resiliparse() -> Reader:
    """The main content without what stands around it."""
    extract = import_module("resiliparse.extract.html2text").extract_plain_text
    parse = import_module("resiliparse.parse.html").HTMLTree.parse_from_bytes
    only = {"main_content": True, "alt_texts": False, "list_bullets": False, "comments": False}

    def read(body: bytes, url: str) -> Reading:
        return {"body": extract(parse(body), **only, post_meta=False)}

    return read


def make_goose() -> Reader:
    """Chinese stop words, whatever language the page names."""
    chinese = import_module("goose3.text").StopWordsChinese
    goose = import_module("goose3").Goose(
        {
            "use_meta_language": False,
            "target_language": "zh",
            "stopwords_class": chinese,
            "enable_image_fetching": False,
        }
    )

    def read(body: bytes, url: str) -> Reading:
        found = goose.extract(raw_html=body.decode("utf-8", "replace"))
        time_ = _text(found.publish_date)
        return {"title": found.title, "time": time_, "body": found.cleaned_text}

    return read


_PAGE = ("title", "time", "body")
PEERS = {
    "trafilatura": Peer(make_trafilatura, _PAGE),
    "newspaper4k": Peer(make_newspaper, _PAGE),
    "gne": Peer(make_gne, ("title", "time", "source", "body")),
    "news-please": Peer(make_news_please, _PAGE),
    "readability-lxml": Peer(make_readability, ("title", "body")),
    "resiliparse": Peer(make_resiliparse, ("body",)),
    "goose3": Peer(make_goose, _PAGE),
}


def read_page(read: Reader, body: bytes, url: str) -> dict[str, Any]:
    """Read a page several times: the answer of the last, the milliseconds of the best."""
    best = float("inf")
    found: Reading = {}
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        try:
            found = read(body, url)
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is its result
            return {"crashed": f"{type(error).__name__}: {error}"}
        best = min(best, time.perf_counter() - start)
    return {**found, "ms": best * 1000}


def main(name: str, out: TextIO) -> None:
    """Answer line by line, so that what was read stays when a page ends the process."""
    try:
        read = PEERS[name].make()
        version = metadata.version(name)
    except Exception as error:  # noqa: BLE001 - a broken installation fails in many ways
        print(json.dumps({"missing": f"{type(error).__name__}: {error}"}), file=out, flush=True)
        return
    print(json.dumps({"version": version}), file=out, flush=True)
    for line in sys.stdin:
        page = json.loads(line)
        reading = read_page(read, base64.b64decode(page["body"]), page["url"])
        print(json.dumps(reading), file=out, flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable()
    answers, sys.stdout = sys.stdout, sys.stderr  # peers print, too
    main(sys.argv[1], answers)
