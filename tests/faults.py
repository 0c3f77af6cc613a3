"""What a server can do wrong, byte by byte; tests.misbehaving_server speaks it.

Each fault is a function of the page that a good server would have sent. `is_over`: the connection
cannot be used again.
"""

import gzip
import socket
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from threading import Event
from urllib.parse import urlencode

MEGABYTE = 1 << 20
PIECE = b"x" * 65536


@dataclass(frozen=True, slots=True)
class Page:
    """What a good server answers."""

    status: int
    kind: str
    """Content-Type."""
    body: bytes

    @property
    def half(self) -> bytes:
        return self.body[: len(self.body) // 2]


@dataclass(slots=True)
class Talk:
    """A connection on which one request has come in."""

    connection: socket.socket
    path: str
    options: Mapping[str, str]
    closed: Event
    """Set when the server closes: nobody waits longer."""
    is_over: bool = False

    def head(self, status: int, *lines: str) -> None:
        """Send a status line and headers."""
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Own"
        whole = (f"HTTP/1.1 {status} {phrase}", *lines, "", "")
        self.connection.sendall("\r\n".join(whole).encode("latin-1"))

    def send(self, body: bytes) -> None:
        """Send what comes after the headers."""
        self.connection.sendall(body)

    def answer(self, page: Page, *lines: str) -> None:
        """Send a page as a good server does."""
        self.head(
            page.status, f"Content-Type: {page.kind}", f"Content-Length: {len(page.body)}", *lines
        )
        self.send(page.body)

    def option(self, name: str, default: int) -> int:
        """A whole number of the options."""
        return int(self.options.get(name, default))


Fault = Callable[[Talk, Page], None]


def good(talk: Talk, page: Page) -> None:
    """The page, after `wait` twentieths of a second in as many pieces; at once by default."""
    pieces = talk.option("wait", 0)
    talk.head(page.status, f"Content-Type: {page.kind}", f"Content-Length: {len(page.body)}")
    for number in range(pieces):
        talk.send(page.body[number : number + 1])
        talk.closed.wait(0.05)
    talk.send(page.body[pieces:])


def status(talk: Talk, page: Page, number: int) -> None:
    """`after`: the header Retry-After, as it stands; `date`: the header Date."""
    names = {"after": "Retry-After", "date": "Date"}
    lines = [f"{names[key]}: {value}" for key, value in talk.options.items() if key in names]
    body = f"<html><body>{number}</body></html>".encode()
    talk.answer(Page(number, page.kind, b"" if number in {204, 304} else body), *lines)


def say(talk: Talk, page: Page) -> None:
    """Another body, `text`."""
    talk.answer(Page(200, page.kind, talk.options["text"].encode()))


# --- redirects ----------------------------------------------------------------------------------


def redirect(talk: Talk, page: Page) -> None:
    """Leads `to` an address, with `status` 302 by default."""
    talk.answer(Page(talk.option("status", 302), page.kind, b""), f"Location: {talk.options['to']}")


def loop(talk: Talk, page: Page) -> None:
    """Leads to itself."""
    talk.answer(Page(302, page.kind, b""), f"Location: {talk.path}")


def hops(talk: Talk, page: Page) -> None:
    """Leads through `left` further addresses, then gives the page."""
    left = talk.option("left", 1)
    if left == 0:
        talk.answer(page)
    else:
        target = f"/fault/hops?{urlencode({'left': left - 1})}"
        talk.answer(Page(301, page.kind, b""), f"Location: {target}")


def no_location(talk: Talk, page: Page) -> None:
    """Leads nowhere."""
    talk.answer(Page(302, page.kind, b""))


def bad_location(talk: Talk, page: Page) -> None:
    """Leads to what is no address."""
    talk.answer(Page(302, page.kind, b""), "Location: http://[::bad/")


# --- no answer ----------------------------------------------------------------------------------


def silence(talk: Talk, _page: Page) -> None:
    """Takes the request and says nothing."""
    talk.is_over = True
    talk.closed.wait()


def hang_up(talk: Talk, _page: Page) -> None:
    """Closes without a word."""
    talk.is_over = True


def reset(talk: Talk, _page: Page) -> None:
    """Breaks the connection off (RST)."""
    talk.is_over = True
    talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    talk.connection.close()


def not_http(talk: Talk, _page: Page) -> None:
    """Another protocol's greeting."""
    talk.is_over = True
    talk.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")


def half_head(talk: Talk, page: Page) -> None:
    """Hangs up in the middle of the headers."""
    talk.is_over = True
    talk.send(f"HTTP/1.1 200 OK\r\nContent-Type: {page.kind}\r\nContent-Le".encode())


def huge_head(talk: Talk, page: Page) -> None:
    """A header of a megabyte."""
    talk.is_over = True
    talk.answer(page, f"X-Long: {'x' * MEGABYTE}")


def bad_length(talk: Talk, page: Page) -> None:
    """A Content-Length that is no number."""
    talk.is_over = True
    talk.head(200, f"Content-Type: {page.kind}", "Content-Length: many")
    talk.send(page.body)


# --- not the whole body ---------------------------------------------------------------------------


def truncated(talk: Talk, page: Page) -> None:
    """Announces all, sends half."""
    talk.is_over = True
    talk.head(200, f"Content-Type: {page.kind}", f"Content-Length: {len(page.body)}")
    talk.send(page.half)


def reset_in_body(talk: Talk, page: Page) -> None:
    """Announces all, sends half, breaks off."""
    truncated(talk, page)
    # What was sent must arrive first: a reset overtakes it.
    talk.closed.wait(0.05)
    reset(talk, page)


def cut(talk: Talk, page: Page) -> None:
    """Announces no length, sends half, closes: for HTTP that is a whole answer."""
    talk.is_over = True
    talk.head(200, f"Content-Type: {page.kind}", "Connection: close")
    talk.send(page.half)


def no_length(talk: Talk, page: Page) -> None:
    """No fault: announces no length, sends all, closes, as old servers do."""
    talk.is_over = True
    talk.head(200, f"Content-Type: {page.kind}", "Connection: close")
    talk.send(page.body)


def short_length(talk: Talk, page: Page) -> None:
    """Announces half, sends all."""
    talk.is_over = True
    talk.head(200, f"Content-Type: {page.kind}", f"Content-Length: {len(page.half)}")
    talk.send(page.body)


def broken_chunks(talk: Talk, page: Page) -> None:
    """Chunks whose size is no number."""
    talk.is_over = True
    talk.head(200, f"Content-Type: {page.kind}", "Transfer-Encoding: chunked")
    talk.send(f"{len(page.half):x}\r\n".encode() + page.half + b"\r\nzz\r\nbroken\r\n")


def unfinished_chunks(talk: Talk, page: Page) -> None:
    """Chunks without an end."""
    talk.is_over = True
    talk.head(200, f"Content-Type: {page.kind}", "Transfer-Encoding: chunked")
    talk.send(f"{len(page.half):x}\r\n".encode() + page.half + b"\r\n")


def empty(talk: Talk, page: Page) -> None:
    """Success, and nothing."""
    talk.answer(Page(200, page.kind, b""))


def drip(talk: Talk, page: Page) -> None:
    """A byte now and then, and no end."""
    talk.is_over = True
    talk.head(200, f"Content-Type: {page.kind}", "Content-Length: 100000")
    while not talk.closed.wait(0.05):
        talk.send(b" ")


# --- too much -------------------------------------------------------------------------------------


def too_large(talk: Talk, page: Page) -> None:
    """Announces `megabytes` (64) and begins to send."""
    talk.is_over = True
    length = talk.option("megabytes", 64) * MEGABYTE
    talk.head(200, f"Content-Type: {page.kind}", f"Content-Length: {length}")
    _stream(talk, length, b"%b")


def endless(talk: Talk, page: Page) -> None:
    """Announces nothing and sends `megabytes` (64)."""
    talk.is_over = True
    talk.head(200, f"Content-Type: {page.kind}", "Connection: close")
    _stream(talk, talk.option("megabytes", 64) * MEGABYTE, b"%b")


def endless_chunks(talk: Talk, page: Page) -> None:
    """The same in chunks."""
    talk.is_over = True
    talk.head(200, f"Content-Type: {page.kind}", "Transfer-Encoding: chunked")
    _stream(talk, talk.option("megabytes", 64) * MEGABYTE, b"10000\r\n%b\r\n")


def _stream(talk: Talk, length: int, form: bytes) -> None:
    for _ in range(length // len(PIECE)):
        talk.send(form % PIECE)


def bomb(talk: Talk, page: Page) -> None:
    """Some kilobytes of gzip that make `megabytes` (64)."""
    piece, packer = b" " * MEGABYTE, zlib.compressobj(wbits=31)
    parts = [packer.compress(piece) for _ in range(talk.option("megabytes", 64))]
    body = b"".join((*parts, packer.flush()))
    talk.answer(Page(200, page.kind, body), "Content-Encoding: gzip")


# --- another form than announced ------------------------------------------------------------------


def not_gzip(talk: Talk, page: Page) -> None:
    """Says gzip and sends the page as it is."""
    talk.answer(page, "Content-Encoding: gzip")


def cut_gzip(talk: Talk, page: Page) -> None:
    """Half of the packed page, with its own length."""
    whole = Page(200, page.kind, gzip.compress(page.body))
    talk.answer(Page(200, page.kind, whole.half), "Content-Encoding: gzip")


def spoilt_gzip(talk: Talk, page: Page) -> None:
    """The whole packed page, whose sum is wrong."""
    body = bytearray(gzip.compress(page.body))
    body[-8] ^= 0xFF
    talk.answer(Page(200, page.kind, bytes(body)), "Content-Encoding: gzip")


def packed(talk: Talk, page: Page) -> None:
    """No fault: the page in gzip."""
    body = gzip.compress(page.body)
    talk.answer(Page(page.status, page.kind, body), "Content-Encoding: gzip")


def charset(talk: Talk, page: Page) -> None:
    """The page under a `name` (latin-1) that is not its own."""
    name = talk.options.get("name", "latin-1")
    talk.answer(Page(200, f"{page.kind.partition(';')[0]}; charset={name}", page.body))


def kind(talk: Talk, page: Page) -> None:
    """The page under another Content-Type, `name` (application/octet-stream)."""
    name = talk.options.get("name", "application/octet-stream")
    talk.answer(Page(200, name, page.body))


def no_colon(talk: Talk, page: Page) -> None:
    """The page with a header line that is none."""
    talk.answer(page, "this is no header")


FAULTS: Mapping[str, Fault] = {
    "none": good,
    **{
        fault.__name__: fault
        for fault in (
            say, redirect, loop, hops, no_location, bad_location,
            silence, hang_up, reset, not_http, half_head, huge_head, bad_length,
            truncated, reset_in_body, cut, no_length, short_length,
            broken_chunks, unfinished_chunks, empty, drip,
            too_large, endless, endless_chunks, bomb,
            not_gzip, cut_gzip, spoilt_gzip, packed, charset, kind, no_colon,
        )
    },
}  # fmt: skip


def speak(name: str, talk: Talk, page: Page) -> None:
    """Answer with a fault of that name, or with that status."""
    if name.isdecimal():
        status(talk, page, int(name))
    else:
        FAULTS[name](talk, page)
