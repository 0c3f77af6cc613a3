"""What of a text tells its story: without leads, credits, white space and punctuation."""

import re
import unicodedata

_DAY = r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日"
_HEADLINE = r"(?:【[^】\n]{1,80}】|\[[^\]\n]{1,80}\])"
_CREDIT = r"(?:文章来源|来源|责任编辑|责编|编辑|作者|记者)"
_MARKS = r"[\s，,：:]"
# 财联社6月14日电，  e公司讯，  新华社北京6月14日电（记者甲、乙）
_LEAD = re.compile(
    rf"\s*{_HEADLINE}?\s*"
    rf"(?:(?:[^\s，。,：:]{{2,24}}?{_DAY}(?:电|讯|消息)|[^\s，。,：:]{{1,12}}讯)"
    rf"(?:\s*[（(][^）)\n]{{1,30}}[）)]{_MARKS}*|{_MARKS}+))?"
)
# （上海证券报）  （文章来源：甲报）  责任编辑：乙. Possessive: 来源:来源:来源:… takes no longer.
_TAIL = re.compile(
    rf"(?:\s*+(?:[（(](?:{_CREDIT}[:：])?[^\W\d][^（(）)\d\n，。,：:]{{0,14}}[）)]"
    rf"|[（(【]?{_CREDIT}[:：][^\n。]{{1,40}}+))++\s*+$"
)
_LONGEST_LEAD, _LONGEST_TAIL = 160, 80
# A trimmed text must still say something: a flash may be little more than its headline.
_LEAST_LEFT = 20
_WORDS = re.compile(r"[\w.%％．-]+")
# All but those that stand in a number: 3.5%, -0.2
_LOOSE = re.compile(r"[.．-](?!\d)|[.．](?<!\d.)|-(?<=[\dA-Za-zＡ-Ｚａ-ｚ%％]-)")


def _has_lead(start: str) -> bool:
    return (
        "讯" in start or "日电" in start or "日消息" in start or start.lstrip()[:1] in {"【", "["}
    )


def _has_tail(end: str) -> bool:
    return end.rstrip()[-1:] in {"）", ")"} or "来源" in end or "编辑" in end or "责编" in end


def trimmed(text: str) -> str:
    """The text without the headline, lead (电头) and credits that each source sets its own."""
    begin, end = 0, len(text)
    if _has_lead(text[:_LONGEST_LEAD]) and (lead := _LEAD.match(text)):
        begin = lead.end()
    latest = max(begin, end - _LONGEST_TAIL)
    if _has_tail(text[latest:]) and (tail := _TAIL.search(text, latest)):
        end = tail.start()
    return text[begin:end] if end - begin >= _LEAST_LEFT else text


def wording(text: str) -> str:
    """The letters and digits that tell the story, in NFKC; points and signs inside numbers stay.

    Thousands separators go, so that 1,000万 and 1000万 are one.
    """
    words = _LOOSE.sub("", "".join(_WORDS.findall(trimmed(text))))
    if unicodedata.is_normalized("NFKC", words):
        return words
    return unicodedata.normalize("NFKC", words)
