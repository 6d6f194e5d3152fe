"""How well a stated figure fits a question for one: its words, period, measure, unit, place.

Between `stated_figures` and `stated`: `Stated + AskedFigure → traits`, which `stated` weighs.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from service.query import Query
from service.reading.measures import Measure
from service.reading.scope import Scope
from service.reading.stated_figures import Stated
from service.reading.traits import common_run
from service.reading.weighing import Weighing, share, weigh_question

# What a word of the question is worth by the distance at which it stands from the figure: its own
# clause, behind it, one to three clauses before, the rest of the sentence, the sentence before,
# headings and title. Chosen on 134 questions over news (bench/notes/stated.md).
IN_CLAUSE, BEHIND = 1.0, 0.9
AROUND = (0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.5)
IN_SENTENCE = 4  # of these stand in the figure's own sentence

# How much a question word that stands nowhere near, and words that the question does not name,
# take away from the hand-made score.
LEAST, FOREIGN = 0.5, 0.3
QUALIFIED = 0.75  # 日均产量 where 产量 is asked for
LEAST_FACTOR = 0.02  # no single factor decides alone
LEAST_MATTER = 4  # characters of a question's matter, for the share of it that stands in a row
HALF = 0.5
YEAR = 4  # a label of that length is a whole year
OTHER_REGION = 0.6
PARTLY_NAMED = 0.9  # 待售面积 where 销售面积 is asked for
ELSEWHERE = 0.8  # a place that the question does not name
NO_PERIOD, OTHER_INHERITED, OTHER_PERIOD = 0.6, 0.3, 0.25
_PLAIN_WORDS = re.compile(r"同比|环比|增长|下降|分别|达到?|实现|约|为|[^\u4e00-\u9fff]")

TRAITS = (
    "near", "support", "measures", "of_period", "names", "region", "in_unit", "qualified",
    "forgotten", "foreign", "own", "in_sentence", "least_in_sentence", "run", "named_period",
    "inherited_period", "no_period", "other_part", "other_part_inherited", "part_of_year",
    "year_of_part", "other_year", "open_year", "first_own", "first_in_sentence", "first_missing",
    "last_own", "far", "forecast", "cumulated", "other_kind", "part_of_country",
)  # fmt: skip

_KINDS = (
    (Measure.CAGR, re.compile(r"复合(?:年?均?)?增|cagr|年均(?:复合)?增|年复合")),
    (Measure.QOQ, re.compile(r"环比")),
    (Measure.YOY, re.compile(r"同比")),
    (Measure.POINTS, re.compile(r"百分点|几个点|多少个?点")),
    (
        Measure.GROWTH,
        re.compile(
            r"增速|增长率|增幅|涨幅|跌幅|降幅|减幅|增长(?:了)?多少|下降(?:了)?多少|减少(?:了)?多少|变动"
        ),
    ),
    (Measure.SHARE, re.compile(r"占比|份额|市占率|比重|比例|渗透率|覆盖率|占.{0,12}多少|百分之几")),
)
# Asked for the first, the second will do so well.
_FITTING = {
    (Measure.YOY, Measure.GROWTH): 0.9,
    (Measure.GROWTH, Measure.YOY): 1.0,
    (Measure.GROWTH, Measure.QOQ): 0.7,
    (Measure.GROWTH, Measure.CAGR): 0.6,
    (Measure.GROWTH, Measure.LEVEL): 0.5,
    (Measure.QOQ, Measure.GROWTH): 0.8,
    (Measure.CAGR, Measure.GROWTH): 0.5,
    (Measure.CAGR, Measure.YOY): 0.3,
    (Measure.SHARE, Measure.LEVEL): 0.7,
    (Measure.LEVEL, Measure.SHARE): 0.7,
    (Measure.LEVEL, Measure.GROWTH): 0.3,
    (Measure.LEVEL, Measure.YOY): 0.1,
    (Measure.LEVEL, Measure.QOQ): 0.1,
}
_RATE = re.compile(r"率(?:是|为|有|达)?(?:多少|几)|率是")
_MONEY_ASKED = re.compile(
    r"(?:额|收入|营收|利润|规模|市值|总值|产值|投资|成本|费用|价格?|均价|资金)的?(?:是|为|有|达到?)?多少"
)
_COUNT_ASKED = re.compile(r"(?:量|数量?|人数|家数|户数|台数)的?(?:是|为|有|达到?)?多少")
_HOW_MANY = re.compile(r"(?:个数|家数|数量|人数|户数|件数|数目)的?(?:是|为|有|达到?)?多少")
# They say that a number is wanted, not of what.
_NUMBER_WORDS = re.compile(
    r"(?:的)?(?:数量|个数|数目|金额|比例|比重|占比|数值|数)(?=(?:是|为|有|达到?)?(?:多少|几))"
)
# Of a part or a mean only; they count where the question has them too.
_QUALIFIERS = re.compile(r"日均|人均|月均|平均|单位|新增|净增|日产|单月|单季")
_FORECAST = re.compile(r"预计|预期|预测|有望|将达|将为|将增|将超|目标|力争")
_CUMULATED = re.compile(r"累计|累积|合计|总计|共计")
_UNIT_ASKED = re.compile(
    r"(?:多少|几)(?P<unit>亿元|万元|元|家|件|架|辆|台|部|人|户|个|只|吨|倍|平方米|套|颗|支|次|门|条|座|款|项)"
)
# The last word of a matter and the units that it is counted in.
_KIND_OF_UNIT = (
    (
        re.compile(r"(?:营收|收入|利润|费用|支出|资产|金|成本|价|[额值])$"),
        re.compile(r"元|美金|币|镑|[%‰]"),
    ),
    (re.compile(r"(?:占比|份额|比重|比例|率)$"), re.compile(r"[%‰倍]|pct|点|成|天|次")),
    (re.compile(r"面积$"), re.compile(r"平|亩|公顷|㎡|[%‰]")),
    (re.compile(r"(?:人数|户数|家数|数量)$"), re.compile(r"[^元%‰米]$")),
)
_PART_OF_COUNTRY = re.compile(r"[全该本我][省市县区州]")
_MONEY = re.compile(r"元|美金|人民币|英镑|韩元|日元")
# Whose country a figure is of: the asker's word for it is seldom the report's (国内, 我国, 全国).
_HOME = re.compile(r"国内|我国|中国大陆|中国|全国|本国|大陆")
_PLACE = re.compile(
    r"北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
    r"|美国|日本|韩国|德国|法国|英国|印度|欧洲|欧盟|北美|东南亚|俄罗斯|巴西|越南|[\u4e00-\u9fff]{2}[省市县]"
)
_WORLD = re.compile(r"全球|世界|国际")


@dataclass(frozen=True, slots=True)
class AskedFigure:
    """A question for one figure.

    Args:
        weighing: its words without its period and without the words for the kind of measure,
            which are conditions of their own.
        periods: labels of the periods asked for.
        first, last: the first and the last word of the matter: whose figure it is, and what.
        matter: the words of the matter as one run.
    """

    text: str
    weighing: Weighing
    wanted: Measure
    periods: frozenset[str]
    first: str
    last: str
    matter: str


def asked_figure(query: Query, scope: Scope) -> AskedFigure:
    """The question as what a figure is held against."""
    text = query.text
    for period in query.periods:
        text = text[: period.start] + "," * (period.end - period.start) + text[period.end :]
    text = _NUMBER_WORDS.sub(lambda m: "," * len(m.group()), text)
    for pattern in (_HOME, _WORLD, *(one for _, one in _KINDS[:4])):
        text = pattern.sub(lambda m: "," * len(m.group()), text)
    weighing = weigh_question(replace(query, text=text), scope.snapshot)
    words = sorted((text.find(w), w) for w, _ in weighing.words if len(w) > 1 and w in text)
    matter = re.split(r"是?多少|几", text.replace(",", ""))[0]
    return AskedFigure(
        query.text,
        weighing,
        _wanted(query.text),
        frozenset(p.period.label for p in query.periods),
        words[0][1] if words else "",
        weighing.attribute or (words[-1][1] if words else ""),
        matter,
    )


@dataclass(frozen=True, slots=True)
class Fit:
    """A figure held against the question: the factors of its hand-made score and what they need."""

    stated: Stated
    factors: tuple[float, ...]
    qualified: bool
    forgotten: float
    foreign: float
    layers: tuple[tuple[str, float], ...]

    @property
    def support(self) -> float:
        """The share of the question's words that stand at the figure or around it."""
        return self.factors[1]

    @property
    def prior(self) -> float:
        """The logarithm of the hand-made score."""
        left = 1 - LEAST * self.forgotten - FOREIGN * self.foreign
        score = sum(math.log(max(factor, LEAST_FACTOR)) for factor in self.factors)
        return score + math.log(max(left, LEAST_FACTOR)) + self.qualified * math.log(QUALIFIED)


def fit_of(one: Stated, asked: AskedFigure, near: float) -> Fit:
    """A figure held against the question.

    Args:
        near: 1 in the passage that the search found first, less in later ones.
    """
    weighing, question = asked.weighing, asked.text
    layers = [(one.words, IN_CLAUSE), (one.after, BEHIND)]
    layers += list(zip(one.around, AROUND, strict=False))
    ordered = tuple(sorted(layers, key=lambda layer: -layer[1]))
    factors = (
        near,
        weighing.coverage(ordered),
        _measures(one, asked.wanted, question),
        _of_period(one, asked.periods),
        _names(one, weighing.attribute),
        _region(one, question),
        _in_unit(one, question),
    )
    qualified = set(_QUALIFIERS.findall(one.words)) - set(_QUALIFIERS.findall(question))
    forgotten = 1 - weighing.least(ordered)
    foreign = _foreign(one.words, question)
    return Fit(one, factors, bool(qualified), forgotten, foreign, ordered)


def traits_of(fit: Fit, asked: AskedFigure) -> list[float]:
    """The `TRAITS` of a figure."""
    one, weighing = fit.stated, asked.weighing
    inside = ((one.words, IN_CLAUSE), (one.after, BEHIND))
    sentence = [layer for layer in fit.layers if layer[1] >= AROUND[IN_SENTENCE - 1]]
    told = "".join((one.words, one.after, *one.around[:IN_SENTENCE]))
    first_told = share(asked.first, told)
    return [
        *(math.log(max(factor, LEAST_FACTOR)) for factor in fit.factors),
        float(fit.qualified),
        fit.forgotten,
        fit.foreign,
        weighing.coverage(inside),
        weighing.coverage(sentence),
        weighing.least(sentence),
        common_run(asked.matter, one.words) / max(len(asked.matter), LEAST_MATTER),
        *_period_traits(one, asked.periods),
        share(asked.first, one.words),
        first_told,
        float(max(first_told, share(asked.first, "".join(one.around))) < HALF),
        share(asked.last, one.words),
        _distance(one, asked.last),
        float(bool(_FORECAST.search(told)) and not _FORECAST.search(asked.text)),
        float(bool(_CUMULATED.search(one.words)) != bool(_CUMULATED.search(asked.text))),
        float(_other_kind(one, asked)),
        float(bool(_HOME.search(asked.text)) and bool(_PART_OF_COUNTRY.search(told))),
    ]


def _period_traits(one: Stated, asked: frozenset[str]) -> tuple[float, ...]:
    """How the figure's period stands to the asked one, one of nine (none where none is asked)."""
    named = bool(asked & set(one.periods))
    open_year = not named and any(label[0] == "Y" for label in one.periods)
    other = bool(one.periods) and not named and not open_year
    years = {label[:YEAR] for label in asked}
    same_year = other and any(label[:YEAR] in years for label in one.periods)
    asked_part = any(len(label) > YEAR for label in asked)
    told_part = any(len(label) > YEAR for label in one.periods)
    other_part = same_year and asked_part and told_part
    states = (
        named and not one.inherited,
        named and one.inherited,
        not one.periods,
        other_part and not one.inherited,
        other_part and one.inherited,
        same_year and told_part and not asked_part,
        same_year and asked_part and not told_part,
        other and not same_year,
        open_year,
    )
    return tuple(float(state and bool(asked)) for state in states)


def _other_kind(one: Stated, asked: AskedFigure) -> bool:
    """True for a figure that by its unit cannot be what is asked for (5纳米 for 营收)."""
    if asked.wanted in (Measure.YOY, Measure.QOQ, Measure.CAGR, Measure.GROWTH):
        return one.unit not in {"%", "‰", "倍"} and one.measure is not Measure.POINTS
    for pattern, units in _KIND_OF_UNIT:
        if pattern.search(asked.last):
            return not units.search(one.unit)
    return False


def _distance(one: Stated, last: str) -> float:
    """How far before the figure the asked metric stands, in [0, 1]; 1 where it does not."""
    place = one.words.rfind(last) if last else -1
    return min((len(one.words) - place - len(last)) / 20, 1.0) if place >= 0 else 1.0


def _wanted(text: str) -> Measure:
    if _HOW_MANY.search(text):
        return Measure.LEVEL  # 环比上涨的城市个数: the number of cities
    for measure, pattern in _KINDS:
        if pattern.search(text):
            return measure
    return Measure.LEVEL


def _region(one: Stated, question: str) -> float:
    """A figure of the world is none of one country, where the question says which it wants."""
    home, world = bool(_HOME.search(question)), bool(_WORLD.search(question))
    if home == world:
        places = set(_PLACE.findall(one.words)) - set(_PLACE.findall(question))
        return ELSEWHERE if any(place[:2] not in question for place in places) else 1.0
    wanted, other = (_HOME, _WORLD) if home else (_WORLD, _HOME)
    for text in (one.words, one.after, *one.around[:3]):
        if wanted.search(text):
            return 1.0
        if other.search(text):
            return OTHER_REGION
    return 1.0


def _names(one: Stated, attribute: str) -> float:
    """Whether the asked attribute (净利润) is named where the figure stands."""
    if not attribute or attribute in one.words or attribute in one.after:
        return 1.0
    if _is_named(attribute, one.words) or _is_named(attribute, one.after):
        return PARTLY_NAMED
    return 0.8 if any(_is_named(attribute, text) for text in one.around[:3]) else 0.7


def _is_named(attribute: str, words: str) -> bool:
    """加工量 is named by 加工原油6313万吨 too: the unit says that it is an amount."""
    if share(attribute, words) >= 0.5:
        return True
    stem = attribute[:-1] if attribute[-1] in "量额数值价" else ""
    return bool(stem) and stem in words


def _foreign(words: str, question: str) -> float:
    """The share of a clause's character pairs that the question does not name."""
    han = _PLAIN_WORDS.sub("", words)
    pairs = [han[i : i + 2] for i in range(len(han) - 1)]
    if not pairs:
        return 0.0
    return sum(pair not in question for pair in pairs) / max(len(pairs), 8)


def _measures(one: Stated, wanted: Measure, question: str) -> float:
    if one.measure is wanted:
        rate = wanted is not Measure.LEVEL or _RATE.search(question)
        return 1.0 if rate or one.unit not in {"%", "‰"} else 0.5
    if wanted is Measure.LEVEL and _RATE.search(question):
        return 0.95 if one.unit in {"%", "‰"} else 0.3
    return _FITTING.get((wanted, one.measure), 0.2)


def _of_period(one: Stated, asked: frozenset[str]) -> float:
    """1 for the asked period in the sentence itself, less where it is inherited or silent."""
    if not asked:
        return 1.0
    common = asked & set(one.periods)
    if common:
        whole = 1.0 if len(common) > 1 or len(asked) == 1 else 0.7  # 2017年 of 2013-2017年
        return whole * (0.95 if one.inherited else 1.0)
    tails = {label[4:] for label in asked}
    if any(label[0] == "Y" and label[3:] in tails for label in one.periods):
        return 0.85  # 上半年 in a text that nowhere says of which year
    if not one.periods:
        return NO_PERIOD
    return OTHER_INHERITED if one.inherited else OTHER_PERIOD


def _in_unit(one: Stated, question: str) -> float:
    unit = _UNIT_ASKED.search(question)
    if unit:
        return 1.0 if unit["unit"][-1] in one.unit else 0.4
    percent = one.unit in {"%", "‰"}
    money = bool(_MONEY.search(one.unit))
    if _MONEY_ASKED.search(question):
        return 0.5 if percent else 1.0
    if _COUNT_ASKED.search(question):
        return 0.5 if percent else 0.7 if money else 1.0
    return 1.0
