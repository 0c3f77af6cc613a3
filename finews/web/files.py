"""Scripts, styles and pictures that are shipped; an address holds the version of what it names."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs

from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
MOUNT = "/static"
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def version(path: str) -> str:
    """The first digits of the hash of a shipped file.

    Raises:
        OSError: there is none.
    """
    return sha256((FOLDER / path).read_bytes()).hexdigest()[:12]


def static(path: str) -> str:
    """The address of a shipped file; it may be kept for ever."""
    return f"{MOUNT}/{path}?v={version(path)}"


class ShippedFiles(StaticFiles):
    """Shipped files; only the address with the right version may be kept."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file."""
        found = await super().get_response(path, scope)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v")
        if asked and found.status_code in {200, 304} and asked[-1] == version(path):
            found.headers["cache-control"] = FOR_EVER
        return found
