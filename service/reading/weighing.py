"""The words of a question with their weight, and how much of it a text covers.

Weight is inverse document frequency over the chunks of the corpus (Spärck Jones 1972,
doi:10.1108/eb026526), so that 浙文互联 weighs more than 公司. Words and their character pairs count
alike: a pair survives where the segmenter cut the question another way than the report.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from corpus.normalise import fold
from indexer.segmentation import stop_words
from indexer.snapshot import Snapshot
from service.query import FUNCTION_WORDS, Query
from service.reading.synonyms import synonyms_of

# Asking phrases, cut out before segmentation so that they glue to nothing (定增|是在|什么时候).
_ASKING = re.compile(
    "是?在?啥时候|几时|是?在?什么时候|是?在?什么时间|是?在?何时|是?在?哪一?年|是?在?哪一?天|是?哪个月|几月几[日号]|几号|"
    "(?:西元|公元)(?:前)?几年|[几何]世纪|于?何[年月日地处种者人物事国项]|是?为何(?=[?？]|$)|(?:是|又)?甚么|为多少|"
    "是什么样的|是什么|指的是什么|指的是啥|是啥|指什么|什么样的?|什么|是怎么样的|怎么样|怎样|怎么|如何|为什么|为何|"
    "是?多少|有多[大高长久快少]|多[大高长久快少]|[哪那]些|哪几[个家种项点类条]?|哪一?[个家位种项只份款部]|哪里|哪儿|哪|"
    "有何异同|有什么异同|异同点?|有何|是何|有什么|有哪些|是谁|谁|啥|咋样?|干嘛|几多|多长时间|几[个家部集种项点条年月天次位大类步倍成]|吗|呢|是否|是不是|有没有|能不能|会不会|会怎么|靠的是|"
    "请问|请|告诉我|介绍一?下?|说明一?下?|解释一?下?|简述|概括|列出|列举|分别是?|各自|"
    "认为|提到的?|指出|表示|给出的?|预计|预测|看来|觉得|根据|按照|报告里|报告中|研报里?|报告|文中|两家券商|券商|机构"
)
# Words about the asking, not about the matter.
_IDLE = frozenset(
    re.split(
        r"\s+",
        "观点 看法 说法 证券 分析师 作者 具体 主要 时间 时候 日期 原因 理由 方面 内容 情况 问题 "
        "意思 定义 含义 概念 东西 称 获得 包括 包含 进行 有关 相关 关于 目前 个 家 部 年 月 日 天 "
        "次 位 种 项 点 啥 怎 做 用 能 会 可 到 达到 成为 属于 其 该 这 那 所 已 将 被 把 让 使 "
        "说 讲 对 起来 表 列 来 去 出 写 看 算 得 给 打 想 条 本 只 名 叫 像 走 照 按 据 依 凭",
    )
)
_GLUED = "于在到被时会未之与和及为是有将从向对由"
_EDGE = frozenset("的了是在和与及或对为将把被从到由这那其有也都就而并于之以所等个")
# A word that stands nowhere is the asker's paraphrase or a matter the corpus does not know: it
# weighs half of the rarest word that does stand there.
_UNKNOWN_SHARE = 0.5
_VALUE_ASKED = re.compile(
    "(?:大约|约|一共|总共|共|预计|合计|分别|具体)*"
    "(?:花费?了|付了|用了|卖了|有了|来自|毕业于|收了|出了)?"
    "(?:是|为|有|达到?|到|在|于)?(?:多少|几|谁|哪|多[大长高久快重宽深]|什么时候)"
)
# 有多少用户: what is counted stands behind the asking word.
_COUNTED = re.compile(
    "(?:大约|约|一共|总共|共)*(?:是|为|有|达到?|到|在|于)?(?:多少|几)(?:个|名|位|家|项|款|种|条)?"
    "(?P<noun>[\u4e00-\u9fff]{2,4})"
)
_OWNER_REACH = 14  # characters between the owner of a figure and its metric, a period included
# A single character that means something (火, 涨) stands in about so many chunks.
SINGLE_SHARE = 0.4
# What the words weigh beside the pairs.
WORDS = 0.6
_NAMELIKE = re.compile(r"^[a-z][a-z0-9.\-+]*$")


@dataclass(frozen=True, slots=True)
class Weighing:
    """A question as weights.

    Args:
        words: each content word with its weight.
        pairs: each pair of neighbouring Han characters with its weight.
        subjects: names that must stand somewhere in the reports.
        unknown: the share of the words' weight that stands in no report, in [0, 1].
        attribute: the word right before the asking phrase (…的**工期**是多少天); may be empty.
        text: the folded question.
        owners: words right before the asked metric (联想2020年PC|市场份额): whose figure it is.
        periods: labels of the periods asked for.
        entities: Latin names, companies and titles: where none is spoken of, no answer stands.
    """

    words: tuple[tuple[str, float], ...]
    pairs: tuple[tuple[str, float], ...]
    subjects: tuple[str, ...]
    unknown: float
    attribute: str
    text: str
    entities: tuple[str, ...]
    periods: tuple[str, ...]
    owners: tuple[str, ...]

    def without(self, words: Collection[str]) -> Weighing:
        """The same question without some of its words."""
        kept = tuple((w, weight) for w, weight in self.words if w not in words)
        pairs = tuple(p for p in self.pairs if not any(p[0] in w for w in words))
        return replace(self, words=kept, pairs=pairs)

    @property
    def units(self) -> tuple[tuple[str, float, bool], ...]:
        """Words and pairs as `(unit, weight, whole)`; weights of both kinds sum to one; a whole
        unit is found or not, a word may be found in part."""
        words = sum(weight for _, weight in self.words) or 1.0
        pairs = sum(weight for _, weight in self.pairs) or 1.0
        share_words = WORDS if self.pairs else 1.0
        return (
            *((w, share_words * weight / words, False) for w, weight in self.words),
            *((p, (1 - share_words) * weight / pairs, True) for p, weight in self.pairs),
        )

    def share_of(self, unit: tuple[str, float, bool], text: str) -> float:
        """How much of a unit a folded text holds, in [0, 1]."""
        return float(unit[0] in text) if unit[2] else share(unit[0], text)

    def held(self, shares: Sequence[float]) -> float:
        """The share of the question's weight that a text holds, in [0, 1].

        Args:
            shares: how much of each of the `units` it holds, in their order.
        """
        known = len(self.words)
        words = _part_of(self.words, shares[:known])
        if not self.pairs:
            return words
        return WORDS * words + (1 - WORDS) * _part_of(self.pairs, shares[known:])

    def coverage(self, layers: Iterable[tuple[str, float]]) -> float:
        """The share of the question's weight that the texts hold, in [0, 1].

        Args:
            layers: folded texts with what a word found there is worth, best first.
        """
        texts = [(text, worth) for text, worth in layers if text]
        words = _held(self.words, texts, whole=False)
        if not self.pairs:
            return words
        return WORDS * words + (1 - WORDS) * _held(self.pairs, texts, whole=True)

    def least(self, layers: Iterable[tuple[str, float]]) -> float:
        """How well the worst held of the question's telling words is held, in [0, 1]."""
        texts = [(text, worth) for text, worth in layers if text]
        most = max((weight for _, weight in self.words), default=0.0)
        words = [word for word, weight in self.words if len(word) > 1 and 2 * weight >= most]
        held = (max((worth * share(w, text) for text, worth in texts), default=0.0) for w in words)
        return min(held, default=1.0)


def weigh_question(query: Query, snapshot: Snapshot) -> Weighing:
    """The content words of a question; brokers and asking words are left out."""
    text = query.text
    for broker in sorted(query.brokers, key=lambda b: -b.start):
        text = text[: broker.start] + "," + text[broker.end :]
    bare = _ASKING.sub(",", text)
    cut = (_unglued(w, snapshot) for w in snapshot.segmenter.words(bare))
    words = dict.fromkeys(w for w in cut if _is_content(w))
    count = max(snapshot.counted_chunks(), 1)
    frequencies = {w: _frequency(w, snapshot, count) for w in words}
    known = {w: f for w, f in frequencies.items() if f or not w[0].isdigit()}
    weighted = tuple((w, _idf(f, count)) for w, f in known.items())
    total = sum(weight for _, weight in weighted)
    unknown = sum(_idf(f, count) for w, f in known.items() if not f and not synonyms_of(w))
    pairs = {p: _idf(snapshot.document_frequency(p), count) for p in _pairs(bare)}
    return Weighing(
        weighted,
        tuple(pairs.items()),
        tuple(_subjects(query, text)),
        unknown / total if total else 0.0,
        _attribute(text, snapshot),
        query.text,
        _entities(query, text),
        tuple(dict.fromkeys(p.period.label for p in query.periods)),
        _owners(query, snapshot),
    )


# A sentence is looked at three times, its block, heading and title once for each sentence.
@lru_cache(maxsize=16_384)
def share(word: str, text: str) -> float:
    """How much of a word a text holds: 1 if whole, .85 by a synonym, else by character pairs."""
    if word in text:
        return 1.0
    synonyms, pairs = _parts(word)
    for other in synonyms:
        if other in text:
            return 0.85
    if not pairs:
        return 0.0
    held = 0
    for pair in pairs:  # a plain loop: this runs a thousand times a question
        if pair in text:
            held += 1
    return 0.8 * held / len(pairs)


@lru_cache(maxsize=4096)
def _parts(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A word's synonyms, and its character pairs if it is long enough to be found in part."""
    synonyms = tuple(synonyms_of(word))
    if len(word) < 3 or word.isascii():
        return synonyms, ()
    return synonyms, tuple(word[i : i + 2] for i in range(len(word) - 1))


def _unglued(word: str, snapshot: Snapshot) -> str:
    """A word that stands nowhere without the particle that the segmenter took for a part of a name
    (狄托于 → 狄托); any other as it is."""
    bare = word.strip(_GLUED)
    if bare == word or len(bare) < 2 or not bare.isalpha() or snapshot.document_frequency(word):
        return word
    return bare if snapshot.document_frequency(bare) else word


def _frequency(word: str, snapshot: Snapshot, count: int) -> int:
    """In how many chunks a word stands; a single character is guessed, the index holds pairs."""
    if len(word) == 1 and not word.isascii():
        return int(count * SINGLE_SHARE)
    return snapshot.document_frequency(word)


def _part_of(units: tuple[tuple[str, float], ...], shares: Sequence[float]) -> float:
    total = held = 0.0
    for (_, weight), found in zip(units, shares, strict=True):
        total += weight
        held += weight * found
    return held / total if total else 0.0


def _held(
    units: tuple[tuple[str, float], ...], texts: list[tuple[str, float]], *, whole: bool
) -> float:
    total = held = 0.0
    for unit, weight in units:
        total += weight
        best = 0.0
        for text, worth in texts:
            if worth <= best:
                break
            found = float(unit in text) if whole else share(unit, text)
            if worth * found > best:
                best = worth * found
        held += weight * best
    return held / total if total else 0.0


def _idf(frequency: int, count: int) -> float:
    if not frequency:
        return _UNKNOWN_SHARE * math.log(1 + (count - 0.5) / 1.5)
    return math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))


def _pairs(bare: str) -> list[str]:
    pairs = []
    for run in re.findall("[\u4e00-\u9fff]{2,}", bare):
        pairs += [run[i : i + 2] for i in range(len(run) - 1)]
    return list(dict.fromkeys(p for p in pairs if not _EDGE.intersection(p)))


def _is_content(word: str) -> bool:
    if word in stop_words() or word in _IDLE:
        return False
    return not FUNCTION_WORDS.fullmatch(word)


def _attribute(text: str, snapshot: Snapshot) -> str:
    """The last content word before the asking phrase of a question for a value."""
    asked = _VALUE_ASKED.search(text)
    if asked is None:
        return ""
    before = _ASKING.sub(",", text[: asked.start()])
    counted = _COUNTED.match(text, asked.start())
    if counted and counted["noun"]:
        found = [w for w in snapshot.segmenter.words(counted["noun"]) if _is_content(w)]
        return found[0] if found and len(found[0]) > 1 else ""
    words = [w for w in snapshot.segmenter.words(before) if _is_content(w) and len(w) > 1]
    tail = before.rstrip(",的是为约达到 ")
    return words[-1] if words and tail.endswith(words[-1]) else ""


def _entities(query: Query, text: str) -> tuple[str, ...]:
    found = [fold(n.company.name if n.company else n.text) for n in query.companies]
    found += [m.strip() for m in re.findall("《([^》]{2,40})》", text)]
    found += [w for w in re.findall(r"[a-z][a-z0-9\-]+", text) if w not in stop_words()]
    return tuple(dict.fromkeys(found))


def _owners(query: Query, snapshot: Snapshot) -> tuple[str, ...]:
    """Content words of the run that ends at the asked metric, periods between them left out."""
    if not query.metrics:
        return ()
    metric = query.metrics[0].start
    runs = [w for w, start, end in query.leftovers if metric - _OWNER_REACH <= end <= metric]
    words = [w for run in runs for w in snapshot.segmenter.words(run) if _is_content(w)]
    return tuple(dict.fromkeys(w for w in words if len(w) > 1))


def _subjects(query: Query, text: str) -> list[str]:
    """Latin names, titles in 《》, listed companies: if one stands nowhere, nothing is known."""
    found = [m.strip() for m in re.findall("《([^》]{2,40})》", text)]
    found += [w for w in re.findall(r"[a-z][a-z0-9.\-+]{2,}", text) if _NAMELIKE.match(w)]
    if not any(n.company for n in query.companies):
        found += [fold(n.text) for n in query.companies]
    return list(dict.fromkeys(found))
