# ruff: noqa: E501  (Han characters count as two columns; the report is set as it would be printed)
"""A made-up company report: every field of page one is known, and its tables run over pages.

House, company, people and figures are invented; the layout habits are those of the trade.
"""

from __future__ import annotations

from rendered_items import Grid, Item, Words

HOUSE = "海岳证券"

# What page one states; as `pdf_rendered` prints the fields.
META = {
    "title": "新品放量在即，盈利拐点已经出现",
    "broker": HOUSE,
    "published": "2024-03-18",
    "analysts": "程远航 S0990521030007; 罗思嘉 S0990522110012; 杜若溪 S0990123040055",
    "stock_codes": "301999.SZ",
    "subject": "晨岚科技",
    "industry": "电子",
    "rating": "买入",
    "rating_change": "首次",
    "target_price": "46.80",
    "price": "38.25",
}

_PERIODS = ("2022A", "2023E", "2024E", "2025E")
# Statement rows; the figures are made by `_figures`, distinct in every cell.
_LINES = (
    "流动资产", "货币资金", "应收账款", "预付款项", "存货", "其他流动资产", "非流动资产", "长期股权投资",
    "固定资产", "在建工程", "无形资产", "其他非流动资产", "资产总计", "流动负债", "短期借款", "应付账款",
    "合同负债", "其他流动负债", "非流动负债", "长期借款", "其他非流动负债", "负债合计", "少数股东权益", "股本",
    "资本公积", "留存收益", "归属母公司股东权益", "负债和股东权益", "营业收入", "营业成本", "税金及附加",
    "销售费用", "管理费用", "研发费用", "财务费用", "资产减值损失", "公允价值变动收益", "投资净收益", "营业利润",
    "营业外收入", "营业外支出", "利润总额", "所得税", "净利润", "归属母公司净利润", "EBITDA",
    "经营活动现金流", "投资活动现金流", "筹资活动现金流", "现金净增加额",
)  # fmt: skip


def company_items() -> list[Item]:
    """The report, in reading order."""
    return [*_front(), *_side(), *_text(), *_tables(), *_end()]


def _front() -> list[Item]:
    return [
        Words("series", "证券研究报告 | 公司深度报告"),
        Words("front", "电子行业 | 2024年03月18日"),
        Words("title", META["title"]),
        Words("front", "晨岚科技（301999.SZ）首次覆盖报告"),
        Words("front", "投资评级：买入（首次）"),
    ]


def _side() -> list[Item]:
    key_data = (
        ("总市值（亿元）", "61.20"),
        ("流通市值（亿元）", "23.46"),
        ("总股本（百万股）", "160.00"),
        ("52周最高/最低（元）", "52.10/27.33"),
    )
    return [
        Words("front", "当前价：38.25元", side=True),
        Words("front", "目标价：46.80元", side=True),
        Words("heading", "基础数据", 1, side=True),
        Grid(((), ()), key_data, (0,), side=True),
        Words("heading", "分析师", 1, side=True),
        Words("front", "程远航", side=True),
        Words("front", "SAC执业证书编号：S0990521030007", side=True),
        Words("front", "chengyh@haiyue.com.cn", side=True),
        Words("front", "罗思嘉", side=True),
        Words("front", "SAC执业证书编号：S0990522110012", side=True),
        Words("front", "luosj@haiyue.com.cn", side=True),
        Words("front", "研究助理 杜若溪", side=True),
        Words("front", "SAC执业证书编号：S0990123040055", side=True),
        Words("heading", "相关报告", 1, side=True),
        Words("front", "1、《显示驱动行业专题：国产化率进入加速区间》2023.12.05", side=True),
    ]


def _text() -> list[Item]:
    return [
        Words("heading", "投资要点", 1),
        Words(
            "list",
            "- **深耕显示驱动，客户结构持续改善。** 公司成立于2009年，主营中小尺寸显示驱动芯片，2022年"
            "实现营业收入18.46亿元，前五大客户收入占比由71.3%降至58.9%，单一客户依赖明显减弱。",
        ),
        Words(
            "list",
            "- **OLED新品通过验证，2024年放量可期。** 公司40nm OLED驱动芯片于2023年11月通过两家面板厂"
            "验证，预计2024年出货3,200万颗，对应收入约4.1亿元，毛利率较LCD产品高约9个百分点。",
        ),
        Words(
            "list",
            "- **盈利预测与投资建议。** 预计公司2023-2025年归母净利润分别为1.12亿元、2.08亿元、3.15亿元，"
            "对应EPS为0.70元、1.30元、1.97元，给予2024年36倍PE，目标价46.80元，首次覆盖，给予“买入”评级。",
        ),
        Words("paragraph", "**风险提示：** 下游需求恢复不及预期；新品导入进度不及预期；市场竞争加剧。"),
        Words("heading", "1. 公司概况：中小尺寸显示驱动的追赶者", 1),
        Words("heading", "1.1 十五年专注一事", 2),
        Words(
            "paragraph",
            "公司自成立以来专注显示驱动芯片设计，产品覆盖智能手机、平板电脑、车载显示与工业控制四个方向。"
            "2019年公司完成股份制改造，2021年在创业板上市，募集资金主要投向OLED驱动与车载驱动两个项目。",
        ),
        Words("heading", "1.2 股权结构稳定，激励覆盖核心骨干", 2),
        Words(
            "paragraph",
            "实际控制人直接与间接合计持有公司34.6%的股份，核心技术人员通过两个员工持股平台合计持有8.2%。"
            "2023年限制性股票激励计划授予对象共126人，考核目标为2023-2025年收入不低于20亿元、26亿元与33亿元。",
        ),
    ]  # fmt: skip


def _tables() -> list[Item]:
    peers = tuple(
        (code, name, *row)
        for code, name, row in (
            ("301801", "甲微电子", ("88.40", "22.10", "0.51", "0.83", "1.12", "43.33", "26.63")),
            ("301802", "乙光显示", ("152.75", "30.55", "0.92", "1.20", "1.57", "33.21", "25.46")),
            ("301803", "丙芯股份", ("46.90", "13.40", "-0.22", "0.18", "0.41", "-", "74.44")),
        )
    )
    headers = (
        ("代码",),
        ("简称",),
        ("市值（亿元）",),
        ("股价（元）",),
        ("EPS（元）", "2023E"),
        ("EPS（元）", "2024E"),
        ("EPS（元）", "2025E"),
        ("PE（倍）", "2023E"),
        ("PE（倍）", "2024E"),
    )
    return [
        Words("heading", "2. 估值与财务预测", 1),
        Words("caption", "图表1：可比公司估值"),
        Grid(headers, peers, (0, 1)),
        Words("source", "资料来源：公司公告，海岳证券研究所；股价截至2024年3月15日"),
        Words(
            "paragraph",
            "可比公司2024年平均PE为42.2倍，考虑公司新品放量带来的增速优势，以及车载业务尚处投入期，"
            "我们给予公司2024年36倍PE，略低于可比公司平均水平。",
        ),
        Words("caption", "图表2：财务预测摘要（单位：百万元）"),
        Grid((("项目",), *((period,) for period in _PERIODS)), _figures(), (0,)),
        Words("source", "资料来源：公司公告，海岳证券研究所预测"),
    ]


def _figures() -> tuple[tuple[str, ...], ...]:
    """Distinct figures with separators, negatives and dashes, so that no two cells are alike."""
    rows = []
    for number, line in enumerate(_LINES):
        values = [
            f"{(number * 53 + column * 17 + 211) * 7 + 0.25 * column:,.2f}" for column in range(4)
        ]
        if number % 7 == 3:
            values[1] = f"-{values[1]}"
        if number % 11 == 5:
            values[3] = "-"
        rows.append((line, *values))
    return tuple(rows)


def _end() -> list[Item]:
    return [
        Words("heading", "分析师声明", 1),
        Words(
            "paragraph",
            "本报告署名分析师具有中国证券业协会授予的证券投资咨询执业资格并注册为证券分析师，以勤勉的职业态度，"
            "独立、客观地出具本报告。本报告清晰准确地反映了本人的研究观点。",
        ),
        Words("heading", "免责声明", 1),
        Words(
            "paragraph",
            "本报告由海岳证券股份有限公司制作，仅供本公司客户使用。本公司不会因接收人收到本报告而视其为客户。"
            "本报告的信息来源于公开资料，本公司对这些信息的准确性和完整性不作任何保证。在任何情况下，"
            "本报告中的信息或所表述的意见均不构成对任何人的投资建议。未经书面授权，任何机构和个人不得翻版、复制。",
        ),
    ]  # fmt: skip
