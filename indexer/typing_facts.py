"""What every fact is given beside its words: base unit, direction, kind of subject, page.

Used by both readers of facts, `facts` (tables) and `sentence_facts`; knows no layout.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from corpus.figures import same_dimension, to_base
from corpus.own_words import own_words_number
from corpus.tickers import load_listings
from indexer.records import Direction, SubjectKind
from indexer.vocabulary import Metric

_DIRECTIONS: dict[str, Direction] = {"growth": "同比", "qoq": "环比"}


def direction_of(metric: Metric | None, words: str = "") -> Direction | None:
    """同比 or 环比 where metric or words state a change, None for a level or an unknown base."""
    if metric is not None:
        if metric.id in _DIRECTIONS:
            return _DIRECTIONS[metric.id]
        if metric.id.endswith("_yoy"):
            return "同比"
        if metric.id.endswith("_qoq"):
            return "环比"
    return "同比" if "同比" in words else "环比" if "环比" in words else None


# Units that go without saying: a multiple printed without 倍 is one all the same.
_IMPLIED = {"multiple": "倍", "days": "天"}


def base_of(
    number: str | None, unit: str | None, metric: Metric | None
) -> tuple[str | None, str | None]:
    """The number in its base unit, and that unit: (462.6, 亿元) → (46260000000, 元).

    What is stated per share in 元 is 元/股, an amount in 亿 one of 亿元. Without a number
    there is no base value.
    """
    if number is None:
        return None, None
    if unit is None and metric is not None:
        unit = _IMPLIED.get(metric.family)
    value, base = to_base(Decimal(number), unit)
    if metric is not None and metric.family == "per_share" and base in _PER_SHARE:
        base = f"{base}/股"
    if metric is not None and metric.family == "amount" and base == "1":
        base = "元"  # 78.3亿 of revenue: the currency goes without saying
    return _plain(value), base


_PER_SHARE = {"元", "港元", "美元"}


def _plain(value: Decimal) -> str:
    """Without exponent; a whole number of 元 without the zeros that scaling left behind it."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_REGION_HEADER = re.compile(r"地区|区域|国家|省份|城市|市场区域")
_INDUSTRY_HEADER = re.compile(r"行业|板块|申万|中信一级|赛道")
_SEGMENT_HEADER = re.compile(r"业务|分部|事业部|分板块|收入构成")
_PRODUCT_HEADER = re.compile(r"产品|品类|品牌|型号|车型|药品|品种|项目名称|游戏|影片|剧集|片名")
_COMPANY_HEADER = re.compile(r"公司|简称|股票|标的|证券|个股|企业|厂商|银行|券商")
_REGION = re.compile(
    r"(?:中国|国内|境内|境外|海外|国外|全球|全国|大陆|内地|港澳台|美国|日本|韩国|欧洲|欧盟|北美|亚太|东南亚|印度|越南|德国|英国|法国|俄罗斯"
    r"|华东|华北|华南|华中|西南|西北|东北|华西|长三角|珠三角|京津冀|出口|内销|外销)"
    r"(?:地区|市场|区域|大陆)?"
)
_SEGMENT = re.compile(r".*(?:业务|分部|事业部|板块收入|服务收入)")
_INDUSTRY = re.compile(r".*(?:行业|产业|市场|板块|指数)")
_COMPANY = re.compile(r".*(?:公司|集团|股份|银行|证券|控股)")


def subject_kind_of(
    name: str, code: str | None, own_company: str | None = None, header: str = ""
) -> SubjectKind | None:
    """What a subject is: by its code, by the header over it, by its own words.

    Args:
        own_company: the company that the report is about.
        header: what stands over the column that names the subject.
    """
    if code or (own_company and name == own_company) or _is_listed(name, own_words_number()):
        return "company"
    if _REGION.fullmatch(name):
        return "region"
    for pattern, kind in _HEADERS:
        if header and pattern.search(header):
            return kind
    for pattern, kind in _NAMES:
        if pattern.fullmatch(name):
            return kind
    return None


_HEADERS: tuple[tuple[re.Pattern[str], SubjectKind], ...] = (
    (_REGION_HEADER, "region"),
    (_SEGMENT_HEADER, "segment"),
    (_PRODUCT_HEADER, "product"),
    (_COMPANY_HEADER, "company"),
    (_INDUSTRY_HEADER, "industry"),
)
_NAMES: tuple[tuple[re.Pattern[str], SubjectKind], ...] = (
    (_SEGMENT, "segment"),
    (_INDUSTRY, "industry"),
    (_COMPANY, "company"),
)


@lru_cache(maxsize=4096)
def _is_listed(name: str, _number: int) -> bool:
    return any(one.name == name for one in load_listings().find(name))


_FAMILY_UNITS = {
    "percent": ("%", "pct"),
    "multiple": ("倍",),
    "per_share": ("元", "元/股", "港元", "美元", "港元/股", "美元/股"),
    "days": ("天",),
}


def unit_fits(unit: str, metric: Metric) -> bool:
    """False for 百万元 over a row of ratios: a table's unit is not that of every row."""
    allowed = _FAMILY_UNITS.get(metric.family)
    if allowed is not None:
        exact = metric.family == "per_share"
        return unit in allowed if exact else any(same_dimension(unit, one) for one in allowed)
    if metric.family == "amount":
        return not any(same_dimension(unit, one) for one in ("%", "pct", "倍", "元/股"))
    if metric.family in {"rating", "ratio"}:
        return unit in {"次", "倍"} and metric.family == "ratio"
    return True
