"""Figures that sentences state, as facts: 2023年营业收入462.6亿元，同比增长12.3%.

Stands beside `facts`, which reads tables. Only what is certain becomes a fact: a known metric, a
unit that fits it, a period in the same sentence, and a subject; prose that says less stays prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.figures import Figure
from corpus.line_kinds import coded_heading
from corpus.periods import Period
from corpus.report import BlockKind, Report, Role
from indexer.axes import kind_of
from indexer.records import Fact, FactKind
from indexer.sentence_claims import Claim, claims_of, metric_groups
from indexer.sentence_subjects import Speaker
from indexer.sentences import Sentence, sentences_of
from indexer.subject_words import Subject, own_company
from indexer.typing_facts import base_of, direction_of, subject_kind_of
from indexer.vocabulary import Vocabulary

_KINDS = {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.HEADING}
_ROLES = {Role.BODY, Role.FRONT}


def extract_sentence_facts(report: Report, vocabulary: Vocabulary) -> tuple[Fact, ...]:
    """The facts that paragraphs, list items and headings state, in the order of the text."""
    reader = _Reader(report, vocabulary)
    facts: list[Fact] = []
    for block in report.blocks:
        if block.role in _ROLES and block.kind in _KINDS:
            own = reader.own_in(report.sections[block.section].path)
            speaker = Speaker(own, report.text)
            for opening, sentence in sentences_of(report, block, vocabulary, reader.published):
                speaker.begin(opening)
                if sentence is not None:
                    facts += reader.facts(sentence, speaker)
    return tuple(facts)


class _Reader:
    """Reads the sentences of one report."""

    def __init__(self, report: Report, vocabulary: Vocabulary) -> None:
        self._report, self._vocabulary = report, vocabulary
        self.own = own_company(report.meta)
        self.published = report.meta.published.value if report.meta.published else None

    def own_in(self, path: tuple[str, ...]) -> Subject | None:
        """The report's company; in a note of several, the one that heads the section."""
        if self.own is None:
            for words in reversed(path):
                named = coded_heading(words)
                if named is not None:
                    return Subject(*named)
        return self.own

    def facts(self, sentence: Sentence, speaker: Speaker) -> Iterator[Fact]:
        """The facts of one sentence, in order."""
        floor, said = 0, -1
        for group in metric_groups(sentence):
            if group[0].start < floor:
                continue  # inside what another metric has taken
            found = list(claims_of(sentence, group, (said, floor), self._vocabulary))
            if not found:
                speaker.pass_over(sentence, floor, group[0].start, group[-1].end)
                continue
            first = found[0]
            whom = speaker.subject(sentence, floor, group[0].start, first.when, first.metric)
            floor, said = max(figure.end for c in found for figure in c.figures), first.when
            if whom is None:
                continue
            for claim in found:
                for figure, period in zip(claim.figures, claim.times, strict=True):
                    yield self._fact(sentence, claim, figure, period, whom)

    def _fact(
        self, sentence: Sentence, claim: Claim, figure: Figure, period: Period, whom: Subject
    ) -> Fact:
        report, metric = self._report, claim.metric
        digits = _DIGITS.search(sentence.text, figure.start)
        if digits is None:  # pragma: no cover: a figure begins with its digits or their sign
            raise AssertionError(sentence.text)
        place = sentence.span(*digits.span())
        line = sentence.span(0, len(sentence.text))
        number = format(figure.value, "f")
        value_base, unit_base = base_of(number, figure.unit, metric)
        at = claim.when if claim.when >= 0 else figure.start
        return Fact(
            fact_id=f"{report.report_id}:{place.start}-{place.end}",
            report_id=report.report_id,
            subject=whom.name,
            code=whom.code,
            metric=metric.id,
            metric_text=claim.words,
            period=period.label,
            period_text=_period_text(sentence, claim.when),
            kind=self._kind(sentence, period, at, figure.start),
            value=place.of(report.text),
            number=number,
            unit=_as_printed(sentence.text[digits.end() : figure.end], figure.unit),
            start=place.start,
            end=place.end,
            line_start=line.start,
            line_end=line.end,
            cell=None,
            as_of=period.label if period.is_day else None,
            direction=direction_of(metric),
            approx=figure.mark,
            subject_kind=subject_kind_of(whom.name, whom.code, self.own.name if self.own else None),
            value_base=value_base,
            unit_base=unit_base,
            page=self._report.page_at(place.start),
        )

    def _kind(self, sentence: Sentence, period: Period, when: int, at: int) -> FactKind | None:
        """What the words from a little before the period to the figure make of it."""
        said = sentence.text[max(0, when - 16) : at]
        if _GUIDED.search(said):
            return "guidance"
        estimated = _ESTIMATED.search(said) and not _START.search(sentence.text, 0, max(0, when))
        if period.kind is None and estimated and not self._long_over(period):
            return "estimate"
        kind = kind_of(period, None, self.published)
        if kind == "estimate" and period.kind is None and not period.is_year:
            # A quarter that is not over by the day of the report is told of by its words only.
            return "actual" if "实现" in said and not estimated else None
        return kind

    def _long_over(self, period: Period) -> bool:
        """True for a year whose results are out: nobody estimates it any more."""
        published = self.published
        if published is None or period.year is None:
            return False
        return period.year + (1 if published.month > _RESULTS_ARE_OUT else 2) <= published.year


_RESULTS_ARE_OUT = 4  # annual reports of listed companies are due by the end of April
_ESTIMATED = re.compile(
    r"预计|预测(?!数据)|有望|(?<!符合)(?<!超)(?<!不及)(?<!低于)(?<!高于)(?<!好于)(?<!优于)(?<!超出)(?<!不达)(?<!市场)(?<!一致)预期|估计|我们认为|[上下]调|将(?:达|为|增|超|突破|提|降)|目标"
)
_START = re.compile(r"[从由自]\Z")  # 有望从2017年的31.4亿元升至…: the year that it starts from was
_GUIDED = re.compile(
    r"业绩预告|(?<!我们认为)(?<!我们)公司(?:预计|指引|预期|目标)|指引|管理层(?:预计|预期)"
)


def _as_printed(behind: str, unit: str | None) -> str | None:
    """The unit in the letters that were printed; a unit that stands further on as it is known."""
    plain = behind.strip()
    return plain if unit is not None and plain.lower() == unit.lower() else unit


_DIGITS = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def _period_text(sentence: Sentence, when: int) -> str | None:
    found = next((one for one in sentence.times if one.start == when), None)
    return sentence.text[found.start : found.end] if found else None
