"""Whether places in a report bear a sentence that says the same in other words.

Second proof of the model reader (`llm_checks` is the first): each clause of the sentence must stand
at one of its places by its words, and each figure must be that place's figure for the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

from corpus.normalise import fold
from service.reading.llm_figures import Book, figures_agree
from service.reading.llm_sense import (
    CAUSE,
    CLAUSE,
    DENIAL,
    NUMBER,
    ORDINAL,
    SIDES_OF_PAIRS,
    Clause,
    counterpart,
    crossed,
    same_count,
    same_sense,
)
from service.reading.llm_sources import Window
from service.reading.synonyms import synonyms_of

MIN_COVER: Final = 0.8
"""Share of the characters of a clause's words that its place must bear (bench/notes/llm.md)."""
MAX_FOREIGN: Final = 1
"""Words of a clause that may stand nowhere, if they are few: a verb, a turn of phrase."""
LONGEST_FOREIGN: Final = 2
"""Characters of such a word: a longer one is a name or a thing of its own."""
MAX_PLACES: Final = 4
"""Places that bear one sentence together."""

# What a paraphrase may add: verbs and nouns that state nothing of their own.
_PLAIN_WORDS: Final = (
    "实现 达到 录得 取得 呈现 处于 位于 涉及 涵盖 包含 构成 分为 共有 共计 "
    "合计 原因 来看 而言 来说 综上 综合来看 总的来说 整体来看 具体来看 具体而言 "
    "值得注意 值得一提 需要注意 与此同时 相比之下 相较 较上年 上年 去年 之后 以后 "
    "方面看 期间 当年 全年 年度 数据 数值 水平 规模为 金额 内容为 观点为 看法 "
    "判断 结论 逻辑 理由 该机构 机构 券商 分析师 该行 该券商 研究 团队 维持 "
    "保持 继续 进一步 随着 伴随 面对 针对 对于 关于 围绕 基于 鉴于 带来 推动 "
    "使得 驱动 促使 得益于 受益于 归因于 源于 主因 主要系 系 主要因为 主要由于 "
    "支撑 助力 有利于 同期 之间 期内 的话 之一 重点 关键 点在于 核心 显示出 "
    "反映 看出 可见 对应 相应 合计为 分别为 以及 其余 之外 除此之外 除了 本周 "
    "上周 本月 上月 本季度 本季 本期 当前 今年 当月 区域 地区 分区域 分地区 "
    "从区域 品类 受到 不过 尽管 虽然 但是 然而 仍然 仍 依然 均 出口方面 "
    "销量方面 增速 现 其 此 较好 已 已经 目标是 方面来看 看来 获得 获 相比 "
    "相较于 对比 目前 拥有 这 这一 这些 该报告 该研报 该文 文中 报告中 研报中 "
    "报告中提到 需要 需 关注 注意 警惕 留意 双方 两者 二者 各方 个股 分产品 "
    "产品 盈利 利润端 收入端 费用端 成本端 投资 风险 费用 费用方面 业绩 提示 "
    "给出 则 之所以 一是 二是 三是 第一 第二 第三 一方面 另一方面 "
)
_PLAIN: Final = frozenset(_PLAIN_WORDS.split())
_TO_FIGURE: Final = re.compile("(?:达到?|至|到|约|超过?|近|仅|为)(?=\\d)")
_IS: Final = re.compile("(?<![于但还总只要若都也可])是(?!否|不是)")
_ATTRIBUTED: Final = re.compile("\\s*(?:根据|依据|按照|据)")
_SPEAKS: Final = "(?:.{0,3})(?:认为|表示|预计|指出|称|判断|强调|提出)"
_QUOTED: Final = re.compile('[“「『"]([^”」』"]{2,})[”」』"]')
_MARKUP: Final = re.compile(r"[<>]|\]\(|https?:|www\.|`")
_ITEMS: Final = re.compile("、|和|以及|及(?!预期)|与")
_SIDES: Final = re.compile("[和与及跟、]|以及|并|同")


class Paraphrase:
    """Proves sentences in other words.

    Args:
        book: figures with what they belong to.
        content: gives the words of the matter. `latin`: words in letters.
        numerals: numbers in Han.
    """

    def __init__(
        self,
        book: Book,
        content: Callable[[str], list[str]],
        latin: Callable[[str], list[str]],
        numerals: Callable[[str], list[str]],
    ) -> None:
        self._book = book
        self._words = content
        self._latin = latin
        self._numerals = numerals

    def _content(self, text: str) -> list[str]:
        """Words of the matter, those of periods left out."""
        for start, end, _ in sorted(self._book.marks(text)[0], reverse=True):
            text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
        return self._words(_IS.sub(" ", _TO_FIGURE.sub(" ", text)))

    def places(self, sentence: str, windows: Iterable[Window]) -> tuple[Window, ...]:
        """The places that bear every clause of the sentence together; none if one is not borne."""
        norm = fold(sentence)
        if _MARKUP.search(sentence):
            return ()
        windows = list(windows)
        singles = _smallest(windows)
        joined = [w for w in windows if w not in singles]
        used: list[Window] = []
        for clause in self._clauses(norm):
            found = self._best(clause, used, singles, joined, norm)
            if not found:
                return ()
            used.extend(w for w in found if w not in used)
        proven = used if len(used) <= MAX_PLACES else []
        return tuple(sorted(proven, key=lambda u: (u.evidence.report_id, u.evidence.start)))

    def _best(
        self,
        clause: Clause,
        used: list[Window],
        singles: list[Window],
        joined: list[Window],
        norm: str,
    ) -> list[Window]:
        """The place that bears a clause, a place already used before others; where none does, the
        places of its items (A、B以及C); none if some item has none."""
        for units in (singles, joined):
            bearing = [u for u in units if self._bears(clause, u, norm)]
            if bearing:
                return [max(bearing, key=lambda u: (self._cover(clause.text, u), u in used))]
        items = _ITEMS.split(clause.text)
        denies = DENIAL.search(re.sub("不及|不足", "", clause.text))
        if len(items) < 2 or denies or NUMBER.search(clause.text):
            return []
        found: list[Window] = []
        before = clause.before
        for item in items:
            part = Clause(item, before)
            bearing = [u for u in singles if self._says(item) and self._bears(part, u, norm)]
            if not bearing:
                return []
            found.append(max(bearing, key=lambda u: self._cover(item, u)))
            before += item
        return found

    def _clauses(self, norm: str) -> list[Clause]:
        """The clauses; one that says nothing by itself (据海岳证券报告) goes to the next."""
        found: list[Clause] = []
        held, at = "", 0
        for match in [*CLAUSE.finditer(norm), None]:
            end = match.start() if match else len(norm)
            part = held + norm[at:end]
            before = norm[: at - len(held)] if len(held) <= at else ""
            at = match.end() if match else end
            if self._says(part):
                found.append(Clause(part, before))
                held = ""
            elif part.strip():
                held = part + ","
        if held and not found:
            found.append(Clause(held, ""))
        return found

    def _says(self, part: str) -> bool:
        if _ATTRIBUTED.match(part) and not self._book.figures(part, ""):
            return False
        words = [w for w in self._content(part) if w not in _PLAIN]
        named = self._book.names(part)
        bare = [w for w in words if not any(w in name for name in named)]
        return bool(bare or self._book.figures(part, ""))

    def _bears(self, clause: Clause, unit: Window, norm: str) -> bool:
        text = clause.text
        numbers = set(NUMBER.findall(unit.norm))
        if not _is_near(text, unit) or not all(n in numbers for n in NUMBER.findall(text)):
            return False
        both = f"{unit.norm}\n{unit.norm_around}"
        owner = self._book.owner(clause)
        return (
            all(fold(q) in unit.norm for q in _QUOTED.findall(norm) if q in text)
            and all(
                token in both or self._metric_stands(token, unit) for token in self._latin(text)
            )
            and all(n in unit.norm for n in [*self._numerals(text), *ORDINAL.findall(text)])
            and all(fold(name) in both for name in self._book.names(text))
            and (owner is None or fold(owner) in both)
            and self._covered(text, unit)
            and self._metrics_stand(text, unit)
            and same_sense(clause, unit.norm)
            and not self._turned_round(text, unit.norm)
            and self._same_parties(text, unit.norm)
            and self._same_speaker(text, unit.norm)
            and self._same_head(clause, unit.norm)
            and not self._mixed(clause, unit.norm)
            and figures_agree(self._book, text, clause.before, unit)
        )

    def confirms(self, sentence: str, unit: Window) -> bool:
        """True if nothing that the place says for certain speaks against the sentence: each figure
        is of the same thing, whoever acts is the same."""
        norm = fold(sentence)
        if norm in unit.norm:
            return True
        return all(
            figures_agree(self._book, c.text, c.before, unit)
            and same_count(c.text, counterpart(c.text, unit.norm))
            and self._same_parties(c.text, unit.norm)
            and self._same_speaker(c.text, unit.norm)
            and self._same_head(c, unit.norm)
            and self._covered(c.text, unit)
            and not self._turned_round(c.text, unit.norm)
            and not crossed(c.text, counterpart(c.text, unit.norm), unit.norm)
            for c in self._clauses(norm)
        )

    def _same_parties(self, text: str, place: str) -> bool:
        """The clause that says the same names the same company, where both name any."""
        mine, theirs = self._book.parties(text), self._book.parties(counterpart(text, place))
        said = {n for n in mine if not self._book.is_house(n)}
        there = {n for n in theirs if not self._book.is_house(n)}
        return not said or not there or bool(said & there)

    def _same_speaker(self, text: str, place: str) -> bool:
        """Who says it (青禾电子认为) says it at the place; houses say what their reports say."""
        own = [p for p in self._book.parties(text) if not self._book.is_house(p)]
        said = [p for p in own if re.search(re.escape(p) + _SPEAKS, text)]
        return all(re.search(re.escape(p) + _SPEAKS, place) for p in said)

    def _same_head(self, clause: Clause, place: str) -> bool:
        """False where a clause and the one that it was made from begin with different matters."""
        match = counterpart(clause.text, place)
        mine, theirs = self._matter(clause.text), self._matter(match)
        if not mine or not theirs or self._is_said(mine[0], match):
            return True
        return self._is_said(theirs[0], clause.before + clause.text)

    def _is_said(self, word: str, text: str) -> bool:
        """True if a text has the word, one used for it, or a name of the same metric."""
        if word in text or any(s in text for s in synonyms_of(word)):
            return True
        metric = self._book.metrics(word)
        return bool(metric) and metric <= self._book.metrics(text)

    def _mixed(self, clause: Clause, place: str) -> bool:
        """True if a clause begins with the matter of one clause of the place and ends with what
        another says of another matter."""
        mine = self._matter(clause.text)
        theirs = [c for c in CLAUSE.split(place) if c.strip()]
        if len(mine) < 2 or len(theirs) < 2 or CAUSE.search(clause.text):
            return False
        begins = [c for c in theirs if self._is_said(mine[0], c)]
        ends = [c for c in theirs if self._is_said(mine[-1], c)]
        if not begins or not ends or any(c in begins for c in ends):
            return False
        said = clause.before + clause.text
        heads = [self._matter(c)[:1] for c in ends]
        return all(head and not self._is_said(head[0], said) for head in heads)

    def _matter(self, text: str) -> list[str]:
        """The words of a clause without plain ones and names."""
        named = "".join(fold(n) for n in self._book.names(text))
        return [w for w in self._content(text) if w not in _PLAIN and w not in named]

    def _metrics_stand(self, text: str, unit: Window) -> bool:
        missing = self._book.metrics(text) - self._book.metrics(unit.norm)
        words = [w for m in missing for w in self._book.words_of(text, m)]
        return all(self._stands(w, unit) for word in words for w in self._content(word))

    def _metric_stands(self, token: str, unit: Window) -> bool:
        """EPS where the place says 每股收益."""
        metrics = self._book.metrics(token)
        return bool(metrics) and metrics <= self._book.metrics(unit.norm)

    def _covered(self, text: str, unit: Window) -> bool:
        words = [w for w in dict.fromkeys(self._content(text)) if w not in _PLAIN]
        foreign = [w for w in words if not self._stands(w, unit)]
        if foreign and foreign[0] == words[0]:
            return False  # 训练算力 where the place speaks of 推理算力
        if any(len(w) > LONGEST_FOREIGN or _is_item(w, text) for w in foreign):
            return False
        return len(foreign) <= MAX_FOREIGN and self._cover(text, unit) >= MIN_COVER

    def _cover(self, text: str, unit: Window) -> float:
        words = [w for w in dict.fromkeys(self._content(text)) if w not in _PLAIN]
        whole = sum(map(len, words))
        if not whole:
            return 1.0
        return sum(len(w) for w in words if self._stands(w, unit)) / whole

    def _stands(self, word: str, unit: Window) -> bool:
        """True if the place says the word, one that is used for it, or its very characters."""
        there = f"{unit.heading and fold(unit.heading)}\n{unit.norm}"
        if self._is_said(word, there) or any(
            side.fullmatch(word) and side.search(there) for side in SIDES_OF_PAIRS
        ):
            return True
        if any(word in fold(name) for name in self._book.names(word)):
            return word in unit.norm_around
        pairs = [word[i : i + 2] for i in range(len(word) - 1)]
        if len(word) > 2 and sum(p in there for p in pairs) >= len(pairs) - 1:
            return True
        if len(word) == 2 and re.search(f"{re.escape(word[0])}.{{0,2}}{re.escape(word[1])}", there):
            return True
        return word in fold(unit.around.removesuffix(unit.paragraph))

    def _turned_round(self, text: str, place: str) -> bool:
        """True if two names that stand at the place change their order, but in a plain list."""
        said = [p for p in self._book.parties(text) if not self._book.is_house(p)]
        for left, right in pairwise(said):
            a, b = text.find(left), text.find(right)
            if _SIDES.fullmatch(text[a + len(left) : b]):
                continue
            first, second = place.find(left), place.find(right)
            if first > second >= 0 and not _SIDES.fullmatch(place[second + len(right) : first]):
                return True
        return False


def _smallest(windows: Iterable[Window]) -> list[Window]:
    """The windows that hold no other: single sentences, rows, cells."""
    kept: list[Window] = []
    for window in sorted(windows, key=lambda w: w.evidence.end - w.evidence.start):
        mine = window.evidence
        inside = any(
            k.evidence.report_id == mine.report_id
            and mine.start <= k.evidence.start
            and k.evidence.end <= mine.end
            for k in kept
        )
        if not inside or mine.fact is not None:
            kept.append(window)
    return kept


def _is_near(text: str, unit: Window) -> bool:
    """False, at little cost, for a place that shares hardly a pair of characters with a clause."""
    there = f"{unit.norm}\n{unit.norm_around}"
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    return 4 * sum(p in there for p in pairs) >= len(pairs)


def _is_item(word: str, text: str) -> bool:
    """True for what stands in a list, where a name would."""
    return bool(re.search(f"[、和与及]{re.escape(word)}|{re.escape(word)}[、]", text))
