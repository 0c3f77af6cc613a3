"""Where tables and sample site lie, and what a missing table says."""

from pathlib import Path

import pytest

from finews_crawler.errors import ConfigurationError
from finews_crawler.extraction.footer import category_slug
from finews_crawler.reference import data_path, load_table
from finews_crawler.site import Site, checked_root

REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_checkout_reads_its_own_data() -> None:
    assert data_path("reference", "sites.toml") == REPOSITORY / "data" / "reference" / "sites.toml"


def test_a_table_is_read_once() -> None:
    assert load_table("sites") is load_table("sites")


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in data_path("reference").glob("*.toml"))
)
def test_every_table_can_be_read(name: str) -> None:
    assert load_table(name) != {}


def test_a_table_that_is_missing_is_named() -> None:
    path = data_path("reference", "nowhere.toml")
    with pytest.raises(ConfigurationError) as error:
        load_table("nowhere")
    assert str(error.value).startswith(f"{path}: ")


# --- the table of the site --------------------------------------------------------------------


def test_the_sites_addresses_are_roots() -> None:
    site = load_table("sites")["site"]
    addresses = [site["url"], site["share_endpoint"]]
    assert [checked_root(address) for address in addresses] == addresses


def test_the_sites_own_hosts_are_named() -> None:
    site = load_table("sites")["site"]
    assert Site(site["url"]).host in site["hosts"]
    assert Site(site["share_endpoint"]).host in site["share_hosts"]


def test_known_categories_are_named_once_and_lead_back_to_themselves() -> None:
    site = load_table("sites")["site"]
    known = site["known_categories"]
    pages = [Site(site["url"]).category_page(slug) for slug in known]
    assert len(set(known)) == len(known)
    assert [category_slug(page) for page in pages] == known
