"""Words that may name whose a figure is, and words that name nobody.

Stands under `sentence_subjects`, which follows whom the sentences of a block are about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.report import ReportMeta
from corpus.tickers import NameMention, load_listings


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a figure is about."""

    name: str
    code: str | None


def own_company(meta: ReportMeta) -> Subject | None:
    """The company that a report is about, None for a report on an industry."""
    code = meta.stock_codes[0].value.partition(".")[0] if meta.stock_codes else None
    if meta.subject is None:
        return None
    name = meta.subject.value
    listed = load_listings().by_code(code) if code else None
    if listed and name != listed and name.endswith(listed):
        name = listed  # 电子鹏鼎控股: a word of the line before has run into the name
    if len(name) > _LONGEST_SHORT_NAME and not _FULL_NAME.search(name):
        return None  # words of a title that lost its spaces
    return Subject(name, code)


_LONGEST_SHORT_NAME = 8
_FULL_NAME = re.compile(r"(?:公司|集团|股份|银行|控股)\Z|[A-Za-z]")


# Of a market, never of the company that the text happens to be about.
OF_MARKETS = frozenset(
    {"box_office", "market_size", "penetration", "film_attendance", "concentration"}
    | {"gdp", "cpi", "ppi", "pmi", "m2", "retail_sales", "fai", "exports", "imports"}
)
OF_STATES = frozenset(
    {"gdp", "cpi", "ppi", "pmi", "m2", "retail_sales", "fai", "exports", "imports"}
)
# Only companies (and sectors that are named) have these; a product or a region has none.
OF_COMPANIES = frozenset(
    {"eps", "bps", "dps", "pe", "pe_ttm", "pb", "ps", "target_price", "price", "market_cap", "roe"}
    | {"parent_profit", "core_profit", "net_profit", "total_assets", "equity", "total_shares"}
    | {"operating_cash_flow", "dividend_yield", "debt_ratio", "ebitda", "peg", "total_profit"}
)
OF_PRODUCTS = frozenset(
    {"sales_volume", "shipments", "output", "capacity", "asp", "deliveries", "unit_cost"}
)
BOUNDARY = re.compile(r"[,，、:;()\s*“”\"\[\]【】>·•|]")
# Words before a metric (or before its period) that name nobody.
LEAD = re.compile(
    r"(?:其中|统计|数据|便|同年|当中|提出|要求|力争|争取|明确|而|且|但|同时|此外|另外|因此|预计|预测|预期|我们|认为|判断|测算|估算|假设|(?:到|至|截至|截止|末|底|在|单|总|共|约|将|可|已)(?=\Z|实现)"
    r"|年末|全年度?|当年|当期|期间|该?公司(?!债)|本公司|其(?![他它余])|实现|贡献|录得|达成|完成|累计|合计|共计|整体|单季度?|单月|对应|分别|有望|的|主营"
    r"|来自|根据|依据|据|最新|推测|比如|例如|目标|动态|静态|截[至止]|首次|大幅|快速|[-*#、)(]|\d{1,2}[.、)]|报告期内?|期内|年度|业绩|预告|公告|公布|发布|指引|财报|披露|年报|季报"
    r"|得到|得出|可得|[^,，、]{0,12}(?:预计|预测|预估|测算)|据[^,，、]{0,14}(?:数据|统计|显示|报告|披露))*"
)
_TRAIL = re.compile(
    r"(?:的|产生|贡献|带来|实现|总体|总|整体|合计|累计|全年|单季度?|单月|当年|对应|达到|约|年|月|日|目标|动态|静态)*\Z"
)
_NO_NAME = re.compile(
    r"\A[对则如]|人均\Z|(?:美|港|欧|日|韩)元|人民币|快报|财报|前后|假期|春节|计入|调整|迎来|拐点|显著|增厚|凸显|齐头并进|效应|迅速|激增|大增|稳健|重新|生产\Z|加速|显现|向好|承压|回暖|复苏|放量|突破|爆发|受益|持续|快速|稳步|逐步|有所|当年|(?<![高中初同平])等(?!离子)|新增|计划|规划|延续|畅销|一致预期|提出|占比|(?:医院|终端|药房|药店|客户|用户)\Z|取得|披露|相关|理论|方面|继续|保持|态势|前一|实际|进出口|研究|报告|声明|阅读|[AH]股|港股|潜在|数据|样本|龙头|市值|估值|股价|现价|最新|最终|参照|投入|报出|得到|营收|收入|利润|季度|月份|销售|出货|价格|根据|随着|恢复|反弹|推出|仅次于|位列|排名|第[一二三四五]|达到|拥有|具备|采用"
    r"|使用|覆盖|完成|年均|历史|过去|未来|近年|上调|下调|给予|相比|维持|参考|基于|假设|如果|剔除|扣除|使得|推动|带动|由于|导致|高于|低于|超|不足|占|较|同期|口径|增长|下降|下滑|提升|提高|增加|减少"
    r"|影响|其他|部分|平均|我们|预计|认为|预测|公司|合计|分别|期间|实现|有望|同比|环比|可比|对应|成为|作为|进入|布局|主要|通过|以及|按照|来看|看好|目前|当前|时间|时候"
    r"|[的将和与从于及该此若但而是了被把让着]|在(?![线建])|(?<!华)为|对[于标]|有(?![色机])|\A(?:中(?!国)|上|下|内|外|年|月|日|末|底|约|近)|[中上下内外后前时约近]\Z|沪深|组合|策略|指数|因子"
)
_ANAPHORA = re.compile(
    r"板块|行业|市场|产品|业务|企业|子公司|品牌|项目|渠道|集团|年化|单价|样本|机构|基金|个股|标的|全部|相关|核心|报告"
    r"|峰值|均值|总量|显示|其他|品类|系列|终端|区域|地区|单品|大类|IDC|YoY|QoQ|CAGR|TTM|yoy|qoq|[HQ][1-4].*"
)
REGION = re.compile(
    r"全球(?:范围内)?|中国区|中国(?:大陆)?|国内|我国|海外|国外|境外|境内|美国|日本|欧洲|全国|全行业|大陆|世界|华东|华南|华北|华中|西南|西北|东北|北美|亚太|东南亚|印度"
)
# Pad延续景气中国PC: a heading has run into a name; 小米全球手机: of one, or of the world?
_INNER_REGION = re.compile(r"(?<=.)(?:全球|中国|国内|我国|海外|国外|境外|全国|世界)")
# 对应的功率半导体市场规模: of what was told before it.
OF_EARLIER = re.compile(
    r"(?:其中)?(?:所?对应的?|相应的?|其(?![中他它余])|该(?!公司)|上述|此类|这些?)"
)
# A sector, which nobody owns: 半导体板块, 医药制造业.
SECTOR = re.compile(r"(?:行业|板块|市场|产业|制造业|指数|子行业)\Z")
# What companies make and do: its revenue is somebody's. 飞利浦 and 美敦力 are names of their own.
OWNED = re.compile(
    r"(?:业务|产品|服务|软件|硬件|技术|授权|领域|器件|芯片|试剂|疫苗|设备|仪器|材料|电池|系统|模组|面板|耗材|原料|半导体|电机|制剂"
    r"|[药剂机械器板片膜管线件具油酒奶粉品网端类]|检测|检查|医疗|手术|诊断|研究|外包|内销|外销|出口)\Z"
)
# A word that ends names only: what stands before it is one.
CLASSED = re.compile(r"(?:业务|产品|板块|行业|市场|产业|子行业|制造业)\Z")
# 我们预计|20年手机: what stands before the year is another clause.
SPEAKS = re.compile(
    r"(?:预计|预测|预期|认为|显示|数据|统计|测算|判断|指出|表示|估算|假设|看|到|至|截至|截止|从|由|在|因此|此外|另外|同时|[而但且])\Z"
)
_WORDS = re.compile(r"(?:[\u4e00-\u9fff]|[A-Za-z][A-Za-z\d.+/-]*|\d+[A-Za-z]+[A-Za-z\d]*)+")
_LONGEST = 18
IDLE = re.compile(
    r"(?:(?:大幅)?(?:超|符合|好于|略?低于|略超)(?:市场|此前|我们)?(?:一致)?预期|(?:实现)?扭亏(?:为盈)?|(?:同比|环比|较(?:上年|去年)同期)(?:基本)?(?:持平|大增|稳定|扭亏|转正)"
    r"|(?:稳步|持续|快速|大幅|保持)*(?:增长|提升|上升|下降|稳定)|盈利能力(?:持续|稳步|显著)?(?:提升|增强|改善)|创(?:历史)?新高|折合[^,]*|不变|以上|左右|和|及|同时|以及|则|均|其中)*"
)


def is_name(phrase: str) -> bool:
    """True for what may name a market, a product or a segment (全球智能手机, 云业务)."""
    if not 2 <= len(phrase) <= _LONGEST or _WORDS.fullmatch(phrase) is None:
        return False
    region = REGION.match(phrase)
    if _INNER_REGION.search(phrase, region.end() if region else 0):
        return False
    if region and _ANAPHORA.fullmatch(phrase, region.end()):
        return False  # 全球行业: which?
    return _ANAPHORA.fullmatch(phrase) is None and _NO_NAME.search(phrase) is None


def named_company(words: str) -> Subject | None:
    """The one listed company that the words name, None if they name none or several."""
    found = [one for one in load_listings().find(words) if not one.common]
    names = {(one.name, one.code) for one in found if stands_whole(words, one)}
    return Subject(*names.pop()) if len(names) == 1 else None


def stands_whole(text: str, one: NameMention) -> bool:
    """False where a name that begins with a country goes on: 中国医药|物资协会."""
    if not REGION.match(one.name):
        return True
    return _NAME_ENDS.match(text, one.end) is not None


_NAME_ENDS = re.compile(r"\Z|[^\u4e00-\u9fff]|公司|发布|公告|的|实现|营[业收]|归母|净利")


def cleaned(words: str) -> str:
    """The words without those that name nobody; empty if nothing is left."""
    lead = LEAD.match(words)
    plain = words[lead.end() :] if lead else words
    return _TRAIL.sub("", plain)
