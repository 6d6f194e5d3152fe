"""What a sentence claims: a metric, its figures, and the periods that they are of.

Stands between a `Sentence` and `sentence_facts`, which asks whose they are. Forms that are not
known claim nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.figures import Figure, same_dimension
from corpus.periods import Period
from indexer.sentences import Sentence, When
from indexer.typing_facts import unit_fits
from indexer.vocabulary import Metric, MetricMention, Vocabulary


@dataclass(frozen=True, slots=True)
class Claim:
    """A metric with the figures that a sentence gives it, one for each period.

    Args:
        words: the metric as the sentence says it.
        when: where the periods stand.
    """

    metric: Metric
    words: str
    figures: tuple[Figure, ...]
    times: tuple[Period, ...]
    when: int


# Rates say nothing without the metric whose rates they are.
_RATES = {"growth", "qoq", "cagr"}
# Figures of a market's days and of strategies: whose and when, sentences leave open.
_OF_TRADING = {
    "open_price", "high_price", "low_price", "high_low", "price_change", "relative_return",
    "turnover_rate", "volume", "nav", "ic", "win_rate", "volatility", "max_drawdown", "sharpe",
    "annual_return", "beta", "rating", "rating_change",
}  # fmt: skip
_LEFT_OUT = _RATES | _OF_TRADING


# --- metrics ------------------------------------------------------------------------------------

_JOINED = re.compile(r"(?:[、/,]|和|及|与|以及|\([^()]{0,8}\))+")


def metric_groups(sentence: Sentence) -> Iterator[list[MetricMention]]:
    """The metrics in order, each alone or with those that a list joins to it."""
    group: list[MetricMention] = []
    for mention in sentence.metrics:
        if mention.metric.id in _LEFT_OUT or _is_glued(sentence.text, mention):
            continue
        if group and _JOINED.fullmatch(sentence.text, group[-1].end, mention.start):
            group.append(mention)
            continue
        if group:
            yield group
        group = [mention]
    if group:
        yield group


def _is_glued(text: str, mention: MetricMention) -> bool:
    """True right behind a figure: 33.9%归母净利润 is a table that lost its grid."""
    before = text[max(0, mention.start - 1) : mention.start]
    return bool(re.fullmatch(r"[%)\d.]", before)) and not re.search(
        r"(?:Q[1-4]|H[12]|[1-4]Q\d\d|[12]H\d\d|20[012]\d[AE]?|\))\Z", text[: mention.start]
    )


def claims_of(
    sentence: Sentence, group: list[MetricMention], said: tuple[int, int], vocabulary: Vocabulary
) -> Iterator[Claim]:
    """What the words behind a metric, or behind a list of metrics, give of figures.

    Args:
        said: where the period of the last claim stands, and where its last figure ends.
    """
    last = group[-1]
    when = _when(sentence, last, *said)
    place, inline = _past_link(sentence, last)
    time = inline or when
    if place is None:
        return
    run = _series(sentence, place)
    if not run or time is None:
        if len(group) == 1 and run == []:
            yield from _from_to(sentence, last, place, when)
        return
    if len(group) > 1:
        yield from _by_metric(sentence, group, run, time)
        return
    link = sentence.text[last.end : place]
    base = vocabulary.get(last.metric.id[:-4]) if _is_change(last.metric) else None
    if base is not None and re.search(r"[至到为](?:了|约|近)?\Z", link) and "增速" not in last.text:
        # 毛利率同比提升至45% gives the level, not the change.
        yield from _by_period(sentence, replace(last, metric=base), run, time, "")
        return
    yield from _by_period(sentence, last, run, time, link)
    if base is not None:
        yield from _reached(sentence, replace(last, metric=base), run, time)


def _is_change(metric: Metric) -> bool:
    return metric.id.endswith(("_yoy", "_qoq"))


def _reached(
    sentence: Sentence, mention: MetricMention, run: list[Figure], time: When
) -> Iterator[Claim]:
    """营收同比增长37.9%至16.6亿元: the level behind its growth."""
    link = _UP_TO.match(sentence.text, run[-1].end)
    level = _series(sentence, link.end()) if link else []
    if len(level) == len(run) == 1 and _fits(level[0], mention.metric):
        yield Claim(mention.metric, mention.text, tuple(level), time.periods[-1:], time.start)


def _by_metric(
    sentence: Sentence, group: list[MetricMention], run: list[Figure], time: When
) -> Iterator[Claim]:
    """营业收入、归母净利润分别为12.3亿元、2.1亿元: one figure for each metric."""
    if len(run) != len(group) or len(time.periods) != 1:
        return
    if "分别" not in sentence.text[group[0].start : run[0].start] and len(run) > 1:
        return
    for mention, figure in zip(group, run, strict=True):
        if not _fits(figure, mention.metric):
            return
    for mention, figure in zip(group, run, strict=True):
        yield Claim(mention.metric, mention.text, (figure,), time.periods, time.start)


def _by_period(
    sentence: Sentence, mention: MetricMention, run: list[Figure], time: When, link: str
) -> Iterator[Claim]:
    """One figure for each period, with the growth that is told behind them."""
    metric = mention.metric
    if metric.id.endswith("_cagr"):
        label = _stretch(time.periods)
        periods: tuple[Period, ...] = (Period(label),) if label else ()
    else:
        periods = time.periods if len(run) > 1 else time.periods[-1:]
        if len(run) == 1 and (len(time.periods) > 1 or "分别" in link):
            return  # 2020-2022年收入1.2亿元: of all, or of one, it does not say
    if len(run) != len(periods) or not all(_fits(figure, metric) for figure in run):
        return
    fell = _is_change(metric) and _DOWN.search(mention.text + link)
    figures = tuple(_fallen(figure) if fell else figure for figure in run)
    yield Claim(metric, mention.text, figures, periods, time.start)
    yield from _growth(sentence, metric, run, periods, time)


def _stretch(periods: Sequence[Period]) -> str | None:
    """The label of a stretch of years, from the first to the last."""
    if len(periods) < 2 or not (periods[0].is_year and periods[-1].is_year):
        return None
    return f"{periods[0].label}-01..{periods[-1].label}-12"


def _fits(figure: Figure, metric: Metric) -> bool:
    if figure.unit is None or not unit_fits(figure.unit, metric):
        return False
    if abs(figure.value) >= _MOST and not _MONEY.search(figure.unit):
        return False  # 10005584015845支: figures of a table that ran into one
    if metric.id.removesuffix("_yoy") in _VOLUMES and _MONEY.search(figure.unit):
        return False  # 销量4121亿美元 is a value, by a slip of the pen
    points = same_dimension(figure.unit, "pct")
    # 净利润同比提升2.7个百分点: of its margin, whatever the writer wrote.
    return not points or (_is_change(metric) and metric.id[:-4] not in _AMOUNTS)


_VOLUMES = {"sales_volume", "shipments", "output", "capacity", "deliveries", "patients"}
_MOST = 10**10
_AMOUNTS = {"revenue", "net_profit", "parent_profit", "core_profit", "total_profit", "gross_profit"}
_MONEY = re.compile(r"元|美金|人民币|港币|台币|克朗|英镑|卢[比布]|泰铢|瑞郎|法郎")


# --- periods ------------------------------------------------------------------------------------

_AS_OF = re.compile(r"(?:截[至止]|至|到|于|按|以)\Z")
_REACH = 48  # a period further away than this, with nothing said of it since, is another matter
# What happened then is not what is stated: 成立于2005年, 2021年6月收购.
_EVENT = re.compile(
    r"成立|上市|收购|发布|投产|设立|创立|公告|获批|签订|开业|股权激励|募集|增发|入职|影响|基数"
)


def _when(sentence: Sentence, mention: MetricMention, said: int, told: int) -> When | None:
    """The period named last before a metric, with the others of its list."""
    before = [
        one
        for one in sentence.times
        if one.end <= mention.start and not _bracketed(sentence.text, one, mention.start)
    ]
    if not before or not before[-1].periods:
        return None
    last = before[-1]
    between = sentence.text[last.end : mention.start]
    # 预计2019年规模95亿元，增速6.5%，…市占率9%: of that year, or of another?
    since = told if last.start == said else last.end
    if any(one.unit and since <= one.start < mention.start for one in sentence.figures):
        return None
    strayed = len(between) > _REACH or _EVENT.search(between) or ";" in between
    if last.start != said and strayed:
        return None  # something else was told of that year
    if last.periods[-1].is_day and not _AS_OF.search(sentence.text, 0, last.start):
        return None  # 3月5日财联社: the day of a notice
    if "全年" in between and not last.periods[-1].is_year:
        return None  # 前三季度…，预计全年…: another period
    periods, start = list(last.periods), last.start
    for one in reversed(before[:-1]):
        if not re.fullmatch(r"(?:[/、]|和|及|与)+", sentence.text[one.end : start]):
            break
        periods, start = [*one.periods, *periods], one.start
    return When(tuple(periods), last.start, last.end)


def _bracketed(text: str, when: When, at: int) -> bool:
    """True for a period in brackets that are closed before a place: what it dates is in them."""
    opened = text.rfind("(", 0, when.start)
    return (
        opened >= 0
        and ")" not in text[opened : when.start]
        and ")" in text[when.end : at]
        and text[opened + 1 : when.start].strip() != ""
    )


# Between a metric and its figure only these may stand: 营业收入预计约为 462.6 亿元.
_LINK = re.compile(
    r"(?:[:,*]|\([^()\d]{0,12}\)|预计|预测|将|有望|可|约|大约|接近|近|为|达到?|实现|合计|共计?|录得|是|超过?|高达|逾|同比|分别|依次|增至|降至"
    r"|升至|提升至?|上升至?|下降至?|下滑至?|增长|下降|增加|减少|提高|下滑|上升|大幅|了|至|到|仅|突破|仍|已|则|也|在|均|总计|总额|规模|不低于|不超过|不足|不到)*"
)
# A change, not a level: 毛利率下降0.5个百分点; 下降至 and 增长到 lead to a level again.
_CHANGED_BY = re.compile(r"(?:增长|下降|增加|减少|提高|提升|下滑|上升)(?!.*[至到])")


def _past_link(sentence: Sentence, mention: MetricMention) -> tuple[int | None, When | None]:
    """Where the figure must begin, and the period that stands between it and the metric."""
    text, place, inline = sentence.text, mention.end, None
    for _ in range(2):
        link = _LINK.match(text, place)
        place = link.end() if link else place
        when = next((one for one in sentence.times if one.start == place), None)
        if when is None or inline is not None:
            break
        inline, place = when, when.end
    if "均" in text[mention.end : place]:
        return None, None  # of each of several
    if not _is_change(mention.metric) and _CHANGED_BY.search(text[mention.end : place]):
        return None, None
    if inline is not None and not inline.periods:
        return None, None
    return place, inline


# --- figures ------------------------------------------------------------------------------------

_NEXT = re.compile(r"(?:[/、,]|和|及|与|以及)+")
# 超过30%的企业 counts companies; 10%-15% is a range; 18.0%55.7% is a table that lost its grid.
_NO_FIGURE_BEFORE = re.compile(r"的|以上的|以下的|[-~\u2010-\u2015]\d|\d|\.\d")
_UP_TO = re.compile("[至到](?:约|近)?")


def _series(sentence: Sentence, place: int) -> list[Figure]:
    """The figures that stand at a place, parted by strokes and commas; the unit may follow once."""
    text = sentence.text
    found: list[Figure] = []
    figure = _figure_at(sentence, place)
    while figure is not None:
        found.append(figure)
        gap = _NEXT.match(text, figure.end)
        follows = _figure_at(sentence, gap.end()) if gap else None
        # 12.3亿元,35% names another thing; a list goes on in one dimension.
        if follows is not None and gap is not None and not _goes_on(found, follows, gap.group()):
            break
        figure = follows
    if not found or found[-1].unit is None or _NO_FIGURE_BEFORE.match(text, found[-1].end):
        return []
    end = _UP_TO.match(text, found[-1].end)
    beyond = _figure_at(sentence, end.end()) if end else None
    if beyond is not None and same_dimension(beyond.unit, found[-1].unit):
        return []  # 10%至15% is a range
    unit = found[-1].unit
    filled: list[Figure] = []
    for one in reversed(found):
        unit = one.unit or unit
        filled.append(replace(one, unit=unit))
    return filled[::-1]


def _goes_on(found: list[Figure], follows: Figure, gap: str) -> bool:
    units = [one.unit for one in (*found, follows) if one.unit]
    alike = all(same_dimension(units[0], unit) for unit in units)
    return alike and (gap != "," or found[-1].unit is not None or len(found) > 1)


def _figure_at(sentence: Sentence, place: int) -> Figure | None:
    """The figure that begins at a place, a sign before it taken in; a year is none."""
    if any(one.start <= place < one.end for one in sentence.times):
        return None
    for figure in sentence.figures:
        if figure.start == place:
            return figure
        if figure.start == place - 1 and sentence.text[figure.start] in "+-":
            return figure
        if figure.start == place + 1 and sentence.text[place] in "+-":
            value = -figure.value if sentence.text[place] == "-" else figure.value
            return replace(figure, value=value)
    return None


def _fallen(figure: Figure) -> Figure:
    return replace(figure, value=-abs(figure.value))


# --- growth and ways from one level to another --------------------------------------------------

_CHANGE = (
    r"(?P<of>(?:同比|较上年同期|较去年同期|yoy|同(?=[增降])|环比|qoq))"
    r"(?P<how>(?:分别|依次|[-+:]|增长率?|增速|下降|增加|减少|上升|下滑|提升|提高|大增|大幅|增|降|约|为|达|了)*)"
)
_GROWTH = re.compile(rf"[,、;]?\(?{_CHANGE}", re.IGNORECASE)
_SIGNED = re.compile(r"\((?=[+-]\d)")
_DOWN = re.compile(r"下降|减少|下滑|降|-\Z")


def _growth(
    sentence: Sentence, metric: Metric, run: list[Figure], periods: tuple[Period, ...], time: When
) -> Iterator[Claim]:
    """同比增长12.3%，环比下降2% behind a level: changes of it, negative where it fell."""
    if metric.family in {"multiple", "rating"} or _is_change(metric):
        return
    at = run[-1].end
    for _ in range(2):
        link = _GROWTH.match(sentence.text, at) or _SIGNED.match(sentence.text, at)
        figures = _series(sentence, link.end()) if link else []
        if link is None or len(figures) != len(periods):
            return
        said = link.groupdict()
        wanted = "pct" if metric.family == "percent" else "%"
        if not all(same_dimension(figure.unit, wanted) for figure in figures):
            return
        change = "qoq" if re.fullmatch("环比|qoq", said.get("of") or "", re.IGNORECASE) else "yoy"
        fell = bool(_DOWN.search(said.get("how") or ""))
        grown = Metric(f"{metric.id}_{change}", metric.name, "percent", "%", "higher")
        signed = tuple(_fallen(one) if fell else one for one in figures)
        words = link.group().strip(",、;(") or "同比"
        yield Claim(grown, words, signed, periods, time.start)
        at = figures[-1].end


_STEP = re.compile(r"(?:预计|将|有望|可)?(?:从|由|自)")
_ROSE = re.compile(
    r"[,]?(?:大幅|快速|逐步|持续|稳步|迅速|一路|逐年)?(?:增长|增加|提升|提高|上升|扩大|攀升|扩张|下降|下滑|减少|降低|回落|收窄|增|升|降)(?:了)?[至到为](?:了)?"
    r"(?:@年?的?)?(?:约|近|超过?)?"
)


def _from_to(
    sentence: Sentence, mention: MetricMention, place: int, when: When | None
) -> Iterator[Claim]:
    """市场规模从2019年的120亿元增长至2023年的300亿元: two figures with their years."""
    step = _STEP.match(sentence.text, place)
    if step is None:
        return
    first_time, at = _time_at(sentence, step.end())
    first = _figure_at(sentence, at)
    if first is None:
        return
    second = next((one for one in sentence.figures if one.start >= first.end and one.unit), None)
    if second is None or _NO_FIGURE_BEFORE.match(sentence.text, second.end):
        return
    inside = [one for one in sentence.times if first.end <= one.start and one.end <= second.start]
    between = sentence.text[first.end : second.start]
    for one in inside:
        between = between.replace(sentence.text[one.start : one.end], "@")
    if len(inside) > 1 or _ROSE.fullmatch(between) is None:
        return
    times = _ends(first_time, inside[0] if inside else None, when)
    first = replace(first, unit=first.unit or second.unit)
    if times is None or not (_fits(first, mention.metric) and _fits(second, mention.metric)):
        return
    for figure, (period, start) in zip((first, second), times, strict=True):
        yield Claim(mention.metric, mention.text, (figure,), (period,), start)


def _time_at(sentence: Sentence, place: int) -> tuple[When | None, int]:
    when = next((one for one in sentence.times if one.start == place), None)
    if when is None:
        return None, place
    end = when.end
    return when, end + (1 if sentence.text[end : end + 1] == "的" else 0)


def _ends(
    first: When | None, last: When | None, around: When | None
) -> tuple[tuple[Period, int], tuple[Period, int]] | None:
    """The two periods of a way: both told on it, or the ends of the stretch before it."""
    if first and last and len(first.periods) == len(last.periods) == 1:
        return (first.periods[0], first.start), (last.periods[0], last.start)
    if first is None and last is None and around and len(around.periods) > 1:
        return (around.periods[0], around.start), (around.periods[-1], around.start)
    return None
