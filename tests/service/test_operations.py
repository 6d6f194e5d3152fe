"""What a question wants done with figures."""

from decimal import Decimal

import pytest

from service.operations import Operation, find_conditions, find_operation


@pytest.mark.parametrize(
    ("question", "operation"),
    [
        ("东吴证券估值表里2024eeps最高的公司是哪家", Operation.HIGHEST),
        ("pe最低的是谁", Operation.LOWEST),
        ("总市值前三的公司", Operation.HIGHEST),
        ("pe低于20倍的公司有几家", Operation.COUNT),
        ("评级为增持的有哪些", Operation.LIST),
        ("昆仑万维2024e的eps比2023e高多少", Operation.DIFFERENCE),
        ("2024eeps相对2023e的增长率是多少", Operation.GROWTH),
        ("三家公司总市值合计是多少", Operation.SUM),
        ("平均pe是多少", Operation.MEAN),
        ("a的市值是b的几倍", Operation.RATIO),
        ("昆仑万维的eps是多少", Operation.LOOK_UP),
    ],
)
def test_the_wording_names_the_operation(question: str, operation: Operation) -> None:
    assert find_operation(question).operation is operation


def test_the_first_three_are_three() -> None:
    assert find_operation("总市值前三的公司").count == 3
    assert find_operation("总市值最高的2家").count == 2
    assert find_operation("总市值最高的公司").count is None


@pytest.mark.parametrize(
    ("words", "comparator", "numbers"),
    [
        ("pe低于20倍", "<", ("20",)),
        ("pe不低于20倍", ">=", ("20",)),
        ("pe在20倍以上", ">=", ("20",)),
        ("pe超过20.5倍", ">", ("20.5",)),
        ("pe介于20到30倍之间", "between", ("20", "30")),
        ("eps为负", "<", ("0",)),
    ],
)
def test_a_bound_is_read_with_its_direction(
    words: str, comparator: str, numbers: tuple[str, ...]
) -> None:
    (condition,) = find_conditions(words, [("m", 0, 2)], lambda _a, _b: True, yes_no=False)
    assert condition.comparator == comparator
    assert condition.numbers == tuple(Decimal(n) for n in numbers)
    assert condition.metric == "m"


def test_each_bound_belongs_to_the_metric_before_it() -> None:
    text = "pe低于20且eps大于1"
    metrics = [("pe", 0, 2), ("eps", 7, 10)]
    found = find_conditions(text, metrics, lambda _a, _b: True, yes_no=False)
    assert [(c.metric, c.comparator) for c in found] == [("pe", "<"), ("eps", ">")]


def test_a_figure_in_a_yes_no_question_is_asserted() -> None:
    (condition,) = find_conditions(
        "eps是0.8元吗", [("eps", 0, 3)], lambda _a, _b: True, yes_no=True
    )
    assert (condition.comparator, condition.numbers, condition.unit) == (
        "=",
        (Decimal("0.8"),),
        "元",
    )


def test_digits_of_another_slot_are_no_bound() -> None:
    assert find_conditions("超过2024年", [], lambda _a, _b: False, yes_no=False) == []
