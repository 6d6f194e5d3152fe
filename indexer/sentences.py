"""Sentences that may state a figure: as printed, without the line breaks that a page put into them.

Stands under `sentence_facts`: what a sentence names (metrics, figures, periods) is found here, what
it states is decided there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from corpus.figures import Figure, find_figures
from corpus.own_words import own_words, own_words_number
from corpus.periods import Period, PeriodMention, find_periods
from corpus.report import Block, Report, Span
from corpus.widths import half_width
from indexer.vocabulary import MetricMention, Vocabulary


@dataclass(frozen=True, slots=True)
class When:
    """The periods that one mention names, in order (a range of years names each).

    Args:
        periods: empty where the year is open: a quarter of no year ends what stood before it.
    """

    periods: tuple[Period, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in half-width characters, white space only between Latin words.

    Args:
        places: where each character stands in the report's text.
    """

    text: str
    places: Sequence[int]
    metrics: tuple[MetricMention, ...]
    figures: tuple[Figure, ...]
    times: tuple[When, ...]

    def span(self, start: int, end: int) -> Span:
        """The place in the report of `text[start:end]`."""
        return Span(self.places[start], self.places[end - 1] + 1)


def sentences_of(
    report: Report, block: Block, vocabulary: Vocabulary, published: date | None
) -> Iterator[tuple[str, Sentence | None]]:
    """The first words of every sentence of a block, and the sentence if it holds a metric and a
    figure with a unit."""
    worth = _worth(own_words_number())
    if not worth.search(report.text, block.span.start, block.span.end):
        return  # a block that states no figure says nothing of its owner either
    begin = block.span.start
    plain = half_width(report.text[begin : block.span.end])
    for start, end in pieces_of(plain):
        piece = plain[start:end]
        opening = piece[:_OPENING]
        if not worth.search(piece):
            yield opening, None
            continue
        text, places = _unwrapped(piece, begin + start)
        metrics = tuple(m for m in vocabulary.find_metrics(text) if not m.weak)
        if not metrics:
            yield opening, None
            continue
        times = tuple(_times(text, published))
        yield text[:_OPENING], Sentence(text, places, metrics, tuple(find_figures(text)), times)


_OPENING = 40  # characters in which a sentence says whom it is about


@lru_cache(maxsize=2)
def _worth(_number: int) -> re.Pattern[str]:
    """A digit with the beginning of a unit behind it; the user's own units are units too."""
    own = "".join(f"|{re.escape(one.unit)}" for one in own_words().units)
    return re.compile(rf"\d\s?(?:{_UNIT_BEGINS}{own})")


_UNIT_BEGINS = (
    r"[%‰％亿万千百十兆元美港欧日英韩新台倍xXｘ个股户家人吨台辆套部件只块颗张片条艘架座名位桶门间店店款项天"
    r"MGkKTW]|p|b|平|立|公"
)
# Texts that lost their line ends still number their headings: …25.5pct1.8.深天马：20Q1营收….
_END = re.compile(
    r"[。！？!?]+|[ \t\u3000]*\n[ \t\u3000]*"
    r"|(?<=[^\d.])(?=\d{1,2}\.\d{1,2}\.[\u4e00-\u9fff]{2,8}[:：])"
)
_FULL_LINE = 18  # a shorter line was ended by its writer, a longer one by the page's margin
_CLOSED = re.compile(r"[。！？!?；;：:]\s*\Z")


def pieces_of(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a text: ended by a full stop, or by a line's end that is no mere wrap."""
    start = line = 0
    for end in _END.finditer(text):
        if "\n" in end.group():
            wrapped = end.start() - line >= _FULL_LINE and not _CLOSED.search(
                text, line, end.start()
            )
            line = end.end()
            if wrapped:
                continue
        if end.start() > start:
            yield start, end.start()
        start = end.end()
    if start < len(text):
        yield start, len(text)


_SPACE = re.compile(r"\s+")


def _unwrapped(plain: str, start: int) -> tuple[str, Sequence[int]]:
    """The text without white space (one space stays between Latin words), and every place."""
    if not _SPACE.search(plain):
        return plain, range(start, start + len(plain))
    kept: list[str] = []
    places: list[int] = []
    at = 0
    for gap in _SPACE.finditer(plain):
        kept.append(plain[at : gap.start()])
        places.extend(range(start + at, start + gap.start()))
        before, after = plain[gap.start() - 1 : gap.start()], plain[gap.end() : gap.end() + 1]
        if before.isascii() and before.isalnum() and after.isascii() and after.isalnum():
            kept.append(" ")
            places.append(start + gap.start())
        at = gap.end()
    kept.append(plain[at:])
    places.extend(range(start + at, start + len(plain)))
    return "".join(kept), places


_OWN_YEAR = re.compile(r"[去今明前后本上]年")
# 2011年以来, 2019年之前: not that year. 较2022年, 高于2020年: what is compared with.
_NOT_THEN = re.compile(r"(?:以来|至今|起(?!点)|以前|之前|以后|之后|前后|成立|上市|设立|创立)")
_AGAINST = re.compile(
    r"(?:相比于?|相较于?|相对于?|较|比|高于|低于|好于|优于|弱于|不及|对比|超过|环比|同比|自|始于|成立于|创立于|基期|以)\Z"
)


def _times(text: str, published: date | None) -> Iterator[When]:
    """The periods of a sentence; those that are only compared with, or begun from, are left out."""
    year: str | None = None
    grouped: list[list[PeriodMention]] = []
    for mention in find_periods(text):
        if grouped and grouped[-1][0].start == mention.start:
            grouped[-1].append(mention)
        else:
            grouped.append([mention])
    for group in grouped:
        first = group[0]
        periods = tuple(filter(None, (_settled(one, year, published) for one in group)))
        if periods and not first.relative:
            year = periods[-1].label[:4]
        if periods and _PART.match(first.text) and text[first.start - 1 : first.start] == "前":
            periods = ()  # 10/282020年前三季度: half of a period that a date has run into
        if _AGAINST.search(text, 0, first.start) or _NOT_THEN.match(text, first.end):
            continue
        yield When(periods if len(periods) == len(group) else (), first.start, first.end)


_PART = re.compile(r"[一二三]季度")


def _settled(mention: PeriodMention, year: str | None, published: date | None) -> Period | None:
    """The period with its year: 四季度 takes that of the sentence, 去年 is counted from the
    report's day; None where neither is known."""
    period = mention.period
    if not period.relative:
        return period
    if _OWN_YEAR.search(mention.text):
        return period.on(published) if published else None
    return Period(period.label.replace("Y+0", year), period.kind) if year else None
