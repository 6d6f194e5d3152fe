"""Made-up prompts of many forms: read and worked out right, against a second arithmetic."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import IndexerError
from corpus.own_words import NO_OWN_WORDS, use_own_words
from indexer.vocabulary import load_vocabulary
from service.query import Query
from service.reading.given import read_given

_FILE = Path(__file__).resolve().parents[3] / "bench" / "truth" / "given_prompts.txt"
_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
_DOES = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def prompts() -> Iterator[tuple[str, str, list[str]]]:
    """(kind, prompt, what must come out) of each case."""
    for case in re.split(r"(?m)^@@ ", _FILE.read_text(encoding="utf-8"))[1:]:
        kind, rest = case.split("\n", 1)
        prompt, told = rest.rsplit("=>", 1)
        yield kind.strip(), prompt.strip(), [one.strip() for one in told.split(";")]


def worked(node: ast.expr) -> float:
    """A plain arithmetic expression in floating point: the second way."""
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.UnaryOp):
        return -worked(node.operand)
    assert isinstance(node, ast.BinOp)
    return float(_DOES[type(node.op)](worked(node.left), worked(node.right)))


def numbers(words: str) -> list[float]:
    return [float(n.replace(",", "")) for n in _NUMBER.findall(words.replace("−", "-"))]


def told(prompt: str) -> str:
    draft = read_given(Query("", asked=prompt))
    return draft.statements[0].text.removeprefix("按问题给出的数据：") if draft else ""


_CASES = list(prompts())


@pytest.mark.parametrize(
    ("kind", "prompt", "wanted"), _CASES, ids=[str(n) for n in range(len(_CASES))]
)
def test_a_prompt_of_its_own_data_is_answered(kind: str, prompt: str, wanted: list[str]) -> None:
    answer = told(prompt)
    gold = [worked(ast.parse(one, mode="eval").body) for one in wanted]
    if kind == "calc":
        results = numbers(" ".join(re.findall(r"= ([^=]+?)(?=$|；)", answer)))
        for one in gold:
            near = [r for r in results if abs(abs(r) - abs(one)) <= max(0.0051, abs(one) * 1e-4)]
            assert near, answer
        return
    said = [abs(n) for n in numbers(answer)]
    stated = {abs(numbers(one)[0]) for one in re.findall(r"为(-?[\d,.]+)", answer)}
    assert {abs(one) for one in gold} <= set(said), answer
    assert stated <= {abs(one) for one in gold}, answer


def test_the_cases_are_many_and_of_both_kinds() -> None:
    kinds = [kind for kind, _, _ in _CASES]
    assert kinds.count("read") >= 50
    assert kinds.count("calc") >= 100


@pytest.mark.parametrize(
    ("options", "letter"),
    [
        ("A. 12.31%\nB. 12.40%\nC. 8.30%\nD. 35.60%", "B"),
        ("A、8.3%；B、12.4%；C、4.1%；D、11.5%", "B"),
        ("（A）增长35.6% （B）下降8.3% （C）增长12.4% （D）增长4.1%", "C"),
    ],
)
def test_of_options_the_one_that_the_data_supports_is_named(options: str, letter: str) -> None:
    prompt = "根据以下内容，桐山机电2023年营业收入同比增长多少？请给出正确选项。\n桐山机电2023年营业收入35.6亿元，同比增长12.40%；净利润4.1亿元，同比下降8.30%。"
    assert told(f"{prompt}\n{options}").startswith(f"选{letter}（")


def test_an_option_is_compared_as_it_is_rounded_and_scaled() -> None:
    prompt = "请计算资产负债率。\n公司资产总计126.5亿元，负债合计58.19亿元。"
    assert told(f"{prompt}\nA. 0.54\nB. 0.46\nC. 0.64\nD. 0.36").startswith("选B（")
    assert told(f"{prompt}\nA. 54%\nB. 36%\nC. 46%\nD. 64%").startswith("选C（")


def test_where_no_option_is_near_none_is_named() -> None:
    prompt = "请计算资产负债率。\n公司资产总计126.5亿元，负债合计58.19亿元。"
    assert not told(f"{prompt}\nA. 91%\nB. 3%\nC. 77%\nD. 12%").startswith("选")


def test_rounding_and_unit_are_as_asked() -> None:
    data = "\n股价15.8元，总股本6.25亿股。"
    assert told(f"请计算该股票的总市值，以亿元为单位，保留一位小数。{data}").endswith("= 98.8亿元")
    assert told(f"请计算该股票的总市值，以亿元为单位。{data}").endswith("= 98.75亿元")


def test_a_fall_that_is_asked_for_as_one_has_no_sign() -> None:
    prompt = "请计算不良率下降了多少个百分点。\n9月末不良贷款率为1.21%，年初为1.35%。"
    assert told(prompt).endswith("= 0.14个百分点")


def test_what_an_operand_is_called_in_the_prompt_wins_over_shipped_definitions() -> None:
    prompt = (
        "请计算净利率。\n营业收入50亿元，营业利润6亿元，净利润4亿元。\n净利率=营业利润/营业收入。"
    )
    assert told(prompt).endswith("= 12.00%")


def test_a_formula_of_the_users_own_vocabulary_is_used_first(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[[formulas]]\nname = "渠道效率"\naliases = ["净利率"]\nformula = "渠道收入/(渠道费用+渠道折旧)"\nunit = "倍"\n',
        encoding="utf-8",
    )
    prompt = "请计算渠道效率。\n渠道收入为24亿元，渠道费用为5亿元，渠道折旧为1亿元。"
    shipped = load_vocabulary().fingerprint
    try:
        assert load_vocabulary(path).fingerprint == shipped
        assert told(prompt) == "渠道效率 = 24亿元 ÷ （5亿元 + 1亿元） = 4.00倍"
        assert told(prompt.replace("渠道效率", "净利率")).endswith("= 4.00倍")
    finally:
        use_own_words(NO_OWN_WORDS)
    assert "4.00倍" not in told(prompt)


@pytest.mark.parametrize("formula", ["渠道收入", "渠道收入/(渠道费用", "甲=乙/丙"])
def test_what_is_no_formula_is_refused_with_its_row(tmp_path: Path, formula: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'[[formulas]]\nname = "渠道效率"\nformula = "{formula}"\n', encoding="utf-8")
    with pytest.raises(IndexerError, match="formulas, row 1"):
        load_vocabulary(path)


_PIECES = st.sampled_from(
    [
        "请计算", "毛利率", "营业收入", "营业成本", "2022年", "2021年", "上年同期", "同比增长", "下降", "为", "，", "。", "\n",
        "| ", " | ", "|--:|", "\t", "12.5亿元", "3.2%", "-4", "0", "1e9", "=", "/", "(", ")", "×100%", "占", "比重", "最高",
        "平均", "分别", "和", "、", "是多少？", "A. ", "B. ", "{", "}", "[", "]", "\"", ":", "：", "净利润", "增长率", "复合",
        "ln(", "^", "第二", "前三", "公式为", "其中", "每10股派3元", "1港元兑0.9元", "27-28GW", "（", "）", "差额", "合计",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, min_size=3, max_size=40))
def test_no_prompt_is_too_strange_to_be_taken_apart(pieces: list[str]) -> None:
    draft = read_given(Query("", asked="".join(pieces)))
    assert draft is None or draft.statements[0].text
