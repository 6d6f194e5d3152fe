"""Lies about the sources of a prompt, each with the words that must not be shown.

Told by the scripted model of `bench/llm_failures.py`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from model_server import sources_in


@dataclass(frozen=True, slots=True)
class Lie:
    """One scripted lie: what the model says of a source, and the words that must not be shown."""

    kind: str
    words: str
    wrong: str


def sentences_of(prompt: str) -> list[tuple[int, str]]:
    """Whole sentences of the sources with their numbers."""
    return [
        (number, sentence)
        for number, text in sources_in(prompt).items()
        for sentence in re.findall(r"[^。！？\n\t]{10,110}(?=。)", text)
    ]


def lie_of(kind: str, prompt: str, pick: random.Random) -> Lie | None:
    """A lie of that kind about the sources of the prompt; None if they give no occasion."""
    found = sentences_of(prompt)
    pick.shuffle(found)
    for number, sentence in found:
        lie = LIES[kind](sentence, number, found, pick)
        if lie is not None and lie[0] != sentence:
            return Lie(kind, f"{lie[0]}[{number}]。", lie[1])
    return None


def _digit(sentence: str, *_: object) -> tuple[str, str] | None:
    match = re.search(r"(?<![\dA-Za-z.-])\d+(?:\.\d+)?(?=[%亿万元倍家个年])", sentence)
    if match is None:
        return None
    wrong = match.group()[:-1] + str((int(match.group()[-1]) + 3) % 10)
    return sentence[: match.start()] + wrong + sentence[match.end() :], wrong


def _unit(sentence: str, *_: object) -> tuple[str, str] | None:
    for one, other in (("亿", "万"), ("万", "亿"), ("%", "倍"), ("美元", "元")):
        match = re.search(rf"\d{one}", sentence)
        if match:
            wrong = match.group()[:-1] if one == "%" else match.group().replace(one, "")
            wrong += other
            return sentence.replace(match.group(), wrong, 1), wrong
    return None


def _year(sentence: str, *_: object) -> tuple[str, str] | None:
    match = re.search(r"20[012]\d(?=年|E|A)", sentence)
    if match is None:
        return None
    wrong = str(int(match.group()) + 1)
    return None if wrong in sentence else (sentence.replace(match.group(), wrong), wrong)


def _swap(sentence: str, *_: object) -> tuple[str, str] | None:
    numbers = re.findall(r"(?<![\dA-Za-z.-])\d+(?:\.\d+)?(?=[%亿万元倍])", sentence)
    if len(set(numbers)) < 2:
        return None
    a, b = list(dict.fromkeys(numbers))[:2]
    swapped = sentence.replace(a, "\0").replace(b, a).replace("\0", b)
    return swapped, swapped


def _quote(sentence: str, *_: object) -> tuple[str, str] | None:
    wrong = "必将彻底颠覆整个行业格局"
    return f"{sentence[:20]}，报告称“{wrong}”", wrong


def _foreign(
    sentence: str, _: int, found: list[tuple[int, str]], pick: random.Random
) -> tuple[str, str] | None:
    """A figure of another sentence put into this one."""
    pattern = r"\d+(?:\.\d+)?(?:%|亿元|万元|亿美元|倍)"
    mine = re.search(pattern, sentence)
    others = [m for _, s in found if s != sentence for m in re.findall(pattern, s)]
    others = [o for o in others if o not in sentence]
    if mine is None or not others:
        return None
    wrong = pick.choice(others)
    return sentence.replace(mine.group(), wrong, 1), wrong


def _invented(sentence: str, *_: object) -> tuple[str, str] | None:
    return f"{sentence[:16]}，市场规模将达到8848亿元", "8848亿元"


def _turned(sentence: str, *_: object) -> tuple[str, str] | None:
    for one, other in (
        ("增长", "下降"),
        ("提升", "下降"),
        ("上升", "下降"),
        ("提高", "降低"),
        ("下降", "增长"),
    ):
        if one in sentence:
            wrong = sentence.replace(one, other)
            return wrong, wrong
    return None


def _denied(sentence: str, *_: object) -> tuple[str, str] | None:
    for verb in ("可以", "能够", "有望", "将", "具有", "实现", "推出", "发布"):
        if verb in sentence and "不" not in sentence and "未" not in sentence:
            wrong = sentence.replace(verb, f"不{verb}" if verb != "具有" else "不具有", 1)
            return wrong, wrong
    return None


_NAME = re.compile(r"[A-Z][A-Za-z]{2,}|[\u4e00-\u9fff]{2}(?:证券|科技|股份|集团|文化|电子)")


def _renamed(sentence: str, *_: object) -> tuple[str, str] | None:
    """The first name by its form: a Latin word, or Han that end as companies do."""
    name = _NAME.search(sentence)
    return (sentence.replace(name.group(), "星河重工"), "星河重工") if name else None


LIES: dict[str, Callable[..., tuple[str, str] | None]] = {
    "digit": _digit,
    "unit": _unit,
    "year": _year,
    "swap": _swap,
    "quote": _quote,
    "foreign": _foreign,
    "invented": _invented,
    "turned": _turned,
    "denied": _denied,
    "renamed": _renamed,
}
