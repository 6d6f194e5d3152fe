"""Faults of a golden set that its form alone does not show: quotes, answers, leaks.

Beside `eval.golden`, with the reports at hand. A golden set with findings is not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.errors import EvalError, GoldenError
from eval.arithmetic import FormulaError, evaluate
from eval.golden import Evidence, GoldenItem, GoldenSet
from eval.matching import fold, squash
from eval.sources import ReportTexts
from eval.targets import Target

# Questions of dev and test that share so many character pairs ask the same; templates that differ
# in the company's name stay below.
LEAK = 0.9

_DERIVED = re.compile(r"derived=([^;；]+)")
_VARIANT = re.compile(r"variant_of=([^;；\s]+)")
_FIGURE = re.compile(r"-?\d+(?:\.\d+)?")
# What an answer says in words of its own: yes, no, not given, more, less, kept.
_OWN_WORDS = re.compile(
    r"(?:不?是|[没未]有?|否|不|未给出|没有给出|未披露|未提供|更高|更低|高于|低于|相同|一致|不同|下降|上升|增加|减少)+"
)
_DATE = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: where (`file:line`), which item, what kind, and the words at fault."""

    place: str
    item: str
    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {self.item}: {self.code}: {self.detail}"


def lint(golden: GoldenSet, texts: ReportTexts) -> list[Finding]:
    """Every fault of the set, in file order."""
    findings: list[Finding] = []
    for item, place in zip(golden.items, golden.places, strict=True):
        faults = [*_evidence(item, texts), *_answers(item, texts), *_contradictions(item)]
        findings += [Finding(place, item.id, code, detail) for code, detail in faults]
    return findings + _leaks(golden)


def refuse_faults(golden: GoldenSet, texts: ReportTexts) -> None:
    """Raises `GoldenError` that names every finding; nothing if there is none."""
    if findings := lint(golden, texts):
        raise GoldenError("\n".join(map(str, findings)))


def refuse_missing_reports(golden: GoldenSet, items: Sequence[GoldenItem], target: Target) -> None:
    """Raises `GoldenError` with file and line for evidence in a report that the target lacks.

    A target that does not answer is no fault of the golden set: it is left to the run to count.
    """
    places = dict(zip((item.id for item in golden.items), golden.places, strict=True))
    first = {piece.report: item for item in reversed(items) for piece in item.evidence}
    missing = []
    for report, item in sorted(first.items()):
        try:
            target.text(report)
        except KeyError:
            missing.append(
                f"{places[item.id]}: {item.id}: report {report} is not in {target.name}; index it "
                "or ask other questions"
            )
        except EvalError:
            return
    if missing:
        raise GoldenError("\n".join(missing))


Fault = tuple[str, str]


def _evidence(item: GoldenItem, texts: ReportTexts) -> Iterator[Fault]:
    if item.answerable and not item.evidence:
        yield "no_evidence", "an answerable question names what its answer stands on"
    for piece in item.evidence:
        if texts.text(piece.report) is None:
            yield "no_such_report", piece.report
        elif not texts.places(piece):
            yield "quote_not_in_report", piece.quote or f"[{piece.start}, {piece.end})"


def _answers(item: GoldenItem, texts: ReportTexts) -> Iterator[Fault]:
    """Each answer group has to follow from the evidence, or from the formula of the note."""
    found = _DERIVED.search(item.note or "")
    formula = found[1].strip() if found else ""
    quotes = squash(" ".join(_words(piece, texts) for piece in item.evidence))
    whole = fold("".join(texts.text(report) or "" for report in {e.report for e in item.evidence}))
    for group in item.answers:
        if any(_stands(alternative, quotes, whole) for alternative in group):
            continue
        if formula:
            if fault := _formula_fault(formula, group):
                yield fault
        else:
            yield "not_derivable", " | ".join(group)


def _words(piece: Evidence, texts: ReportTexts) -> str:
    spans = texts.places(piece)
    return texts.words(piece.report, spans[0].start, spans[0].end) or "" if spans else ""


def _stands(alternative: str, quotes: str, whole: str) -> bool:
    wanted = squash(alternative)
    if wanted in quotes or _OWN_WORDS.fullmatch(wanted):
        return True
    if date := _DATE.search(wanted):
        day = [int(part) for part in date.groups()]
        return any([int(p) for p in d.groups()] == day for d in _DATE.finditer(quotes))
    figures = _FIGURE.findall(wanted)
    if figures:
        return all(figure.rstrip("0").rstrip(".") in quotes for figure in figures)
    return fold(alternative) in whole  # a name or word of the report, such as its broker


def _formula_fault(formula: str, group: Sequence[str]) -> Fault | None:
    try:
        value = evaluate(formula)
    except FormulaError:
        return None  # argmax, count, list …: said in words, judged by reviewers
    for alternative in group:
        if (figure := _FIGURE.search(squash(alternative))) is None:
            continue
        places = len(figure.group().partition(".")[2])
        said = float(figure.group())
        if any(abs(said - float(value) * s) <= 0.51 * 10**-places for s in (1, 100, -1, -100)):
            return None
    return "formula_gives_another", f"{formula} = {value:.6g}, answers {' | '.join(group)}"


def _contradictions(item: GoldenItem) -> Iterator[Fault]:
    for group in item.answers:
        for word in item.forbid:
            if all(squash(word) == squash(alternative) for alternative in group):
                yield "answer_forbidden", word


def _leaks(golden: GoldenSet) -> list[Finding]:
    splits = {item.id: item.split for item in golden.items}
    pairs = {item.id: _pairs(item) for item in golden.items}
    by_split: dict[str, list[str]] = {"dev": [], "test": []}
    for item in golden.items:
        by_split[item.split].append(item.id)
    findings = []
    for item, place in zip(golden.items, golden.places, strict=True):
        origin = _VARIANT.search(item.note or "")
        if origin and splits.get(origin[1], item.split) != item.split:
            findings.append(Finding(place, item.id, "leak", f"a variant of {origin[1]}"))
        if item.split == "test":
            near = [o for o in by_split["dev"] if _alike(pairs[o], pairs[item.id])]
            findings += [Finding(place, item.id, "leak", f"asks what {o} asks") for o in near]
    return findings


def _pairs(item: GoldenItem) -> frozenset[str]:
    turns = "".join(turn.content for turn in item.history)
    text = fold(turns + item.question + item.filters.model_dump_json(exclude_defaults=True))
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= LEAK * len(one | other)
