"""Which option a text supports: signs of each, weighed as learnt.

Stands below `answer`, beside `choosing`: for prompts whose text and options are words. The weights
are shipped (`service/data/options.json`), made by `scripts/train_options.py`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from corpus.normalise import fold

NAMES = (
    "whole", "run", "pairs", "new_pairs", "clause", "clause_alone", "sentence", "sentence_alone",
    "numbers_missing", "numbers_there", "numbers_near", "denied", "only", "turned", "agrees",
    "unknown", "said_elsewhere", "title", "number_words", "kind",
    "held", "foreign", "run_words", "denied_new", "figures",
)  # fmt: skip
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?%?")
_NO = re.compile(
    "不(?!少于|超过|低于|高于|足|断|仅|良|动产)|未(?!来)|无(?!锡|线)|没有?|非(?!常|银)|禁止|拒绝|免"
)
_ONLY = re.compile("仅|只(?!股)|所有|全部|任何|都|一定|必须|完全|永远|唯一|均")
_UNKNOWN = re.compile("未知|无法|没有提|未提|不确定|不清楚|以上都|其他")
# What one of a pair says the other denies.
_OPPOSED = tuple(
    re.findall(
        r"(\w+)/(\w+)",
        "上涨/下跌 增长/下降 增加/减少 增持/减持 买入/卖出 流入/流出 盈利/亏损 上升/下降 提高/降低"
        " 扩大/收窄 利好/利空 上调/下调 高于/低于 超过/低于 涨/跌 升/降 收购/出售 环比/同比"
        " 首次/再次 以上/以下 之前/之后 短期/长期 高/低 保守/激进 稳定/波动 乐观/悲观 支持/反对"
        " 放缓/加快",
    )
)
_YES_NO = re.compile("是否|是不是|有没有|能不能|会不会|能否|可否|吗$|吗[?？]")
_WRONG = re.compile("不正确|错误|不属于|不包括|不是|不符|有误|不准确|不在")


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign weighs; `scale` is what it was divided by when they were learnt."""

    scale: tuple[float, ...]
    weight: tuple[float, ...]


@cache
def shipped_weights() -> Weights:
    """The weights of `service/data/options.json`, read once."""
    told = json.loads(files("service").joinpath("data", "options.json").read_text("utf-8"))
    if tuple(told["names"]) != NAMES:
        raise ValueError(f"options.json holds {told['names']}, expected {NAMES}: train it again")
    return Weights(tuple(told["scale"]), tuple(told["weight"]))


def supported(
    context: str, question: str, options: Sequence[str], found: int | None = None
) -> tuple[int, float]:
    """The place of the option that the context supports best, and the share it gets of all.

    A question for what is wrong wants the one supported least.

    Args:
        found: the place of the option that the figures of the context gave, if they gave one.
    """
    rows = signs_of(context, question, options, found)
    told = shipped_weights()
    scores = [
        sum(w * x / s for w, x, s in zip(told.weight, row, told.scale, strict=True)) for row in rows
    ]
    if _WRONG.search(question):
        scores = [-score for score in scores]
    top = max(scores)
    parts = [math.exp(score - top) for score in scores]
    best = max(range(len(scores)), key=lambda at: (scores[at], -at))
    return best, parts[best] / sum(parts)


def signs_of(
    context: str, question: str, options: Sequence[str], found: int | None = None
) -> list[list[float]]:
    """The signs of each option, as differences from their mean over the options."""
    text = _Text(context, question)
    bare = [_plain(option) for option in options]
    rows = [text.signs(one, [o for o in bare if o is not one]) for one in bare]
    rows = [[*row, float(at == found)] for at, row in enumerate(rows)]
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    return [[x - m for x, m in zip(row, means, strict=True)] for row in rows]


def _plain(words: str) -> str:
    return re.sub(
        r"[\s。.，,；;：:、“”\"'‘’《》【】!！?？]+$|^[\s“”\"'‘’《》【】]+",
        "",
        re.sub(r"\s", "", fold(words)),
    )


def _pairs(words: str) -> set[str]:
    bare = re.sub(r"[^\w%.]", "", words)
    return {bare[i : i + 2] for i in range(len(bare) - 1)} or ({bare} if bare else set())


def _share(own: set[str], held: set[str]) -> float:
    return len(own & held) / len(own) if own else 0.0


class _Text:
    """A context cut into sentences and clauses, with how near each is to the question."""

    def __init__(self, context: str, question: str) -> None:
        self.text = re.sub(r"\s", "", fold(re.sub(r"<[^>]*>", "", context)))
        self.question = _plain(question)
        self.asked = _pairs(self.question)
        self.pairs = _pairs(self.text)
        self.sentences = [s for s in re.split(r"[。!?;！？；]", self.text) if s]
        self.clauses = [
            c for s in self.sentences for c in re.split(r"(?<!\d)[,，]|[,，](?!\d)|[:：]", s) if c
        ]
        parts = [(part, _pairs(part)) for part in self.clauses]
        count = len(parts)
        held = {p: sum(p in own for _, own in parts) for p in self.asked}
        self.weight = {p: math.log(1 + count / n) if n else 0.2 for p, n in held.items()}
        self.numbers = {_value(n) for n in _NUMBER.findall(self.text)}

    def near(self, part: set[str]) -> float:
        """How much of the question a part of the text says, rare pairs counted most."""
        whole = sum(self.weight.values())
        return sum(w for p, w in self.weight.items() if p in part) / whole if whole else 0.0

    def signs(self, option: str, others: Sequence[str]) -> list[float]:
        """The signs of one option, in the order of `NAMES`."""
        own = _pairs(option)
        new = own - self.asked or own
        clauses = [(_pairs(c), c) for c in self.clauses]
        sentences = [(_pairs(s), s) for s in self.sentences]
        best = max(clauses, key=lambda c: _share(own, c[0]), default=(set(), ""))
        numbers = [_value(n) for n in _NUMBER.findall(option)]
        there = [n for n in numbers if _stands(n, self.numbers)]
        unlike = set().union(*(_pairs(o) for o in others)) if others else set()
        alone = new - unlike or new
        return [
            float(option in self.text),
            _run(option, self.text) / max(len(option), 1),
            _share(own, self.pairs),
            _share(new, self.pairs),
            max((_share(new, c) * (0.2 + self.near(c)) for c, _ in clauses), default=0.0),
            max((_share(own, c) for c, _ in clauses), default=0.0),
            max((_share(new, s) * (0.2 + self.near(s)) for s, _ in sentences), default=0.0),
            max((_share(own, s) for s, _ in sentences), default=0.0),
            (len(numbers) - len(there)) / max(len(numbers), 1),
            float(bool(numbers) and len(there) == len(numbers)),
            max(
                (self.near(c) for c, words in clauses if there and _holds(words, there)),
                default=0.0,
            ),
            float(bool(_NO.search(option)) != bool(_NO.search(best[1]))),
            float(sum(m not in self.text for m in set(_ONLY.findall(option)))),
            float(_turned(option, best[1], self.text)),
            self._agrees(option),
            float(bool(_UNKNOWN.search(option)) and not _UNKNOWN.search(self.text)),
            _share(alone, self.pairs),
            _share(new, _pairs(self.sentences[0][:60])) if self.sentences else 0.0,
            max((self._before(n) for n in there), default=0.0),
            _kind(self.question, option),
            math.log(1 + len(new & self.pairs)),
            math.log(1 + len(new - self.pairs)),
            self._beside(option),
            self._denied(option, others),
        ]

    def _beside(self, option: str) -> float:
        """How much of the question the words around the longest run of the option say."""
        run = _longest(option, self.text)
        if len(run) < 2:
            return 0.0
        own = _pairs(run)
        windows = [
            self.text[max(m.start() - 16, 0) : m.end() + 6]
            for m in re.finditer(re.escape(run), self.text)
        ]
        asked = {p: w for p, w in self.weight.items() if p not in own}
        whole = sum(asked.values()) or 1.0
        return max(sum(w for p, w in asked.items() if p in words) / whole for words in windows)

    def _denied(self, option: str, others: Sequence[str]) -> float:
        """For an option that another one denies: whether it denies what the text denies."""
        mine = bool(_NO.search(option))
        bare = _pairs(_NO.sub("", option))
        turned = [o for o in others if bool(_NO.search(o)) != mine]
        if not any(_share(bare, _pairs(_NO.sub("", o))) > 0.7 for o in turned):
            return 0.5
        nearest = max(self.clauses, key=lambda c: _share(bare, _pairs(_NO.sub("", c))), default="")
        return float(mine == bool(_NO.search(nearest)))

    def _agrees(self, option: str) -> float:
        """For a yes or no: whether an option denies as the clause nearest to the question does."""
        if not _YES_NO.search(self.question):
            return 0.5
        nearest = max(self.clauses, key=lambda c: self.near(_pairs(c)), default="")
        denied = bool(_NO.search(nearest)) != bool(_NO.search(_YES_NO.sub("", self.question)))
        return float((bool(_NO.search(option)) or option.startswith("否")) == denied)

    def _before(self, number: _Number) -> float:
        """How much of the question the words right before a number say."""
        places = [m for m in _NUMBER.finditer(self.text) if _same(_value(m.group()), number)]
        windows = [self.text[max(m.start() - 12, 0) : m.end() + 3] for m in places]
        return max((self.near(_pairs(words)) for words in windows), default=0.0)


_Number = tuple[float, bool]


def _value(words: str) -> _Number:
    """A number, and whether it is a percentage."""
    return float(words.rstrip("%").replace(",", "")), words.endswith("%")


def _same(one: _Number, other: _Number) -> bool:
    """True for one number written in two ways: in 万 or 亿 of it, 3% and 0.03."""
    if one[1] != other[1]:
        share, plain = (one, other) if one[1] else (other, one)
        return plain[0] < 1 and math.isclose(share[0] / 100, plain[0], rel_tol=1e-6)
    scales = (1,) if one[1] else (1, 1e4, 1e-4, 1e8, 1e-8)
    return any(math.isclose(one[0] * scale, other[0], rel_tol=1e-6) for scale in scales)


def _stands(number: _Number, held: set[_Number]) -> bool:
    return any(_same(number, other) for other in held)


# What a question asks for, and how an option that says it looks.
_KINDS = (
    (re.compile("多少股|股数|股份数|数量|数目"), re.compile(r"\d[\d,.]*[万亿]?股|^[\d,.]+$")),
    (re.compile("比例|百分|占.{0,8}多少|增长了?多少|幅度"), re.compile(r"\d%|^0\.\d+$")),
    (re.compile("金额|多少.{0,2}元|价格|收入|利润|市值"), re.compile(r"\d[\d,.]*[万亿]?元")),
    (re.compile("何时|什么时候|哪天|哪一天|日期|时间|几月|几日"), re.compile("[年月日天周]")),
    (re.compile("为什么|原因|为何|由于什么"), re.compile("因|由于|为了|导致|需要|需求|为")),
    (re.compile("多少(?:家|只|个|人|名|次|天|年|倍|吨)"), re.compile(r"\d")),
)


def _kind(question: str, option: str) -> float:
    """Whether an option is of the kind that is asked for; half where no kind is known."""
    told = [bool(look.search(option)) for ask, look in _KINDS if ask.search(question)]
    return sum(told) / len(told) if told else 0.5


def _holds(words: str, numbers: Sequence[_Number]) -> bool:
    held = {_value(n) for n in _NUMBER.findall(words)}
    return any(_stands(n, held) for n in numbers)


def _run(option: str, text: str) -> int:
    return len(_longest(option, text))


def _longest(option: str, text: str) -> str:
    """The longest run of characters of the option that stands in the text."""
    best = ""
    for start in range(len(option)):
        end = start + len(best) + 1
        while end <= len(option) and option[start:end] in text:
            best = option[start:end]
            end += 1
    return best


def _turned(option: str, near: str, text: str) -> int:
    """How many words of the option the text has only the opposite of."""
    count = 0
    for one, other in (*_OPPOSED, *((b, a) for a, b in _OPPOSED)):
        said = near if other in near else text
        count += one in option and one not in said and other in said and other not in option
    return count
