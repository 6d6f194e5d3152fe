"""Whether a clause says what a place says: denials, doubts, directions, causes, strong words.

Part of the second proof of the model reader: words may change, their sense may not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

CLAUSE: Final = re.compile("[,;:。!?\n]|(?<=[^\\d])——|（|）|\\(|\\)")
ORDINAL: Final = re.compile("[一二三四五六七八九十两]+(?=期|代|类|级|线|次|大)")
NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_DONE: Final = re.compile("已|了(?!解)|完成")
_PLANNED: Final = re.compile("预计|计划|拟|将|有望|可能|目标")
CAUSE: Final = re.compile(
    "因为|由于|因此|所以|得益于|受益于|源于|归因于|主因|主要系|原因|导致|使得|促使|驱动|推动|带动|拉动|促进|助力|带来|"
    "从而|因而|受.{1,12}(?:影响|拖累|驱动|提振)|系.{2,14}所致|有利于|利好|支撑|拖累|影响"
)
_HEDGE: Final = re.compile(
    "可能|或将|或许|有望|预计|预期|预测|拟|计划|如果|假设|若(?!干)|尚需|或有|估计|目标|争取|力争|建议|望(?=[成达实])|"
    "(?<=\\d)e(?![a-z])"
)
DENIAL: Final = re.compile(
    "不(?![断仅但同过少错论管低超高足及])|未(?![来必])|没有?|无(?![线人论疑])|难以|尚未|并非|非(?=主|核|必)|"
    "否认|停止|取消|拒绝|终止|中止|暂停"
)
_UP: Final = re.compile(
    "增长|增加|上升|提高|提升|上调|扩大|改善|加快|上涨|上行|增厚|回升|增至|升至|增强|扩张|走高|加速|好转|多增|高增|增幅|涨幅|增速(?=为正)"
)
_DOWN: Final = re.compile(
    "下降|减少|降低|下滑|下调|缩小|恶化|放缓|下跌|下行|摊薄|回落|减至|降至|减弱|收缩|走低|减速|跌幅|降幅|收窄|压缩|削减|少增"
)
# Pairs of which one side is never said for the other.
_PAIRS: Final = tuple(
    tuple(re.compile(side) for side in pair.split("/"))
    for pair in (
        "高于|超过|多于|大于|优于|领先于?|超出|快于/低于|不足|少于|小于|劣于|落后于?|不及|不到|慢于",
        "盈利|扭亏/亏损|转亏",
        "买入|增持|看好|推荐|乐观|利好|正面|积极/卖出|减持|看淡|看空|悲观|利空|负面|谨慎|回避",
        "流入|买进/流出|卖出",
        "首次|首家|首个/再次|第二",
        "充足|过剩/短缺|不足|紧张",
        "上半年/下半年",
        "同比/环比",
        "最高|最大|最多/最低|最小|最少",
        "国内|境内/海外|境外|国外",
        "量产|投产/停产",
        "长期/短期",
        "买方/卖方",
        "供给/需求",
        "上游/下游",
        "偏高|较高/偏低|较低",
        "跑赢/跑输",
        "加剧/缓和|缓解",
        "超预期/不及预期|低于预期",
    )
)
SIDES_OF_PAIRS: Final = (*(side for pair in _PAIRS for side in pair), _UP, _DOWN)
# Said only where the place says it too, each group by its own words.
_STRONG: Final = tuple(
    re.compile(group)
    for group in (
        "大幅|显著|明显|急剧|迅猛|高速",
        "略微|小幅|略有|略[增降升]",
        "首次|首家|首个|率先",
        "唯一|独家",
        "必将|必然|一定会|肯定|势必|毫无疑问|确定性",
        "所有|全部|均(?!价|值|线)|都",
        "龙头|领军|第一大",
        "历史新高|创新高",
        "最(?!终|近|新|后|初|佳)",
        "翻倍|倍增",
        "强烈",
        "买入",
        "增持",
        "减持",
        "卖出",
        "中性",
        "推荐",
        "(?:建议|重点)关注",
        "上调",
        "下调",
        "首次覆盖",
        "维持.{0,12}评级",
        "超预期",
        "不及预期|低于预期",
        "正在",
        "仅|只有",
        "目标价",
        "全资|控股|参股",
        "拟|计划",
    )
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a sentence. `before`: the sentence up to it, whose subject and year go on."""

    text: str
    before: str


def same_sense(clause: Clause, place: str) -> bool:
    """Denials, doubts, directions, causes and strong words are those of the place."""
    text, match = clause.text, counterpart(clause.text, place)
    if len(DENIAL.findall(text)) % 2 != len(DENIAL.findall(match)) % 2:
        return False
    if _HEDGE.search(match) and not _HEDGE.search(clause.before + text):
        return False
    if _DONE.search(text) and not _DONE.search(match) and _PLANNED.search(match):
        return False
    if CAUSE.search(text) and not CAUSE.search(place):
        return False
    if not all(group.search(place) for group in _STRONG if group.search(text)):
        return False
    return _same_direction(text, match, place) and not crossed(text, match, place)


def _same_direction(text: str, match: str, place: str) -> bool:
    for mine, other in ((_UP, _DOWN), (_DOWN, _UP)):
        if not mine.search(text):
            continue
        near = match if mine.search(match) or other.search(match) else place
        if not mine.search(near):
            return False
    return True


def crossed(text: str, match: str, place: str) -> bool:
    """True if the clause takes one side of a pair (高于, 低于) where the place takes the other."""
    for one, other in (*_PAIRS, *(pair[::-1] for pair in _PAIRS)):
        if not one.search(text) or other.search(text):
            continue
        if not one.search(place) or (other.search(match) and not one.search(match)):
            return True
    return False


def same_count(text: str, match: str) -> bool:
    """False for 二期产线 where the place speaks of 一期产线, and where one of both denies."""
    mine, theirs = set(ORDINAL.findall(text)), set(ORDINAL.findall(match))
    if mine and theirs and not mine & theirs:
        return False
    return len(DENIAL.findall(text)) % 2 == len(DENIAL.findall(match)) % 2


def counterpart(text: str, place: str) -> str:
    """The clauses of the place that say most of what the clause says."""
    theirs = [c for c in CLAUSE.split(place) if c.strip()]
    if not theirs:
        return place
    bare = [re.sub(r"\d+[年月日]?", "", c) for c in (text, *theirs)]
    pairs = {bare[0][i : i + 2] for i in range(len(bare[0]) - 1)}
    numbers = set(NUMBER.findall(bare[0]))
    shares = [
        (
            len(numbers & set(NUMBER.findall(c))),
            sum(c[i : i + 2] in pairs for i in range(len(c) - 1)),
        )
        for c in bare[1:]
    ]
    most = max(shares)
    return theirs[shares.index(most)] if any(most) else place
