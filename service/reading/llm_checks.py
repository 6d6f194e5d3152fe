"""Whether a place in a report bears a sentence that a model wrote, told without any model.

The proof of the model reader: figures with unit and owner, periods, names, quotes, denials and the
words themselves must stand at the place. What cannot be proven is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from corpus.brokers import find_brokers
from corpus.figures import Figure, find_figures
from corpus.normalise import fold
from corpus.periods import find_periods
from indexer.segmentation import stop_words
from indexer.vocabulary import Vocabulary
from service.names import NameBook
from service.reading.llm_figures import Book
from service.reading.llm_paraphrase import Paraphrase
from service.reading.llm_sources import Window

MIN_CLOSENESS: Final = 0.75
"""Share of a sentence's characters that stand at its place in the same order. Two names that change
places leave about two thirds; shortened sentences keep more than four fifths."""

# Words that say nothing of the matter: they tie a sentence to its source and its neighbours.
_TIE_WORDS: Final = (
    "报告 研报 资料 显示 表明 指出 认为 提到 提及 表示 称 说明 根据 依据 "
    "其中 包括 主要 主要是 分别 此外 同时 另外 以及 并且 因此 所以 因为 由于 "
    "从而 通过 方面 体现 相关 具体 例如 即 而 则 以 由 其 该 "
    "该公司 公司 本 上述 属于 作为 成为 进行 具有 存在 具备 可以 能够 已经 "
    "已 目前 方式 内容 情况 观点 总体 整体 一方面 另一方面 首先 其次 最后 还有 "
    "不仅 而且 是因为 为了 在于 来自 给予 给出 预测 预计 预期"
)
_TIES: Final = frozenset(_TIE_WORDS.split())
_QUOTED: Final = re.compile('[“「『"]([^”」』"]{2,})[”」』"]')
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9.+\-_/]*|\d+[A-Za-z][A-Za-z0-9.+\-_/]*")
_NUMERAL: Final = re.compile(
    "第[一二三四五六七八九十百两]+|[零〇一二三四五六七八九十百千万亿两]+(?:点[零〇一二三四五六七八九]+)?"
    "(?=[成倍家个名位年月日元种类项只款人次大章页条辆台]|分之)|百分之[零〇一二三四五六七八九十百点]+|半(?=数|年)"
)
_DENIAL: Final = re.compile(
    "不(?![断仅但同过少错论管])|未(?![来必])|没有?|无(?![线人论疑])|难以|尚未|并非|非(?=主|核|必)|否认|停止|取消|拒绝"
)
_HEDGE: Final = re.compile(
    "可能|或将|或许|有望|预计|预期|预测|拟|计划|如果|假设|若(?!干)|尚需|或有|估计|目标|争取|力争|建议|E(?![A-Za-z])"
)
_OPPOSITE_WORDS: Final = (
    "增长/下降 增加/减少 上升/下降 提高/降低 提升/下降 上调/下调 高于/低于 超过/不足 盈利/亏损 "
    "买入/卖出 增持/减持 利好/利空 看好/看淡 扩大/缩小 领先/落后 加快/放缓 上涨/下跌 优于/劣于 "
    "支持/反对 开放/关闭 收购/出售 流入/流出 改善/恶化 充足/短缺 优势/劣势 机遇/风险 首次/再次 "
    "上行/下行 乐观/悲观 扩张/收缩"
)
_OPPOSITES: Final = tuple(pair.split("/") for pair in _OPPOSITE_WORDS.split())
_CLAUSE: Final = re.compile("[，,；;：:。！!？?、]")
_LISTED: Final = re.compile("分别|依次|各为|各是")
_MARKUP: Final = re.compile(r"[<>]|\]\(|https?:|www\.|`")

_PERIODS: Final = 0  # place of the periods among the kinds of marks

Mark = tuple[int, int, str]  # start, end, what is meant


@dataclass(frozen=True, slots=True)
class Proof:
    """A place that bears a sentence. `closeness`: share of its characters that stand there."""

    window: Window
    closeness: float


class Checker:
    """Proves sentences; knows the names and the words of one snapshot.

    Args:
        words: cuts text into words.
    """

    def __init__(
        self, names: NameBook, vocabulary: Vocabulary, words: Callable[[str], list[str]]
    ) -> None:
        self._names = names
        self._vocabulary = vocabulary
        self._words = words
        book = Book(self._marks, _all_figures, frozenset(names.brokers))
        self._other_words = Paraphrase(book, self._content, _latin, _numerals)

    def places(
        self, sentence: str, windows: Iterable[Window], question: str = ""
    ) -> tuple[Window, ...]:
        """The places that bear the sentence: one that says it, or those that say it together in
        other words; none if it is not borne."""
        windows = list(windows)
        alone = self.place(sentence, windows, question)
        if alone:
            return alone
        found = self._other_words.places(sentence, windows)
        return found if any(self.is_about(question, w) for w in found) else ()

    def place(
        self, sentence: str, windows: Iterable[Window], question: str = ""
    ) -> tuple[Window, ...]:
        """The one place that says the sentence in the report's own words; none if none does."""
        proof = self.prove(sentence, windows, question)
        sound = proof is not None and self._other_words.confirms(sentence, proof.window)
        return (proof.window,) if proof is not None and sound else ()

    def prove(self, sentence: str, windows: Iterable[Window], question: str = "") -> Proof | None:
        """The closest of the places that bear the sentence; None if none does.

        Args:
            question: what the place must be about.
        """
        norm = fold(sentence)
        if _MARKUP.search(sentence):
            return None
        best: Proof | None = None
        for window in windows:
            closeness = self._closeness(norm, window)
            if closeness < MIN_CLOSENESS or (best is not None and closeness <= best.closeness):
                continue
            if self._bears(norm, window) and self.is_about(question, window):
                best = Proof(window, closeness)
        return best

    def nearest(self, sentence: str, windows: Iterable[Window]) -> Proof | None:
        """The place that the sentence was most likely made from, whether it bears it or not."""
        norm = fold(sentence)
        proofs = [Proof(window, self._closeness(norm, window)) for window in windows]
        return max(proofs, key=lambda p: p.closeness, default=None)

    def is_about(self, question: str, window: Window) -> bool:
        """False if a place and its paragraph share no word of the matter with the question."""
        norm = fold(question)
        matter = {*self._content(norm), *_latin(norm)}
        return not matter or any(word in window.norm_near for word in matter)

    def says_something(self, sentence: str) -> bool:
        """False for ties and courtesies (以下是回答：) that need no proof and no place."""
        norm = fold(sentence)
        return bool(find_figures(norm) or _LATIN.search(norm) or self._content(norm))

    def _bears(self, norm: str, window: Window) -> bool:
        place, around = window.norm, window.norm_around
        both = f"{place}\n{around}"
        return (
            all(fold(quoted) in place for quoted in _QUOTED.findall(norm))
            and all(token in both for token in _latin(norm))
            and all(numeral in place for numeral in _numerals(norm))
            and all(word in both for word in self._content(norm))
            and self._figures_stand(norm, window)
            and _same_sense(norm, place)
        )

    def _content(self, norm: str) -> list[str]:
        """Words of the matter; single characters in a row are one word (a person's name)."""
        found: list[str] = []
        loose = ""
        for word in [*self._words(norm), ""]:
            if len(word) == 1 and "\u4e00" <= word <= "\u9fff" and word not in stop_words():
                loose += word
                continue
            if len(loose) > 1:
                found.append(loose)
            loose = ""
            if len(word) > 1 and not _is_tie(word) and not re.search(r"[\da-z]", word):
                found.append(word)
        return [w for w in found if w in norm]  # cut at white space: no word of this sentence

    def _figures_stand(self, norm: str, window: Window) -> bool:
        """Every figure and period stands at the place, with the same unit, mark and owners."""
        said, there = self._marks(norm), self._marks(window.norm)
        around = [{key for _, _, key in marks} for marks in self._marks(window.norm_around)]
        for kind, (mine, theirs, near) in enumerate(zip(said, there, around, strict=True)):
            stated = {key for _, _, key in theirs}
            # A place that names its year is of that year, whatever its paragraph names besides.
            allowed = stated if kind == _PERIODS and stated else stated | near
            if not {key for _, _, key in mine} <= allowed:
                return False
        if not self._periods_agree(norm, window.norm):
            return False
        mine_figures = _figures(norm, said[0])
        their_figures = _figures(window.norm, there[0])
        if mine_figures and _LISTED.search(window.norm):
            # 2023、2024年分别为1亿、2亿: which belongs to which only the whole order tells.
            same = [f.value for f in mine_figures] == [f.value for f in their_figures]
            return same and [k for *_, k in said[0]] == [k for *_, k in there[0]]
        return all(
            any(
                _same_figure(f, g) and _same_owners(f, said, g, there, around)
                for g in their_figures
            )
            for f in mine_figures
        )

    def _periods_agree(self, norm: str, place: str) -> bool:
        """Each clause with a period has its counterpart in a clause of the same period."""
        theirs = [c for c in _CLAUSE.split(place) if c.strip()]
        for clause in _CLAUSE.split(norm):
            mine = {key for _, _, key in self._marks(clause)[_PERIODS]}
            if not mine or not theirs:
                continue
            core = _core(clause)
            match = max(theirs, key=lambda c: _common(core, c) - 0.01 * len(c))
            stated = {key for _, _, key in self._marks(match)[_PERIODS]}
            if stated and not mine <= stated:
                return False
        return True

    @lru_cache(maxsize=2048)  # noqa: B019  # one checker lives as long as its snapshot
    def _marks(self, norm: str) -> tuple[list[Mark], list[Mark], list[Mark]]:
        """Periods, metrics, and names of companies and houses, each with its place."""
        periods = [(p.start, p.end, p.period.label) for p in find_periods(norm)]
        metrics = [(m.start, m.end, m.metric.id) for m in self._vocabulary.find_metrics(norm)]
        names = [(n.start, n.end, n.text) for n in self._names.find_names(norm)]
        houses = [(b.start, b.end, b.name) for b in find_brokers(norm, self._names.brokers)]
        return periods, metrics, sorted([*names, *houses])

    def _closeness(self, norm: str, window: Window) -> float:
        core = _core(norm)
        if not core:
            return 0.0
        there = fold(window.heading) + window.norm
        return _common(core, there) / len(core)


def _is_tie(word: str) -> bool:
    return word in _TIES or word in stop_words()


def _latin(norm: str) -> list[str]:
    return [token.strip(".-/_") for token in _LATIN.findall(norm)]


def _numerals(norm: str) -> list[str]:
    return [n for n in _NUMERAL.findall(norm) if n != "一"]


def _figures(norm: str, periods: Sequence[Mark]) -> list[Figure]:
    """The numbers that are neither part of a period nor of a name with letters."""
    taken = [(start, end) for start, end, _ in periods]
    taken += [m.span() for m in _LATIN.finditer(norm)]
    return [
        f
        for f in find_figures(norm)
        if not any(s <= f.start < e or f.start < s < f.end for s, e in taken)
    ]


def _all_figures(norm: str, periods: Sequence[Mark]) -> list[Figure]:
    """The figures of a text, those with units in letters (26.3GW) too."""
    taken = [(start, end) for start, end, _ in periods]
    taken += [m.span() for m in _LATIN.finditer(norm) if m.group()[0].isalpha()]
    return [
        f
        for f in find_figures(norm)
        if not any(s <= f.start < e for s, e in taken)
        and not (f.unit is None and re.match("[a-z]", norm[f.end :]))
    ]


def _same_figure(one: Figure, other: Figure) -> bool:
    return (one.value, one.unit, one.approx, one.direction) == (
        other.value,
        other.unit,
        other.approx,
        other.direction,
    )


def _same_owners(
    mine: Figure,
    said: Sequence[list[Mark]],
    theirs: Figure,
    there: Sequence[list[Mark]],
    around: Sequence[set[str]],
) -> bool:
    """The period, metric and name that the figure belongs to are those of the place."""
    for own, other, near in zip(said, there, around, strict=True):
        meant = _owner(own, mine.start)
        if meant is None:
            continue
        stated = _owner(other, theirs.start)
        if stated is None and meant not in near:
            return False
        if stated is not None and stated != meant:
            return False
    return True


def _owner(marks: Sequence[Mark], at: int) -> str | None:
    """What stands nearest before a place, else nearest behind it."""
    before = [key for start, _, key in marks if start < at]
    if before:
        return before[-1]
    return next((key for start, _, key in marks if start >= at), None)


def _same_sense(norm: str, place: str) -> bool:
    """No clause denies what its counterpart states, turns it round, or leaves its doubt out."""
    theirs = [c for c in _CLAUSE.split(place) if c.strip()]
    if not theirs:
        return False
    for clause in _CLAUSE.split(norm):
        core = _core(clause)
        if len(core) < 2:
            continue
        match = max(theirs, key=lambda c: _common(core, c) - 0.01 * len(c))
        denials = len(_DENIAL.findall(clause)), len(_DENIAL.findall(match))
        if denials[0] % 2 != denials[1] % 2:
            return False
        if _HEDGE.search(match) and not _HEDGE.search(norm):
            return False
        for one, other in (*_OPPOSITES, *(pair[::-1] for pair in _OPPOSITES)):
            if one in clause and other in match and one not in match:
                return False
    return True


@lru_cache(maxsize=4096)
def _core(norm: str) -> str:
    """The characters that count: no punctuation, no white space, no ties."""
    bare = re.sub(r"[^\w%‰]+", "", norm)
    for tie in sorted((t for t in _TIES if len(t) > 1 and t in bare), key=len, reverse=True):
        bare = bare.replace(tie, "")
    return bare


def _common(one: str, other: str) -> int:
    """Length of the longest common subsequence, by bits (Hyyrö, Information Processing Letters
    2004, doi:10.1016/j.ipl.2004.01.004)."""
    masks: dict[str, int] = {}
    for at, char in enumerate(one):
        masks[char] = masks.get(char, 0) | 1 << at
    full = (1 << len(one)) - 1
    state = full
    for char in other:
        kept = state & masks.get(char, 0)
        state = ((state + kept) | (state - kept)) & full
    return len(one) - state.bit_count()
