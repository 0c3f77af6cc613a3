"""News of our own making: stories out of templates, so that what is no reprint can be hard, too."""

from dataclasses import dataclass, replace
from random import Random

_PLACES = (
    "海宁",
    "桐岭",
    "青浦",
    "宜川",
    "南汀",
    "北固",
    "临湖",
    "西樵",
    "東山",
    "云梦",
    "嘉陵",
    "沙溪",
)
_TRADES = (
    "纸业",
    "药业",
    "光电",
    "重工",
    "乳业",
    "船舶",
    "水务",
    "锂能",
    "软件",
    "化纤",
    "港口",
    "种业",
)
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN = ("立群", "思远", "国梁", "晓岚", "文博", "建业", "雅琴", "志恒", "清扬", "永年")
_BROKERS = ("东篱证券", "南屏证券", "北辰证券", "西江证券", "中岳证券", "海棠证券")
_WORKS = (
    "包装材料",
    "储能电芯",
    "注射制剂",
    "散货装卸",
    "低温乳品",
    "差别化纤维",
    "杂交稻种",
    "光学镜片",
)
_REGIONS = ("华东", "西南", "华北", "东南亚", "粤港澳", "长江中游")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a story tells of."""

    company: str
    code: str
    person: str
    broker: str
    work: str
    region: str
    month: int
    day: int
    money: tuple[int, ...]
    """Amounts in units of 10,000 yuan."""
    shares: tuple[float, ...]
    """Percentages."""


def _numbers(random: Random) -> tuple[tuple[int, ...], tuple[float, ...]]:
    money = tuple(random.randrange(1_050, 99_000) for _ in range(6))
    return money, tuple(round(random.uniform(0.3, 88), 2) for _ in range(6))


def make_facts(random: Random) -> Facts:
    """Draw the facts of a story."""
    money, shares = _numbers(random)
    return Facts(
        company=random.choice(_PLACES) + random.choice(_TRADES),
        code=f"{random.randrange(600_000, 604_000)}",
        person=random.choice(_SURNAMES) + random.choice(_GIVEN),
        broker=random.choice(_BROKERS),
        work=random.choice(_WORKS),
        region=random.choice(_REGIONS),
        month=random.randrange(1, 13),
        day=random.randrange(1, 29),
        money=money,
        shares=shares,
    )


def other_numbers(facts: Facts, random: Random) -> Facts:
    """The same story on another day: the numbers are new."""
    money, shares = _numbers(random)
    return replace(facts, money=money, shares=shares, day=facts.day % 28 + 1)


def other_names(facts: Facts, random: Random) -> Facts:
    """Another company with the very same numbers, as filings of one day may have them."""
    fresh = make_facts(random)
    while fresh.company == facts.company or fresh.person == facts.person:
        fresh = make_facts(random)
    return replace(fresh, month=facts.month, day=facts.day, money=facts.money, shares=facts.shares)


def other_company(facts: Facts, random: Random) -> Facts:
    """Another company's filing in the same form."""
    return other_numbers(other_names(facts, random), random)


# Flashes that come every day in the same form.
FORMULAS = (
    (
        "{c}({n})公告，股东{p}计划自公告之日起三个交易日后的六个月内，以大宗交易方式减持公司股份"
        "不超过{s0}%，套现约{m0}万元，减持原因为自身资金安排。"
    ),
    (
        "两市融资余额今日合计{m0}亿元，较上一交易日增加{m1}万元，其中沪市余额占比{s0}%，"
        "深市余额占比{s1}%，融券余额为{m2}万元，较前日变动{s2}%。"
    ),
    (
        "截至收盘，沪指涨{s0}%，深成指跌{s1}%，创业板指涨{s2}%，全天成交{m0}亿元，{w}概念领涨，"
        "北向资金净流入{m1}万元，个股涨多跌少。"
    ),
    (
        "{c}发布业绩快报，报告期内营业收入{m0}万元，同比增长{s0}%；归属于上市公司股东的净利润"
        "{m1}万元，同比下降{s1}%，主要系{w}业务毛利率变动所致。"
    ),
    (
        "{b}发布研究报告，给予{c}增持评级，目标价对应明年市盈率{s0}倍。报告预计{w}业务收入将达"
        "{m0}万元，提示原料涨价与需求不及预期的风险。"
    ),
    (
        "{c}公告，公司近日收到{r}客户的{w}项目中标通知书，中标金额{m0}万元，占公司上一年度"
        "经审计营业收入的{s0}%，合同的履行对公司独立性没有影响。"
    ),
    (
        "{c}今日触及涨停，成交额{m0}万元，换手率{s0}%。龙虎榜数据显示，机构席位净买入{m1}万元，"
        "{b}某营业部卖出{m2}万元。"
    ),
    (
        "央行今日开展{m0}亿元逆回购操作，中标利率{s0}%，与此前持平。鉴于今日有{m1}亿元逆回购"
        "到期，公开市场实现净投放，资金面整体平稳。"
    ),
)

# The paragraphs of a report; each is told in one of several ways.
_REPORT: tuple[tuple[str, ...], ...] = (
    (
        "{c}（{n}）{mo}月{d}日晚间披露，拟投资{m0}万元建设{w}生产基地，资金来自自有资金与银行贷款。",
        "记者从{c}获悉，该公司董事会已经通过一项{w}扩产方案，总投入{m0}万元，项目选址在{r}。",
        "又一家上市公司加码{w}：{c}打算拿出{m0}万元，在{r}新建两条产线。",
    ),
    (
        "公告显示，项目分两期实施，一期投入{m1}万元，预计十八个月后投产；二期视市场情况再定。",
        "按照规划，首期工程花费{m1}万元，明年下半年试车，之后才会决定第二期的规模与进度。",
        "工程被拆成先后两段：先花{m1}万元把主厂房立起来，后面的钱什么时候投，要看订单。",
    ),
    (
        (
            "谈到扩产的理由，董事长{p}在电话会上说，现有产能利用率已达{s0}%，{r}的订单排到了年底，"
            "不扩就要丢客户。"
        ),
        "“车间从春节到现在没有停过。”{p}告诉记者，目前开工率为{s0}%，来自{r}的询价仍在增多。",
        "管理层把原因归结为供不应求，产能利用率{s0}%这一数字由负责人{p}给出，他还提到{r}的新客户。",
    ),
    (
        (
            "财务数据方面，公司上一年度实现营业收入{m2}万元，其中{w}贡献了{s1}%，毛利率比前年提高了"
            "{s2}个百分点，经营现金流由负转正。"
        ),
        (
            "翻看年报，{w}一项占到收入的{s1}%，全年收入合计{m2}万元，毛利率上行{s2}个百分点，"
            "账上的现金也比过去宽裕。"
        ),
        "从账本看，这笔钱并不轻松：一年收入不过{m2}万元，{w}占{s1}%，好在毛利率涨了{s2}个百分点。",
    ),
    (
        (
            "{b}分析师认为，行业新增供给集中在未来两年释放，价格中枢存在下移压力，预计相关产品均价"
            "回落{s3}%，建议关注成本控制能力强的企业。"
        ),
        (
            "不过也有不同声音。{b}在一份点评中提醒，同行都在扩产，两年后价格可能下跌{s3}%，届时折旧"
            "将侵蚀利润。"
        ),
        "市场并非一片叫好，{b}就算过一笔账：若售价降{s3}%，新产线的回收期要拉长一倍以上。",
    ),
    (
        "受上述消息影响，{c}股价次日高开，盘中最高涨幅{s4}%，全天成交{m3}万元。",
        "二级市场上，该股随后一个交易日放量上行，成交{m3}万元，收盘涨{s4}%。",
        "股价的反应倒是直接，第二天就涨了{s4}%，{m3}万元的成交额创下年内新高。",
    ),
)
_FOLLOW_UP = (
    (
        "此前披露的扩产计划有了新进展。{mo}月{d}日，{r}有关部门就项目环评举行听证，附近居民代表提出"
        "废水排放与夜间噪声两方面的意见。"
    ),
    "主管官员在会上答复，企业须补充{m4}万元环保投入，并把排放指标压低{s5}%，否则不予核准开工。",
    "当地一位参会者对记者表示，大家并不反对建厂，只是希望把话写进合同里，出了问题有人负责。",
    "公司方面尚未回应是否会因此推迟进度，接近项目的人士称设计单位已经着手修改图纸。",
)


def filled(template: str, facts: Facts) -> str:
    """A template with its places filled."""
    money = {f"m{number}": amount for number, amount in enumerate(facts.money)}
    shares = {f"s{number}": share for number, share in enumerate(facts.shares)}
    names = {"c": facts.company, "n": facts.code, "p": facts.person, "b": facts.broker}
    more = {"w": facts.work, "r": facts.region, "mo": facts.month, "d": facts.day}
    return template.format(**money, **shares, **names, **more)


def report(facts: Facts, random: Random) -> list[str]:
    """The paragraphs of a report, each told in a way that is drawn."""
    return [filled(random.choice(ways), facts) for ways in _REPORT]


def retold(facts: Facts, random: Random) -> tuple[str, str]:
    """Two reporters on the same facts: no paragraph is told in the same way."""
    ways = [random.sample(ways, 2) for ways in _REPORT]
    first, second = ([filled(pair[side], facts) for pair in ways] for side in (0, 1))
    return joined(first), joined(second)


def follow_up(first: list[str], facts: Facts) -> str:
    """A later report that ends with half of the first one as background."""
    fresh = [filled(template, facts) for template in _FOLLOW_UP]
    return joined([*fresh, *first[: len(first) // 2]])


def joined(paragraphs: list[str]) -> str:
    """Paragraphs as stored texts have them, apart by a blank line."""
    return "\n\n".join(paragraphs)
