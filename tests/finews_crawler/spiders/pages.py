"""Pages of the site in their barest form, and answers of the share endpoint."""

import json

_PAGE = '<html><head></head><body><div class="wrapper"><section>{}</section></div></body></html>'
EMPTY_PAGE = "<html><body><p>另一个网站</p></body></html>"
NOT_FOUND_PAGE = _PAGE.format('<h2 id="404-找不到页面-page-not-found">404 找不到页面</h2>')


def part(heading: str, *links: str) -> str:
    """A heading with its list."""
    listed = "".join(f'<li><a href="{link}">一条新闻</a></li>' for link in links)
    return f"<h2>{heading}</h2><ul>{listed}</ul>"


def listing_page(*parts: str) -> str:
    return _PAGE.format("".join(parts) or "<ul></ul>")


def post_page(
    body: str = "<p>公司披露一项合同。</p><p>（文章来源：证券日报）</p>",
    back: tuple[str, ...] = (),
    address: str = "",
) -> str:
    """A post: its body, an address line, the links of its 返回 line."""
    line = f'<p><a href="{address}">{address}</a></p>' if address else ""
    links = "｜".join(f'<a href="{link}">返回新闻</a>' for link in back)
    end = f"<p>{links}</p>" if back else ""
    clock = "<small>[GMT+8, Asia/Shanghai, CST] 2022-06-14 09:30:00 &nbsp; </small>"
    return _PAGE.format(f"{clock}<h1>签下合同</h1>{body}{line}{end}")


def flash_page(code: str, address: str = "") -> str:
    """A flash: one plain paragraph above an address line."""
    origin = f"http://finance.eastmoney.com/news/1351,{code}.html"
    return post_page("<p>公司披露一项合同。</p>", address=address or origin)


def feed(*links: str) -> str:
    entries = "".join(f'<entry><link rel="alternate" href="{link}"/></entry>' for link in links)
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'


def share_answer(code: str, text: str = "<p>公司披露一项合同。</p><p>金额三亿元。</p>") -> str:
    return json.dumps({"Id": f"NW{code}", "Title": "签下合同", "text": text}, ensure_ascii=False)


def share_page(text: str = "<p>公司披露一项合同。</p>") -> str:
    return f'<html><body><h1>签下合同</h1><div id="ContentBody">{text}</div></body></html>'


SHELL = "<html><body><h1></h1><div class='newsText'></div></body></html>"
