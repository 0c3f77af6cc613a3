"""Who receives notifications in tests: a webhook and a mailbox, real servers on loopback."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Webhook:
    """Keeps what is posted to it; answers with `statuses`, then with 200."""

    port: int
    posted: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    hold: Event | None = None
    """Answers wait for it."""

    @property
    def url(self) -> str:
        """As Apprise has it, with a secret."""
        return f"json://user:secret@127.0.0.1:{self.port}/token123"

    @property
    def titles(self) -> list[str]:
        return [one["title"] for one in self.posted]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        hook: Webhook = self.server.hook  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        hook.paths.append(self.path)
        if hook.hold is not None:
            hook.hold.wait(30)
        status = hook.statuses.pop(0) if hook.statuses else 200
        if status == 200:
            hook.posted.append(json.loads(body))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def webhook() -> Iterator[Webhook]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    hook = Webhook(server.server_port)
    server.hook = hook  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hook
    finally:
        if hook.hold is not None:
            hook.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """Keeps the letters that come."""

    port: int
    letters: list[Message] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        people = "from=crawler@a.test&to=operator@b.test"
        return f"mailto://127.0.0.1:{self.port}?{people}"

    def text(self) -> str:
        """The words of the only letter."""
        (letter,) = self.letters
        part = next(one for one in letter.walk() if one.get_content_type() == "text/plain")
        return cast("bytes", part.get_payload(decode=True)).decode()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        self.letters.append(message_from_bytes(cast("bytes", envelope.content), policy=default))
        self.to.append(list(envelope.rcpt_tos))
        return "250 kept"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
