"""A figure that a sentence states: 2020年10月国内手机出货量同比是多少？

A reader: `Query + Scope → Draft | None`. Every figure of the passages found is a candidate; it must
measure what is asked, of the asked period, and the words next to it must be the question's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from corpus.line_kinds import coded_heading
from corpus.normalise import fold
from corpus.report import Report, Role
from indexer.records import Hit
from service.query import Query
from service.reading.draft import Draft, DraftKind, Evidence, Statement
from service.reading.measures import Measure
from service.reading.scope import Scope
from service.reading.stated_figures import Stated, stated_figures
from service.reading.weighing import Weighing, share, weigh_question

# What a word of the question is worth by the distance at which it stands from the figure: its own
# clause, behind it, one to three clauses before, the rest of the sentence, the sentence before,
# headings and title. Chosen on 134 questions over news (bench/notes/stated.md).
IN_CLAUSE, BEHIND = 1.0, 0.9
AROUND = (0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.5)
# What the best figure must reach: little where the sentence itself names the asked period, more
# where the period is taken from before it, most where no period is named (bench/notes/stated.md).
ENOUGH, ENOUGH_INHERITED, ENOUGH_UNDATED, ENOUGH_UNASKED = 0.15, 0.25, 0.45, 0.42
# Another sentence that fits nearly as well is told beside it, as what it is.
CLOSE = 0.8
# Figures of other reports as good as the best are told beside it.
AS_GOOD = 0.97
MOST_REPORTS = 3

# How much a question word that stands nowhere near, and words that the question does not name,
# take away.
LEAST, FOREIGN = 0.5, 0.3
OTHER_REGION = 0.6
PARTLY_NAMED = 0.9  # 待售面积 where 销售面积 is asked for
ELSEWHERE = 0.8  # a place that the question does not name
NO_PERIOD, OTHER_INHERITED, OTHER_PERIOD = 0.6, 0.3, 0.25
QUALIFIED = 0.75  # 日均产量 where 产量 is asked for
NEAREST = 0.85  # what a figure keeps in the passage that the search found last
_PLAIN_WORDS = re.compile(r"同比|环比|增长|下降|分别|达到?|实现|约|为|[^\u4e00-\u9fff]")

_ASKS = re.compile(r"多少|几(?:个|家|倍|件|台|元|亿|万|成)|何种水平|多大|多高")
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
_UNIT_ASKED = re.compile(
    r"(?:多少|几)(?P<unit>亿元|万元|元|家|件|架|辆|台|部|人|户|个|只|吨|倍|平方米|套|颗|支|次|门|条|座|款|项)"
)
_MONEY = re.compile(r"元|美金|人民币|英镑|韩元|日元")


@dataclass(frozen=True, slots=True)
class Rated:
    """A figure with how well it answers, 0..1."""

    stated: Stated
    score: float
    support: float


def asks_for_figure(query: Query) -> bool:
    """True for a question that wants one figure of one matter."""
    bounded = any(re.search(r"\d", query.text[c.start : c.end]) for c in query.conditions)
    return bool(_ASKS.search(query.text)) and not bounded


def read_stated(query: Query, scope: Scope, hits: list[Hit]) -> Draft | None:
    """The figure that a sentence of the passages states for the question; None if none does."""
    if not asks_for_figure(query):
        return None
    rated = rate_figures(query, scope, hits)
    asked = frozenset(p.period.label for p in query.periods)
    if not rated or not _stands_out(rated[0], asked):
        return None
    best = rated[0]
    chosen = [best]
    for one in rated[1:]:
        others = {r.stated.report_id for r in chosen}
        as_good = one.score >= AS_GOOD * best.score and len(chosen) < MOST_REPORTS
        if as_good and one.stated.report_id not in others:
            chosen.append(one)
    close = next((r for r in rated[1:] if _is_other(r, chosen, scope)), None)
    chosen.sort(key=lambda one: scope.rank(one.stated.report_id))
    statements = [_statement(one.stated, scope) for one in chosen]
    if close is not None and close.score >= CLOSE * best.score:
        statements.append(_statement(close.stated, scope, "另一处相近的表述，"))
    kind: DraftKind = "comparison" if len(chosen) > 1 else "passage"
    confidence = round(min(0.4 + 0.55 * best.score, 0.95), 2)
    return Draft(kind, statements, confidence)


def _is_other(one: Rated, chosen: list[Rated], scope: Scope) -> bool:
    """Another value in another sentence."""
    values = {_value(r.stated, scope) for r in chosen}
    sentences = {(r.stated.report_id, r.stated.sentence) for r in chosen}
    mine = (one.stated.report_id, one.stated.sentence)
    return mine not in sentences and _value(one.stated, scope) not in values


def _stands_out(best: Rated, asked: frozenset[str]) -> bool:
    """True if the best figure is good enough for how its period is known."""
    named = bool(asked & set(best.stated.periods))
    if not asked:
        return best.score >= ENOUGH_UNASKED
    if named and not best.stated.inherited:
        return best.score >= ENOUGH
    open_year = any(label[0] == "Y" for label in best.stated.periods)
    return best.score >= (ENOUGH_INHERITED if named or open_year else ENOUGH_UNDATED)


def _value(stated: Stated, scope: Scope) -> str:
    return fold(stated.value.of(scope.snapshot.text(stated.report_id)))


def _statement(stated: Stated, scope: Scope, lead: str = "") -> Statement:
    text = scope.snapshot.text(stated.report_id)
    value = " ".join(stated.figure.of(text).split())
    quote = " ".join(stated.sentence.of(text).split()).strip()
    evidence = Evidence(stated.report_id, stated.sentence.start, stated.sentence.end)
    return Statement(
        f"{lead}{scope.label(stated.report_id)}：{value}（“{quote}”）", (evidence,), (value,)
    )


def rate_figures(query: Query, scope: Scope, hits: list[Hit]) -> list[Rated]:
    """Every figure of the passages, best first; ties by report and place."""
    weighing = _matter(query, scope)
    alike = _Alike(query, scope)
    wanted = _wanted(query.text)
    asked = frozenset(p.period.label for p in query.periods)
    rated: list[Rated] = []
    seen: set[tuple[str, int]] = set()
    for place, hit in enumerate(hits):
        report = scope.snapshot.report(hit.chunk.report_id)
        for index in _blocks_of(report, hit):
            if (report.report_id, index) in seen or _is_of_another(query, report, index):
                continue
            seen.add((report.report_id, index))
            key = (scope.snapshot.id, report.report_id, index)
            near = NEAREST + (1 - NEAREST) / (1 + place / 4)
            rated += [
                _rate(alike(one), weighing, wanted, asked, query.text, near)
                for one in _of_block(key, _Held(report))
            ]
    return sorted(rated, key=lambda r: (-r.score, r.stated.report_id, r.stated.figure.start))


def _is_of_another(query: Query, report: Report, index: int) -> bool:
    """True for what a report or a section on one company says, where another is asked for."""
    asked = {fold(n.company.name) for n in query.companies if n.company is not None}
    if not asked:
        return False
    block = report.blocks[index]
    path = report.sections[block.section].path
    heads = [named for words in path if (named := coded_heading(words)) is not None]
    subject = report.meta.subject.value if report.meta.subject else ""
    owner = fold(heads[-1][0] if heads else subject)
    text = fold("\n".join([*path, block.span.of(report.text)]))
    return bool(owner) and not any(a in owner or owner in a or a in text for a in asked)


class _Alike:
    """Writes the question's word for a metric beside the report's own (归母净利润)."""

    def __init__(self, query: Query, scope: Scope) -> None:
        self._asked = {m.id: query.text[m.start : m.end] for m in query.metrics}
        self._vocabulary = scope.snapshot.vocabulary

    def __call__(self, one: Stated) -> Stated:
        if not self._asked:
            return one
        found = {m.metric.id for m in self._vocabulary.find_metrics(one.words)}
        words = [words for metric, words in self._asked.items() if metric in found]
        missing = [w for w in words if w not in one.words]
        return replace(one, words=" ".join((one.words, *missing))) if missing else one


class _Held:
    """Carries a report past a cache that is keyed by identity alone."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(maxsize=4096)
def _of_block(key: tuple[str, str, int], held: _Held) -> tuple[Stated, ...]:
    return tuple(stated_figures(held.report, key[2]))


def _blocks_of(report: Report, hit: Hit) -> list[int]:
    return [
        index
        for index, block in enumerate(report.blocks)
        if block.span.start < hit.chunk.end
        and hit.chunk.start < block.span.end
        and block.role in {Role.BODY, Role.RISK, Role.FRONT}
    ]


def _matter(query: Query, scope: Scope) -> Weighing:
    """The question's words without its period and without the words for the kind of measure,
    which are conditions of their own."""
    text = query.text
    for period in query.periods:
        text = text[: period.start] + "," * (period.end - period.start) + text[period.end :]
    text = _NUMBER_WORDS.sub(lambda m: "," * len(m.group()), text)
    for pattern in (_HOME, _WORLD, *(one for _, one in _KINDS[:4])):
        text = pattern.sub(lambda m: "," * len(m.group()), text)
    return weigh_question(replace(query, text=text), scope.snapshot)


# Whose country a figure is of: the asker's word for it is seldom the report's (国内, 我国, 全国).
_HOME = re.compile(r"国内|我国|中国大陆|中国|全国|本国|大陆")
_PLACE = re.compile(
    r"北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
    r"|美国|日本|韩国|德国|法国|英国|印度|欧洲|欧盟|北美|东南亚|俄罗斯|巴西|越南|[\u4e00-\u9fff]{2}[省市县]"
)
_WORLD = re.compile(r"全球|世界|国际")


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


def _wanted(text: str) -> Measure:
    if _HOW_MANY.search(text):
        return Measure.LEVEL  # 环比上涨的城市个数: the number of cities
    for measure, pattern in _KINDS:
        if pattern.search(text):
            return measure
    return Measure.LEVEL


def _rate(
    one: Stated,
    weighing: Weighing,
    wanted: Measure,
    asked: frozenset[str],
    question: str,
    near: float,
) -> Rated:
    layers = [(one.words, IN_CLAUSE), (one.after, BEHIND)]
    layers += list(zip(one.around, AROUND, strict=False))
    layers.sort(key=lambda layer: -layer[1])
    support = weighing.coverage(layers)
    score = near * support * _measures(one, wanted, question) * _of_period(one, asked)
    score *= _names(one, weighing.attribute) * _region(one, question)
    if set(_QUALIFIERS.findall(one.words)) - set(_QUALIFIERS.findall(question)):
        score *= QUALIFIED
    score *= 1 - LEAST * (1 - weighing.least(layers)) - FOREIGN * _foreign(one.words, question)
    return Rated(one, score * _in_unit(one, question), support)


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
