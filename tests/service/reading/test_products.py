"""EPS × PE as the implied price, and the PE of a target price, with the working."""

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "expression", "result", "unit"),
    [
        ("青禾电子2025E的EPS乘以PE是多少？", "1.02 * 18.06", "18.42", "元"),
        ("按2025E的EPS和PE推算，青禾电子的隐含股价是多少？", "1.02 * 18.06", "18.42", "元"),
        ("青禾电子2026E的EPS与PE的乘积", "1.17 * 15.74", "18.42", "元"),
        ("云杉智能目标价对应的2025E市盈率是多少？", "96.50 / 0.90", "107.22", "倍"),
        ("砺石股份2024年EPS×PE等于多少？", "(-0.31) * (-202.26)", "62.70", "元"),
        ("北溟科技2025E的市盈率除以每股收益", "24.30 / 0.71", "34.23", None),
    ],
)
def test_the_working_is_shown_and_its_inputs_are_cited(
    ask: Ask, question: str, expression: str, result: str, unit: str | None
) -> None:
    reply = ask(question)
    assert reply.computation is not None
    assert (reply.computation.expression, reply.computation.result) == (expression, result)
    assert reply.computation.unit == unit
    assert f"= {result}{unit or ''}" in reply.answer
    places = {(c.report_id, c.cell.start) for c in reply.citations if c.cell}
    cells = [i for i in reply.computation.inputs if (i.report_id, i.start) in places]
    # A target price stands in a line of page one, which is no cell.
    assert len(cells) + ("目标价" in question) == 2


def test_each_company_has_its_own_product(ask: Ask) -> None:
    answer = ask("青禾电子和玄圃软件2025E的EPS与PE相乘是多少？").answer
    assert "1.02 × 18.06 = 18.42元" in answer
    assert "0.22 × 124.32 = 27.35元" in answer


def test_the_multiple_of_the_price_of_today_is_the_printed_one(ask: Ask) -> None:
    reply = ask("青禾电子股价对应的2025E市盈率是多少？")
    assert reply.computation is None
    assert "18.06倍" in reply.answer


def test_a_list_of_metrics_is_no_quotient(ask: Ask) -> None:
    assert ask("青禾电子2025E的EPS/PE是多少？").computation is None
