"""What a table's row keys and column headers say: metric, period, company, unit.

Used by facts: a cell's fact is its row's axis and its column's axis put together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from corpus.figures import is_unit, parse_number
from corpus.normalise import fold
from corpus.periods import Period, find_periods, without_periods
from corpus.tickers import find_codes, parse_code
from corpus.widths import half_width
from indexer.records import FactKind
from indexer.vocabulary import LOCAL, Metric, Vocabulary


@dataclass(frozen=True, slots=True)
class Axis:
    """What one row key or one header path says; None or empty where it is silent.

    Args:
        words: the folded words that are neither period nor unit nor code, outermost first.
        printed: the same parts as printed, periods and units left in.
        metric: the metric they name; `metric_part` is the index of the part that does
            (None when several parts together do).
        name: the words as printed that may name a company, a product or a region.
        stretch: the whole of a range of years (2020-2024), for rates that are of all of it.
    """

    parts: tuple[str, ...]
    words: tuple[str, ...]
    metric: Metric | None
    metric_part: int | None
    period: Period | None
    period_text: str | None
    code: str | None
    unit: str | None
    stretch: Period | None = None

    @property
    def metric_text(self) -> str:
        """The parts that name the metric, as printed."""
        if self.metric_part is not None:
            return self.parts[self.metric_part]
        return " ".join(part for part, words in zip(self.parts, self.words, strict=True) if words)

    @property
    def own_words(self) -> str:
        """The folded words, which name the metric where no vocabulary does."""
        return "".join(word for word in self.words if word)

    def name(self) -> str:
        """The words that do not name the metric, without code, period and unit, as printed."""
        kept = []
        for index, (part, words) in enumerate(zip(self.parts, self.words, strict=True)):
            by_metric = self.metric is not None and self.metric_part in {index, None}
            if words and not by_metric:
                kept.append(_without_code(part))
        return " ".join(filter(None, kept))


def read_axis(parts: tuple[str, ...], vocabulary: Vocabulary) -> Axis:
    """The axis of a header path (top first) or of one row key."""
    words = tuple(_words(part) for part in parts)
    metric, metric_part = _metric(parts, words, vocabulary)
    period, period_text = _period(parts)
    codes = [code for part in parts if (code := _code(part))]
    unit = next((unit for part in reversed(parts) if (unit := unit_in(part))), None)
    code = codes[0] if codes else None
    stretch = _stretch(parts)
    return Axis(parts, words, metric, metric_part, period, period_text, code, unit, stretch)


def _stretch(parts: tuple[str, ...]) -> Period | None:
    for part in reversed(parts):
        years = [mention.period for mention in find_periods(part) if mention.period.is_year]
        if len(years) > 1:
            return Period(f"{years[0].label}-01..{years[-1].label}-12", years[-1].kind)
    return None


def _metric(
    parts: tuple[str, ...], words: tuple[str, ...], vocabulary: Vocabulary
) -> tuple[Metric | None, int | None]:
    """The metric, looked for in the leaf first, then in all parts together, then further out."""
    spoken = [index for index, word in enumerate(words) if word]
    if not spoken:
        return None, None
    if len(spoken) > 1 and (together := vocabulary.metric_of(tuple(parts[i] for i in spoken[-2:]))):
        leaf = vocabulary.metric_of(parts[spoken[-1]])
        if leaf is None or leaf.id != together.id:
            return together, None
    for index in reversed(spoken):
        if metric := vocabulary.metric_of(parts[index]):
            return metric, index
    return None, None


def _period(parts: tuple[str, ...]) -> tuple[Period | None, str | None]:
    """The period of the innermost part that has one; a quarter without year takes it from above."""
    found: Period | None = None
    text: str | None = None
    for part in reversed(parts):
        mentions = find_periods(_LISTED_ABROAD.sub(" ", part))
        if not mentions:
            continue
        mention = mentions[-1]
        if found is None:
            found, text = mention.period, mention.text
        elif found.relative and mention.period.is_year:
            label = found.label.replace("Y+0", mention.period.label)
            return Period(label, found.kind or mention.period.kind), f"{mention.text} {text}"
    return found, text


# 2015 HK, 2050.HK: the code of a company, no year.
_LISTED_ABROAD = re.compile(r"(?<!\d)\d{4}[. ]HK\b", re.IGNORECASE)


def _words(part: str) -> str:
    """The folded part without periods, units, codes and list marks; empty if nothing is left."""
    plain = _LABELLED.sub("", half_width(part))
    if parse_code(plain):
        return ""
    plain = without_periods(plain)
    plain = _BRACKETS.sub(lambda found: "" if _says_unit(found.group(1)) else found.group(), plain)
    plain = "".join(fold(_without_code(plain)).split()).strip("-—*#:：,，、/|")
    return "" if is_unit(plain) or _ONLY_MARKS.fullmatch(plain) else plain


_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_ONLY_MARKS = re.compile(r"[\d.\W_]*")
_LABELLED = re.compile(r"[(\[]单位[)\]]\s*[:：]?\s*([^\s()\[\]]{1,6})\s*\Z")  # ROE(加权)[单位]%
_UNIT_LABEL = re.compile(r"\A(?:单位|金额单位|货币单位|unit)\s*[:：]?\s*", re.IGNORECASE)


def unit_in(text: str) -> str | None:
    """The unit that a header or key states in brackets or behind a stroke, as printed."""
    plain = half_width(text).strip()
    if (labelled := _LABELLED.search(plain)) and is_unit(labelled.group(1).strip()):
        return labelled.group(1).strip()
    for inside in reversed(_BRACKETS.findall(plain)):
        if stated := _stated_unit(inside):
            return stated
    if plain.endswith("%") and not parse_number(plain):
        return "%"
    head, mark, tail = plain.rpartition("/")
    if mark and head and not is_unit(plain) and (stated := _stated_unit(tail)):
        return stated
    head, mark, tail = plain.replace("，", ",").rpartition(",")
    if mark and (stated := _stated_unit(tail)):
        return stated
    return plain if is_unit(plain) and parse_number(plain) is None else None


def _stated_unit(words: str) -> str | None:
    for piece in re.split(r"[,，;；、]", words):
        plain = _UNIT_LABEL.sub("", piece).strip()
        if is_unit(plain):
            return plain
    return None


def _says_unit(words: str) -> bool:
    plain = words.strip()
    return not plain or _stated_unit(plain) is not None or fold(plain) in {"人民币", "rmb", *LOCAL}


def _code(part: str) -> str | None:
    codes = find_codes(part)
    return codes[0].code if len(codes) == 1 else None


def _without_code(part: str) -> str:
    """The part without a stock code and the brackets about it: 昆仑万维(300418.SZ) → 昆仑万维."""
    plain = part
    for code in reversed(find_codes(part)):
        plain = plain[: code.start] + plain[code.end :]
    if plain == part:
        return part.strip()
    return re.sub(r"[(（\[【]\s*[)）\]】]", "", plain).strip(" \t-,，/|:：")


def kind_of(
    period: Period | None, first_estimate: int | None, published: date | None
) -> FactKind | None:
    """Whether figures of a period are actual or estimated.

    What its mark says (2023E); without a mark: a period before the table's first estimate is
    actual; without such a column one that ended before the report's year (a year) or day (a part
    of one) is actual and every other an estimate; None where nothing tells.
    """
    if period is None or period.relative:
        return None
    if period.kind is not None:
        return period.kind
    year = period.year
    if first_estimate is not None and year is not None:
        return "actual" if year < first_estimate else "estimate"
    if published is None:
        return None
    return "actual" if _over(period, published) else "estimate"


_LAST_DAY = {
    "Q1": "03-31",
    "Q2": "06-30",
    "H1": "06-30",
    "Q3": "09-30",
    "Q4": "12-31",
    "H2": "12-31",
}


def _over(period: Period, published: date) -> bool:
    label, today = period.label, published.isoformat()
    if period.is_year:
        return label < today[:4]
    if ".." in label:
        return label.partition("..")[2] < today[:7]
    if label[4] != "-":
        return f"{label[:4]}-{_LAST_DAY[label[4:]]}" < today
    return label <= today[: len(label)]
