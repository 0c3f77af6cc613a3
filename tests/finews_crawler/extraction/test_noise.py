"""What is left out of a body, and what only resembles it."""

import pytest

from finews_crawler.extraction.noise import (
    is_advert,
    is_boilerplate,
    is_noise,
    is_pixel,
    is_related_heading,
)
from tests.finews_crawler.extraction.conftest import element


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="https://acttg.eastmoney.com/pub/x">甲</a>',
        '<a class="toplink" href="//a.test">甲</a>',
        '<div class="box ad_context3">甲</div>',
        '<div class="em_handle_adv_close">甲</div>',
    ],
)
def test_an_advert(markup: str) -> None:
    assert is_advert(element(markup)) is True


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="http://quote.eastmoney.com/unify/r/1.600160">甲</a>',
        '<div class="ad_context30">甲</div>',
        '<div href="https://acttg.eastmoney.com/">甲</div>',
        "<a>甲</a>",
    ],
    ids=["quote", "longer class", "no link", "no address"],
)
def test_what_is_no_advert(markup: str) -> None:
    assert is_advert(element(markup)) is False


@pytest.mark.parametrize(
    ("markup", "noise"),
    [
        ("<script>a()</script>", True),
        ("<svg></svg>", True),
        ("<form>甲</form>", True),
        ('<p style="display:none;height:1px;overflow:hidden;"><br /></p>', True),
        ('<p style="DISPLAY : NONE">甲</p>', True),
        ('<div class="toplink">甲</div>', True),
        ('<p style="text-align:center;">甲</p>', False),
        ("<h3>甲</h3>", False),
        ("<table><tr><td>甲</td></tr></table>", False),
    ],
)
def test_an_element_without_anything_of_the_article(markup: str, noise: bool) -> None:
    assert is_noise(element(markup)) is noise


@pytest.mark.parametrize(
    "text",
    [
        "（责任编辑：DF001）",
        "责任编辑: 甲",
        "郑重声明：本网刊载此文意在传递信息，与立场无关。",
        "（原标题：另一个题目）",
        "校对：甲",
        "(声明：文章内容仅供参考，不构成投资建议)",
        "文章内容仅供参考，不构成投资建议。",
        "在东方财富看资讯行情，选东方财富证券一站式开户",
        "打开微信，点击底部的发现，使用扫一扫即可分享",
        "关注微信公众号",
        "扫描下方二维码关注",
    ],
)
def test_boilerplate(text: str) -> None:
    assert is_boilerplate(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "原标题党的做法已被禁止。",
        "公司郑重声明从未参与。",
        "编者按：今天起连载三篇。",
        "AI点评：估值偏高。",
        "声明：公司没有应披露而未披露的事项。",
        "他说，责任编辑：甲。",
        f"责任编辑：{'长' * 301}",
        "关注微信支付费率的商户说，调整后成本下降。",
        "打开微信支付的商户比上月多一成。",
        "扫二维码付款的顾客占八成。",
        "审核：交易所昨日通过两家公司的首发申请。",
    ],
)
def test_a_paragraph_of_the_article_that_resembles_boilerplate(text: str) -> None:
    assert is_boilerplate(text) is False


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("相关报道", True),
        ("相关报道：", True),
        ("相关报道>>>", True),
        ("相关阅读 ＞＞", True),
        ("相关新闻:", True),
        ("相关报道称，甲公司否认。", False),
        ("最新相关报道", False),
        ("相关公司", False),
    ],
)
def test_the_heading_of_related_news(text: str, heading: bool) -> None:
    assert is_related_heading(text) is heading


@pytest.mark.parametrize(
    ("attributes", "pixel"),
    [
        ('width="1" height="1"', True),
        ('width="0" height="0"', True),
        ('width="1px" height="1px"', True),
        ('width="1" height="555"', False),
        ('width="578"', False),
        ("", False),
    ],
)
def test_a_picture_that_counts_readers(attributes: str, pixel: bool) -> None:
    assert is_pixel(element(f'<img src="http://a.test/a.png" {attributes}/>')) is pixel
