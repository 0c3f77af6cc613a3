"""From the address of the database to that of its queue."""

from importlib import import_module
from types import ModuleType

import pytest
from psycopg.conninfo import conninfo_to_dict

from finews.queue import settings
from finews.queue.settings import check_installed, conninfo
from finews.queue.store import prepared
from finews_crawler.errors import ConfigurationError, StorageError

PATH = "-c search_path=finews_queue"
OWN = ("connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count")


def known(url: str, **more: str | int) -> dict[str, object]:
    found = dict(conninfo_to_dict(conninfo(url, "finews test", **more)))
    assert found.pop("application_name") == "finews test"
    assert {name for name in OWN if name in found} == set(OWN)
    return {name: value for name, value in found.items() if name not in {*OWN, "tcp_user_timeout"}}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql+psycopg://finews@db.test/news",
            {"host": "db.test", "dbname": "news", "user": "finews"},
        ),
        (
            "postgresql://us%40er:p%20a'ss%2F@db.test:6543/news",
            {
                "host": "db.test",
                "port": "6543",
                "dbname": "news",
                "user": "us@er",
                "password": "p a'ss/",
            },
        ),
        (
            "postgresql+psycopg:///news?host=/var/run/postgresql",
            {"host": "/var/run/postgresql", "dbname": "news"},
        ),
        (
            "postgresql+psycopg2://finews@/news?host=a.test:1&host=b.test:2",
            {"host": "a.test,b.test", "port": "1,2", "dbname": "news", "user": "finews"},
        ),
        (
            "postgresql+psycopg://db.test/news?sslmode=require",
            {"host": "db.test", "dbname": "news", "sslmode": "require"},
        ),
    ],
)
def test_what_libpq_is_told(url: str, expected: dict[str, object]) -> None:
    assert known(url) == {**expected, "options": PATH}


def test_what_the_address_says_goes_before_what_we_say() -> None:
    url = "postgresql+psycopg://db.test/news?connect_timeout=77&application_name=theirs"
    found = conninfo_to_dict(conninfo(url, "ours", connect_timeout=5))
    assert (found["connect_timeout"], found["application_name"]) == ("77", "theirs")


def test_options_of_the_address_stay_but_the_tables_are_ours() -> None:
    url = "postgresql+psycopg://db.test/news?options=-c%20search_path%3Dx%20-c%20jit%3Doff"
    assert known(url)["options"] == f"-c search_path=x -c jit=off {PATH}"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:///x.db", "workers need PostgreSQL, and sqlite:///x.db is none"),
        ("postgresql+pg8000://a:secret@db.test/x", r"workers need postgresql\+psycopg://…, not "),
        ("nonsense", "workers need PostgreSQL: the URL is no database's"),
        ("nosuch://db.test/x", "workers need PostgreSQL: nosuch://db.test/x: "),
        ("postgresql+psycopg://a:secret@db.test/x?nosuch=1", 'invalid connection option "nosuch"'),
        ("postgresql+psycopg://a:secret@db.test:port/x", "the URL is no database's"),
    ],
)
def test_an_address_that_will_not_do(url: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as raised:
        conninfo(url, "finews test")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("missing", ["procrastinate", "psycopg"])
def test_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    def found(name: str) -> ModuleType:
        if name == missing:
            raise ModuleNotFoundError(f"No module named {name!r}")
        return import_module(name)

    monkeypatch.setattr(settings, "import_module", found)
    with pytest.raises(ConfigurationError, match=rf"workers need {missing}: install finews\[work"):
        check_installed()


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    url = "postgresql+psycopg://finews:secret@127.0.0.1:1/news"
    with pytest.raises(StorageError, match=r"127\.0\.0\.1:1/news") as raised:
        prepared(url)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)
