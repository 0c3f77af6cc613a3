"""The project's settings: defaults, the environment, and values that cannot be understood."""

from pathlib import Path

import pytest
from scrapy.settings import Settings

from finews_crawler.errors import ConfigurationError
from finews_crawler.options import OPTIONS, Option, check_options, option_values, project_folder


def checked(**given: object) -> Settings:
    """The settings as a crawl has them after its checks."""
    settings = Settings({**option_values({}), **given}, priority="project")
    check_options(settings)
    return settings


IN_PROJECT = {"FINEWS_DATABASE_URL", "FINEWS_NOTIFY_FOLDER", "FINEWS_UNSENT_FOLDER"}


def test_every_option_has_a_value_without_an_environment() -> None:
    values = option_values({})
    assert {name: values[name] for name in sorted(values) if name not in IN_PROJECT} == {
        "FINEWS_BATCH_SECONDS": 0.5,
        "FINEWS_BATCH_SIZE": 200,
        "FINEWS_DATABASE_PATIENCE_SECONDS": 60.0,
        "FINEWS_JOB": "",
        "FINEWS_LAST_SEEN_SECONDS": 86400.0,
        "FINEWS_LOG_FORMAT": "text",
        "FINEWS_LONGEST_PAUSE_SECONDS": 600.0,
        "FINEWS_METRICS_FILE": "",
        "FINEWS_MONITORS": "",
        "FINEWS_NOTIFY": "",
        "FINEWS_NOTIFY_AGAIN": "6h",
        "FINEWS_NOTIFY_ON": "degraded,failed",
        "FINEWS_OLD_POSTS": "",
        "FINEWS_ORIGIN_PAUSE_SECONDS": 30.0,
        "FINEWS_PROGRESS": 1,
        "FINEWS_RETRY_PAUSE_SECONDS": 2.0,
        "FINEWS_SHARE_ENDPOINT": "http://finews.zning.xyz/",
        "FINEWS_SITE": "https://finews.withounder.com/",
        "FINEWS_WEB_TOKEN": "",
    }


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_the_shown_default_is_the_default(option: Option) -> None:
    value = option.default()
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    folder = project_folder().as_posix()
    if not shown:
        assert option.shown_default == "empty"
        return
    assert option.shown_default.startswith(f"`{shown.replace(folder, '<project>')}`")


def test_the_environment_beats_the_default() -> None:
    values = option_values({"FINEWS_SITE": " http://a.test ", "FINEWS_BATCH_SIZE": "7"})
    assert (values["FINEWS_SITE"], values["FINEWS_BATCH_SIZE"]) == ("http://a.test", "7")


@pytest.mark.parametrize("empty", ["", "   "], ids=["empty", "spaces"])
def test_an_empty_word_is_no_value(empty: str) -> None:
    assert option_values({"FINEWS_BATCH_SIZE": empty})["FINEWS_BATCH_SIZE"] == 200


def test_the_database_lies_below_the_nearest_scrapy_cfg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "scrapy.cfg").write_text("[settings]\n")
    monkeypatch.chdir(inner)
    assert project_folder() == tmp_path
    assert option_values({})["FINEWS_DATABASE_URL"] == f"sqlite:///{tmp_path}/data/var/finews.db"


def test_without_a_scrapy_cfg_the_working_folder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert project_folder() == tmp_path


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("FINEWS_BATCH_SIZE", "7", 7),
        ("FINEWS_BATCH_SIZE", " 1 ", 1),
        ("FINEWS_BATCH_SECONDS", "0", 0.0),
        ("FINEWS_BATCH_SECONDS", "1e-1", 0.1),
        ("FINEWS_LAST_SEEN_SECONDS", "3600", 3600.0),
        ("FINEWS_DATABASE_URL", "sqlite:////srv/a.db", "sqlite:////srv/a.db"),
    ],
)
def test_words_become_values(name: str, text: str, value: object) -> None:
    assert checked(**{name: text})[name] == value


def test_a_value_keeps_the_priority_with_which_it_was_given() -> None:
    settings = Settings(option_values({}), priority="project")
    settings.set("FINEWS_BATCH_SIZE", "7", priority="cmdline")
    check_options(settings)
    settings.set("FINEWS_BATCH_SIZE", 9, priority="spider")
    assert settings["FINEWS_BATCH_SIZE"] == 7


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FINEWS_BATCH_SIZE", "0"),
        ("FINEWS_BATCH_SIZE", "-1"),
        ("FINEWS_BATCH_SIZE", "1.5"),
        ("FINEWS_BATCH_SIZE", "many"),
        ("FINEWS_BATCH_SIZE", ""),
        ("FINEWS_BATCH_SECONDS", "soon"),
        ("FINEWS_BATCH_SECONDS", "-0.1"),
        ("FINEWS_BATCH_SECONDS", "nan"),
        ("FINEWS_LAST_SEEN_SECONDS", "inf"),
        ("FINEWS_SITE", "nonsense"),
        ("FINEWS_SHARE_ENDPOINT", "ftp://a.test"),
    ],
)
def test_a_value_that_cannot_be_understood_is_named(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}='{text}': "):
        checked(**{name: text})
