"""Articles without end for the benchmarks of the database: our own words, the same at every call.

Made of a vocabulary that a seeded generator makes, with the frequencies of a language (Zipf):
common words stand in most articles, rare ones in a few thousandths of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random

from finews_crawler.items import SHANGHAI, Article, Mention

FIRST = datetime(2010, 1, 4, 1, tzinfo=UTC)
"""When article 0 was published."""
APART = timedelta(minutes=5)
"""From one article to the next, within a minute."""
CHARACTERS = 300
"""Of a body, about."""
MENTIONS = 3

CATEGORIES = ("emnews", "cailianshe", "zhengquanshibao", "xinhuashe", "yicai", "techweb")
"""Each article is in one of them."""

_CHARACTERS, _WORDS, _SECURITIES, _SOURCES = 2_500, 5_000, 4_000, 40
_EXCHANGES = (("1", "6", "SH", "XSHG"), ("0", "0", "SZ", "XSHE"))
# Of Zipf's law as Mandelbrot has it: without it, every fifth word were the same.
_SHIFT = 8
# Whole sentences are made beforehand: an article costs a tenth of the time that its words would.
_SENTENCES, _SENTENCE_WORDS = 20_000, 10
_SHORTEST_SENTENCE = 2 * _SENTENCE_WORDS + 1


@dataclass(frozen=True, slots=True)
class Security:
    """A security that articles mention."""

    secid: str
    symbol: str
    mic: str
    name: str


@dataclass(frozen=True, slots=True)
class World:
    """What articles are made of, the most frequent first."""

    words: tuple[str, ...]
    securities: tuple[Security, ...]
    sources: tuple[str, ...]


def _common_letters() -> list[str]:
    """The 3,755 commonest: the first level of GB 2312."""
    codes = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return [code.decode("gb2312") for code in codes if code < b"\xd7\xfa"]


def _distinct_words(random: Random, letters: list[str], count: int, sizes: list[int]) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < count:
        words["".join(random.choices(letters, k=random.choice(sizes)))] = None
    return list(words)


def _security(number: int, name: str) -> Security:
    market, lead, place, mic = _EXCHANGES[number % 2]
    code = f"{lead}{number:05}"
    return Security(f"{market}.{code}", f"{code}.{place}", mic, name)


@cache
def world() -> World:
    """The vocabulary and the names; made once."""
    random = Random(20220613)  # noqa: S311 - the same articles at every call
    letters = random.sample(_common_letters(), _CHARACTERS)
    names = _distinct_words(random, letters, _SECURITIES, [3, 4])
    return World(
        words=tuple(_distinct_words(random, letters, _WORDS, [2, 2, 2, 3, 4])),
        securities=tuple(_security(number, name) for number, name in enumerate(names)),
        sources=tuple(_distinct_words(random, letters, _SOURCES, [3, 4])),
    )


@cache
def _frequencies(count: int) -> tuple[float, ...]:
    """Sums of the weights of ranks, as `Random.choices` takes them."""
    return tuple(accumulate(1 / (rank + _SHIFT) for rank in range(1, count + 1)))


def _chosen(random: Random, things: tuple[str, ...], count: int) -> list[str]:
    return random.choices(things, cum_weights=_frequencies(len(things)), k=count)


@cache
def _sentences() -> tuple[str, ...]:
    random = Random(_SENTENCES)  # noqa: S311 - the same articles at every call
    words = _chosen(random, world().words, _SENTENCES * _SENTENCE_WORDS)
    starts = range(0, len(words), _SENTENCE_WORDS)
    return tuple("".join(words[start : start + _SENTENCE_WORDS]) + "，" for start in starts)


def _body(random: Random, named: list[Security]) -> tuple[str, tuple[Mention, ...]]:
    """Sentences in paragraphs, of which each begins with the name of a security."""
    sentences = iter(random.choices(_sentences(), k=CHARACTERS // _SHORTEST_SENTENCE))
    text, mentions = "", []
    for place, security in enumerate(named, 1):
        mentions.append(_link(security, len(text)))
        text += security.name
        while len(text) < CHARACTERS * place // len(named):
            text += next(sentences)
        text = f"{text[:-1]}。\n\n"
    return text.rstrip(), tuple(mentions)


def _link(security: Security, start: int) -> Mention:
    return Mention(
        secid=security.secid,
        symbol=security.symbol,
        mic=security.mic,
        asset_class="stock",
        kind="link",
        surface=security.name,
        start=start,
        end=start + len(security.name),
    )


def published_at(number: int) -> datetime:
    """When an article was published; grows with its number."""
    return FIRST + number * APART + timedelta(seconds=number * 37 % 60)


def article(number: int) -> Article:
    """The article of a number from 0."""
    random = Random(number)  # noqa: S311 - the same articles at every call
    securities = random.choices(
        world().securities, cum_weights=_frequencies(_SECURITIES), k=MENTIONS
    )
    body, mentions = _body(random, securities)
    at = published_at(number)
    day = at.astimezone(SHANGHAI)
    code = f"{day:%Y%m%d}{number:010}"
    (source,) = _chosen(random, world().sources, 1)
    category = random.choice(CATEGORIES)
    return Article(
        code=code,
        title="".join(_chosen(random, world().words, 8)),
        published_at=at,
        published_precision="second",
        published_quality="stated",
        source=source,
        source_raw=source,
        digest=None,
        body_text=body,
        body_html="".join(f"<p>{paragraph}</p>" for paragraph in body.split("\n\n")),
        body_kind="full",
        categories=(category,),
        tags=(),
        mentions=mentions,
        images=(),
        url=f"https://finews.withounder.com/{category}/{day:%Y/%m/%d}/NW{code}.html",
        share_url=f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW{code}",
        origin_url=f"http://finance.eastmoney.com/news/1351,{code}.html",
        fetched_at=at + timedelta(minutes=1),
        extractor="post/1",
        identity=code,
        page_kind="post",
    )


def articles(count: int, start: int = 0) -> Iterator[Article]:
    """Articles one after the other, the oldest first."""
    return map(article, range(start, start + count))
