"""How rows look on a terminal, and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Group, RenderableType
from rich.text import Text

from finews import show
from finews_crawler.items import Article, Mention
from pipelines.store.queries import ArticleRow
from pipelines.store.stored import StoredArticle
from tests.finews.filling import BANK, BANK_ARTICLE, NOTICE_ARTICLE, START
from tests.finews.printing import printed

SHARE = Mention(
    secid="1.600919",
    symbol="600919.SH",
    mic="XSHG",
    asset_class="stock",
    kind="chart",
    surface=None,
    start=None,
    end=None,
)
ROW = ArticleRow(
    id=1,
    identity=BANK,
    code=BANK,
    revision_id=1,
    revision=1,
    title="江苏银行公布业绩",
    published_at=START,
    published_precision="second",
    published_quality="stated",
    known_late=False,
    source="财联社",
    source_raw="财联社",
    digest=None,
    body_text="江苏银行公布业绩。",
    body_html="<p>江苏银行公布业绩。</p>",
    body_kind="full",
    url="http://127.0.0.1/a.html",
    first_seen_at=START,
    seen_at=START,
    content_hash="0" * 64,
    changed=(),
    revision_kind="read",
    archived_at=None,
    mentions=(SHARE, replace(SHARE, secid="0.ABC", symbol=None)),
    categories=(),
    reprints=(),
)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")


def stored(article: Article) -> StoredArticle:
    return StoredArticle(
        id=1,
        article=article,
        revision=1,
        content_hash="",
        first_seen_at=START,
        last_seen_at=START + timedelta(days=1),
    )


def parts(article: Article) -> Sequence[RenderableType]:
    page = show.article_page(stored(article))
    assert isinstance(page, Group)
    return page.renderables


# --- values -----------------------------------------------------------------------------------


def test_a_moment_is_china_time() -> None:
    late = datetime(2022, 6, 13, 16, 0, 5, tzinfo=UTC)
    assert [show.moment(late), show.moment(None)] == ["2022-06-14 00:00:05", "unknown"]


def test_json_times_carry_their_offset() -> None:
    told = json.dumps(show.row_of(ROW), default=show.plain)
    assert json.loads(told)["published_at"] == "2022-06-14T09:30:00+08:00"


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no JSON form for set"):
        json.dumps({"a": {1}}, default=show.plain)


# --- tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("[red]红色[/red]预警", id="markup"),
        pytest.param("[公告] 签下合同", id="brackets"),
        pytest.param("[/]", id="closing markup"),
        pytest.param("比分:100:平", id="emoji name"),
        pytest.param("路径 C:\\", id="backslash at the end"),
        pytest.param("a\\[b]", id="backslash before a bracket"),
    ],
)
def test_a_title_is_printed_as_it_is(title: str) -> None:
    told = printed(show.article_table([replace(ROW, title=title)]))
    assert told.endswith(f" 财联社 {title} 600919.SH 0.ABC {BANK}")


def test_an_article_in_a_list() -> None:
    told = printed(show.article_table([ROW]))
    assert told.endswith(f"财联社 江苏银行公布业绩 600919.SH 0.ABC {BANK}")
    assert "2022-06-14 09:30" in told


def test_an_article_of_which_little_is_known() -> None:
    row = replace(ROW, code=None, title="", published_at=None, source=None, mentions=())
    assert printed(show.article_table([row])).endswith("unknown (no title)")


def test_a_code_stays_in_one_piece_on_a_narrow_terminal() -> None:
    assert BANK in printed(show.article_table([replace(ROW, title="很长的标题" * 20)]), width=80)


# --- one article ------------------------------------------------------------------------------


def test_the_linked_names_of_the_text_are_marked() -> None:
    body = parts(BANK_ARTICLE)[-1]
    assert isinstance(body, Text)
    assert body.plain == BANK_ARTICLE.body_text
    assert [body.plain[span.start : span.end] for span in body.spans] == ["江苏银行"]


def test_the_digest_stands_before_the_text() -> None:
    assert printed(Group(*parts(BANK_ARTICLE))).endswith("一句摘要。 江苏银行公布业绩。 利润增长。")


def test_words_in_brackets_are_no_markup() -> None:
    text = "[red]正文[/red]:100:"
    article = replace(BANK_ARTICLE, title="[b]标题[/b]", body_text=text, mentions=())
    told = printed(Group(*parts(article)))
    assert told.startswith("[b]标题[/b] code")
    assert told.endswith(text)


def test_an_article_without_title_and_time() -> None:
    told = printed(Group(*parts(NOTICE_ARTICLE)))
    assert told.startswith("(no title) published unknown (missing) categories sitenews first seen")


def test_each_security_is_named_once() -> None:
    assert printed(Group(*parts(BANK_ARTICLE))).count("600919.SH") == 1
