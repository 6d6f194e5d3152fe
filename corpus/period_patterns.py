"""How periods are written: the patterns behind `corpus.periods`.

Each names its groups; which period a match means, and whether it is one, is decided there.
"""

from __future__ import annotations

import re

# Years from 1980 to 2059: earlier or later ones do not occur as a report's periods, and the
# narrower the range, the fewer amounts are mistaken for years.
YEAR = r"(?:19[89]\d|20[0-5]\d)"
_TO = r"[-\u2010-\u2015~〜至到]"
_S = r" ?"  # reports set `2024 年 02 月`; one space, never a tab or a line's end
_MARK = (
    r"(?:"
    rf"{_S}\(?(?P<mark>[AEFPaef])\)?(?![A-Za-z0-9])年?"
    r"|\(?(?P<word>预测值?|预估值?|预计值|一致预期|实际值?|指引)\)?(?!中|期|的基础|增)"
    r")"
)
# Before a year: no digit, and no decimal point or thousands comma that belongs to a number.
_FREE = r"(?<!\d)(?<!\d\.)(?<!\d:)"
_CN_DIGIT = "〇零○一二三四五六七八九"
_CN_SMALL = "(?:[一二三四五六七八九]|二?十[一二三四五六七八九]?|三十一?)"
_NIAN = r"(?:年度报告|年年报|年报(?!道|名|价|送)|年度|年[末底]|年|财年)"

_SUB = (
    r"(?:"
    rf"(?<![\d.])(?P<m1>\d{{1,2}}){_S}月?{_S}{_TO}{_S}(?P<m2>\d{{1,2}}){_S}月份?"
    r"|(?P<nine>前[三3]个?季度?|[三3]季报|Q1\s?[-~\u2010-\u2015]\s?Q?3(?!\d)|9M(?![A-Za-z\d]))"
    rf"|[-/. ]?(?P<q>第?{_S}[一二三四1-4]{_S}季(?:度报告|度|报)|Q[1-4](?![\dA-DG-Za-z]))"
    r"|[-/. ]?(?P<h>上半年|下半年|半年度?报告?|半年度|中报(?!告)|中期报告|中期业绩"
    r"|H[12](?![\dA-DG-Za-z])|[12]H(?![\dA-DG-Za-z]))"
    rf"|(?<![\d.])(?P<m>\d{{1,2}}|{_CN_SMALL}){_S}月份?(?!前)"
    rf"(?:{_S}(?P<d>\d{{1,2}}|{_CN_SMALL}){_S}[日号])?"
    r"|(?P<full>全年)"
    r")"
)
RELATIVE_YEARS = {
    "前年": -2,
    "去年": -1,
    "上年度": -1,
    "上年": -1,
    "今年": 0,
    "本年度": 0,
    "本年": 0,
    "明年": 1,
    "后年": 2,
}

DATE = re.compile(
    rf"{_FREE}(?P<y>{YEAR})(?:"
    r"(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})"
    rf"|{_S}年{_S}(?P<m2>\d{{1,2}}){_S}月{_S}(?P<d2>\d{{1,2}}){_S}[日号]"
    r"|(?<![A-Za-z]\d{4})(?P<m3>\d\d)(?P<d3>\d\d)(?![-.]?\d)"
    r")(?!\d)"
)
MONTH = re.compile(
    rf"{_FREE}(?<![A-Za-z])(?P<y>{YEAR})(?P<sep>[-/.])(?P<m>\d{{1,2}})"
    r"(?![\d%]|[-/.,]\d| ?[年元万亿倍个股家])"
)
YEAR_RANGE = re.compile(
    rf"{_FREE}(?P<a>{YEAR}|\d\d){_S}(?P<n1>[年AEF]?){_S}{_TO}{_S}(?P<b>{YEAR}|\d\d)(?!\d|\.\d)"
    rf"(?P<nian>{_S}{_NIAN})?{_MARK}?"
)
YEAR_LIST = re.compile(
    rf"{_FREE}(?<![A-Za-z/.])(?P<list>(?:{YEAR}|\d\d)(?:[/、]\d\d)+)(?!\d|[/.]\d)"
    rf"(?P<nian>{_S}年)?{_MARK}?"
)
MAIN = re.compile(
    rf"(?:{_FREE}(?P<fy>FY{_S})?(?P<y>{YEAR}|['’]?\d\d)(?!\d|\.\d|,\d{{3}})"
    rf"|(?P<cn>[一二][{_CN_DIGIT}]{{3}}(?={_S}年))"
    rf"|(?P<rel>{'|'.join(RELATIVE_YEARS)}))"
    rf"(?P<nian>{_S}{_NIAN})?(?:{_S}(?:的)?{_SUB})?{_MARK}?"
)
TURNED = re.compile(  # 1Q24, Q1 2024, 1H24, 9M24, Q1FY24
    r"(?<![A-Za-z\d.])(?P<p>[1-4]Q|Q[1-4]|[12]H|H[12]|9M) ?[-/']? ?(?:FY ?)?"
    rf"(?P<y>{YEAR}|[0-4]\d)(?![\d.%])年?{_MARK}?"
)
BARE_SUB = re.compile(rf"(?<![\dA-Za-z.年个第\-/]){_SUB}{_MARK}?")

# What follows a number that is an amount, not a year: 2024家, 2024元, 2024 MW.
AMOUNT_AFTER = re.compile(
    r" ?(?:[元万亿家人个点只股倍名部台辆套条款米吨页平公千瓦字次例张件份亩号座余多位艘架%‰℃克升颗]"
    r"|(?:[kKMGTm]?[WwBVAhg]h?|[kcmn]m|[MGk]?Hz|mAh|pcs|bps?)(?![A-Za-z]))"
)
AMOUNT_BEFORE = re.compile(r"(?:[¥￥$€£+]|代码:? ?|编号:? ?|第 ?|共 ?|[A-Za-z]\.?-?)\Z")
# 近24年, 过去20年, 长达15年: a length of time. 24年以来 and 15年期 likewise.
LENGTH_BEFORE = re.compile(
    r"(?:[近约共第满超逾达已每历这整]|过去|未来|最近|长达|持续|运营|拥有|至少|超过) ?\Z"
)
LENGTH_AFTER = re.compile(
    r" ?(?:期|以上|来|间|内|后|历史|左右|多|之久|的时间|时间|经验|从业|周期|里)"
)
# Two relative years in one word: 今明两年.
YEAR_PAIR = re.compile(r"(?P<first>[去今明])(?P<second>[今明后])(?:两|2|二)?年")
YEAR_PAIR_WORDS = {"去": -1, "今": 0, "明": 1, "后": 2}
