"""The words of a question with their weight, and how much of it a text covers.

Weight is inverse document frequency over the chunks of the corpus (Spärck Jones 1972,
doi:10.1108/eb026526), so that 浙文互联 weighs more than 公司.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.normalise import fold
from indexer.segmentation import stop_words
from indexer.snapshot import Snapshot
from service.query import FUNCTION_WORDS, Query

# Words about the asking, not about the matter.
_ASKING = frozenset(
    re.split(
        r"\s+",
        "报告 研报 认为 提到 指出 表示 介绍 描述 给出 预测 预计 观点 看法 说法 文中 券商 机构 证券 "
        "分析师 作者 具体 主要 请 告诉 说明 解释 简述 概括 哪一天 哪天 哪年 时间 时候 日期 是什么 "
        "为什么 原因 理由 方面 内容 情况 问题 意思 定义 含义 概念 东西 称 获得 包括 包含 列出 进行 "
        "有关 相关 关于 目前 哪 多久 多长 多大 多高 多少 几 个 家 部 年 月 日 天 次 位 种 项 "
        "点 啥 怎",
    )
)
_NAMELIKE = re.compile(r"^[a-z][a-z0-9.\-+]*$")


@dataclass(frozen=True, slots=True)
class Weighing:
    """`words`: each content word with its weight; `subjects`: names that must stand somewhere."""

    words: tuple[tuple[str, float], ...]
    subjects: tuple[str, ...]

    def coverage(self, layers: Iterable[tuple[str, float]]) -> float:
        """The share of the question's weight that the texts hold, in [0, 1].

        Args:
            layers: folded texts with what a word found there is worth, best first.
        """
        total = sum(weight for _, weight in self.words)
        if not total:
            return 0.0
        texts = [(text, worth) for text, worth in layers if text]
        held = 0.0
        for word, weight in self.words:
            best = 0.0
            for text, worth in texts:
                if worth <= best:
                    break
                best = max(best, worth * share(word, text))
            held += weight * best
        return held / total


def weigh_question(query: Query, snapshot: Snapshot) -> Weighing:
    """The content words of a question; brokers and asking words are left out."""
    text = query.text
    for broker in sorted(query.brokers, key=lambda b: -b.start):
        text = text[: broker.start] + " " + text[broker.end :]
    words = dict.fromkeys(w for w in snapshot.segmenter.words(text) if _is_content(w))
    count = max(snapshot.chunk_count(), 1)
    weighted = []
    for word in words:
        frequency = snapshot.document_frequency(word)
        if not frequency and word[0].isdigit():
            continue  # a figure that stands nowhere is the asker's own, true or not
        weighted.append((word, math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))))
    return Weighing(tuple(weighted), tuple(_subjects(query, text)))


def share(word: str, text: str) -> float:
    """How much of a word a text holds: 1 if whole, else the share of its character pairs."""
    if word in text:
        return 1.0
    if len(word) < 3 or word.isascii():
        return 0.0
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return 0.8 * sum(pair in text for pair in pairs) / len(pairs)


def _is_content(word: str) -> bool:
    if word in stop_words() or word in _ASKING:
        return False
    return not FUNCTION_WORDS.fullmatch(word)


def _subjects(query: Query, text: str) -> list[str]:
    """Latin names, titles in 《》, listed companies: if one stands nowhere, nothing is known."""
    found = [m.strip() for m in re.findall("《([^》]{2,40})》", text)]
    found += [w for w in re.findall(r"[a-z][a-z0-9.\-+]{2,}", text) if _NAMELIKE.match(w)]
    found += [fold(n.text) for n in query.companies if n.company is None]
    return list(dict.fromkeys(found))
