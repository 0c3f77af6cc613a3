"""`finews serve`: what it refuses before it listens; a process that serves and ends in order."""

import os
import re
import signal
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import IO

import httpx
import pytest
from sqlalchemy import create_engine, text

from finews.commands import serve
from tests.finews.filling import filled
from tests.finews.running import runner
from tests.repository.reading import ROOT

TOKEN = "a-token-for-tests-0123456789"


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'finews.db'}"
    filled(url)
    return url


# --- what it refuses ------------------------------------------------------------------------------


def refused(database: str, *arguments: str) -> str:
    """The one line that it tells."""
    result = runner(database)("serve", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    return line


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(serve.TOKEN_VARIABLE, raising=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "news.example"])
def test_beyond_this_machine_only_with_a_token(database: str, host: str) -> None:
    assert refused(database, "--host", host) == (
        f"finews: {host} can be reached from other machines: set FINEWS_WEB_TOKEN or --token-file, "
        "or listen on 127.0.0.1"
    )


@pytest.mark.parametrize(
    "token", ["short", "密码密码密码密码密码密码密码密码", "0123456789 \t 0123456789"]
)
def test_a_token_that_is_too_easy_or_fits_in_no_header(
    database: str, token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "must be 16 or more printable ASCII characters; `openssl rand -hex 24` makes one"
    monkeypatch.setenv(serve.TOKEN_VARIABLE, token)
    assert refused(database) == f"finews: the token in FINEWS_WEB_TOKEN {told}"
    file = tmp_path / "token"
    file.write_text(token)
    assert refused(database, "--token-file", str(file)) == f"finews: the token in {file} {told}"


def test_a_token_that_cannot_be_read(database: str, tmp_path: Path) -> None:
    told = refused(database, "--token-file", str(tmp_path / "none"))
    assert "none cannot be read" in told


def test_a_port_that_is_taken(database: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused(database, "--port", str(port)) == (
            f"finews: cannot listen on 127.0.0.1 port {port}: Address already in use; "
            "another --port may be free"
        )


def test_an_address_that_is_not_this_machine(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(serve.TOKEN_VARIABLE, TOKEN)
    assert "cannot listen on 192.0.2.1 port 0" in refused(
        database, "--host", "192.0.2.1", "--port", "0"
    )


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    assert refused(url) == f"finews: there is no database {url}"
    assert not (tmp_path / "none.db").exists()


def test_a_database_of_another_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE other (id INTEGER)"))
    engine.dispose()
    told = refused(url)
    assert told.startswith(f"finews: {url} has schema none, this version of finews reads ")
    assert told.endswith(": run `finews db upgrade`")


@pytest.mark.parametrize("package", ["fastapi", "uvicorn", "jinja2"])
def test_without_the_extra_it_says_what_to_install(
    database: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> ModuleType:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)

    monkeypatch.setattr(serve, "import_module", missing)
    assert refused(database) == (
        f"finews: {package} is not installed; install it by: pip install 'finews[web]'"
    )
    monkeypatch.setattr(serve, "import_module", import_module)


def test_the_command_line_without_the_extra_imports_nothing_of_it() -> None:
    program = "import sys; import finews.commands.serve; print(sorted(sys.modules))"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT
    ).stdout
    assert not {"'fastapi'", "'uvicorn'", "'jinja2'", "'pydantic'"} & set(told.split(", "))


# --- a process ------------------------------------------------------------------------------------


@contextmanager
def serving(database: str, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """`finews serve` on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "finews", "serve", "--port", "0", *arguments],
        env={**os.environ, "FINEWS_DATABASE_URL": database, "FINEWS_LANGUAGE": "en", **variables},
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def address_in(told: IO[str] | None) -> str:
    """What it tells as soon as it can be asked."""
    assert told is not None
    line = told.readline()
    (address,) = re.findall(r"http://\S+", line)
    return str(address)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_end(database: str, number: signal.Signals) -> None:
    with serving(database) as process:
        address = address_in(process.stderr)
        with httpx.Client(base_url=address, trust_env=False) as client:
            assert client.get("/healthz").json() == {"status": "ok"}
            with client.stream("GET", "/live") as stream:
                lines = stream.iter_lines()
                assert [next(lines) for _ in range(3)] == ["event: change", "id: 7", "data: 7"]
                process.send_signal(number)
                assert "event: change" not in list(lines)
        _, told = process.communicate()
    assert (process.returncode, told) == (0, "Stopped.\n")


def test_with_a_token_it_serves_beyond_this_machine(database: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    with serving(database, "--host", "0.0.0.0", "--token-file", str(file)) as process:
        port = httpx.URL(address_in(process.stderr)).port
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            assert client.get("/api/v1/clock").status_code == 401
            headers = {"authorization": f"Bearer {TOKEN}", "host": "news.example"}
            assert client.get("/api/v1/clock", headers=headers).status_code == 200


def test_it_opens_a_browser_when_asked_to(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)

    def run(_settings: object, ready: object) -> None:
        assert callable(ready)
        ready("http://127.0.0.1:1/")

    monkeypatch.setattr("finews.web.server.run", run)
    result = runner(database, "zh")("serve", "--open")
    assert (result.exit_code, opened) == (0, ["http://127.0.0.1:1/"])
    assert "已在 http://127.0.0.1:1/ 提供服务" in result.stderr
