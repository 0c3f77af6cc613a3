"""What other media do to a text before they print it: each edit gives a reprint of its text."""

import re
from collections.abc import Callable
from random import Random

from benchmarks.reprint_texts import joined

Edit = Callable[[str, Random], str | None]

_LEADS = (
    "财联社{month}月{day}日电，",
    "e公司讯，",
    "新华社北京{month}月{day}日电（记者 甲乙）",
    "【快讯】",
)
_TAILS = ("（文章来源：湖滨晚报）", "\n\n责任编辑：丙丁", "（江城时报）", "")
_TITLES = ("一图看懂今日要闻：{start}", "盘后重磅！{start}的最新消息来了", "【{start}】")
_ADDED = (
    "本报将继续关注此事的进展。",
    "更多详情可在本网客户端查看，投资有风险，入市须谨慎。",
    "以上内容不构成任何投资建议，读者应当自行判断。",
)
_SYNONYMS = {
    "预计": "预期",
    "增长": "上升",
    "下降": "下滑",
    "公告": "披露",
    "公司": "企业",
    "计划": "打算",
    "显示": "表明",
    "认为": "指出",
    "建设": "兴建",
    "目前": "当前",
    "表示": "称",
    "实现": "取得",
    "项目": "工程",
    "市场": "行情",
    "影响": "冲击",
    "主要": "主因",
    "提高": "提升",
    "记者": "笔者",
}
_HAN = re.compile(r"(?![万亿])[\u4e00-\u9fff]")
_INTEGERS = re.compile(r"(?<![\d.])\d{4,}(?=万|亿)")
_HALF_WIDTH = str.maketrans("，。；：（）“”％", ',.;:()""%')
# The letters that typing over puts in; numbers and names of securities are checked by editors.
_LETTERS = "的一是在有和了这为来到以个时大可也会出对下过要于用前新主能进动"


def _paragraphs(text: str) -> list[str]:
    return [one for one in text.split("\n") if one.strip()]


def changed_lead(text: str, random: Random) -> str:
    """Another agency's lead before it, another credit after it."""
    lead = random.choice(_LEADS).format(month=random.randrange(1, 13), day=random.randrange(1, 29))
    return lead + text + random.choice(_TAILS)


def changed_signs(text: str, random: Random) -> str:
    """Half-width punctuation, indented paragraphs, blanks beside numbers."""
    indented = "\n".join(f"\u3000\u3000{one}" for one in _paragraphs(text))
    return re.sub(r"(?<=[\u4e00-\u9fff])(?=\d)", " ", indented).translate(_HALF_WIDTH)


def full_width(text: str, random: Random) -> str:
    """Full-width digits and letters."""
    return re.sub(r"[0-9A-Za-z%]", lambda found: chr(ord(found[0]) + 0xFEE0), text)


def without_first(text: str, random: Random) -> str | None:
    """The first paragraph is left out."""
    return joined(_paragraphs(text)[1:]) if len(_paragraphs(text)) > 2 else None


def without_last(text: str, random: Random) -> str | None:
    """The last paragraph is left out."""
    return joined(_paragraphs(text)[:-1]) if len(_paragraphs(text)) > 2 else None


def with_sentence(text: str, random: Random) -> str:
    """A sentence of the medium's own at the end."""
    return text + random.choice(_ADDED)


def with_synonyms(text: str, random: Random) -> str | None:
    """Common words give way to others."""
    changed = re.sub("|".join(_SYNONYMS), lambda found: _SYNONYMS[found[0]], text)
    return changed if changed != text else None


def other_number_forms(text: str, random: Random) -> str | None:
    """Thousands apart by commas."""
    changed = _INTEGERS.sub(lambda found: f"{int(found[0]):,}", text)
    return changed if changed != text else None


def reordered(text: str, random: Random) -> str | None:
    """The paragraphs after the first in another order."""
    first, *rest = _paragraphs(text)
    if len(rest) < 2:
        return None
    random.shuffle(rest)
    return joined([first, *rest])


def with_title(text: str, random: Random) -> str:
    """A title glued to the front."""
    return random.choice(_TITLES).format(start=text.strip()[:12]) + text


def typed_over(share: float) -> Edit:
    """Make the edit that changes this share of the Chinese letters, anywhere."""

    def edit(text: str, random: Random) -> str:
        places = [found.start() for found in _HAN.finditer(text)]
        letters = list(text)
        for place in random.sample(places, round(len(places) * share)):
            letters[place] = random.choice(_LETTERS)
        return "".join(letters)

    return edit


EDITS: dict[str, Edit] = {
    "lead and credit": changed_lead,
    "half-width signs": changed_signs,
    "full-width letters": full_width,
    "first paragraph gone": without_first,
    "last paragraph gone": without_last,
    "sentence added": with_sentence,
    "synonyms": with_synonyms,
    "number forms": other_number_forms,
    "paragraphs reordered": reordered,
    "title in front": with_title,
    "10 % typed over": typed_over(0.1),
    "20 % typed over": typed_over(0.2),
    "30 % typed over": typed_over(0.3),
}
# So many changes that hardly anything is printed again; measured all the same.
REWRITINGS = frozenset({"20 % typed over", "30 % typed over"})
