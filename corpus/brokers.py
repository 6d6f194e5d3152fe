"""Securities houses in texts and questions, by the shipped list and by how their names are built.

A house of the list is found by any of its names; a house that no list knows (海岳证券) by the
pattern `…证券`, cut free of the words that stand before it (根据, 与, 本报告由).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from corpus.widths import half_width


@dataclass(frozen=True, slots=True)
class BrokerMention:
    """A securities house in a text: `given[start:end]` are the words, `name` its short name."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Houses:
    """The shipped houses.

    Args:
        names: any name → short name.
        stems: names that mean the house wherever they stand, longest first.
        weak: names that are words or other firms' too (`!` in the file), longest first.
    """

    names: dict[str, str]
    stems: tuple[str, ...]
    weak: tuple[str, ...]


@cache
def _houses() -> _Houses:
    text = files("corpus").joinpath("data", "brokers.txt").read_text(encoding="utf-8")
    names: dict[str, str] = {}
    strong: set[str] = set()
    weak: set[str] = set()
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        short, *others = line.split("\t")
        for name in (short, *others):
            names.setdefault(name.lstrip("!"), short)
            (weak if name.startswith("!") else strong).add(name.lstrip("!"))
    return _Houses(names, _longest_first(strong - weak), _longest_first(weak))


def known_brokers() -> tuple[str, ...]:
    """Short names of the shipped houses, sorted."""
    return tuple(sorted(set(_houses().names.values())))


def _longest_first(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


# What may stand behind a house's name and belong to it.
_TAIL = re.compile(
    r"(?:[(（](?:香港|国际|中国|上海|山东|亚太)[)）])?(?:股份)?(?:有限)?(?:责任)?(?:公司)?"
    r"(?:经济与金融|经济|产业|研究发展|证券)?(?:研究所|研究院|研究中心|研究发展中心|发展研究中心|研究发展部|研究部|研发中心|研究总部)?"
)


def short_broker_name(name: str) -> str:
    """The name by which a house is known: 东吴证券股份有限公司 → 东吴证券, 海通 → 海通证券."""
    plain = re.sub(r"\s", "", half_width(name)).strip("《》“”\"'")
    names = _houses().names
    if plain in names:
        return names[plain]
    head, house, tail = plain.partition("证券")
    if house and head and _TAIL.fullmatch(tail):
        return names.get(head + house) or names.get(head) or head + house
    core = re.sub(
        r"(?:股份有限公司|有限责任公司|有限公司|公司)?(?:经济|发展)?(?:研究所|研究院|研究中心|研究部)?\Z",
        "",
        plain,
    )
    return names.get(core, core or plain)


def same_broker(one: str, other: str) -> bool:
    """True if both names mean one house: 东吴证券研究所 and 东吴."""
    first, second = short_broker_name(one), short_broker_name(other)
    return first == second or _stem(first) == _stem(second) != ""


def _stem(name: str) -> str:
    return name.removesuffix("证券")


def find_brokers(text: str, known: Iterable[str] = ()) -> list[BrokerMention]:
    """The securities houses that the text names, in order, none overlapping.

    Args:
        known: short names of further houses (those of the corpus): found by their stems too, so
            that 海岳的观点 means 海岳证券.
    """
    plain = half_width(text)
    mentions = _with_suffix(plain, frozenset(known))
    mentions += _without_suffix(plain, known, mentions)
    return sorted(mentions, key=lambda mention: mention.start)


# Characters and words that end before a house's name begins. Cut at the last of them that leaves
# two characters or more, so that 和信证券 and 日升证券 stay whole.
_BEFORE = re.compile(
    r"根据|关于|按照|依据|依照|参考|参照|来自|来源于|出自|加入|加盟|进入|现任|历任|曾任|就职于|任职于|供职于"
    r"|隶属|属于|联络|征得|未经|注明|出处为|仅供|请问|想问|问问|查询|查看|查一下|比较|对比|相比|看看|告诉我|告诉"
    r"|认为|以及|除了|包括|例如|比如|还是|或者|如果|那么|关注|今年|去年|明年|最新|目前|其中|当前|简称|具备|使用|通过"
    r"|发送给|发给|提供|委托|旗下|控股|参股|代表|直接|同意|授权|版权|声明及|声明|号楼|我们|他们|客户|只有|持有"
    r"|期待|撰写|发布|引用|援引|列出|找出|给出|哪些|哪家|什么|多少|怎么|如何|为何|为什么|是否|分别|同样|同时|另外|此外"
    r"|整理|制作|评级|报告|研报|观点|券商|机构|根據|關於|股东|资料|来源|公告|联合|本公司|公司"
    r"|[的了是与和跟及或由在对为被把将从于向该此其各每任所据按问请查让给叫找看用供使即但并而且若如视号年月日层页处只不也就都又没"
    r"有无]"
)
# No name ends in one of these: 授予的证券.
_NEVER_LAST = frozenset("的了是于对就在及向该此其各每所们为或等本")
# Before 证券 these are no house: 相关证券, 卖出证券, 上市证券.
_NOT_STEMS = re.compile(
    r".*(?:公司|标的|卖出|买入|买卖|相关|有关|上市|发行|有价|所述|涉及|提及|其他|其它|中国|美国|英国|日本|国内|境内|境外|海外|从事"
    r"|具备|具有|持有|交易|投资|经营|发布|核准|许可|批准|批复|批准的|任何|普通|不同|同期|多家|各家|几家|哪家|一家|两家|三家|另一|这家|那家"
    r"|该家|首席|资深|高级|沪深|全国|注册|权益|债券|股票|金融|期货|银行|保险|基金|信托|衍生|互联|固定|机构|个股|客户|业务|咨询|服务"
    r"|报告|研究|分析|行业|市场|担任|合格|参与|出售|认购|购买|推荐|评价|覆盖|个别|特定|具体|目标|转让|融资|融券|资产|抵押|按揭|支持"
    r"|挂牌|可转|所在|全资|传统|龙头|头部|中小|大型|国有|民营|外资|合资|现有|新的|香港|台湾|澳门|深圳|北京|记账|分享|分担|所涉|进行|包括|所引|一位|取得|股)"
)
# Behind 证券 these make another word of it, whatever stands before: 上海证券交易所, 中国证券报.
_NOT_TAILS = re.compile(
    r"业协会|业从业|从业|交易所|交易委|监督管理|监管|监会|及期货|期货|市场|投资基金|投资者保护|化|时报|日报|报(?!告)|账户|登记|登记结算"
    r"|法(?!定)|估值|头寸|价格|类|品种|代码|简称|发行|上市|结算|持有|大厦|广场|经纪"
)


def _with_suffix(plain: str, known: frozenset[str]) -> list[BrokerMention]:
    """Houses whose name ends in 证券."""
    mentions: list[BrokerMention] = []
    floor = 0
    for match in re.finditer("证券", plain):
        start = _name_start(plain, match.start(), floor, known)
        is_building = plain.startswith(("大厦", "广场"), match.end())
        if start is None or (_NOT_TAILS.match(plain, match.end()) and not is_building):
            continue
        name = plain[start : match.end()]
        end = match.end() + _tail_length(plain, match.end())
        mentions.append(BrokerMention(short_broker_name(name), start, end))
        floor = end
    return mentions


def _name_start(plain: str, end: int, floor: int, known: frozenset[str]) -> int | None:
    """Where the name begins whose 证券 begins at `end`; None if no house stands there."""
    names = _houses().names
    for length in range(min(8, end - floor), 1, -1):
        whole = plain[end - length : end]
        if whole in names or f"{whole}证券" in names or f"{whole}证券" in known:
            return end - length
    run = re.search(r"[\u4e00-\u9fff]{0,12}\Z", plain[max(floor, end - 12) : end])
    stem = run.group() if run else ""
    for cut in reversed(list(_BEFORE.finditer(stem))):
        if len(stem) - cut.end() >= 2:
            stem = stem[cut.end() :]
            break
    if len(stem) > 4:  # words that no list knows stand before it: most houses have two characters
        stem = stem[-2:]
    if len(stem) < 2 or stem[-1] in _NEVER_LAST or _NOT_STEMS.fullmatch(stem):
        return None
    return end - len(stem)


def _tail_length(plain: str, end: int) -> int:
    tail = _TAIL.match(plain, end)
    return len(tail.group()) if tail and tail.group().endswith(_LEGAL_ENDS) else 0


_LEGAL_ENDS = ("公司", "研究所", "研究院", "研究中心", "中心", "研究部", "发展部", "总部")

# Behind a stem these make another firm or word of it: 中信出版, 海通国际, 华泰保险.
_OTHER_FIRM = re.compile(
    r"银行|出版|国际|集团|股份|基金|期货|资管|资产|控股|地产|保险|人寿|信托|科技|实业|发展|证券|汽车|电子|医药|药业|能源|建设|重工|金属|特钢"
    r"|海直|国安|泰富|路|区|市|省|大学|高速|机场|港|岛|电力|环保|新材|材料|动力|光电|软件|精密|股指|高新"
)
# What a house does or has: behind a weak stem one of these must stand (东方的观点; 东方 is a word).
_HOUSE_DOES = re.compile(
    r" ?的? ?(?:分析师|研究员|研报|报告|观点|看法|评级|投资评级|预测|预期|目标价|盈利预测|研究所"
    r"|研究院|推荐|判断|首席|团队|认为|给出|给予|给的|预计|看好|看多|看空|上调|下调|维持|指出|首次覆盖|怎么|如何|怎样|觉得|的?研究)"
)
_NAME_ENDS = re.compile(r"\Z|[^\u4e00-\u9fff]|[和与及跟对给的是在把或有说将]")


def _without_suffix(
    plain: str, known: Iterable[str], found: list[BrokerMention]
) -> list[BrokerMention]:
    """Houses by stem or by a name without 证券: 海通, 中金公司, 高盛."""
    houses = _houses()
    own = {_stem(name): name for name in known if len(_stem(name)) >= 2}
    taken = bytearray(len(plain))
    for mention in found:
        taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
    mentions = []
    for stem in _stems(frozenset(own)):
        weak = stem in houses.weak
        place = plain.find(stem)
        while place >= 0:
            end = place + len(stem)
            if not any(taken[place:end]) and _stands_alone(plain, place, end, weak):
                end += _tail_length(plain, end)
                name = own.get(stem) or houses.names[stem]
                mentions.append(BrokerMention(name, place, end))
                taken[place:end] = b"\1" * (end - place)
            place = plain.find(stem, end)
    return mentions


@lru_cache(maxsize=64)
def _stems(own: frozenset[str]) -> tuple[str, ...]:
    """The stems of all houses, longest first; 证券 at the end is found by its suffix, or is not
    a house there."""
    houses = _houses()
    every = _longest_first({*own, *houses.stems, *houses.weak})
    return tuple(stem for stem in every if not stem.endswith("证券"))


def _stands_alone(plain: str, start: int, end: int, weak: bool) -> bool:
    if _OTHER_FIRM.match(plain, end):
        return False
    if _HOUSE_DOES.match(plain, end):
        return True
    if weak or not _NAME_ENDS.match(plain, end):
        return False
    before = plain[max(0, start - 4) : start]
    if not re.search(r"[\u4e00-\u9fff]\Z", before):
        return True
    return any(cut.end() == len(before) for cut in _BEFORE.finditer(before))
