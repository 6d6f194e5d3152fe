"""What kind of answer a question expects: a date, a count of 集, a reason, a list, a definition.

Used by the prose reader to prefer, and to demand, sentences that can answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Expected(StrEnum):
    """The answer's kind."""

    WHEN = "when"
    NUMBER = "number"
    WHO = "who"
    WHERE = "where"
    WHICH = "which"
    WHY = "why"
    HOW = "how"
    LIST = "list"
    DEFINITION = "definition"
    YES_NO = "yes_no"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Expectation:
    """Kind of answer and, for numbers, the measure word asked for (几集 → 集).

    Args:
        subject: what a definition question asks about, folded; empty otherwise.
    """

    kind: Expected
    measure: str
    subject: str


_WHEN = re.compile(
    "什么时候|何时|哪一?年|哪一?天|哪天|几月|几号|哪个月|何日|什么时间|时间是|日期|哪一日"
)
_MEASURE = re.compile(
    "(?:几|多少)(个百分点|百分点|分钟|小时|公里|公斤|千克|[秒天年月日周元倍%人米吨克度岁帧部集层页册本]|个月|万册|亿元|万元)"
)
_HOW_MUCH = re.compile(
    "多少|几[\u4e00-\u9fff]|多[长大高快久远重宽深]|规模|金额|总额|占比|比例|增速|增长率|同比|(?:数|数量|人数|费用|价格|成本)[?？]?$"
)
_WHO = re.compile("谁|哪位|哪些人|什么人")
_WHERE = re.compile("哪里|哪儿|何处|什么地方|地址|在哪")
_WHICH = re.compile("哪一?[家个所位种款座门项](?!人)|什么(?:大学|学校|学历|专业|奖)")
_WHY = re.compile("为什么|为啥|为何|原因|缘何|凭什么|怎么会|理由")
_HOW = re.compile("如何|怎么|咋|怎样|通过什么|靠什么|用什么方法|方式")
_LIST = re.compile(
    "哪些|哪几|有什么|几点|几个方面|分别|列出|列举|包括什么|都有|哪三|哪两|哪四|哪五|几大|几类|几种"
)
_YES_NO = re.compile("吗[?？]?$|是否|是不是|有没有|能否|会不会|对吗")
_DEFINED = (
    re.compile("什么(?:是|叫|叫做)(?P<x>[^?？,，。]+)"),
    re.compile("(?P<x>[^?？,，。]{2,24}?)(?:指的是|是指|指)(?:什么|啥)"),
    re.compile(
        "(?P<x>[^?？,，。]{2,24}?)(?:是)?(?:什么意思|的定义|的含义|的概念|是什么(?:样的)?(?:模型|技术|概念|东西|意思|公司|架构|方法|产品)?|是啥|是一种什么[^?？,，。]{0,4}|是怎样的[^?？,，。]{0,4})[?？]?$"
    ),
    re.compile("解释一下(?P<x>[^?？,，。]+)"),
)
_COUNTED = re.compile(
    r"(?P<number>\d+(?:\.\d+)?|[一二两三四五六七八九十百]+)"
    "(?P<unit>亿元|万元|亿美元|集|部|集|家|人|倍|秒|分钟|万个|万人|项|款|所|届|%|个百分点|年)"
)
_TYPES = {
    Expected.WHEN: re.compile(
        r"\d+年|\d+月|\d+日|\d{4}|[一二三四五六七八九十]+[月年日]|季度|上半年|下半年|年底|年初|世纪|年代|时期|朝|春|夏|秋|冬"
    ),
    Expected.NUMBER: re.compile(
        r"\d|[一二两三四五六七八九十百千万亿]+"
        r"(?:个|家|部|集|项|条|倍|成|分钟|秒|年|月|天|人|款|种|类|次|所|名|位|座|场|届|层|支|只|岁|米|吨|公里|元|半)"
        "|一半|半数|大半|过半|翻番|翻倍"
    ),
    Expected.WHY: re.compile(
        "因为|由于|得益于|受益于|主要系|主要是|原因|所以|因此|从而|进而|使得|源于|鉴于|随着|推动|"
        "带来|有助于|不依靠|而是"
    ),
    Expected.WHERE: re.compile("位于|地址|省|市|区|路|街|县|国"),
}


def expectation_of(question: str) -> Expectation:
    """The expectation behind a folded question."""
    for pattern in _DEFINED:
        match = pattern.search(question)
        if match and not _HOW_MUCH.search(match["x"]) and not _LIST.search(question):
            subject = _cleaned(match["x"])
            if 1 < len(subject) <= 20 and not re.search(
                "的(?!核心)|为|理由|原因|意义|关系", subject
            ):
                return Expectation(Expected.DEFINITION, "", subject)
    for kind, pattern in (
        (Expected.LIST, _LIST),
        (Expected.WHY, _WHY),
        (Expected.WHEN, _WHEN),
        (Expected.NUMBER, _HOW_MUCH),
        (Expected.WHO, _WHO),
        (Expected.WHERE, _WHERE),
        (Expected.WHICH, _WHICH),
        (Expected.HOW, _HOW),
        (Expected.YES_NO, _YES_NO),
    ):
        if pattern.search(question):
            return Expectation(kind, _measure(question) if kind is Expected.NUMBER else "", "")
    return Expectation(Expected.OTHER, "", "")


def fits(expectation: Expectation, sentence: str) -> bool | None:
    """Whether a folded sentence can hold such an answer; None if the kind says nothing."""
    pattern = _TYPES.get(expectation.kind)
    if pattern is None:
        return None
    if not pattern.search(sentence):
        return False
    if expectation.measure:
        unit = re.escape(expectation.measure)
        count = rf"[\d一二两三四五六七八九十百千万亿几数余多]\s*(?:万|亿|百|千)?{unit}"
        return bool(re.search(count, sentence))
    return True


def defines(subject: str, sentence: str) -> bool:
    """True if the sentence opens by saying what the subject is."""
    after = _behind(subject, sentence)
    named = r"(?:的?(?:概念|定义|含义)|模型|技术)?"
    return bool(re.match(named + r"\s*(?:\(|（|是|指|即|为|：|:|=|一种|,?\s*全称)", after))


def defines_fully(subject: str, sentence: str) -> bool:
    """True if it says `X 是一…`, or spells out what the letters of X stand for."""
    after = _behind(subject, sentence)
    return bool(
        re.match(r"(?:模型|技术)?(?:是[一指由]|指的?是?|\s*[(（][a-z\u4e00-\u9fff])", after)
    )


def _behind(subject: str, sentence: str) -> str:
    """What follows the subject where it opens the sentence; empty if it does not."""
    at = sentence.find(subject)
    if not 0 <= at <= 24 or sentence[max(0, at - 1) : at] in ("与", "和", "及", "、"):
        return ""
    return sentence[at + len(subject) :]


def contradicts(question: str, sentence: str) -> bool:
    """True if the sentence counts the same measure otherwise: asked of 十二集, it says 六集."""
    asserted = dict(counted(question))
    if not asserted:
        return False
    stated: dict[str, set[str]] = {}
    for match in _COUNTED.finditer(sentence):
        stated.setdefault(match["unit"], set()).add(match["number"])
    return any(u in stated and n not in stated[u] for u, n in asserted.items())


@lru_cache(maxsize=256)
def counted(text: str) -> tuple[tuple[str, str], ...]:
    """What a folded text counts: each unit with its number (集, 六)."""
    return tuple((m["unit"], m["number"]) for m in _COUNTED.finditer(text))


def _measure(question: str) -> str:
    match = _MEASURE.search(question)
    return match.group(1) if match else ""


def _cleaned(words: str) -> str:
    words = re.sub(
        "^(?:请问|请|研报|报告|文中|里|中|说的|提到的|所说的|所谓的?|这份|该)+", "", words
    )
    words = re.sub(
        "^.*(?:证券|报告|研报|文中|文章)(?:中|里)?(?:提到|所说|说|所称|称)?的?", "", words
    )
    return words.strip("\"'“”‘’《》「」 ")
