"""Runs the application: one process, which ends when it is told to."""

import signal
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from finews.web.app import create_app
from finews.web.settings import WebSettings, shown_address
from finews_crawler.errors import ConfigurationError

_GRACE_SECONDS = 10
_BACKLOG = 512


class WebServer(uvicorn.Server):
    """A server that sends those home who wait for changes before it waits for its clients."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
                lifespan="on",
            )
        )
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: no new client, the running answers are finished."""
        await self._app.state.watcher.close()
        await super().shutdown(sockets)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any free one.

    Raises:
        ConfigurationError: the port is taken, or the address is not this machine's.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, proto)
    except OSError as error:
        raise ConfigurationError(f"{host} is no address: {error.strerror}") from error
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        raise ConfigurationError(
            f"cannot listen on {host} port {port}: {error.strerror}; another --port may be free"
        ) from error
    return found


def run(settings: WebSettings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; `ready` is told the address as soon as it can be asked.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    with listening(settings.host, settings.port) as one:
        server = WebServer(create_app(settings))
        # uvicorn sends itself the signal again when it has ended in order: that is no fault.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        ready(shown_address(settings.host, one.getsockname()[1]))
        server.run(sockets=[one])
