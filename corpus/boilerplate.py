"""What a heading or a block is for: disclaimer, certification, rating definitions, risk, and so on.

Stands beside `corpus.structure`, which asks it for every heading and every block. The rules know
the words of the trade, never a house: a heading of another kind ends a role, so sections may
stand in any order.
"""

from __future__ import annotations

import re

from corpus.cell_words import RATING_WORDS
from corpus.report import BlockKind, Role, Row, Table

_HOUSE = r"[\u4e00-\u9fffA-Za-z（）()]{0,24}?"

# A whole line, free of marks, numbering and a colon at its end, that opens a section of a role.
_HEADINGS: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        Role.CONTENTS,
        re.compile(
            r"(?:内容|正文|图表?|表格?|插图|报告)?\s*目\s*录|contents|table of contents|图表索引",
            re.I,
        ),
    ),
    (
        Role.RISK,
        re.compile(
            r"(?:主要|核心|投资|潜在|相关)*风险(?:提示|因素|分析|揭示|警示"
            r"|提醒)?(?:[及与和].{0,8})?|risks?",
            re.I,
        ),
    ),
    (
        Role.RELATED,
        re.compile(
            r"(?:近期|最近|最新)?(?:相关|往期|历史)(?:深度|专题|行业|公司)*(?:研究"
            r"|报告)(?:报告)?|(?:近期|最近)(?:研究)?(?:报告|研究)|(?:团队|近期)成果"
        ),
    ),
    (
        Role.PROFILE,
        re.compile(
            r"(?:首席|主要|本报告|证券|研究)?(?:分析师|研究员|作者|团队|研究团队"
            r"|.{0,6}组)(?:及团队|与团队|及研究助理)?(?:简介|介绍|成员介绍)|研究团队"
        ),
    ),
    (
        Role.CERTIFICATION,
        re.compile(
            r"(?:署名|证券|本报告)?(?:分析师|研究员|研究人员|作者)(?:及联系人"
            r"|及其他人员)?(?:的)?(?:承诺|声明|保证|申明|证明|认证)(?:及风险提示)?"
            r"|analyst certification",
            re.I,
        ),
    ),
    (
        Role.RATING_DEFINITION,
        re.compile(
            rf"{_HOUSE}(?:投资|股票|公司|行业|证券)?评级(?:的)?(?:标准|说明|定义|体系|系统"
            rf"|含义|指南|释义|解释|分类|规则|标准说明|体系说明|说明与免责声明)"
            r"|(?:股票|公司|行业|个股|证券|上市公司)(?:投资)?评级(?:的)?(?:标准|说明|定义)?"
            r"|(?:投资|股票|行业|公司)(?:建议|投资建议)(?:的)?(?:评级标准|比较标准|说明|定义)"
            r"|评级(?:标准|说明|定义)|rating definitions?|(?:stock|industry) ratings?",
            re.I,
        ),
    ),
    (
        Role.DISCLAIMER,
        re.compile(
            rf"{_HOUSE}(?:免责|法律|重要|特别|一般|版权|披露|权利|使用|权益披露|信息披露"
            rf"|风险|公司|合规)(?:声明|条款|说明|提示|申明|披露|事项)"
            rf"(?:及.{{0,10}})?|{_HOUSE}声明|disclaimers?|important (?:disclosures?|notice)"
            rf"|法律主体声明",
            re.I,
        ),
    ),
    (
        Role.CONTACT,
        re.compile(
            r"联系(?:方式|我们|地址|电话)|公司(?:地址|网址)|(?:机构)?销售(?:通讯录|团队"
            r"|联系人|服务团队|总部|业务联系人|人员)?(?:联系方式)?"
            r"|(?:研究所|研究院|总部)(?:地址|联系方式)|contacts?",
            re.I,
        ),
    ),
)
# "重要事件说明", "特别提示" inside a body and the like are no legal sections.
_NOT_LEGAL = re.compile(
    r"(?:公司|风险|使用)说明|公司(?:提示|披露|事项)|风险(?:说明|提示|事项|披露)|特别提示|使用事项"
)

_BODY_HEADING = re.compile(
    r"(?:本期|本周|核心|主要|投资|报告|研究|内容|策略)?(?:投资)?(?:要点|观点|摘要|逻辑|导读"
    r"|结论|看点)|事件(?:描述|概述|点评)?|事项|点评|我们的观点"
    r"|(?:投资|策略)建议(?:与.{2,8}|及.{2,8})?|盈利预测(?:[、与和及].{2,10})?"
    r"|估值(?:与.{2,8}|分析)?|(?:行业|股价|市场|公司|指数|板块|近期|最近)(?:走势|表现|数据)(?:图)?"
    r"|(?:公司|股票|基础|基本|交易|市场|主要财务)(?:数据|指标|简介|概况)|前言|引言|附录|附表"
    r"|正文|财务(?:预测)?(?:摘要|报表|分析|数据)|重要(?:财务)?(?:数据|指标)"
    r"|三大报表(?:预测)?|主要财务比率|资产负债表|利润表|现金流量表"
)

# 请务必阅读正文之后的免责条款: points at a section, opens none.
_POINTER = re.compile(r"请|参阅|阅读|参见|详见|见正文|尾页|末页")
_NUMBERING = re.compile(
    r"\A(?:第[一二三四五六七八九十\d]+[章节部分篇]\s*"
    r"|[（(]?[一二三四五六七八九十]{1,3}[、.．)）]\s*|\d{1,2}(?:\.\d{1,2})*(?:[、.．:：]|\s)\s*)"
)
_EDGES = " \t\u3000#*_【】[]■◼⚫◆●▌▪•➢❑|：:<>《》"


def heading_role(line: str) -> Role | None:
    """The role that a line opens as a heading; BODY for usual body headings, None for neither."""
    if len(line) > 48 or _POINTER.search(line):
        return None
    words = line.strip(_EDGES)
    words = _NUMBERING.sub("", words).strip(_EDGES)
    if not words or words[-1] in "。；;，,":
        return None
    compact = "".join(words.split()) if " " in words and not words.isascii() else words
    for role, pattern in _HEADINGS:
        if pattern.fullmatch(compact) and not (
            role is Role.DISCLAIMER and _NOT_LEGAL.fullmatch(compact)
        ):
            return role
    return Role.BODY if _BODY_HEADING.fullmatch(compact) else None


# ── blocks that tell their role themselves ──────────────────────────────────────────────────

# Any two of these in one paragraph and it is legal text, whatever stands above it.
_LEGAL = re.compile(
    r"不构成.{0,40}?(?:建议|要约|出价|询价|邀请|依据|承诺|保证)|(?:未经|非经).{0,20}?(?:授权"
    r"|许可|同意)|版权(?:仅)?[归为]|翻版|转载"
    r"|不(?:作|对).{0,30}?(?:保证|负责)|不承担.{0,12}?责任|(?:法律|任何)责任|(?:仅供"
    r"|供).{0,20}?客户(?:使用|参考)|投资需谨慎|证券投资咨询业务资格"
    r"|(?:可能|也可能).{0,20}?(?:持有|提供|争取).{0,40}?(?:证券|投资银行|金融产品|服务)"
    r"|视其为.{0,6}客户|自行承担风险|独立(?:作出|做出|评估|判断)"
    r"|力求.{0,12}(?:准确|客观|可靠)|准确性.{0,4}完整性|不一致的?.{0,6}报告|随时(?:更改|变更"
    r"|调整)|业务资格|所载.{0,16}(?:意见|资料|信息)"
)
_CERTIFIES = re.compile(
    r"(?:准确|如实).{0,6}反映.{0,10}(?:观点|研究)|(?:直接|间接).{0,16}(?:补偿|报酬|联系)"
    r"|注册为证券分析师|证券投资咨询执业资格|勤勉.{0,8}(?:职业|尽责)"
    r"|独立.{0,2}客观"
)
_DEFINES = re.compile(
    r"(?:报告|发布).{0,8}(?:\d+|[六十二]+)\s*个月.{0,40}(?:涨跌幅|涨幅|表现).{0,60}(?:标准"
    r"|基准|指数)"
    r"|投资评级.{0,30}(?:基于|分为|标准|是指)|(?:基准|代表性)指数.{0,80}(?:沪深|恒生|标普"
    r"|道琼斯|三板)|(?:沪深|恒生|标普).{0,30}为基准"
)
_DEFINITION_ITEM = re.compile(
    r"\A[-•·■*●◆\s]*(?:\*\*)?(?:[“\"「])?(?P<word>[\u4e00-\u9fffA-Za-z+\- ]{2,8})"
    r"(?:[”\"」])?"
    r"(?:\*\*)?\s*(?:[：:—–]|-{1,2}|指|\s)\s*"
    r".{0,40}?(?:涨|跌|强于|弱于|优于|劣于|超越|超过|跑赢|跑输|落后|介于|持平|基准|大盘|指数|相对)"
)
_RISK_START = re.compile(
    r"\A[-•·■*●◆▶◼▪➢❑\s#]*(?:\*\*)?\s*[【（(]?(?:主要|投资|核心)?风险(?:提示|因素|揭示"
    r"|警示)\s*[】）)]?\s*(?:\*\*)?\s*[：:]"
)
_RISK_LIST = re.compile(r"(?:[^、，。；;,]{2,30}风险(?:等)?[、，。；;,]?\s*){1,12}等?。?")
_PROFILE_START = re.compile(
    r"\A[-•·■*●◆\s]*(?:\*\*)?[\u4e00-\u9fff·]{2,8}(?:\*\*)?\s*[：:，,]?.{0,60}(?:硕士|博士"
    r"|学士|本科|研究生|MBA|CFA|毕业于|从业经验|年.{0,6}经验|加盟|加入|新财富|金牌分析师)"
)
_PROFILE_MORE = re.compile(r"加盟|加入|从业|覆盖|研究所|研究院|任职|曾任|负责|团队|分析师")
_CONTACT = re.compile(
    r"(?:公司)?(?:地址|邮编|邮政编码|传真|网址|客服(?:热线|电话)|咨询热线|总机|电邮"
    r"|邮箱)\s*[：:]|(?:Tel|Fax|Add|Address|Website|E-?mail)\s*[：:]|邮编\s*\d{6}",
    re.I,
)
_HOUSE_LINE = re.compile(
    r"[\u4e00-\u9fff]{2,10}(?:证券|国际金融"
    r"|金融)(?:股份)?(?:有限)?(?:责任)?(?:公司)?(?:研究所|研究院|研究中心|研究发展部|研究部"
    r"|研究总部|研发中心)?"
)
_RELATED_ITEM = re.compile(r"《|[-–—.、]?\s*(?:19|20)\d\d|\A\s*\d{1,2}\s*[、.．)]|--|——|\d{4}\.\d")


def looks_related(words: str) -> bool:
    """True for a line that can be an entry of 相关研究: a title in 《》, a date, a number."""
    return _RELATED_ITEM.search(words) is not None or len(words) < 24


def is_run_in_notice(words: str) -> bool:
    """True for a line that opens with 风险提示： and goes on with the risks, printed as ever."""
    opened = _RISK_START.match(words)
    return opened is not None and len(words) - opened.end() >= 4


def own_role(words: str, state: Role, kind: BlockKind) -> Role:
    """The role of a block: what its words say, else the role that the last heading opened."""
    if state in (Role.CONTENTS, Role.RELATED):
        return state
    if state is Role.RATING_DEFINITION:
        return Role.CONTACT if _is_contact(words) else _or_legal(words, state)
    if state in (Role.DISCLAIMER, Role.CERTIFICATION, Role.CONTACT):
        return _inside_legal(words, state)
    if "风险" in words and (_RISK_START.match(words) or _is_risk_list(words)):
        return Role.RISK
    if len(words) < 8:
        return Role.CONTACT if state is not Role.FRONT and _is_contact(words) else state
    by_words = _body_role(words, state, kind)
    return by_words or state


def _body_role(words: str, state: Role, kind: BlockKind) -> Role | None:
    """What the words of a block outside legal sections say, None if nothing."""
    if kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
        if _is_definition(words):
            return Role.RATING_DEFINITION
        if _certifies(words):
            return Role.CERTIFICATION
        if is_legal(words):
            return Role.DISCLAIMER
        if len(words) < 600 and _PROFILE_START.match(words) and _PROFILE_MORE.search(words):
            return Role.PROFILE
    if state is not Role.FRONT and len(words) < 200 and _is_contact(words):
        return Role.CONTACT
    return None


def is_legal(words: str) -> bool:
    """True for a paragraph in which legal formulas stand close together."""
    if "报告" not in words and "投资" not in words:
        return False
    if sum(word in words for word in _LEGAL_WORDS) < 2:  # cheap, and spares most prose the search
        return False
    found = len(_distinct(_LEGAL, words))
    return found >= 2 and found * 400 > len(words)


_LEGAL_WORDS = [
    "不构成",
    "不承担",
    "责任",
    "版权",
    "授权",
    "许可",
    "翻版",
    "转载",
    "客户",
    "谨慎",
    "资格",
    "不保证",
    "保证",
    "负责",
    "持有",
    "自行",
    "独立",
    "力求",
    "准确性",
    "完整性",
    "不一致",
    "随时",
    "所载",
]


def _certifies(words: str) -> bool:
    """True for the formulas of an analyst's certification."""
    if "分析师" not in words and "独立" not in words and "研究人员" not in words:
        return False
    return len(_distinct(_CERTIFIES, words)) >= 2


def _distinct(pattern: re.Pattern[str], words: str) -> set[str]:
    return {found.group()[:6] for found in pattern.finditer(words)}


def _is_definition(words: str) -> bool:
    item = _DEFINITION_ITEM.match(words) if len(words) < 160 else None
    if item and item["word"].strip() in RATING_WORDS:
        return True
    return ("评级" in words or "基准" in words) and _DEFINES.search(words) is not None


_LEGAL_TOPIC = re.compile(
    r"评级|基准|涨跌幅|声明|免责|投资者|本报告|本公司|我公司|我司|版权|客户|证券|分析师"
    r"|研究所|法律|监管|法规|disclos|report|invest|rating"
)
_LONG_PROSE = 100


def leaves(words: str, state: Role) -> bool:
    """True for prose that cannot belong to a legal section although no heading ended it."""
    if state not in (Role.DISCLAIMER, Role.RATING_DEFINITION, Role.CERTIFICATION, Role.CONTACT):
        return False
    return len(words) > _LONG_PROSE and not _LEGAL_TOPIC.search(words)


def _or_legal(words: str, state: Role) -> Role:
    if len(words) > 60 and len(_distinct(_LEGAL, words)) >= 3 and "评级" not in words:
        return Role.DISCLAIMER
    return state


def _inside_legal(words: str, state: Role) -> Role:
    """Inside a legal section only definitions, certification and addresses stand out."""
    if _is_definition(words):
        return Role.RATING_DEFINITION
    if state is Role.DISCLAIMER and len(words) < 160 and _is_contact(words):
        return Role.CONTACT
    if state is Role.DISCLAIMER and _certifies(words) and not is_legal(words):
        return Role.CERTIFICATION
    return state


def _is_contact(words: str) -> bool:
    if _CONTACT.search(words):
        return True
    return len(words) < 30 and _HOUSE_LINE.fullmatch(words) is not None


def _is_risk_list(words: str) -> bool:
    return len(words) < 200 and _RISK_LIST.fullmatch(words) is not None


def table_role(table: Table, state: Role) -> Role:
    """RATING_DEFINITION for a table that says what ratings mean, else the section's role."""
    if state in (Role.RATING_DEFINITION, Role.CONTACT, Role.PROFILE, Role.CERTIFICATION):
        return state
    named = sum(table.row_key(row) in RATING_WORDS or _defines(row) for row in table.rows)
    if named >= 2 and named * 2 > len(table.rows) and len(table.columns) <= 4:
        return Role.RATING_DEFINITION
    if state is Role.DISCLAIMER:
        return state
    return state if state in (Role.RISK, Role.FRONT) else Role.BODY


# What a rating is measured by, in the cell beside its word.
_MEASURED = re.compile(r"[%％]|指数|基准|大[市盘势]|市场")
_EXPLAINS = 8  # characters: a shorter cell is a figure or a name


def _defines(row: Row) -> bool:
    """True for a row that says of what kind a rating is, the rating, and what it means."""
    words = [cell.text.strip() for cell in row.cells]
    return any(word in RATING_WORDS for word in words) and any(
        len(word) > _EXPLAINS and _MEASURED.search(word) for word in words
    )
