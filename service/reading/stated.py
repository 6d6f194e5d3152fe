"""A figure that a sentence states: 2020年10月国内手机出货量同比是多少？

A reader: `Query + Scope → Draft | None`. Every figure of the passages found is a candidate; it must
measure what is asked, of the asked period, and the words next to it must be the question's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

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
# Below this share of the question's weight the figure is another one's.
MIN_SUPPORT = 0.42
# Down to here it is told if no other value comes near.
LEAST_SUPPORT, CLEARLY = 0.3, 0.06
# Figures of other reports as good as the best are told beside it.
AS_GOOD = 0.97
MOST_REPORTS = 3

# How much a question word that stands nowhere near, and words that the question does not name,
# take away.
LEAST, FOREIGN = 0.5, 0.3
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
    if not rated or not _stands_out(rated, scope):
        return None
    best = rated[0]
    chosen = [best]
    for one in rated[1:]:
        others = {r.stated.report_id for r in chosen}
        as_good = one.score >= AS_GOOD * best.score and len(chosen) < MOST_REPORTS
        if as_good and one.stated.report_id not in others:
            chosen.append(one)
    chosen.sort(key=lambda one: scope.rank(one.stated.report_id))
    statements = [_statement(one.stated, scope) for one in chosen]
    kind: DraftKind = "comparison" if len(chosen) > 1 else "passage"
    confidence = round(min(0.4 + 0.55 * best.score, 0.95), 2)
    return Draft(kind, statements, confidence)


def _stands_out(rated: list[Rated], scope: Scope) -> bool:
    """True if the best figure is good by itself, or clearly better than any other value."""
    best = rated[0]
    if best.score >= MIN_SUPPORT:
        return True
    value = _value(best.stated, scope)
    second = next((r.score for r in rated[1:] if _value(r.stated, scope) != value), 0.0)
    return best.score >= LEAST_SUPPORT and best.score - second >= CLEARLY


def _value(stated: Stated, scope: Scope) -> str:
    return fold(stated.value.of(scope.snapshot.text(stated.report_id)))


def _statement(stated: Stated, scope: Scope) -> Statement:
    text = scope.snapshot.text(stated.report_id)
    value = " ".join(stated.figure.of(text).split())
    quote = " ".join(stated.sentence.of(text).split()).strip()
    evidence = Evidence(stated.report_id, stated.sentence.start, stated.sentence.end)
    return Statement(
        f"{scope.label(stated.report_id)}：{value}（“{quote}”）", (evidence,), (value,)
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
            if (report.report_id, index) in seen:
                continue
            seen.add((report.report_id, index))
            key = (scope.snapshot.id, report.report_id, index)
            near = NEAREST + (1 - NEAREST) / (1 + place / 4)
            rated += [
                _rate(alike(one), weighing, wanted, asked, query.text, near)
                for one in _of_block(key, _Held(report))
            ]
    return sorted(rated, key=lambda r: (-r.score, r.stated.report_id, r.stated.figure.start))


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
    for _, pattern in _KINDS[:4]:
        text = pattern.sub(lambda m: "," * len(m.group()), text)
    return weigh_question(replace(query, text=text), scope.snapshot)


def _wanted(text: str) -> Measure:
    if _HOW_MANY.search(text):
        return Measure.LEVEL  # 环比上涨的城市个数: the number of cities
    for measure, pattern in _KINDS:
        if pattern.search(text):
            return measure
    return Measure.LEVEL


def features(
    one: Stated,
    weighing: Weighing,
    wanted: Measure,
    asked: frozenset[str],
    question: str,
    rank: int,
) -> tuple[float, ...]:
    """What speaks for a figure and against it, each in [0, 1] (names: `FEATURES`)."""
    own = [(one.words, IN_CLAUSE), (one.after, BEHIND)]
    layers = own + list(zip(one.around, AROUND, strict=False))
    layers.sort(key=lambda layer: -layer[1])
    matched, inherited = bool(asked & set(one.periods)), one.inherited
    tails = {label[4:] for label in asked}
    open_year = any(label[0] == "Y" and label[3:] in tails for label in one.periods)
    return (
        weighing.coverage(own),
        weighing.coverage(layers),
        weighing.least(layers),
        float(matched and not inherited),
        float(matched and inherited),
        float(open_year and not matched),
        float(not one.periods or not asked),
        _measures(one, wanted, question),
        _names(one, weighing.attribute),
        _in_unit(one, question),
        _foreign(one.words, question),
        1 / (1 + rank / 4),
    )


FEATURES = ("own", "all", "least", "period", "period inherited", "year open", "no period",
            "measure", "attribute", "unit", "foreign", "rank")  # fmt: skip


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
    score *= _names(one, weighing.attribute)
    if set(_QUALIFIERS.findall(one.words)) - set(_QUALIFIERS.findall(question)):
        score *= QUALIFIED
    score *= 1 - LEAST * (1 - weighing.least(layers)) - FOREIGN * _foreign(one.words, question)
    return Rated(one, score * _in_unit(one, question), support)


def _names(one: Stated, attribute: str) -> float:
    """Whether the asked attribute (净利润) is named where the figure stands."""
    if not attribute or _is_named(attribute, one.words) or _is_named(attribute, one.after):
        return 1.0
    return 0.8 if any(_is_named(attribute, text) for text in one.around[:3]) else 0.55


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
        return 0.7
    return 0.4 if one.inherited else 0.25


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
