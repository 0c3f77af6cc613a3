"""Spider arguments: parsed, checked, and listed when one is unknown."""

import pytest

from finews_crawler.arguments import Argument, comma_list, flag, read_arguments
from finews_crawler.errors import ArgumentError, ConfigurationError

DECLARED = (
    Argument("site", str, "address of the site"),
    Argument("full", flag, "1: all of the text", False),
    Argument("categories", comma_list, "slugs", ()),
)


@pytest.mark.parametrize("text", ["1", "yes", "true", "on", " TRUE ", "On"])
def test_words_for_yes(text: str) -> None:
    assert flag(text) is True


@pytest.mark.parametrize("text", ["0", "no", "false", "off", "", "  ", "No"])
def test_words_for_no(text: str) -> None:
    assert flag(text) is False


@pytest.mark.parametrize("text", ["2", "maybe", "y", "是", "-1"])
def test_other_words_are_no_flag(text: str) -> None:
    with pytest.raises(ArgumentError, match=f"'{text}' is neither 1 nor 0"):
        flag(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("emnews", ("emnews",)),
        ("emnews,Wind", ("emnews", "Wind")),
        (" emnews , Wind ,", ("emnews", "Wind")),
        ("Career In touxingPEVC,a  b", ("Career In touxingPEVC", "a  b")),
        ("", ()),
        (" , ,", ()),
    ],
)
def test_a_list_is_split_at_commas_only(text: str, words: tuple[str, ...]) -> None:
    assert comma_list(text) == words


def test_what_is_not_given_has_its_default() -> None:
    assert read_arguments("category", DECLARED, {}) == {
        "site": None,
        "full": False,
        "categories": (),
    }


def test_what_is_given_is_parsed() -> None:
    given = {"categories": "a,b", "full": "1", "site": "http://a.test"}
    assert read_arguments("category", DECLARED, given) == {
        "site": "http://a.test",
        "full": True,
        "categories": ("a", "b"),
    }


def test_the_names_of_a_scheduler_are_left_alone() -> None:
    values = read_arguments("category", DECLARED, {"_job": "7", "full": "1"})
    assert sorted(values) == ["categories", "full", "site"]


def test_an_unknown_argument_is_told_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError) as error:
        read_arguments("category", DECLARED, {"sites": "x", "category": "y", "full": "1"})
    assert str(error.value) == (
        "spider category: no argument category, sites; known: "
        "site (address of the site), full (1: all of the text), categories (slugs)"
    )


def test_a_malformed_value_is_told_with_its_name() -> None:
    with pytest.raises(ArgumentError) as error:
        read_arguments("category", DECLARED, {"full": "maybe"})
    assert str(error.value) == "spider category: full: 'maybe' is neither 1 nor 0"
