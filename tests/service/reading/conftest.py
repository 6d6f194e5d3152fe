"""Two real snapshots: the samples, and four invented reports of invented houses.

The invented ones share no name, code, number, rating word or table layout with the samples, so
that nothing here can pass by being fitted to those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.build import build
from indexer.snapshot import Snapshot, open_snapshot
from service.answering import Answerer
from service.query import Query
from service.schemas import AskRequest, AskResponse, Turn

# Cells between bars, two header rows, a rule below; an open (-) and an empty cell.
CHIPS = """海岳证券

算力芯片行业深度报告

国产替代提速, 先进封装进入放量期

强于大市 (首次)

2025 年 03 月 18 日

证券分析师 陆知遥
执业证书: S0991525030007
luzhiyao@haiyue-sec.cn

研究助理 贺云舒
执业证书: S0991525030018
heyunshu@haiyue-sec.cn

投资要点

- **先进封装是本轮主线。** 砺石股份于 2025 年 1 月发布第三代玻璃基板样品, 样品良率提升至 92%, 较第二代提高 7 个百分点。
- **需求来自推理侧。** 推理算力需求增长的原因是长上下文模型普及, 单次调用的算力消耗上升。
- **投资建议:** 推荐云杉智能、砺石股份, 建议关注白榆医疗的检测芯片业务。
- **风险提示:** 良率爬坡不及预期, 下游资本开支放缓, 地缘摩擦加剧。

相关研究

- 《玻璃基板系列之一: 从材料到工艺》
2025-02-11

表 2：重点公司盈利预测与估值

| 证券代码 | 证券简称 | 总市值（亿元） | 每股收益（元） | | | 市盈率（倍） | | 评级 |
| | | | 2024A | 2025E | 2026E | 2025E | 2026E | |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 688977 | 云杉智能 | 312.40 | 0.42 | 0.88 | 1.35 | 71.25 | 46.44 | 强烈推荐 |
| 301987 | 砺石股份 | 1,045.60 | -0.31 | 0.05 | 0.62 | - | 101.13 | 推荐 |
| 688566 | 北溟科技 | 88.15 | 0.77 | 0.71 | 0.93 | 24.30 | 18.55 | 谨慎推荐 |
| 301966 | 云岭智造 | 57.02 | 1.10 | 1.24 | 1.38 | 15.16 | 13.62 | 推荐 |
| 688993 | 长城精工 | 140.25 | 0.36 |  | 0.58 | 40.07 | 31.28 | 谨慎推荐 |

资料来源：公司公告，海岳证券研究所预测。注：总市值为截至 2025/3/17 数据。

免责声明

海岳证券股份有限公司（以下简称“本公司”）具有证券投资咨询业务资格。本报告仅供本公司的客户使用。本报告的版权归本公司所有，未经书面许可，任何机构和个人不得翻版、复制和发布。

海岳证券投资评级标准

公司投资评级：

- 强烈推荐：预期未来 12 个月个股涨跌幅相对基准在 25% 以上；
- 推荐：预期未来 12 个月个股涨跌幅相对基准介于 10% 与 25% 之间；
- 谨慎推荐：预期未来 12 个月个股涨跌幅相对基准介于 0% 与 10% 之间；
- 回避：预期未来 12 个月个股涨跌幅相对基准在 0% 以下。

行业投资评级：

- 强于大市：预期未来 12 个月内，行业指数相对强于基准 8% 以上；
- 弱于大市：预期未来 12 个月内，行业指数相对弱于基准 8% 以上。

海岳证券研究所
临江市望潮区听涛路 77 号
邮政编码：310999
传真：（0999）60001234
"""

# Columns set by spaces, a year without mark, codes with suffix.
WEEKLY = """电子行业周报

端侧芯片景气上行 关注推理卡放量

投资评级：看好（维持）

报告日期：2025年04月02日

- 首席分析师：沈砚秋
- SAC编号：S0882524110003

恒川证券研究所

端侧芯片出货回暖

2025年3月，玄圃软件与青禾电子签署端侧推理合作协议，合作期限为三年。青禾电子认为，端侧芯片的放量取决于散热方案成熟。

关注公司及盈利预测

代码         名称        2025-04-01 股价    EPS                      PE                          投资评级
                                         2024    2025E   2026E    2024      2025E     2026E
688977.SH   云杉智能     63.10            0.42    0.81    1.29     150.24    77.90     48.91     增持
301987.SZ   砺石股份     62.70            -0.31   0.12    0.66     -202.26   522.50    95.00     买入
301993.SZ   青禾电子     18.42            0.90    1.02    1.17     20.47     18.06     15.74     增持
688994.SH   玄圃软件     27.35            0.15    0.22    0.40     182.33    124.32    68.38     买入

资料来源：Wind，恒川证券研究所

风险提示：端侧需求不及预期；行业竞争加剧；汇率波动。

沈砚秋：微电子学博士，八年芯片行业研究经验，2019年加入恒川证券研究所，主要覆盖半导体设备。

免责条款

恒川证券有限责任公司（以下简称“恒川证券”）具有中国证监会核准的证券投资咨询业务资格。本报告由恒川证券制作，仅供恒川证券的客户使用。

证券投资评级说明

股票投资评级说明：

	投资建议	预测个股相对同期证券市场代表性指数涨幅
1	买入	>18%
2	增持	6%—18%
3	中性	-6%—6%
4	卖出	<-6%

以报告日后的9个月内，预测个股相对于相关证券市场主要指数的涨跌幅为标准。
"""

# A report on one company with its statement: metrics as rows, years as columns, tabs.
COMPANY = """海岳证券

公司点评报告

云杉智能（688977）2025年一季报点评: 推理卡放量, 毛利率改善

强烈推荐（维持）

2025 年 05 月 09 日

目标价：96.50 元

证券分析师 陆知遥
执业证书: S0991525030007

云杉智能一季度毛利率改善, 主要得益于推理卡占比提升。公司计划于 2025 年 9 月投产二期产线, 总投资额 23.6 亿元。

盈利预测与财务指标

单位：百万元	2023A	2024A	2025E	2026E
营业收入	1,820.5	2,415.3	3,360.0	4,702.8
归母净利润	96.4	168.0	352.0	540.0
毛利率(%)	41.5	43.2	45.0	46.1
每股收益(元)	0.24	0.42	0.90	1.38

资料来源：公司公告，海岳证券研究所

风险提示：产线投产延后；客户集中度高。
"""

# A house of its own, no date anywhere, an HTML table, an amount in 万元.
DRUGS = """明澜证券研究所

创新药专题报告

双抗进入收获期

证券分析师：乔沐阳
执业证书编号：S0773525010021

双抗药物的研发周期约为八年，苍溪药业的首个双抗药物已提交上市申请。

重点公司盈利预测

<table><tr><th>股票代码</th><th>股票名称</th><th>归母净利润（万元）</th><th></th><th>目标价（元）</th></tr>
<tr><td></td><td></td><td>2025E</td><td>2026E</td><td></td></tr>
<tr><td>301994</td><td>苍溪药业</td><td>41,250</td><td>58,900</td><td>33.80</td></tr>
<tr><td>688568</td><td>白榆医疗</td><td>-6,300</td><td>1,480</td><td>--</td></tr>
</table>

资料来源：明澜证券研究所

风险提示：上市审批延后。
"""

REPORTS = {
    "haiyue-chips.txt": CHIPS,
    "hengchuan-weekly.txt": WEEKLY,
    "haiyue-company.txt": COMPANY,
    "minglan-drugs.txt": DRUGS,
}

Ask = Callable[..., AskResponse]


def asker(answerer: Answerer) -> Ask:
    """Asks with plain values: `ask(question, "earlier", …, filters=…, as_of=…)`."""

    def ask(question: str, *earlier: str, **more: Any) -> AskResponse:
        history = [Turn(role="user", content=turn) for turn in earlier]
        return answerer.ask(AskRequest(question=question, history=history, **more))

    return ask


@pytest.fixture(scope="session")
def ask_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[dict[str, str]], Ask]]:
    """Asks reports of a test's own, given as name → text; each set is indexed once."""
    opened: list[Snapshot] = []

    def index(texts: dict[str, str]) -> Ask:
        place = tmp_path_factory.mktemp("asked")
        (place / "reports").mkdir()
        for name, text in texts.items():
            (place / "reports" / f"{name}.txt").write_text(text, encoding="utf-8")
        build([place / "reports"], place / "index", processes=1)
        opened.append(open_snapshot(place / "index"))
        return asker(Answerer(opened[-1]))

    yield index
    for snapshot in opened:
        snapshot.close()


@pytest.fixture(scope="session")
def invented_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the invented reports, built once."""
    place = tmp_path_factory.mktemp("invented")
    folder = place / "reports"
    folder.mkdir()
    for name, text in REPORTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    build([folder], place / "index", processes=1)
    return place / "index"


@pytest.fixture(scope="session")
def invented(invented_index: Path) -> Iterator[Snapshot]:
    """The invented reports."""
    snapshot = open_snapshot(invented_index)
    yield snapshot
    snapshot.close()


@pytest.fixture(scope="session")
def sampled(sample_index: Path) -> Iterator[Snapshot]:
    """The two sample reports."""
    snapshot = open_snapshot(sample_index)
    yield snapshot
    snapshot.close()


@pytest.fixture(scope="session")
def answerer(invented: Snapshot) -> Answerer:
    """Answers from the invented reports."""
    return Answerer(invented, "https://yanbao.example/")


@pytest.fixture(scope="session")
def ask(answerer: Answerer) -> Ask:
    """Asks the invented reports."""
    return asker(answerer)


@pytest.fixture(scope="session")
def sample_answerer(sampled: Snapshot) -> Answerer:
    """Answers from the samples."""
    return Answerer(sampled)


@pytest.fixture(scope="session")
def ask_samples(sample_answerer: Answerer) -> Ask:
    """Asks the samples."""
    return asker(sample_answerer)


@pytest.fixture(scope="session")
def parse(answerer: Answerer) -> Callable[[str], Query]:
    """The slots of a question to the invented reports."""
    return answerer._parse
