"""Headers of every answer, whatever it is: also of errors, files and what is refused."""

from starlette.types import Message, Send

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_ENCODED = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
# What a person may read is for this person's browser only, and is asked for again each time.
_CACHE = (b"cache-control", b"private, no-cache")


def with_security_headers(send: Send) -> Send:
    """A `send` that adds the headers to the start of each answer."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message["headers"])
            names = {name.lower() for name, _ in given}
            cache = [] if _CACHE[0] in names else [_CACHE]
            message["headers"] = [*given, *cache, *_ENCODED]
        await send(message)

    return send_with_headers
