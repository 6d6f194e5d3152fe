"""A question taken apart: what is asked, the data beside it, formulas, options, wishes.

First step of `given`: question → `Prompt`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.figures import is_unit
from corpus.normalise import fold
from corpus.widths import half_width
from service.reading.given import BRINGS
from service.reading.given.grids import grid_figures, split_grids
from service.reading.given.items import Given, Option, Prompt
from service.reading.given.texts import text_figures

CALCULATE = re.compile(
    "计算(?!机|器|所得|中心|力)|求(?:出|得|解|(?=[^和购]{1,12}[?？。]))|试算|测算(?!，)|算一?下|算出"
)
_ASKS = re.compile(
    r"多少|几(?!乎|年|大)|哪|请问|是什么|为何值|[?？]|找出|请?回答|列出|给出.{2,}[的是]|请提取|提取|查询|告诉我"
)
_ROLE = re.compile(
    r"(?:你|您)是一?[个名位]?[^。,，]*[。,，]|请?(?:给出|选择|选出)(?:唯一)?正确[^。\n]*。?|请?从[^。]{0,12}选项中[^。]*。?|^(?:问题|问|任务|指令|要求)[:：]"
)
_FORM = re.compile(
    r"[,，(（]?\s*(?:结果|答案|计算结果)?(?:请)?(?:四舍五入)?(?:保留|精确)(?:到|至)?[^。，,)）]*(?:位小数|小数点后[^。，,)）]*|整数|位)[)）]?"
    r"|[,，(（]\s*(?:以|用)[^。，,)）]{1,8}(?:为单位|计|表示)[)）]?|[(（]\s*单位[:：][^)）]*[)）]|[(（]一年按[^)）]*[)）]"
)
_DATA_WORDS = (
    "(?:数据|内容|表格?|公式|信息|资料|材料|文本|新闻|公告|段落|描述|模型|条件|和|及|与|、)"
)
_SOURCE = re.compile(
    rf"(?:请|你)?(?:根据|依据|结合|按照|从|利用|基于|使用)?(?:以下|下面|下列|下述|上述|给定|所给|提供|如下|已知)的?[^,，。:：?？]{{0,2}}?{_DATA_WORDS}+(?:显示|中|所示)?[,，:：]?"
    r"|请?(?:根据|依据|结合|按照)(?:下表|上表|表格|表中|图表|数据|公式|材料|新闻|文本|内容)(?:显示|中|所示)?[,，:：]?|(?:请|你)?(?:回答|计算)(?:以下|下列|如下|下面)?问题[:：,，]?"
    r"|(?:请|你)(?=根据|依据|结合|按照)|根据|依据|结合|按照"
)
_PLACES = re.compile(
    r"(?:保留|精确)(?:到|至)?(?:小数点?后?)?(?:为)?([一二两三四五六零\d])位|小数点后([一二两三四五\d])位"
)
_WORDS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6}
# 五年期 and 5年期 are one.
_YEARS = re.compile("[一二三四五六](?=年期)")
_OPTION = re.compile(r"(?:^|(?<=[\s;；。,，?？:：)）、]))[(（]?([A-H])[)）]?\s*[.、:：．)）]\s*")


def read_prompt(question: str) -> Prompt | None:
    """The prompt taken apart; None if the question brings no data along (two figures, and a line
    break between them and what is asked, or a word that says so)."""
    body, options = _options(_YEARS.sub(lambda m: str(_WORDS[m.group()]), question.strip()))
    body = re.sub(r"[(（]\s*(?:以)?\d{4}年?\s*(?:=|为)\s*100\s*[)）]", "", body)  # (2020=100)
    lines = [line for line in body.splitlines() if line.strip()]
    brings = len(lines) > 1 or BRINGS.search(body)
    if not lines or not brings or len(re.findall(r"\d", body)) < 2:
        return None
    grids, texts = split_grids(lines)
    asking, data = _ask_and_data(texts)
    formulas: dict[str, str] = {}
    kept = [piece for piece in data if not _take_formula(piece, formulas)]
    asking_bare = _ROLE.sub("", asking)
    for inner in re.findall(r"[(（]([^()（）]*=[^=]*)[)）]", asking_bare):
        _take_formula(inner, formulas)
    figures = [one for at, grid in enumerate(grids) for one in grid_figures(grid, at)]
    figures += text_figures([*_known_in(asking_bare, bool(grids or kept)), *kept])
    explicit = bool(CALCULATE.search(asking)) or bool(formulas)
    if len(figures) < 2 or not asking:
        figures += text_figures([asking_bare]) if asking else []
    if len(figures) < (1 if formulas else 2) or not (explicit or _tells(body, figures)):
        return None
    placed = tuple(replace(one, place=place) for place, one in enumerate(figures))
    digits, wish = _digits(body), _wish(asking_bare, placed)
    return Prompt(_bare_ask(asking_bare), placed, formulas, options, digits, wish, explicit)


def _tells(body: str, figures: Sequence[Given]) -> bool:
    """True for data: cells, sentences, or two figures of something; 301994，有几家超过0.5元 has
    bare numbers and bounds beside a question."""
    if any(one.keys for one in figures):
        return True
    stated = {(one.name, one.shown) for one in figures if _states(one.name)}
    return len(stated) > 1 or bool(stated and re.search("[。；;：:]", body))


def _states(name: str) -> bool:
    """True for words that a figure can be of: 收入 states 500亿元, 低于 and a lone 是 bound it."""
    return bool(name.strip()) and not _BOUND_END.search(name)


def read_choice(question: str) -> tuple[str, str, tuple[Option, ...]] | None:
    """A text, what is asked of it, and the options below; None if one of them is missing."""
    body, options = _options(question.strip())
    lines = [line for line in body.splitlines() if line.strip()]
    if len(options) < 2 or len(lines) < 2:
        return None
    asking, data = _ask_and_data(lines)
    if not _ASKS.search(asking):
        asking, data = lines[-1], lines[:-1]
    text = "\n".join(data)
    return (text, _ROLE.sub("", asking), options) if len(text) > len(asking) // 2 else None


def _options(question: str) -> tuple[str, tuple[Option, ...]]:
    """The question without its options, and these: A. …, B. … at the end, in order."""
    marks = list(_OPTION.finditer(question))
    for first in range(len(marks) - 1, -1, -1):
        row = marks[first:]
        if [m.group(1) for m in row] == [chr(65 + n) for n in range(len(row))] and len(row) > 1:
            stops = [*(m.start() for m in row[1:]), len(question)]
            words = [
                question[m.end() : s].strip(" \n,，;；、(（")
                for m, s in zip(row, stops, strict=True)
            ]
            found = tuple(Option(m.group(1), w) for m, w in zip(row, words, strict=True))
            head = re.sub(
                r"(?:选项|备选答案|答案选项)[:：]?\s*$",
                "",
                question[: row[0].start()].rstrip(" (（"),
            )
            return head, found
    return question, ()


def _ask_and_data(lines: Sequence[str]) -> tuple[str, list[str]]:
    """The sentences that ask, joined, and all others; only one line asks."""
    pieces: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        parts = re.split(r"(?<=[。！？!?；])(?!\s*$)", line.strip())
        pieces += [(number, part) for part in parts if part.strip()]
    scores = [_asks(_ROLE.sub("", _SOURCE.sub("", text))) for _, text in pieces]
    best = max(scores, default=0)
    if not best:
        return (lines[0], list(lines[1:])) if len(lines) > 1 else ("", list(lines))
    chosen_line = pieces[scores.index(best)][0]
    if scores[-1] >= 3 and re.search("[?？]", pieces[-1][1]):
        chosen_line = pieces[-1][0]  # a question below its text, which may hold questions too
    asking = "".join(t for (n, t), s in zip(pieces, scores, strict=True) if n == chosen_line and s)
    data: list[str] = []
    last = -1
    for (number, text), score in zip(pieces, scores, strict=True):
        if number == chosen_line and score:
            continue
        if number == last and "=" not in text and "公式" not in text:
            data[-1] += text
        else:
            data.append(text)
        last = number
    return asking, [text for text in data if _ROLE.sub("", text).strip()]


def _asks(text: str) -> int:
    if _LIKE_FORMULA.search(text) and not re.search("[?？]|多少|(?:请|试)计算", text):
        return 0
    strong = re.search(r"多少|几(?!乎|年|大)|哪|[?？]|是什么", text)
    return 3 * bool(strong) + 2 * bool(CALCULATE.search(text)) + bool(_ASKS.search(text))


def _known_in(asking: str, beside: bool) -> list[str]:
    """Clauses of the asking sentence that state a figure themselves: 已知总额为500亿元，…"""
    clauses = re.split(r"(?<!\d)[,，](?!\d{3})|[,，](?=\D)|[。:：]", asking)
    found = []
    for clause in clauses:
        states = (
            re.search(r"\d", clause) and not _ASKS.search(clause) and not CALCULATE.search(clause)
        )
        if (
            states
            and not _FORM.search(f"，{clause}")
            and "=" not in clause
            and text_figures([clause])
        ):
            found.append(clause)
    return found if beside or len(found) > 1 else []


def _bare_ask(asking: str) -> str:
    """What is asked, without sources, wishes for the form and figures that are data."""
    bare = re.sub(r"[(（][^()（）]*[=＝][^()（）]*[)）]|[,，]?\s*(?:计算)?公式[:：].*$", "", asking)
    known = _known_in(asking, beside=True)
    for clause in known:
        bare = bare.replace(clause, "")
    bare = _SOURCE.sub("", _FORM.sub("", bare))
    bare = re.sub(r"^[\s,，。:：]+|[\s。]+$", "", bare)
    return fold(re.sub(r"[,，]{2,}", "，", bare))


def _digits(body: str) -> int | None:
    if re.search("(?:保留|取)(?:到|至)?整数?|取整", half_width(body)):
        return 0
    if fixed := re.search(r"精确到0\.(0*1)", half_width(body)):
        return len(fixed.group(1))
    found = _PLACES.search(half_width(body))
    if found is None:
        return None
    mark = found[1] or found[2]
    return _WORDS[mark] if mark in _WORDS else int(mark)


_WISH = re.compile(
    r"(?:以|用|单位[为是:：]?|多少个?|几个?|[(（])\s*((?:万|亿|百万|万亿)?(?:元|美元|港元|吨|股|%|人|辆|吨|千瓦时|份|手|平方米)?(?:/[\u4e00-\u9fff])?)(?:为单位|计|表示|[)）?？,，。]|$|人民币)"
)


def _wish(asking: str, figures: Sequence[Given]) -> str:
    """The unit that the result is asked in."""
    for found in _WISH.finditer(half_width(asking)):
        unit = found.group(1)
        if unit and (is_unit(unit) or any(unit == one.unit for one in figures)):
            return unit
    return ""


# 低于20倍 asks for rows; 回购总额不低于8000万元 states something.
_BOUND_END = re.compile(
    r"(?<!不)(?:[低高]于|[大小多少]于|超过|不足|至少|至多|介于|^\s*是)\s*$|哪|多少"
)
_LIKE_FORMULA = re.compile(r"[=＝]|公式(?:为|是|如下)?[:：,，]|(?:计算)?公式为")
_SPELLED = (
    ("除以", "/"),
    ("乘以", "*"),
    ("加上", "+"),
    ("减去", "-"),
    ("(?<![增附])加(?![权工])", "+"),
    ("减(?![值免少持])", "-"),
    ("等于", "="),
)
_SPOKEN = (
    (
        re.compile(r"(.+?)(?:与|和|占|对|除)(.+?)的?(?:比值|比率|之比|比例|比重|百分比)$"),
        r"(\1)/(\2)",
    ),
    (re.compile(r"(.+?)(?:与|和|减)(.+?)(?:之差|的差额?|的差值)$"), r"(\1)-(\2)"),
    (re.compile(r"(.+?)(?:与|和)(.+?)(?:之和|的总和)$"), r"(\1)+(\2)"),
    (re.compile(r"(.+?)(?:与|和)(.+?)(?:之积|的乘积)$"), r"(\1)*(\2)"),
)  # fmt: skip


def _take_formula(piece: str, formulas: dict[str, str]) -> bool:
    """Reads 营运资本的公式为：营运资本=流动资产-流动负债 into `formulas`; True if it is one."""
    line = half_width(piece).strip()
    told = re.split(r"(?:公式|方法|定义)(?:为|是|如下)?\s*[:,]?", line)[-1]
    spoken = re.match(
        r"([^,:]{2,14}?)(?:是指|指的?是|是|为|定义为)([^,:\d]{2,40}?(?:比值|比率|之比|之差|之和|乘积|比例|百分比))[。.]?$",
        line,
    )
    if not _LIKE_FORMULA.search(line) and "等于" not in line and not spoken:
        return False
    if not spoken and not re.search(r"[-+*/×÷^]", told.partition("=")[2]):
        for words, mark in _SPELLED:
            told = re.sub(words, mark, told)
    left, sign, right = told.partition("=")
    if spoken:
        left, right = spoken.group(1), spoken.group(2)
    elif not sign:
        left, right = "", told
    named = re.match(r"(.{2,24}?)的?(?:计算)?(?:公式|方法|定义)", line)
    name = left.strip() or (named.group(1) if named else "")
    name = re.sub(r"^(?:[\d.、)）]+|其中[:,]?|已知|提示[:]?)", "", name)
    right, letters = (
        re.split(
            r"[,;，；。]?\s*(?:其中|式中)|[,;，；。]\s*(?=[a-zA-Zα-ω]\w{0,2}(?:为|是|表示|代表|指))",
            right,
            maxsplit=1,
        )[0],
        right,
    )
    right = fold(right).strip("。.;；,: ")
    for letter, meant in re.findall(
        r"(?<![a-z])([a-zα-ω]\w{0,2})\s*(?:为|是|表示|代表|指|=|:)\s*([^,;，；。、()]+)",
        fold(letters),
    ):
        right = re.sub(rf"(?<![a-z]){re.escape(letter)}(?![a-z\d])", meant.replace("的", ""), right)
    for pattern, body in _SPOKEN:
        right = pattern.sub(body, right)
    right = re.sub(r"的(?=[-+*/()^]|$)", "", right.split("=")[0])
    if not re.search(r"[-+*/×÷^]", right) or not name or len(name) > 24:
        return False
    if re.search("率|比例|比重|占比|幅|增速", name):
        right = re.sub(r"[*×x]\s*100$", "*100%", right)
    formulas[fold(re.sub(r"[(（][^()（）]*[)）]", "", name)).strip(" ,")] = right
    return True
