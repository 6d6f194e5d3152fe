"""Figures that sentences state, as facts: 2023年营业收入462.6亿元，同比增长12.3%.

Stands beside `facts`, which reads tables. Only what is certain becomes a fact: a known metric, a
unit that fits it, a period in the same sentence, and a subject; prose that says less stays prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from corpus.figures import Figure, find_figures
from corpus.periods import Period, PeriodMention, find_periods
from corpus.report import Block, BlockKind, Report, Role, Span
from corpus.tickers import find_codes, load_listings
from corpus.widths import half_width
from indexer.axes import kind_of
from indexer.facts import unit_fits
from indexer.records import Fact, FactKind
from indexer.typing_facts import base_of, direction_of, subject_kind_of
from indexer.vocabulary import Metric, MetricMention, Vocabulary


@dataclass(frozen=True, slots=True)
class _Subject:
    name: str
    code: str | None


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with what was found in it, all offsets counted from the sentence's start."""

    span: Span
    text: str
    metrics: tuple[MetricMention, ...]
    figures: tuple[Figure, ...]
    periods: tuple[PeriodMention, ...]


def extract_sentence_facts(report: Report, vocabulary: Vocabulary) -> tuple[Fact, ...]:
    """The facts that paragraphs and list items of the body state, in the order of the text."""
    facts: list[Fact] = []
    for block in report.blocks:
        if block.role is Role.BODY and block.kind in {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM}:
            facts += _block_facts(report, block, vocabulary)
    return tuple(facts)


def _block_facts(report: Report, block: Block, vocabulary: Vocabulary) -> Iterator[Fact]:
    subject = _own_subject(report)
    for span in _sentences(report.text, block.span):
        text = span.of(report.text)
        if not re.search(r"\d", text):
            subject = _named(text) or subject
            continue
        sentence = _Sentence(
            span,
            text,
            tuple(vocabulary.find_metrics(text)),
            tuple(figure for figure in find_figures(text) if figure.unit),
            tuple(one for one in find_periods(text, _published(report)) if not one.period.relative),
        )
        subject = _named(text) or subject
        yield from _sentence_facts(report, sentence, subject)


_SENTENCE_END = re.compile(r"[。！？!?\n]+")


def _sentences(text: str, within: Span) -> Iterator[Span]:
    start = within.start
    for end in _SENTENCE_END.finditer(text, within.start, within.end):
        yield Span(start, end.start())
        start = end.end()
    if start < within.end:
        yield Span(start, within.end)


# Between a metric and its figure only these may stand: 营业收入预计约为 462.6 亿元.
_LINK = re.compile(
    r"(?:[\s:：,*]|\([^()]{0,12}\)|预计|将|有望|可|约|大约|接近|近|为|达到?|实现|合计|共计?|录得|是|超过?|高达|逾|同比|分别|增至|降至"
    r"|升至|提升至?|上升至?|下降至?|下滑至?|增长|下降|增加|减少|提高|下滑|上升|了|至|到|仅|突破|仍|已|则|也|在)*"
)
_ESTIMATED = re.compile(r"预计|预测|有望|预期|估计|我们认为")
_GUIDED = re.compile(r"业绩预告|公司(?:预计|指引)|指引")
# Rates say nothing without the metric whose rates they are.
_RATES = {"growth", "qoq", "cagr"}
# Of a market, never of the company that the text happens to be about.
_OF_MARKETS = {
    "box_office", "market_size", "penetration", "film_attendance", "gdp", "cpi", "ppi", "pmi",
    "m2", "retail_sales", "fai", "exports", "imports",
}  # fmt: skip
_GROWTH_LINK = re.compile(
    r"[,，、]?\s*(?:同比|较上年同期|较去年同期|yoy)\s*"
    r"(?:[+-]|增长|下降|增加|减少|上升|下滑|提升|大增|\s|约|为|了|达)*",
    re.IGNORECASE,
)
# A change, not a level: 毛利率下降0.5个百分点; 下降至 and 增长到 lead to a level again.
_CHANGED_BY = re.compile(r"(?:增长|下降|增加|减少|提高|提升|下滑|上升)(?!.*[至到])")
_DOWN = re.compile(r"下降|减少|下滑|-")


def _sentence_facts(
    report: Report, sentence: _Sentence, subject: _Subject | None
) -> Iterator[Fact]:
    for mention in sentence.metrics:
        if mention.weak or mention.metric.id in _RATES:
            continue
        run = _figures_after(sentence, mention)
        periods = _periods_before(sentence, mention)
        if not run or not periods:
            continue
        if len(run) > 1 and len(run) != len(periods):
            continue  # 分别为 with another number of figures than of years: not certain
        whom = subject = _phrase_subject(sentence, mention, subject)
        if whom is None:
            continue
        used = periods if len(run) > 1 else periods[-1:]
        for figure, period in zip(run, used, strict=True):
            yield _fact(report, sentence, mention.metric, mention.text, figure, period, whom)
        if len(run) == 1 and (grown := _growth_after(sentence, run[0], mention.metric)):
            metric, figure, words = grown
            yield _fact(report, sentence, metric, words, figure, periods[-1], whom)


def _figures_after(sentence: _Sentence, mention: MetricMention) -> list[Figure]:
    """The figure right behind a metric, or the series (0.58/0.70/0.84元) that stands there."""
    plain = half_width(sentence.text)
    link = _LINK.match(plain, mention.end)
    place = link.end() if link else mention.end
    if link and _CHANGED_BY.search(link.group()):
        return []
    series = _SERIES.match(plain, place)
    if series is None:
        return []
    end = series.end()
    last = next((one for one in sentence.figures if one.start < end <= one.end), None)
    if last is None or last.unit is None or not unit_fits(last.unit, mention.metric):
        return []
    fell = mention.metric.id.endswith(("_yoy", "_qoq")) and _DOWN.search(mention.text)
    numbers = list(_NUMBER.finditer(series.group()))
    mark = last.mark if len(numbers) == 1 else None
    return [
        _number_at(sentence, place + one.start(), place + one.end(), last.unit, bool(fell), mark)
        for one in numbers
    ]


def _number_at(
    sentence: _Sentence, start: int, end: int, unit: str, fell: bool, mark: str | None
) -> Figure:
    """The number at a place; negative where words say that it fell."""
    text = sentence.text[start:end]
    value = Decimal(half_width(text).replace(",", ""))
    return Figure(-abs(value) if fell else value, unit, start, end, text, mark=mark)


_NUMBER = re.compile(r"(?<![\d.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\d.])-?\d+(?:\.\d+)?")
_SERIES = re.compile(
    r"-?\d[\d,]*(?:\.\d+)?(?:(?:(?:亿|万|百万)?元|倍|%|亿|万)?[/、](?:和)?-?\d[\d,]*(?:\.\d+)?)*"
    r"(?=\s?(?:%|‰|[亿万元港美倍个股户家人吨台辆套部件天xXpb]|百万|千))"
)


def _periods_before(sentence: _Sentence, mention: MetricMention) -> list[Period]:
    """The period named last before the metric, with the others of its list or range."""
    before = [one for one in sentence.periods if one.end <= mention.start]
    if not before:
        return []
    chain = [before[-1]]
    for one in reversed(before[:-1]):
        between = sentence.text[one.end : chain[-1].start]
        if one.start == chain[-1].start or re.fullmatch(r"[\s/、,，和及与]*", between):
            chain.append(one)
        else:
            break
    return [one.period for one in sorted(chain, key=lambda one: (one.start, one.period.label))]


def _growth_after(
    sentence: _Sentence, figure: Figure, metric: Metric
) -> tuple[Metric, Figure, str] | None:
    """同比增长12.3% behind a level: the level's growth, negative where it fell."""
    plain = half_width(sentence.text)
    level = next((one for one in sentence.figures if one.start <= figure.start < one.end), None)
    link = _GROWTH_LINK.match(plain, level.end) if level else None
    if link is None or metric.family in {"percent", "multiple", "rating"}:
        return None
    found = next(
        (one for one in sentence.figures if one.start in {link.end(), link.end() - 1}), None
    )
    if found is None or found.unit != "%":
        return None
    number = _NUMBER.search(plain, link.end())
    if number is None:
        return None
    fell = _DOWN.search(link.group()) is not None
    grown = Metric(f"{metric.id}_yoy", f"{metric.name}同比增速", "percent", "%", "higher")
    words = link.group().strip("，,、 ")
    signed = _number_at(sentence, number.start(), number.end(), "%", fell, found.mark)
    return grown, signed, words


_BOUNDARY = re.compile(r"[,，、:：;；()（）\s*“”\"]")
# Words that may stand between a period and a metric and name nobody: the text's subject is meant.
_NEUTRAL = re.compile(
    r"(?:我们|预计|认为|预测|公司|该公司|本公司|其|累计|合计|全年|全年度|单季度?|当期|当年|实现|期间|分别|有望|将|可|主营|对应|共|已|的)*"
)
_NO_NAME = re.compile(
    r"我们|预计|认为|预测|公司|其|同期|累计|合计|全年|单季|实现|期间|分别|的|在|将|和|与|对|较|从|于|由|及|以|该|本|有望|此|同比|环比|口径"
)


def _phrase_subject(
    sentence: _Sentence, mention: MetricMention, subject: _Subject | None
) -> _Subject | None:
    """Whose metric it is: the thing named right before it (国内短剧市场规模), else whom the text is
    about; None where the words before it leave that open (农牧业务的营收)."""
    floor = max((one.end for one in sentence.periods if one.end <= mention.start), default=0)
    words = _BOUNDARY.split(sentence.text[floor : mention.start])[-1]
    if _NEUTRAL.fullmatch(words):
        of_company = subject is None or subject.code is not None
        return None if mention.metric.id in _OF_MARKETS and of_company else subject
    if not re.fullmatch(r"[\u4e00-\u9fffA-Za-z0-9]{2,16}", words):
        return None
    named = _named(words)
    if named and _NEUTRAL.fullmatch(words.replace(named.name, "")):
        return named
    return None if _NO_NAME.search(words) else _Subject(words, None)


# A name that no list knows, with its code; it must begin a clause, or words before it would count.
_CODED = re.compile(
    r"(?:^|(?<=[、，。；：\s（(“*-]))([\u4e00-\u9fffA-Za-z]{2,8})\s*[(（](\d{6}(?:\.[A-Z]{2})?)[)）]"
)


def _named(text: str) -> _Subject | None:
    """The one listed company that a text names, None if it names none or several."""
    names = {(one.name, one.code) for one in load_listings().find(text) if not one.common}
    if len(names) == 1:
        return _Subject(*names.pop())
    coded = _CODED.findall(text)
    if not names and len(coded) == 1 and find_codes(coded[0][1]):
        return _Subject(coded[0][0], find_codes(coded[0][1])[0].code)
    return None


def _own_subject(report: Report) -> _Subject | None:
    meta = report.meta
    code = meta.stock_codes[0].value.partition(".")[0] if meta.stock_codes else None
    return _Subject(meta.subject.value, code) if meta.subject else None


def _published(report: Report) -> date | None:
    return report.meta.published.value if report.meta.published else None


def _kind(report: Report, sentence: _Sentence, period: Period, at: int) -> FactKind | None:
    before = sentence.text[:at]
    if _GUIDED.search(before):
        return "guidance"
    if period.kind is None and _ESTIMATED.search(before):
        return "estimate"
    return kind_of(period, None, _published(report))


def _fact(
    report: Report,
    sentence: _Sentence,
    metric: Metric,
    words: str,
    figure: Figure,
    period: Period,
    subject: _Subject,
) -> Fact:
    start, end = sentence.span.start + figure.start, sentence.span.start + figure.end
    text = next((one.text for one in sentence.periods if one.period == period), None)
    number = format(figure.value, "f")
    value_base, unit_base = base_of(number, figure.unit, metric)
    own = report.meta.subject
    return Fact(
        fact_id=f"{report.report_id}:{start}-{end}",
        report_id=report.report_id,
        subject=subject.name,
        code=subject.code,
        metric=metric.id,
        metric_text=words,
        period=period.label,
        period_text=text,
        kind=_kind(report, sentence, period, figure.start),
        value=report.text[start:end],
        number=number,
        unit=figure.unit,
        start=start,
        end=end,
        line_start=sentence.span.start,
        line_end=sentence.span.end,
        cell=None,
        as_of=period.label if period.is_day else None,
        direction=direction_of(metric),
        approx=figure.mark,
        subject_kind=subject_kind_of(subject.name, subject.code, own.value if own else None),
        value_base=value_base,
        unit_base=unit_base,
        page=report.page_at(start),
    )
