"""Golden questions carried over to a disguised copy, or dropped with the reason.

Part of `eval.disguise`. A question survives only if its evidence stands in the new report and
its answers can be worked out anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import combinations
from typing import Any

from eval.arithmetic import FormulaError, evaluate
from eval.disguising.rewriting import Rewriter, scaled
from eval.golden import Evidence, GoldenItem
from eval.matching import FoldedText, squash, stands_in

_FIGURE = re.compile(r"(?P<number>-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?P<unit>\D*)")
_YEAR_MONTH = re.compile(r"20\d\d\.(?:0[1-9]|1[0-2])")
_DERIVED = re.compile(r"derived=([^;；]+)")
_FORMULA = re.compile(r"[\d.,+\-*/() ]+")
_THRESHOLD = re.compile(r"(?:>=?|<=?|[≥≤]) *(-?\d+(?:\.\d+)?)")


class _NoCounterpartError(Exception):
    """This question has no counterpart in the copy."""


class Questioner:
    """Turns questions about the originals into questions about one copy.

    Args:
        old, new: report id → text, of the originals and of the copy.
        ids: old report id → new one.
        rows: old report id → table line → the row that it became; "" for header lines.
        names: old → new names, as in the rewriter.
    """

    def __init__(
        self,
        old: Mapping[str, str],
        new: Mapping[str, str],
        ids: Mapping[str, str],
        rows: Mapping[str, Mapping[int, str]],
        rewriter: Rewriter,
        names: Mapping[str, str],
    ) -> None:
        self._old = {report: FoldedText(text) for report, text in old.items()}
        self._new = {report: FoldedText(text) for report, text in new.items()}
        self._ids = ids
        self._rows = rows
        self._rewrite = rewriter
        self._names = names

    def disguised(self, item: GoldenItem) -> GoldenItem | str:
        """The question of the copy, or why there is none."""
        try:
            new = self._disguised(item)
        except _NoCounterpartError as reason:
            return str(reason)
        said = [new.question, *(turn.content for turn in new.history), *sum(new.answers, ())]
        for name in self._names:
            if any(name in words for words in said) and name not in self._names.values():
                return f"the old name {name} is left"
        return new

    def _disguised(self, item: GoldenItem) -> GoldenItem:
        said = _narrowed(item.question + "".join(turn.content for turn in item.history))
        rule = _derived(item)
        for number in _THRESHOLD.findall(rule) if rule[:1].isalpha() else ():
            if Decimal(number) and number not in said:  # 个位数: cannot grow with the column
                raise _NoCounterpartError(f"the threshold {number} is asked for in other words")
        evidence = [piece for old in item.evidence for piece in self._evidence(old)]
        answers = [self._group(group, item) for group in item.answers]
        given = {a for group in answers for a in group}
        forbid = [self._forbidden(word, item.forbid) for word in item.forbid]
        changes: dict[str, Any] = {
            "question": self._asked(item.question, item),
            "history": tuple(
                turn.model_copy(update={"content": self._asked(turn.content, item)})
                for turn in item.history
            ),
            "answers": tuple(map(tuple, answers)),
            "forbid": tuple(w for w in forbid if not any(stands_in(w, a) for a in given)),
            "evidence": tuple(evidence),
            "filters": self._filters(item),
            "note": self._note(item),
            "numeric": None,
        }
        return item.model_copy(update=changes)

    # Evidence ------------------------------------------------------------------------------

    def _evidence(self, piece: Evidence) -> list[Evidence]:
        if piece.report not in self._ids:
            raise _NoCounterpartError(f"evidence in {piece.report}, which is not copied")
        folded = self._old[piece.report]
        spans = folded.places(piece.quote or "")
        if not spans:
            raise _NoCounterpartError("evidence is not in the original")
        start, end = spans[0].start, spans[0].end
        first = folded.text.count("\n", 0, start)
        last = first + folded.text.count("\n", start, end)
        rows = [self._rows[piece.report].get(line) for line in range(first, last + 1)]
        if all(row is None for row in rows):
            quotes = [self._rewrite(folded.text[start:end])]
        elif all(rows):
            quotes = [row for row in rows if row]
        else:
            raise _NoCounterpartError("evidence in a table's header, or half in a table")
        report = self._ids[piece.report]
        for quote in quotes:
            if not self._new[report].places(quote):
                raise _NoCounterpartError(f"evidence is not in the copy: {quote[:60]}")
        return [Evidence(report=report, quote=quote, group=piece.group) for quote in quotes]

    # Words ---------------------------------------------------------------------------------

    def _asked(self, text: str, item: GoldenItem) -> str:
        """A question or a turn; traditional and full-width ones stay so."""
        simple = _converter("t2s")(text)
        if simple != text:
            return str(_converter("s2t")(self._asked(simple, item)))
        if re.search(r"[０-９Ａ-Ｚａ-ｚ]", text):
            return _widened(self._asked(_narrowed(text), item))
        for number in _THRESHOLD.findall(_derived(item)):
            bare = rf"(?<![\d.]){re.escape(number)}(?![\d.]|\s?(?:%|％|倍|元|亿|万))"
            text = re.sub(bare, scaled(number, self._rewrite.shift.factor), text)
        return self._rewrite(self._respelled(text, item))

    def _respelled(self, text: str, item: GoldenItem) -> str:
        """Abbreviations and slips of the names in the evidence, carried to the new names."""
        quotes = "".join(piece.quote or "" for piece in item.evidence)
        for old, new in self._names.items():
            if len(old) < 3 or len(old) != len(new) or old.isascii() or old in text:
                continue
            if old in quotes:
                text = _abbreviated(text, old, new)
            text = _misspelt(text, old, new)
        return text

    def _gold(self, word: str) -> str:
        """A gold or forbidden word."""
        figure = _FIGURE.fullmatch(word)
        dated = _YEAR_MONTH.fullmatch(word) is not None
        if figure and not dated and ("." in figure["number"] or "," in figure["number"]):
            return scaled(figure["number"], self._rewrite.shift.factor) + self._rewrite(
                figure["unit"]
            )
        return self._rewrite(word)

    def _forbidden(self, word: str, others: tuple[str, ...]) -> str:
        """`0.7` beside `0.70` stays the shorter form of one figure."""
        longest = max(o for o in others if o.startswith(word) and not o[len(word) :].strip("0"))
        if "." in word and _FIGURE.fullmatch(longest):
            figure = _FIGURE.fullmatch(longest)
            if figure and not figure["unit"]:
                return self._same_figure(word, longest, scaled(longest, self._rewrite.shift.factor))
        return self._gold(word)

    def _filters(self, item: GoldenItem) -> Any:
        filters = item.filters
        dump = filters.model_dump(mode="json")
        dump["report_ids"] = [self._ids.get(r, r) for r in filters.report_ids]
        for name in ("brokers", "stock_codes"):
            dump[name] = [self._rewrite(value) for value in dump[name]]
        for name in ("published_from", "published_to"):
            dump[name] = self._rewrite(dump[name]) if dump[name] else None
        return type(filters).model_validate(dump)

    def _note(self, item: GoldenItem) -> str | None:
        """The note, its formula or threshold in the figures of the copy."""
        formula = _derived(item)
        if not formula:
            return item.note
        if _FORMULA.fullmatch(formula):
            new = self._scaled_formula(formula)
        else:
            factor = self._rewrite.shift.factor
            new = _THRESHOLD.sub(
                lambda m: m.group().replace(m[1], scaled(m[1], factor)), self._rewrite(formula)
            )
        return (item.note or "").replace(formula, new)

    def _scaled_formula(self, formula: str) -> str:
        factor = self._rewrite.shift.factor
        return re.sub(r"[\d,]*\d\.\d+", lambda m: scaled(m.group(), factor), formula)

    # Answers -------------------------------------------------------------------------------

    def _group(self, group: tuple[str, ...], item: GoldenItem) -> list[str]:
        formula = _derived(item)
        figures = [m for m in map(_FIGURE.fullmatch, group) if m and _counts(m)]
        if not figures:
            return list(dict.fromkeys(self._gold(word) for word in group))
        exact = max(figures, key=lambda m: len(m["number"].partition(".")[2]))["number"]
        if _FORMULA.fullmatch(formula) and not self._is_quoted(exact, item):
            return list(dict.fromkeys(self._recomputed(word, formula) for word in group))
        if item.type in ("computed", "comparison") and not self._is_quoted(exact, item):
            raise _NoCounterpartError(f"{exact} is computed and the note has no formula")
        new = scaled(exact, self._rewrite.shift.factor)
        return list(dict.fromkeys(self._same_figure(word, exact, new) for word in group))

    def _is_quoted(self, figure: str, item: GoldenItem) -> bool:
        quotes = squash(" ".join(piece.quote or "" for piece in item.evidence))
        return figure.replace(",", "").rstrip("0").rstrip(".") in quotes

    def _same_figure(self, word: str, exact: str, new: str) -> str:
        """`word` says what `exact` says, perhaps shorter or grouped; the same said of `new`."""
        figure = _FIGURE.fullmatch(word)
        if figure is None:
            return self._gold(word)
        if Decimal(figure["number"].replace(",", "")) != Decimal(exact.replace(",", "")):
            return self._gold(word)
        value = Decimal(new.replace(",", ""))
        shorter = len(figure["number"].replace(",", "")) < len(exact.replace(",", ""))
        text = f"{value.normalize():f}" if shorter else f"{value:f}"
        if "," in figure["number"]:
            text = f"{Decimal(text):,f}"
        return text + self._rewrite(figure["unit"])

    def _recomputed(self, word: str, formula: str) -> str:
        figure = _FIGURE.fullmatch(word)
        if figure is None:
            return self._rewrite(word)
        old = _value(formula)
        new = _value(self._scaled_formula(formula))
        number = figure["number"].replace(",", "")
        step = Decimal(1).scaleb(-len(number.partition(".")[2]))
        for scale in (Decimal(1), Decimal(100), Decimal(-1), Decimal(-100)):
            if (old * scale).quantize(step, ROUND_HALF_UP) == Decimal(number):
                return f"{(new * scale).quantize(step, ROUND_HALF_UP):f}{figure['unit']}"
        raise _NoCounterpartError(f"{word} is not what {formula} gives ({old})")


def _derived(item: GoldenItem) -> str:
    found = _DERIVED.search(item.note or "")
    return found[1].strip() if found else ""


def _counts(figure: re.Match[str]) -> bool:
    """A figure with decimals, grouping or a unit of amount; `4家` and a phone number are none."""
    written, unit = figure["number"], figure["unit"].strip()
    if _YEAR_MONTH.fullmatch(written) and not unit:
        return False
    return "." in written or "," in written or unit[:1] in tuple("%％亿万倍元")


def _value(formula: str) -> Decimal:
    try:
        return evaluate(formula)
    except FormulaError as error:
        raise _NoCounterpartError(str(error)) from error


def _abbreviated(text: str, old: str, new: str) -> str:
    """An in-order abbreviation of `old` (蓝标 of 蓝色光标) becomes the same one of `new`."""
    for size in range(len(old) - 1, 1, -1):
        for rest in combinations(range(1, len(old)), size - 1):
            short = old[0] + "".join(old[i] for i in rest)
            if short in text:
                return text.replace(short, new[0] + "".join(new[i] for i in rest))
    return text


def _misspelt(text: str, old: str, new: str) -> str:
    """`old` with one wrong character becomes `new` with that wrong character."""
    for at in range(len(text) - len(old) + 1):
        window = text[at : at + len(old)]
        wrong = [i for i, (a, b) in enumerate(zip(window, old, strict=True)) if a != b]
        if len(wrong) == 1 and wrong[0] > 0 and len(old) > 3:
            slipped = new[: wrong[0]] + window[wrong[0]] + new[wrong[0] + 1 :]
            return text[:at] + slipped + text[at + len(old) :]
    return text


def _narrowed(text: str) -> str:
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" and c.isalnum() else c for c in text)


def _widened(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)


@cache
def _converter(config: str) -> Any:
    from opencc import OpenCC

    return OpenCC(config).convert
