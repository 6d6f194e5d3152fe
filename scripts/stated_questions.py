"""Questions on figures of news items, and reports to ask them of; imported by train_stated.py.

A sentence that names one period, and in one clause a subject, a metric and a figure, gives a
question. The items of one branch are joined, twelve to a report, white space removed. Of four in
ten questions the sentence is removed: they have no answer. Beside them stand sentences of another
period or of another owner with other figures, and copies in other reports.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_MONTH = r"\d{1,2}月份?(?!\d)|\d{1,2}[-—~至]\d{1,2}月份?|前\d{1,2}个?月"
_PART = rf"{_MONTH}|[第一二三四]{{1,2}}季度|上半年|前三季度"
_PERIOD = rf"20[12]\d年(?:{_PART}|下半年|全年)?"
_METRIC = (
    "产量|销量|出货量|发货量|零售额|零售量|销售额|销售收入|营业收入|营收|总收入|收入|市场规模|规模|出口额|进口额|进口量|出口量|净利润|利润|"
    "装机容量|装机量|投资额|渗透率|用户规模|用户数|用电量|发电量|货运量|客运量|吞吐量|票房|均价|价格|成交量|成交额|库存|产能|占比|市场份额|"
    "保有量|数量|支出|费用|毛利率|交付量|签约额|余额|面积|产值|增加值"
)
_UNIT = (
    "(?:万亿|亿|万|百万|千)?(?:元|美元|欧元|吨|辆|台|部|片|人次|人|千瓦时|千瓦|户|颗|件|支|只|套|架|座|家|个|例|单|平方米|立方米|标箱|"
    "GWh|GW|MW|%)"
)
_FILL = (
    "(?:分别|约|大约|将|预计|预期|已|共|累计|实现|完成|达到?|为|是|有望|至|仅|了|近|超过?|突破|"
    "接近|高达|合计|的)*"
)
_CLAUSE = re.compile(
    rf"(?:^|(?<=[，；：]))(?P<subject>[\u4e00-\u9fffA-Za-z0-9（）]{{2,24}}?)(?P<metric>{_METRIC}){_FILL}"
    rf"(?P<value>[\d,]+(?:\.\d+)?{_UNIT})(?![、/~—-]|和\d|及\d|以上|左右和)"
)
# A further metric of the subject named before: …收入778亿元，净利润8.3亿元.
_FURTHER = re.compile(
    rf"(?<=[，；])(?:实现|录得|取得|其)?(?P<metric>归母净利润|研发投入|研发费用|{_METRIC}){_FILL}"
    rf"(?P<value>[\d,]+(?:\.\d+)?{_UNIT})(?![、/~—-]|和\d|及\d|以上|左右和)"
)
_CHANGE = "增长|下降|增加|减少|上升|下滑|提升|提高|降低|增"
_YOY = re.compile(
    rf"^[，,（(、]?(?:比上年|较上年|较去年)?同比(?P<change>{_CHANGE})(?:了|约)?(?P<value>[\d.]+%)"
)
_QOQ = re.compile(rf"环比(?P<change>{_CHANGE})(?:了|约)?(?P<value>[\d.]+%)")
_TAIL = re.compile(
    "(?:实现|完成|累计|合计|共计|录得|取得|产生|贡献|预计|预期|达到|营业$|主营业务$|总|的|在|年|度|月份?|分别|其中|同时|此外|目前|当前|截至|数据显示|据|显示|，)+$"
)
_HEAD = re.compile(
    "^(?:其中|同时|此外|目前|当前|数据显示|据悉|而|且|并|的|该|，|仅|全年|当年|累计|预计|预期|实现|以来|末|底|和|与|及|我国的|总|也|还|已)+"
)
_NO_SUBJECT = re.compile(
    "我们|公司|同期|由于|同比|环比|增长|下降|增加|减少|增速|归属|归母|超|来自|上述|这|此|单季|去年|今年|上年|本|各|分别|较|比|占|达|由|从|[年月日]|总$|其他|以上|以下"
)
_FIGURE = re.compile(r"(?<![\d年])\d[\d,]*(?:\.\d+)?(?=万|亿|%|元|吨|辆|台|部|人|千|户|件|个|家)")
_SENTENCE = re.compile(r"[^。！？!?；;]+[。！？!?；;]?")
_BRANCHES = {
    "tech": "手机 芯片 半导体 电脑 显示 面板 5G 云 软件 互联网 游戏 电商",
    "auto": "汽车 电池 新能源车 充电 车企 锂",
    "energy": "煤炭 电力 用电 光伏 风电 石油 天然气 钢 铜 铝 化工",
    "med": "医药 医疗 药 疫苗 医院 患者 器械",
    "cons": "白酒 奶 零售 消费 餐饮 旅游 电影 农 猪 食品 服装",
    "fin": "银行 保险 贷款 基金 存款 债 证券 出口 进口 财政 就业 房",
}
# The asker's words for the report's.
_OTHER_WORDS = (
    ("营业收入", "营收"), ("销售额", "销售收入"), ("产量", "生产量"), ("出货量", "出货数量"),
    ("占比", "比例"), ("增长率", "增速"), ("市场规模", "规模"), ("净利润", "利润"),
    ("中国", "我国"), ("全国", "国内"), ("我国", "国内"), ("全球", "世界"), ("销量", "销售量"),
    ("零售额", "零售总额"), ("同比增速", "同比增长率"), ("用电量", "电力消费量"), ("月份", "月"),
)  # fmt: skip
_FILLERS = ("行业", "市场", "产品", "领域", "相关")
MOST_QUESTIONS, A_REPORT, BESIDE, MOST_OF_ITEM = 300, 14, 600, 4

# Shares: of questions in the report's own words; of removed sentences.
AS_IT_STANDS, REMOVED = 0.2, 0.4


@dataclass(frozen=True, slots=True)
class Item:
    """A news item; `day` is its year and month, None if it names none."""

    news_id: str
    day: tuple[int, int] | None
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; without an answer in the reports if `absent`."""

    text: str
    answer: str
    absent: bool
    news_id: str


@dataclass(slots=True)
class Branch:
    """The questions and reports of one branch of trade."""

    name: str
    questions: list[Asked] = field(default_factory=list)
    reports: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Claim:
    place: int  # of its item
    period: str
    subject: str
    metric: str
    value: str
    end: int
    sentence: tuple[int, int]
    full: bool

    @property
    def key(self) -> tuple[str, str, str]:
        return self.period, self.subject, self.metric


def branches(news: Path, seed: int) -> Iterator[Branch]:
    """The branches with their questions, the same ones for the same seed."""
    rng = random.Random(seed)
    parted: dict[str, list[Item]] = defaultdict(list)
    for item in _items(news):
        scores = {
            name: sum(item.text.count(word) for word in words.split()) + rng.random() * 0.1
            for name, words in _BRANCHES.items()
        }
        parted[max(scores, key=lambda name: scores[name])].append(item)
    for name, items in parted.items():
        rng.shuffle(items)
        yield _branch(name, items, rng)


def _items(news: Path) -> Iterator[Item]:
    with gzip.open(news, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            text = record["text"]
            if not re.search(rf"{_PERIOD}|同比", text):
                continue
            day = re.match(r"(\d{4})-(\d\d)", text)
            body = re.sub(r"^[\d\- :]*，?正文：|广告声明：.*", "", text)
            when = (int(day[1]), int(day[2])) if day else None
            yield Item(record["id"], when, re.sub(r"\s", "", body))


def _branch(name: str, items: Sequence[Item], rng: random.Random) -> Branch:
    claims = [claim for place, item in enumerate(items) for claim in _claims(item, place)]
    values: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for claim in claims:
        values[claim.key].add(claim.value)
    rng.shuffle(claims)
    made = _Making(items, values, "\n".join(item.text for item in items), rng)
    for claim in claims:
        if len(made.questions) < MOST_QUESTIONS:
            made.ask(claim)
    subjects = [claim.subject for claim in claims]
    return Branch(name, made.questions, made.reports(name, subjects))


def _claims(item: Item, place: int) -> Iterator[_Claim]:
    """What the item states of one subject, metric and period at a time."""
    for found in re.finditer(r"[^。！？；]+", item.text):
        sentence = found[0]
        if not 12 <= len(sentence) <= 220 or re.search("同期|去年|上年|分别", sentence):
            continue
        if re.search(r"\d{4}年?[-—~至到]\s*\d{4}", sentence):
            continue
        named = list(re.finditer(_PERIOD, sentence))
        parts = list(re.finditer(rf"(?<![\d年])(?:{_PART})", sentence))
        if len({m[0] for m in (*named, *parts)}) != 1:
            continue
        one = (named or parts)[0]
        period = one[0] if named else _dated(one[0], item, found.start())
        if not period or (_is_whole(period) and _tells_part(sentence)):
            continue
        yield from _in_clauses(sentence, one, period, place, found.start(), bool(named))


def _dated(part: str, item: Item, at: int) -> str:
    """A period without a year in the year of its item; empty where that is not sure."""
    if item.day is None or re.search(r"20(?:1\d|20|21|22)年", item.text[:at]):
        return ""
    if "月" in part and int(re.findall(r"\d+", part)[-1]) > item.day[1]:
        return ""
    return f"{item.day[0]}年{part}"


def _is_whole(period: str) -> bool:
    return re.fullmatch(r"\d{4}年(?:全年)?", period) is not None


def _tells_part(sentence: str) -> bool:
    return re.search(r"\d{1,2}月|[末底截]", sentence) is not None


def _in_clauses(
    sentence: str, one: re.Match[str], period: str, place: int, at: int, full: bool
) -> Iterator[_Claim]:
    joined = re.match("[\u4e00-\u9fffA-Za-z0-9]", sentence[max(one.start() - 1, 0) : one.start()])
    bare = sentence.replace(one[0], "" if joined else "，", 1)
    cut = len(sentence) - len(bare)
    owner = ""
    found_all = [*_CLAUSE.finditer(bare), *_FURTHER.finditer(bare)]
    for found in sorted(found_all, key=lambda m: m.start()):
        subject = found.groupdict().get("subject") or owner
        for _ in range(3):
            subject = _HEAD.sub("", _TAIL.sub("", subject))
        fits = len(subject) >= 3 and not _NO_SUBJECT.search(subject)
        owner = subject if fits else ""
        behind = found.start() + cut >= one.start()
        if fits and behind and not re.match(r"0\d|0[万亿]|,", found["value"]):
            end = at + found.end() + cut
            whole = (at, at + len(sentence))
            yield _Claim(place, period, subject, found["metric"], found["value"], end, whole, full)


class _Making:
    """The questions of one branch in the making, and what is changed in its reports for them."""

    def __init__(
        self,
        items: Sequence[Item],
        values: dict[tuple[str, str, str], set[str]],
        everything: str,
        rng: random.Random,
    ) -> None:
        self.questions: list[Asked] = []
        self._items, self._values, self._everything, self._rng = items, values, everything, rng
        self._asked: set[tuple[str, str, str]] = set()
        self._sentences: set[tuple[int, tuple[int, int]]] = set()
        self._of_item: Counter[int] = Counter()
        self._removed: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._added: list[str] = []
        self._owned: list[tuple[str, str]] = []
        self._subjects: set[str] = set()

    def ask(self, claim: _Claim) -> None:
        """Makes a question of a claim, if no other one stands in its way."""
        taken = (claim.place, claim.sentence) in self._sentences or claim.key in self._asked
        full = self._of_item[claim.place] >= MOST_OF_ITEM
        if taken or full or len(self._values[claim.key]) > 1:
            return
        item = self._items[claim.place]
        sentence = item.text[slice(*claim.sentence)]
        text, answer = self._worded(claim, item.text[claim.end : claim.sentence[1]])
        absent = self._rng.random() < REMOVED
        if absent and self._stands_elsewhere(claim, answer):
            return
        self._asked.add(claim.key)
        self._sentences.add((claim.place, claim.sentence))
        self._of_item[claim.place] += 1
        self._subjects.add(claim.subject)
        if absent:
            self._removed[claim.place].append(claim.sentence)
        self._beside(claim, sentence, absent)
        self.questions.append(
            Asked(self._in_other_words(text, claim.subject), answer, absent, item.news_id)
        )

    def _worded(self, claim: _Claim, tail: str) -> tuple[str, str]:
        p, s, m = claim.period, claim.subject, claim.metric
        chance = self._rng.random()
        yoy, qoq = _YOY.match(tail), _QOQ.search(tail)
        if yoy and chance < 0.45:
            forms = [f"{p}{s}{m}同比增长率是多少？", f"{p}{s}{m}同比{yoy['change']}多少？",
                     f"{p}{s}{m}同比是多少？", f"{s}{p}{m}的同比增速是多少？"]  # fmt: skip
            return self._rng.choice(forms), yoy["value"]
        if qoq and chance < 0.6:
            forms = [f"{p}{s}{m}环比是多少？", f"{p}{s}{m}环比{qoq['change']}多少？"]
            return self._rng.choice(forms), qoq["value"]
        forms = [f"{p}{s}{m}是多少？", f"{p}{s}的{m}是多少？",
                 f"{s}{p}{m}为多少？", f"{p}，{s}{m}达到多少？"]  # fmt: skip
        return self._rng.choice(forms), claim.value

    def _stands_elsewhere(self, claim: _Claim, answer: str) -> bool:
        text = self._everything
        places = [m.start() for m in re.finditer(re.escape(answer), text)]
        near = [at for at in places if claim.subject[:4] in text[max(0, at - 120) : at + 20]]
        return len(near) > 1

    def _beside(self, claim: _Claim, sentence: str, absent: bool) -> None:
        """Sentences of another period or owner, and copies."""
        if claim.full and self._rng.random() < 0.5:
            other = _shifted(claim.period, self._rng)
            if (other, claim.subject, claim.metric) not in self._values:
                moved = sentence.replace(claim.period, other)
                self._added.append(f"{_varied(moved, self._rng)}。")
        if self._rng.random() < 0.4:
            self._owned.append((claim.subject, sentence))
        if not absent and self._rng.random() < 0.3:
            self._added.append(f"{self._rng.choice(('数据显示，', '据统计，'))}{sentence}。")

    def _in_other_words(self, text: str, subject: str) -> str:
        rng = self._rng
        if rng.random() < AS_IT_STANDS:
            return text
        for _ in range(rng.choice((1, 2, 3))):
            chance = rng.random()
            known = [pair for pair in _OTHER_WORDS if pair[0] in text]
            if chance < 0.45 and known:
                text = text.replace(*rng.choice(known), 1)
            elif 0.45 <= chance < 0.75 and len(subject) > 5 and subject in text:
                at = rng.randrange(len(subject) - 3)
                shorter = subject[:at] + subject[at + 2 :]
                text, subject = text.replace(subject, shorter, 1), shorter
            elif chance >= 0.75:
                metric = re.search("产量|销量|收入|规模|出货量|占比|利润|额", text)
                if metric:
                    at = metric.start()
                    text = f"{text[:at]}{rng.choice(_FILLERS)}{text[at:]}"
        return text

    def reports(self, name: str, subjects: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The items as reports, changed as the questions want it."""
        rng = self._rng
        free = [s for s in subjects if not any(s in a or a in s for a in self._subjects)]
        for subject, sentence in self._owned:
            other = rng.choice(free) if free else subject[::-1]
            self._added.append(f"{_varied(sentence.replace(subject, other), rng)}。")
        order = list(range(len(self._items)))
        rng.shuffle(order)
        asked = [n for n in order if self._of_item[n]]
        kept = [*asked, *[n for n in order if not self._of_item[n]][:BESIDE]]
        rng.shuffle(kept)
        groups = [
            [self._without_removed(n) for n in kept[at : at + A_REPORT]]
            for at in range(0, len(kept), A_REPORT)
        ]
        for sentence in self._added:
            group = rng.choice(groups)
            at = rng.randrange(len(group))
            sentences = _SENTENCE.findall(group[at])
            sentences.insert(rng.randrange(len(sentences) + 1), sentence)
            group[at] = "".join(sentences)
        return {
            f"{name}{n}": (f"{name}行业研究报告{n}", "".join(group))
            for n, group in enumerate(groups)
        }

    def _without_removed(self, place: int) -> str:
        text = self._items[place].text
        for start, end in sorted(self._removed[place], reverse=True):
            text = text[:start] + text[end + 1 :]
        return text


def _varied(sentence: str, rng: random.Random) -> str:
    """The sentence with other figures."""

    def other(figure: re.Match[str]) -> str:
        return re.sub(r"\d", lambda _: str(rng.randrange(1, 10)), figure[0])

    return _FIGURE.sub(other, sentence)


def _shifted(period: str, rng: random.Random) -> str:
    """Another month, quarter or year."""
    year, rest = int(period[:4]), period[5:]
    month = re.fullmatch(r"(\d{1,2})(月份?)", rest)
    if month and rng.random() < 0.6:
        other = rng.choice([n for n in range(1, 13) if n != int(month[1])])
        return f"{year}年{other}{month[2]}"
    if "季度" in rest and rng.random() < 0.6:
        return f"{year}年第{rng.choice([c for c in '一二三四' if c not in rest])}季度"
    return f"{year + rng.choice((-2, -1, 1))}年{rest}"
