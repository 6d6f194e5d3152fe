"""Metrics and rating words as Chinese reports write them, known by all their names.

Used by facts (which metric a header cell means) and by questions (which metric is asked for). The
names stand in `data/metrics.json`; a user's file is merged on top (`user_vocabulary`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from corpus.errors import IndexerError
from corpus.figures import is_unit
from corpus.own_words import NO_OWN_WORDS, OwnWords, use_own_words
from corpus.periods import without_periods
from corpus.widths import fold_in_place
from indexer.user_vocabulary import read_user_file


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that reports state figures or words of.

    Args:
        id: stable name (`eps`); growth of a metric has its own: `revenue_yoy`, `_qoq`, `_cagr`.
        name: canonical Chinese name (每股收益).
        family: per_share, amount, percent, multiple, price, count, rating, … .
        unit: what it is shown in where a report states no unit; None: then none is shown.
        better: `higher`, `lower`, or None where more is neither good nor bad.
        aliases: other names; one that begins with `!` is weak (see `MetricMention`).
    """

    id: str
    name: str
    family: str
    unit: str | None
    better: str | None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricMention:
    """A metric in a text: `given[start:end] == text`.

    Args:
        weak: the words are ordinary ones too (增长, 占比): a guess where a better one is near.
    """

    metric: Metric
    start: int
    end: int
    text: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class RatingWord:
    """A word of a rating scale. `rank`: 5 best to 1 worst, 0: no rating given."""

    word: str
    rank: int


@dataclass(frozen=True, slots=True)
class RatingMention:
    """A rating word in a text, at `[start, end)`."""

    rating: RatingWord
    start: int
    end: int


# What behind a metric's name makes its growth of it: 营业收入同比增长率, EPS YoY.
_CHANGE = (
    r"(?P<link>的|同比的)?(?:"
    r"(?P<yoy>同比增长率|同比增速|同比增长|同比增幅|同比变动|同比变化|同比增减|同比下降|同比|增长率|增速|增幅|yoy|\+/-|gr)"
    r"|(?P<qoq>环比增长率|环比增速|环比增长|环比变动|环比下降|环比|qoq|mom)"
    r"|(?P<cagr>年均复合增长率|年均复合增速|年复合增长率|复合年增长率|复合增长率|复合增速|cagr)"
    r")(?![a-z])(?:\(%\))?"
)
# In a header of its own words 营业收入增长 is its growth; in a sentence it may be anything.
_CHANGE_OF_HEADER = re.compile(r"(?P<yoy>增长)(?P<qoq>\A(?!))?(?P<cagr>\A(?!))?(?:\(%\))?\Z")
_CHANGE_AFTER = re.compile(rf"(?:\([^()]{{1,8}}\))?{_CHANGE}")
_CHANGES = {"yoy": "同比增速", "qoq": "环比增速", "cagr": "复合增长率"}
# Words about a metric that leave it the same one.
_NEUTRAL = re.compile(
    r"(?:一致预期|一致预测|预测|预计|预期|最新摊薄|全面摊薄|摊薄|稀释|基本|最新|当前|目前|报告日|公司|对应|动态|静态|股价|现价|指标|合计|倍|&"
    r"|其中|加|减|wind|调整后|[一二三四五六七八九十]+、|[:：、,，.\-_*#()（）/]|\d+\.)*"
)


class Vocabulary:
    """The metrics and the rating words, with what finds them in texts and headers."""

    def __init__(
        self,
        metrics: Iterable[Metric],
        ratings: Iterable[RatingWord],
        own: OwnWords = NO_OWN_WORDS,
    ) -> None:
        """Later metrics win a name that two of them claim; `own` are the user's further words."""
        self.own = own
        self.metrics = {metric.id: metric for metric in metrics}
        self.rating_words = tuple(ratings)
        self._names: dict[str, str] = {}
        self._weak: set[str] = set()
        for metric in self.metrics.values():
            for name in (f"!{metric.id}", metric.name, *metric.aliases):
                folded = _compact(name.removeprefix("!"))
                self._names[folded] = metric.id
                (self._weak.add if name.startswith("!") else self._weak.discard)(folded)
        self._starts: dict[str, list[str]] = {}
        for name in sorted(self._names, key=len, reverse=True):
            self._starts.setdefault(name[:2], []).append(name)
        self._letters = {start for start in self._starts if len(start) == 1}

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever a metric, a name or a rating word does."""
        content = [
            [repr(metric) for _, metric in sorted(self.metrics.items())],
            [[rating.word, rating.rank] for rating in self.rating_words],
        ]
        indexed = replace(self.own, formulas=())  # they change no fact of an index
        if indexed != NO_OWN_WORDS:
            content.append([repr(indexed)])
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Comes into another process, where the user's words are to hold as well."""
        self.__dict__.update(state)
        use_own_words(self.own)

    def get(self, metric_id: str) -> Metric | None:
        """The metric of an id, growth ids (`revenue_yoy`) included."""
        if metric_id in self.metrics:
            return self.metrics[metric_id]
        base, _, change = metric_id.rpartition("_")
        if base in self.metrics and change in _CHANGES:
            return _changed(self.metrics[base], change)
        return None

    def name_of(self, metric_id: str) -> str:
        """The Chinese name of an id; of an unknown one, the words that it is."""
        metric = self.get(metric_id)
        return metric.name if metric else metric_id

    def find_metrics(self, text: str) -> list[MetricMention]:
        """Every metric that the text names, in order, the longest name at each place."""
        folded, places = _compact_with_places(text)
        mentions: list[MetricMention] = []
        taken = 0
        for at in self._beginnings(folded):
            name = self._name_at(folded, places, text, at) if at >= taken else None
            if name is None:
                continue
            metric, end = self._with_change(name, folded, at)
            start, stop = places[at], places[end - 1] + 1
            weak = name in self._weak and metric.id in self.metrics
            mentions.append(MetricMention(metric, start, stop, text[start:stop], weak))
            taken = end
        return mentions

    def metric_of(self, header: tuple[str, ...] | str) -> Metric | None:
        """The metric that a header path (or one header cell) names; None if no name fits.

        Periods, units and table-wide words in it do not matter; words that make another metric of
        it do: 海外收入 is not 营业收入.
        """
        parts = (header,) if isinstance(header, str) else header
        raw = [_compact(part) for part in parts]
        bare = [plain for part in parts if (plain := _without_periods_and_units(part))]
        together = ["".join(raw), "".join(bare), "".join(reversed(bare))]
        last = [raw[-1], bare[-1]] if raw and bare else raw[-1:]
        for candidate in (*together, *last):
            if metric := self._exact(candidate):
                return metric
        if bare and (both := _TWO_NAMES.fullmatch(bare[-1])):
            one, other = self._exact(both[1]), self._exact(both[2])
            if one is not None and other is not None and one.id == other.id:
                return one  # 市净率（PB）
        whole = bare[-1] if bare else ""
        alone = _HEADING.sub("", whole)
        if alone != whole and (metric := self._exact(alone)):
            return metric  # 每股指标每股收益: the heading above has run into the row
        return self._with_neutral_words(whole) if whole else None

    def find_ratings(self, text: str) -> list[RatingMention]:
        """Every rating word in the text, in order, the longest at each place."""
        found = []
        for match in self._rating_pattern.finditer(fold_in_place(text)):
            rating = self._ratings[match.group()]
            found.append(RatingMention(rating, match.start(), match.end()))
        return found

    def rating_of(self, text: str) -> RatingWord | None:
        """The rating that the whole of `text` is (买入, “增持”(维持)), else None."""
        plain = re.sub(r"[\s\"'“”‘’\-]|\(.*\)|[(（].*[)）]", "", fold_in_place(text))
        plain = re.sub(r"\A(?:维持|上调至?|下调至?|首次)|(?:评级|a|-a)\Z", "", plain)
        return self._ratings.get(plain)

    @cached_property
    def _ratings(self) -> dict[str, RatingWord]:
        return {fold_in_place(rating.word): rating for rating in self.rating_words}

    @cached_property
    def _rating_pattern(self) -> re.Pattern[str]:
        words = sorted(self._ratings, key=len, reverse=True)
        parts = [
            rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word)
            for word in words
        ]
        return re.compile("|".join(parts))

    def _name_at(self, folded: str, places: Sequence[int], text: str, at: int) -> str | None:
        for name in self._starting(folded, at):
            if folded.startswith(name, at) and _stands_free(name, places, text, at):
                return name
        return None

    def _beginnings(self, folded: str) -> list[int]:
        """Where a name may begin, by its first two letters: few places of many, found fast."""
        starts = self._starts
        pairs = map(str.__add__, folded, folded[1:] + "\0")
        if self._letters:  # a user's name of one letter
            return [at for at, two in enumerate(pairs) if two in starts or two[0] in self._letters]
        return [at for at, two in enumerate(pairs) if two in starts]

    def _starting(self, folded: str, at: int) -> Iterable[str]:
        """The names that may begin at a place, the longest first; one of one letter comes last."""
        pair, single = self._starts.get(folded[at : at + 2], ()), self._starts.get(folded[at], ())
        return (*pair, *single) if single else pair

    def _with_change(self, name: str, folded: str, at: int) -> tuple[Metric, int]:
        """The metric of a name, or its growth where the words behind it say so."""
        metric, end = self.metrics[self._names[name]], at + len(name)
        change = _CHANGE_AFTER.match(folded, end)
        if change is None or metric.id in {"growth", "qoq", "cagr"}:
            return metric, end
        return _changed(metric, _change_of(change)), change.end()

    def _exact(self, folded: str) -> Metric | None:
        """The metric whose name, with or without a word of growth, is the whole of `folded`."""
        if metric_id := self._names.get(folded):
            return self.metrics[metric_id]
        change = re.search(_CHANGE + r"\Z", folded) or _CHANGE_OF_HEADER.search(folded)
        if change is None:
            return None
        base = self._names.get(_UNIT_END.sub("", folded[: change.start()]))
        if base is None:
            return None
        return _changed(self.metrics[base], _change_of(change))

    def _with_neutral_words(self, folded: str) -> Metric | None:
        for at in range(len(folded)):
            for name in self._starting(folded, at):
                if not folded.startswith(name, at) or name in self._weak:
                    continue
                metric, end = self._with_change(name, folded, at)
                if _NEUTRAL.fullmatch(folded[:at]) and _NEUTRAL.fullmatch(folded[end:]):
                    return metric
        return None


def load_vocabulary(user_file: Path | None = None) -> Vocabulary:
    """The shipped vocabulary, with the user's file (`.json` or `.toml`, same form) on top.

    A metric of the same id gains the file's aliases and takes its other fields; a new id is added.
    The file's companies, units and names of periods hold for the whole process from now on.

    Raises:
        IndexerError: the user's file cannot be read or does not have the form.
    """
    text = files("indexer").joinpath("data", "metrics.json").read_text(encoding="utf-8")
    content = json.loads(text)
    metrics = {entry["id"]: _metric(entry) for entry in content["metrics"]}
    ratings = {entry["word"]: entry["rank"] for entry in content["ratings"]}
    own = NO_OWN_WORDS
    if user_file is not None:
        given = read_user_file(user_file)
        _merge(given.metrics, metrics, user_file)
        ratings |= given.ratings
        own = given.own
        use_own_words(own)
    words = (RatingWord(word, rank) for word, rank in ratings.items())
    return Vocabulary(metrics.values(), words, own)


def _metric(entry: dict[str, Any]) -> Metric:
    return Metric(
        id=entry["id"],
        name=entry["name"],
        family=entry.get("family", "amount"),
        unit=entry.get("unit"),
        better=entry.get("better"),
        aliases=tuple(entry.get("aliases", ())),
    )


def _merge(given: dict[str, dict[str, Any]], metrics: dict[str, Metric], path: Path) -> None:
    for entry in given.values():
        known = metrics.pop(entry["id"], None)
        if known is None:
            if "name" not in entry:
                raise IndexerError(f"{path}: the metric {entry['id']!r} is new and needs a name")
            metrics[entry["id"]] = _metric(entry)
            continue
        fields = {key: entry[key] for key in ("name", "family", "unit", "better") if key in entry}
        aliases = (known.name, *known.aliases, *entry.get("aliases", ()))
        metrics[known.id] = replace(known, **fields, aliases=tuple(dict.fromkeys(aliases)))


def _changed(metric: Metric, change: str) -> Metric:
    """The metric's growth, as a metric of its own."""
    name = f"{metric.name}{_CHANGES[change]}"
    return Metric(f"{metric.id}_{change}", name, "percent", "%", "higher")


def _change_of(match: re.Match[str]) -> str:
    return next(name for name in _CHANGES if match[name])


def _compact(text: str) -> str:
    """Folded, without white space."""
    return "".join(fold_in_place(text).split())


def _compact_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The compact text and, for each of its characters, its place in `text`."""
    folded = fold_in_place(text)
    compact = "".join(folded.split())
    if len(compact) == len(folded):
        return folded, range(len(folded))
    return compact, [at for at, ch in enumerate(folded) if not ch.isspace()]


def _stands_free(name: str, places: Sequence[int], text: str, at: int) -> bool:
    """False for a Latin name inside a longer Latin word (pe in OPEX)."""
    first, last = places[at], places[at + len(name) - 1]
    before, after = text[first - 1 : first], text[last + 1 : last + 2]
    if _latin(name[0]) and _latin(before):
        return False
    return not (_latin(name[-1]) and _latin(after))


def _latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_UNIT_LABELLED = re.compile(r"[(\[]单位[)\]]\s*[:：]?\s*[^\s()\[\]]{1,6}\s*\Z")
_TWO_NAMES = re.compile(r"([^()]+)\(([^()]+)\)")
# Headings inside tables of ratios, which name no metric.
_HEADING_WORDS = (
    r"(?:每股(?:指标|资料|数据)|(?:盈利|获利|成长|偿债|营运)能力|估值(?:比率|指标)|主要财务比率)"
)
_HEADING = re.compile(rf"\A{_HEADING_WORDS}|{_HEADING_WORDS}\Z")
_UNIT_END = re.compile(r"\([^()]{1,8}\)\Z")
# The currency of each row: what it is, another column or nobody says.
LOCAL = frozenset({"lc", "local", "本币", "当地货币", "交易货币"})
_EDGE = " \t:：,，、;；/-—*#"


def _without_periods_and_units(part: str) -> str:
    """The compact header cell without periods, bracketed units and the marks that join them."""
    folded = fold_in_place(part)
    folded = without_periods(folded)
    folded = _UNIT_LABELLED.sub("", folded)
    folded = _BRACKETS.sub(lambda found: "" if _idle(found.group(1)) else found.group(), folded)
    plain = "".join(folded.split()).strip(_EDGE)
    head, mark, tail = plain.rpartition("/") if "/" in plain else plain.rpartition(",")
    if mark and head and is_unit(tail):
        plain = head
    return "" if is_unit(plain) else plain


def _idle(words: str) -> bool:
    """True for what a bracket may hold without changing the metric: a unit, a currency, nothing."""
    plain = re.sub(r"\A单位\s*[:：]?\s*", "", words.strip())
    return not plain or is_unit(plain) or plain in {"人民币", "rmb", "cny", "x", "单位", *LOCAL}
