"""What could not be written: kept on disk, one file a batch, and written by the next crawl.

Writing a batch twice changes nothing (articles and listings are compared with what is stored,
rejects carry a key), so a file is deleted only after its commit.
"""

import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from finews_crawler.errors import StorageError
from finews_crawler.items import Answer, Article, LateCopy, Listing, Miss, Reextracted, Reject
from pipelines.store.batch import Item
from pipelines.store.printings import from_json

_VERSION = 1
Write = Callable[[int, Sequence[Item]], object]


class Spool:
    """The folder of one database's unsent batches."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder / hashlib.sha256(database.encode()).hexdigest()[:12]

    def keep(self, run_id: int, items: Sequence[Item]) -> Path:
        """Write a batch to a file of its own, so that it survives a power cut.

        Raises:
            StorageError: the disk refuses it too.
        """
        content = {"version": _VERSION, "run_id": run_id, "items": [_sent(one) for one in items]}
        target = self.folder / f"{uuid4().hex}.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write_whole(target, json.dumps(content, default=_plain).encode())
        except OSError as error:
            raise StorageError(f"{len(items)} items are lost: {target}: {error}") from error
        return target

    def files(self) -> list[Path]:
        """The batches that wait, the oldest first."""
        found = self.folder.glob("*.json") if self.folder.is_dir() else ()
        return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def send(self, write: Write) -> Iterator[tuple[Path, int]]:
        """Write every batch that waits and delete its file; gives files and numbers of items.

        Raises:
            StorageError: a file cannot be read, or the database refuses.
        """
        for path in self.files():
            if not path.exists():  # another crawl, begun at the same time, has sent it
                continue
            run_id, items = _read(path)
            write(run_id, items)
            path.unlink(missing_ok=True)
            yield path, len(items)


def _write_whole(target: Path, content: bytes) -> None:
    partial = target.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(target)


def _plain(value: object) -> object:
    """What JSON does not know. The standard library's JSON keeps even half a surrogate pair."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    raise TypeError(f"no JSON form: {value!r}")


def _sent(item: Item) -> dict[str, Any]:
    return {"kind": type(item).__name__, "fields": item}


def _read(path: Path) -> tuple[int, list[Item]]:
    try:
        content = json.loads(path.read_bytes())
        if content["version"] != _VERSION:
            raise StorageError(f"{path}: another version of finews wrote it")
        return content["run_id"], [_item(one["kind"], one["fields"]) for one in content["items"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{path} cannot be read: {error}; move it out of the folder to crawl without it"
        ) from error


def _article(fields: dict[str, Any]) -> Article:
    whole = {
        name: tuple(_article(one) for one in fields.pop(name, ()))
        for name in ("printings", "earlier")
    }
    return from_json({**fields, **whole})


def _timed(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {**fields, name: datetime.fromisoformat(fields[name])}


def _answer(fields: dict[str, Any] | None) -> Answer | None:
    if fields is None:
        return None
    headers = tuple((name, value) for name, value in fields["headers"])
    return Answer(**{**fields, "headers": headers, "body": b64decode(fields["body"])})


def _item(kind: str, fields: dict[str, Any]) -> Item:
    match kind:
        case "Article":
            return _article(fields)
        case "LateCopy":
            return LateCopy(article=_article(fields["article"]))
        case "Reextracted":
            return Reextracted(article=_article(fields["article"]))
        case "Listing":
            lists = {name: tuple(fields.get(name, ())) for name in ("entries", "addresses")}
            back_to = fields.get("back_to")  # files of an older program have none
            known = {**lists, "back_to": back_to and datetime.fromisoformat(back_to)}
            return Listing(**{**_timed(fields, "fetched_at"), **known})
        case "Miss":
            return Miss(**_timed(fields, "seen_at"))
        case "Reject":
            answer = _answer(fields.get("answer"))
            return Reject(**{**_timed(fields, "seen_at"), "answer": answer})
    raise ValueError(f"unknown item {kind}")
