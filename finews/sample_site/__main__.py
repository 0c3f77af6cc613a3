"""`python -m finews.sample_site`: rebuild the bundled site from its articles."""

from finews.sample_site.build import build_all
from finews_crawler.reference import data_path

if __name__ == "__main__":
    build_all(data_path("sample_site"))
