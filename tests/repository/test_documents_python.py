"""Every Python block of the documents works, on a database of the sample site's articles."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

import finews
from finews.sample_site.server import sample_site_root
from pipelines.store.engine import open_engine
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.repository.reading import ROOT, blocks, document, user_documents

SITE = "https://finews.withounder.com"
CODED = [name for name in user_documents() if blocks(document(name), "python")]


def sample_articles() -> Iterator[finews.Article]:
    """The articles of the sample site's posts, once each."""
    root, met = sample_site_root(), set()
    for path in sorted(root.rglob("*.html")):
        address = f"{SITE}/{quote(path.relative_to(root).as_posix())}"
        try:
            article = finews.extract(path, url=address)
        except finews.ExtractionError:
            continue
        if article.body_text and article.identity not in met:
            met.add(article.identity)
            yield article


def clock_at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """As if each day's articles had been read at once when the day was over."""
    url = f"sqlite:///{tmp_path_factory.mktemp('documents') / 'finews.db'}"
    engine = open_engine(url)
    days: dict[datetime, list[finews.Article]] = {}
    for article in sample_articles():
        published_at = article.published_at or datetime(2022, 6, 14, tzinfo=UTC)
        end = datetime(published_at.year, published_at.month, published_at.day, 23, tzinfo=UTC)
        days.setdefault(end, []).append(article)
    run = start_run(engine, "category", {"site": SITE}, min(days))
    for end in sorted(days):
        Writer(engine, run, timedelta(days=1), clock_at(end)).write(days[end])
    engine.dispose()
    return url


@pytest.fixture
def newcomer(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout's folder in which files can be written, and its database."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FINEWS_DATABASE_URL", database)
    return tmp_path


@pytest.mark.usefixtures("newcomer")
@pytest.mark.parametrize("name", CODED)
def test_the_python_of_a_document(name: str) -> None:
    """Block after block, as who reads it types it."""
    known: dict[str, object] = {}
    for number, block in enumerate(blocks(document(name), "python"), 1):
        exec(compile(block, f"{name}, block {number}", "exec"), known)


@pytest.mark.usefixtures("newcomer")
def test_the_first_lines_of_the_tutorial_find_an_article(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exec(blocks(document("docs/tutorial.md"), "python")[0], {})
    assert "江苏银行举行普惠金融交流会" in capsys.readouterr().out
