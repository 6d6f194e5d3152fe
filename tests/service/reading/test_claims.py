"""A figure that the question asserts is checked against the cell."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from indexer.snapshot import Snapshot
from service.operations import Condition
from service.reading.claims import holds
from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("青禾电子2025E的EPS是1.02元吗？", "是，"),
        ("青禾电子2025E的EPS是1.20元吗？", "不是，"),
        ("青禾电子2025E的EPS为什么是1.20元？", "不是，"),
        ("青禾电子2025E的PE低于20倍吗？", "是，"),
        ("青禾电子2025E的PE超过20倍吗？", "不是，"),
        ("青禾电子的评级是增持吗？", "是，"),
        ("青禾电子的评级是买入吗？", "不是，"),
        ("砺石股份的总市值超过1000亿元吗？", "是，"),
        ("白榆医疗2025E的归母净利润是正的吗？", "不是，"),
    ],
)
def test_a_premise_is_confirmed_or_corrected_with_the_cell(
    ask: Ask, question: str, opening: str
) -> None:
    reply = ask(question)
    assert not reply.refused
    assert reply.answer.startswith(opening)
    assert reply.citations[0].cell is not None
    assert reply.citations[0].cell.value in reply.answer


def test_a_false_figure_is_named_beside_the_true_one(ask: Ask) -> None:
    reply = ask("青禾电子2025E的EPS是1.20元吗？")
    assert "为1.02，而非1.20元" in reply.answer
    assert reply.kind == "fact"


@pytest.mark.parametrize(
    ("comparator", "bound", "verdict"),
    [
        (">", "88", True),
        (">=", "88.15", True),
        ("<", "88.15", False),
        ("<=", "88.15", True),
        ("=", "88.15", True),
    ],
)
def test_a_bound_holds_or_not(
    invented: Snapshot, comparator: str, bound: str, verdict: bool
) -> None:
    (fact,) = invented.facts.find(subjects=("北溟科技",), metrics=("market_cap",))
    condition = Condition("market_cap", comparator, (Decimal(bound),), "亿元", None, 0, 0)
    assert holds(condition, fact) is verdict


def test_units_meet_before_they_are_compared(invented: Snapshot) -> None:
    (fact,) = invented.facts.find(subjects=("北溟科技",), metrics=("market_cap",))
    wide = Condition("market_cap", ">", (Decimal(880000),), "万元", None, 0, 0)
    assert holds(wide, fact) is True
    assert holds(replace(wide, numbers=(Decimal(890000),)), fact) is False
    assert holds(
        replace(wide, comparator="between", numbers=(Decimal(1), Decimal(90)), unit="亿"), fact
    )


def test_an_open_figure_meets_no_bound(invented: Snapshot) -> None:
    (fact,) = invented.facts.find(
        subjects=("砺石股份",), metrics=("pe",), periods=("2025",), report_ids=("haiyue-chips",)
    )
    assert holds(Condition("pe", "<", (Decimal(20),), None, None, 0, 0), fact) is None
