"""Differences, growth, ratios, sums and means of named figures."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "expression", "result", "unit"),
    [
        ("青禾电子2025E的EPS比2024年高多少？", "1.02 - 0.90", "0.12", None),
        ("云杉智能2025E的营业收入比2024A多多少？", "3360.0 - 2415.3", "944.7", "百万元"),
        ("苍溪药业2026E归母净利润与2025E相差多少？", "58900 - 41250", "17650", "万元"),
        ("白榆医疗2026E归母净利润比2025E多多少？", "1480 - (-6300)", "7780", "万元"),
        ("恒川证券预测青禾电子和玄圃软件2025E的EPS相差多少？", "1.02 - 0.22", "0.80", None),
        ("云岭智造和北溟科技的总市值相差多少？", "57.02 - 88.15", "-31.13", "亿元"),
        ("北溟科技的总市值是云岭智造的几倍？", "88.15 / 57.02", "1.55", "倍"),
        ("云岭智造和北溟科技的总市值合计是多少？", "57.02 + 88.15", "145.17", "亿元"),
        ("云岭智造和北溟科技2025E的平均市盈率", "(15.16 + 24.30) / 2", "19.73", "倍"),
    ],
)
def test_the_working_is_exact(
    ask: Ask, question: str, expression: str, result: str, unit: str | None
) -> None:
    reply = ask(question)
    assert reply.kind == "computed"
    held = reply.computation
    assert held is not None
    assert (held.expression, held.result, held.unit) == (expression, result, unit)
    assert result in reply.answer
    assert all(result not in citation.quote for citation in reply.citations)


def test_growth_is_rounded_half_up_and_says_so(ask: Ask) -> None:
    reply = ask("云杉智能2025E归母净利润的同比增速是多少？")
    rate = (Decimal(352) - 168) / 168 * 100
    shown = rate.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert str(shown) == "109.52"
    assert "= 109.52%（四舍五入到两位小数）" in reply.answer
    assert reply.computation is not None
    assert (reply.computation.result, reply.computation.unit) == ("109.52", "%")
    assert [i.value for i in reply.computation.inputs] == ["352.0", "168.0"]


def test_growth_from_a_loss_has_no_meaning(ask: Ask) -> None:
    reply = ask("海岳证券预测砺石股份2025E的EPS相对2024A的增长率是多少？")
    assert "增长率没有意义" in reply.answer
    assert "%" not in reply.answer
    assert reply.computation is not None
    assert reply.computation.result == "0.36"


def test_an_open_figure_is_not_computed_with(ask: Ask) -> None:
    reply = ask("海岳证券预测砺石股份和北溟科技2025E的市盈率相差多少？")
    assert reply.computation is None
    assert "报告未给出" in reply.answer
    assert "24.30" in reply.answer


def test_two_houses_are_set_against_each_other(ask: Ask) -> None:
    reply = ask("恒川证券和海岳证券对砺石股份2025E的EPS预测相差多少？")
    assert reply.kind == "comparison"
    assert reply.computation is not None
    assert (reply.computation.expression, reply.computation.result) == ("0.12 - 0.05", "0.07")


def test_the_higher_one_is_named(ask: Ask) -> None:
    reply = ask("青禾电子和玄圃软件谁的2025E市盈率更高？")
    assert "玄圃软件更高" in reply.answer


COMPANIES = ["云杉智能", "砺石股份", "北溟科技", "云岭智造", "长城精工"]


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    pair=st.lists(st.sampled_from(COMPANIES), min_size=2, max_size=3, unique=True),
    metric=st.sampled_from(["总市值", "2024A每股收益", "2026E的EPS", "2026E市盈率"]),
    wish=st.sampled_from(["相差多少", "合计是多少", "平均是多少", "谁更高"]),
)
def test_every_number_of_a_computed_answer_is_a_cited_cell_or_the_result(
    ask: Ask, pair: list[str], metric: str, wish: str
) -> None:
    reply = ask(f"{'和'.join(pair)}的{metric}{wish}？", filters={"report_ids": ["haiyue-chips"]})
    assert reply.computation is not None
    bare = re.sub(
        r" \[\d+\]|（\d{4}-\d\d-\d\d）|截至\d{4}-\d\d-\d\d|（\d{6}）|20\d\d[AE]", "", reply.answer
    )
    said = [Decimal(n.replace(",", "")) for n in re.findall(r"-?\d[\d,]*(?:\.\d+)?", bare)]
    cells = [Decimal(c.cell.value.replace(",", "")) for c in reply.citations if c.cell]
    inputs = [Decimal(i.value.replace(",", "")) for i in reply.computation.inputs]
    assert set(inputs) <= set(cells)
    results = {a - b for a in cells for b in cells} | {Decimal(reply.computation.result)}
    allowed = set(cells) | results | {abs(r) for r in results} | {Decimal(len(inputs))}
    assert set(said) <= allowed
    assert len(reply.citations) == len(pair)


def test_compound_growth_is_per_year(ask: Ask) -> None:
    reply = ask("云杉智能2024到2026年营业收入的复合增长率是多少？")
    assert reply.computation is not None
    # 4702.8 / 2415.3 = 1.94709…; its square root is 1.39538…
    assert abs(Decimal("1.39538") ** 2 - Decimal("4702.8") / Decimal("2415.3")) < Decimal("0.0001")
    assert (reply.computation.result, reply.computation.unit) == ("39.54", "%")


def test_a_house_is_compared_by_its_newest_report(ask: Ask) -> None:
    reply = ask("海岳证券和恒川证券对云杉智能2025E的EPS预测有什么分歧？")
    assert reply.computation is not None
    assert reply.computation.expression == "0.90 - 0.81"
    assert [c.cell.value for c in reply.citations if c.cell] == ["0.90", "0.81", "0.88"]
