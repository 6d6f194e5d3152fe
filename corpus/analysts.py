"""The people named on a report, each with licence number, role, mail and phone as printed.

Used by `corpus.metadata`. Names stand before or behind the number, on its line or the one above.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.front import EMAIL, LICENCE
from corpus.report import Analyst, Span

# The hundred most frequent surnames cover 85 % of people; the rest are those met on reports.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶"
    "黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴"
    "蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
    "封官谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮蔺粟冼盘满闻厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿闪玄"
    "鉏令占呼延言修赏樂楼傅訾蹇逯鲜昝笪剧但咸展仰恽居亓郗"
)
_COMPOUND = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "夏侯",
        "皇甫",
        "东方",
        "尉迟",
        "公孙",
        "慕容",
        "司徒",
        "令狐",
        "宇文",
        "长孙",
        "端木",
        "闻人",
        "呼延",
    ]
)

_ROLE = (
    r"(?:证券|首席|资深|高级|联席|行业|执业|研究|[\u4e00-\u9fff]{2,6}?(?=首席))*"
    r"(?:分析师|研究员|分析员|研究助理|联系人|助理分析师|作者|研究支持)"
)
_NOT_NAMES = (
    r"(?!执业|证书|资格|编号|登记|电话|邮箱|邮件|联系|研究|分析|证券|行业|首席|助理|声明|承诺"
    r"|报告|姓名|公司|日期|核心|投资|支持|传真|团队|负责|组长|总监|博士|资深|高级|本人|特此|成员)"
)
_NEXT = r"(?!分析|研究|执业|证书|证券|首席|SAC|助理|电话|联系|邮箱|投资|资格|登记|从业)"
_NAME = rf"{_NOT_NAMES}[\u4e00-\u9fff](?:[ \u3000]{{0,3}}{_NEXT}[\u4e00-\u9fff]){{1,3}}"
_AFTER_ROLE = re.compile(
    rf"(?P<role>{_ROLE})(?:\s*(?:[：:/|]|\*\*)+)*\s*(?:\*\*)?(?P<name>{_NAME})", re.IGNORECASE
)
_BEFORE_ROLE = re.compile(rf"(?<![\u4e00-\u9fff])(?P<name>{_NAME})\s*[（(](?P<role>{_ROLE})[)）]")
_CANDIDATE = re.compile(
    rf"(?<![\u4e00-\u9fff])(?P<name>{_NAME})(?=[^\u4e00-\u9fff]|执业|证书|资格|登记|编号"
    rf"|从业|投资咨询|\Z)"
)
_BEHIND = re.compile(rf"\s*[)）\]】]?\s*[（(]?[,，、:：\s]*(?P<name>{_NAME})(?![\u4e00-\u9fff])")
_PHONE = re.compile(
    r"(?<![\dA-Za-z])(?:\(?\+?86\)?[-\s]?)?(?:\(?0\d{2,3}\)?[-\s—–]?\d{7,8}(?:[-转]\d{1,6})?"
    r"|1[3-9]\d{9}|[（(]\d{3,7}[)）]\s?\d{7,8}|\d{3}-\d{4,8}(?:-\d{4})?|\d{4}\s?\d{4})(?!\d)"
)
_LABELS = re.compile(
    r"(?:SAC\s*)?(?:执业|从业|资格|登记|注册|分析师)*(?:证书|资格|登记|执业)(?:编号|编码"
    r"|号码|号)?|SAC\s*(?:No\.?|编号|证书)?|编号|证号",
    re.IGNORECASE,
)
_WINDOW = 160  # from a name to its number at most, in characters


@dataclass(frozen=True, slots=True)
class _Found:
    name: Span
    role: str | None
    licence: re.Match[str] | None
    mail: str | None = None  # where several names share a block; else it is looked for later
    phone: str | None = None


def find_analysts(text: str, limit: int, cover: int = 0) -> tuple[Analyst, ...]:
    """Everyone with a licence number, and those named by role before offset `limit`; in order.

    Args:
        cover: up to here stands the first page of a printed report, where a name on a line of its
            own above or below a role is one of its people.
    """
    found = _licensed(text)
    names = {_plain(one.name.of(text)) for one in found}
    for one in _on_cover(text, cover):
        if _plain(one.name.of(text)) not in names:
            names.add(_plain(one.name.of(text)))
            found.append(one)
    for match in _AFTER_ROLE.finditer(text, 0, limit):
        name = _trimmed(text, match.start("name"), match.end("name"))
        label = match.end() < len(text) and match["role"] in ("分析师", "研究员", "作者")
        if name is None or _plain(name.of(text)) in names:
            continue
        if label and not _stands_alone(text, match.start(), name.end):
            continue
        names.add(_plain(name.of(text)))
        found.append(_Found(name, match["role"], None))
    found.sort(key=lambda one: one.name.start)
    return tuple(_finished(text, found, index) for index in range(len(found)))


# 沈岱 / 首席科技分析师 on two lines; 罗军 研究员 on one; 联系人 / 祗飞跃 on two.
_OVER_ROLE = re.compile(
    rf"^(?P<name>{_NAME})[ \t]*\n(?P<role>[\u4e00-\u9fff]{{0,8}}?{_ROLE})[ \t]*$", re.MULTILINE
)
_BESIDE_ROLE = re.compile(
    rf"^(?P<name>{_NAME})[ \t]+(?P<role>[\u4e00-\u9fff]{{0,8}}?{_ROLE})(?![\u4e00-\u9fff：:])",
    re.MULTILINE,
)
_UNDER_ROLE = re.compile(
    rf"^(?P<role>{_ROLE})[ \t]*[：:]?[ \t]*\n(?P<name>[\u4e00-\u9fff]{{2,3}})[ \t]*$", re.MULTILINE
)


def _on_cover(text: str, end: int) -> list[_Found]:
    """People without a number on page one, by where their name stands."""
    found = []
    for pattern in (_OVER_ROLE, _BESIDE_ROLE, _UNDER_ROLE):
        for match in pattern.finditer(text, 0, end):
            name = Span(match.start("name"), match.end("name"))
            if pattern is not _UNDER_ROLE or not _LABELS.match(text, name.start):
                trimmed = _trimmed(text, name.start, name.end)
                if pattern is _UNDER_ROLE or trimmed == name:
                    found.append(_Found(name, match["role"], None))
    return found


def _stands_alone(text: str, start: int, end: int) -> bool:
    """True if the words from role to name fill a line or are closed by a mark."""
    before = text[start - 1] if start else "\n"
    behind = text[end] if end < len(text) else "\n"
    return not ("\u4e00" <= before <= "\u9fff") and not ("\u4e00" <= behind <= "\u9fff")


def _licensed(text: str) -> list[_Found]:
    found = _in_order(text)
    seen = {one.licence.group() for one in found if one.licence}
    floor = 0
    for licence in LICENCE.finditer(text):
        if licence.group() not in seen:
            named = _name_before(text, floor, licence.start()) or _name_behind(text, licence.end())
            if named is not None:
                seen.add(licence.group())
                found.append(_Found(named[0], named[1], licence))
        floor = licence.end()
    return found


def _in_order(text: str) -> list[_Found]:
    """Names that stand together before as many numbers: the first has the first, and so on.

    甲（分析师）  乙（联系人）  mail  S1…  mail  S2…: nearest would give 乙 the number of 甲.
    """
    found: list[_Found] = []
    marks = [(m.start("name"), m) for m in _AFTER_ROLE.finditer(text)]
    marks += [(m.start("name"), m) for m in _BEFORE_ROLE.finditer(text)]
    licences = list(LICENCE.finditer(text))
    floor = 0
    for first, licence in enumerate(licences):
        names = _named(text, marks, floor, licence.start())
        run = licences[first : first + len(names)]
        floor = licence.end()
        if len(names) < 2 or len(run) < len(names):
            continue
        if licence.start() - names[0][0].start > _WINDOW:
            continue
        end = run[-1].end()
        if end - licence.start() > _WINDOW * len(run) or _named(text, marks, floor, end):
            continue
        mails = [m["mail"] for m in EMAIL.finditer(text, names[-1][0].end, end + _WINDOW // 2)]
        phones = [m.group() for m in _PHONE.finditer(text, names[-1][0].end, end)]
        own = (
            given[: len(names)] if len(given) >= len(names) else [None] * len(names)
            for given in (mails, phones)
        )
        found += [
            _Found(name, role, number, mail, phone)
            for (name, role), number, mail, phone in zip(names, run, *own, strict=True)
        ]
    return found


def _named(
    text: str, marks: list[tuple[int, re.Match[str]]], start: int, end: int
) -> list[tuple[Span, str | None]]:
    """Names with a role within `[start, end)`, in order, each place once."""
    places: dict[int, tuple[Span, str | None]] = {}
    for at, match in sorted(marks, key=lambda one: one[0]):
        name = _trimmed(text, at, match.end("name")) if start <= at < end else None
        if name is not None:
            places.setdefault(name.start, (name, match["role"]))
    return list(places.values())


def _name_before(text: str, floor: int, end: int) -> tuple[Span, str | None] | None:
    """The name that stands before a licence number and belongs to it."""
    start = max(floor, end - _WINDOW)
    last: tuple[Span, str | None] | None = None
    roles = [*_AFTER_ROLE.finditer(text, start, end), *_BEFORE_ROLE.finditer(text, start, end)]
    for match in sorted(roles, key=lambda one: one.start()):
        name = _trimmed(text, match.start("name"), match.end("name"))
        if name is not None:
            last = (name, match["role"])
    after = last[0].end if last else start
    if last and "\n" not in text[after:end].strip("\n").replace("\n", "", 2):
        return last
    for match in _CANDIDATE.finditer(text, after, end):
        name = _trimmed(text, match.start("name"), match.end("name"))
        if name is not None and not _LABELS.match(text, name.start):
            last = (name, None)
    return last


def _name_behind(text: str, start: int) -> tuple[Span, str | None] | None:
    match = _BEHIND.match(text, start)
    if match is None:
        return None
    name = _trimmed(text, match.start("name"), match.end("name"))
    return (name, None) if name else None


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """The name in `[start, end)`: surname and one or two characters; None if it is no name."""
    words = text[start:end]
    plain = _plain(words)
    length = 2 if plain[:2] in _COMPOUND else 1
    if (length == 1 and plain[0] not in _SURNAMES) or len(plain) == length:
        return None
    keep = min(len(plain), length + 2)
    kept = 0
    for offset, character in enumerate(words):
        kept += not character.isspace()
        if kept == keep:
            return Span(start, start + offset + 1)
    return None


def _plain(name: str) -> str:
    return "".join(name.split())


def _finished(text: str, found: list[_Found], index: int) -> Analyst:
    one = found[index]
    low = found[index - 1].name.end if index else 0
    high = found[index + 1].name.start if index + 1 < len(found) else len(text)
    licence = one.licence
    last = max(one.name.end, licence.end() if licence else 0)
    stop = min(high, last + 200)
    stop = min(stop, _paragraph_end(text, last))
    mail = EMAIL.search(text, max(low, min(one.name.start, last)), max(stop, last))
    phone = _PHONE.search(text, one.name.end, max(stop, last))
    first = min(one.name.start, licence.start() if licence else one.name.start)
    line_start = text.rfind("\n", 0, first) + 1
    line_end = text.find("\n", last)
    line_end = len(text) if line_end < 0 else line_end
    if line_end - line_start > 400:  # a giant line: the words themselves
        line_start, line_end = first, last
    return Analyst(
        name=_plain(one.name.of(text)),
        licence=licence.group() if licence else None,
        role=one.role,
        email=one.mail or (mail["mail"] if mail else None),
        phone=one.phone or (phone.group().strip() if phone else None),
        span=one.name,
        licence_span=Span(licence.start(), licence.end()) if licence else None,
        line=Span(line_start, line_end),
    )


def _paragraph_end(text: str, start: int) -> int:
    """Where the lines about one person end: before a line of prose."""
    place = start
    for _ in range(6):
        end = text.find("\n", place)
        if end < 0:
            return len(text)
        following = text.find("\n", end + 1)
        line = text[end + 1 : following if following >= 0 else len(text)].strip()
        if len(line) > 60:
            return end
        place = end + 1
    return place
