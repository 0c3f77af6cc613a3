"""The application: pages and API on one database, which it only reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

from finews.web import api, feeds, live, pages, sign_in
from finews.web.files import FOLDER, MOUNT, ShippedFiles
from finews.web.guard import GuardMiddleware
from finews.web.headers import with_security_headers
from finews.web.languages import LanguageMiddleware
from finews.web.problems import answer_errors
from finews.web.settings import WebSettings
from finews.web.watching import Watcher
from pipelines.store.engine import connect
from pipelines.store.queries import newest_change


class Application(FastAPI):
    """FastAPI with what must stand outside of all else.

    The security headers, so that also an answer which nobody foresaw has them; and HEAD, which is
    answered as GET: the server sends no body then.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            state = {
                **scope.get("state", {}),
                "language": "en",
                "is_head": scope["method"] == "HEAD",
            }
            method = "GET" if state["is_head"] else scope["method"]
            scope, send = {**scope, "state": state, "method": method}, with_security_headers(send)
        await super().__call__(scope, receive, send)


@asynccontextmanager
async def _open_database(app: FastAPI) -> AsyncIterator[None]:
    engine = connect(app.state.settings.database_url)
    app.state.engine = engine
    app.state.watcher = Watcher(lambda: newest_change(engine))
    try:
        yield
    finally:
        await app.state.watcher.close()
        engine.dispose()


def create_app(settings: WebSettings) -> FastAPI:
    """Make the application; its database is opened when it starts."""
    app = Application(
        title="finews",
        version=version("finews"),
        lifespan=_open_database,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    answer_errors(app)
    app.include_router(sign_in.router)
    app.include_router(live.router)
    app.include_router(api.router)
    app.include_router(feeds.router)
    app.include_router(pages.router)
    app.mount(MOUNT, ShippedFiles(directory=FOLDER), name="static")
    # The last one added is the outermost.
    app.add_middleware(GuardMiddleware, settings=settings)
    app.add_middleware(LanguageMiddleware, settings=settings)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    return app
