"""A figure that a sentence states: the asked period and owner, or none; every place is cited."""

from __future__ import annotations

import gzip
import json
import math
import os
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.reading.stated_odds import SIGNS, Candidate, certainty, signs_of
from service.reading.stated_traits import TRAITS
from service.schemas import AskRequest, AskResponse

DATA = os.environ.get("YANBAO_TEST_DATA", "")
Ask = Callable[[str], AskResponse]

# White space is gone, months stand beside each other, and another region has the same metric.
MAY = (
    "锂辉石月报2023年5月，全国锂辉石精矿产量12.4万吨，同比增长8.1%，环比增长2.6%。"
    "其中青岚省锂辉石精矿产量3.7万吨，同比下降1.9%。分企业看，海岬矿业2023年5月锂辉石精矿销量为0.83万吨。"
    "2023年1-5月，全国锂辉石精矿进口量累计57.9万吨。下游方面，5月碳酸锂均价为21.6万元/吨，较上月上涨4.4%。"
)
JUNE = (
    "新能源材料跟踪2023年6月，全国锂辉石精矿产量13.9万吨，同比增长11.2%，环比增长12.1%。"
    "回顾来看，2023年5月，全国锂辉石精矿产量12.4万吨。6月磷酸铁锂出货量为14.2万吨，同比增长35.8%。"
    "2022年，云脊科技的氢燃料电池系统销量为1,320套，占国内市场份额的17.5%。"
)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder = tmp_path_factory.mktemp("stated")
    reports = folder / "reports.jsonl"
    written = (
        {"id": "may", "title": "锂辉石月报", "text": MAY, "published": "2023-06-12"},
        {"id": "june", "title": "新能源材料跟踪", "text": JUNE, "published": "2023-07-14"},
    )
    lines = [json.dumps(one, ensure_ascii=False) for one in written]
    reports.write_text("\n".join(lines), encoding="utf-8")
    build([reports], folder / "index")
    snapshot = open_snapshot(folder / "index")
    answerer = Answerer(snapshot)
    yield lambda question: answerer.ask(AskRequest(question=question))
    snapshot.close()


@pytest.mark.parametrize(
    ("question", "value", "report"),
    [
        ("2023年6月全国锂辉石精矿产量是多少？", "13.9万吨", "june"),
        ("2023年5月全国锂辉石精矿产量同比增长多少？", "8.1%", "may"),
        ("2023年5月青岚省锂辉石精矿产量是多少？", "3.7万吨", "may"),
        ("海岬矿业2023年5月锂辉石精矿销量是多少？", "0.83万吨", "may"),
        ("2022年云脊科技氢燃料电池系统的销量是多少？", "1,320套", "june"),
        ("云脊科技2022年氢燃料电池系统的国内市场份额是多少？", "17.5%", "june"),
    ],
)
def test_the_sentence_of_the_asked_period_and_owner_answers(
    ask: Ask, question: str, value: str, report: str
) -> None:
    reply = ask(question)
    assert not reply.refused, reply.answer
    assert value in reply.answer
    first = reply.citations[0]
    assert (first.report_id, value in first.quote) == (report, True)


@pytest.mark.parametrize(
    "question",
    [
        "2023年9月全国锂辉石精矿产量是多少？",
        "2021年5月全国锂辉石精矿产量是多少？",
        "赤松集团2023年5月锂辉石精矿销量是多少？",
        "2020年云脊科技氢燃料电池系统的销量是多少？",
    ],
)
def test_another_period_or_owner_is_no_answer(ask: Ask, question: str) -> None:
    reply = ask(question)
    assert reply.refused, reply.answer


def test_each_report_that_states_the_value_is_cited(ask: Ask) -> None:
    reply = ask("2023年5月全国锂辉石精矿产量是多少？")
    holding = [c for c in reply.citations if "12.4万吨" in c.quote]
    assert {c.report_id for c in holding} == {"may", "june"}
    # What else is told is called what it is.
    assert len(holding) == len(reply.citations) or "另一处相近的表述" in reply.answer
    assert reply.kind == "comparison"
    assert "也写明12.4万吨" in reply.answer


def test_the_certainty_grows_with_the_margin_and_with_reports_that_agree() -> None:
    alone = [Candidate(2.0, "5万", "a"), Candidate(-3.0, "6万", "a")]
    rivalled = [Candidate(2.0, "5万", "a"), Candidate(1.9, "6万", "a")]
    agreed = [Candidate(2.0, "5万", "a"), Candidate(1.9, "5万", "b"), Candidate(-3.0, "6万", "a")]
    assert certainty(rivalled) < certainty(alone) < certainty(agreed)
    assert signs_of(alone) == [2.0, 5.0, 0.0, 0.0]
    assert signs_of(agreed) == [2.0, 5.0, 0.0, pytest.approx(math.log(2))]


@given(
    st.lists(
        st.tuples(st.floats(-60, 60), st.sampled_from("甲乙丙"), st.sampled_from("ab")), min_size=1
    )
)
def test_the_certainty_is_a_probability(drawn: list[tuple[float, str, str]]) -> None:
    candidates = [Candidate(*one) for one in sorted(drawn, reverse=True)]
    assert 0 <= certainty(candidates) <= 1


def test_the_weights_fit_the_traits_and_signs() -> None:
    stored = json.loads(files("service").joinpath("data", "stated.json").read_text("utf-8"))
    assert tuple(stored["traits"]) == TRAITS
    assert len(stored["signs"]) == 1 + len(SIGNS)


def test_the_manifest_names_news_only() -> None:
    text = files("service").joinpath("data", "stated_manifest.json").read_text("utf-8")
    manifest = json.loads(text)
    assert list(manifest) == ["news"]
    assert len(manifest["news"]) > 100


@pytest.mark.skipif(not DATA, reason="YANBAO_TEST_DATA is not set")
def test_no_measured_report_was_trained_on() -> None:
    text = files("service").joinpath("data", "stated_manifest.json").read_text("utf-8")
    trained = set(json.loads(text)["news"])
    measured: set[str] = set()
    for path in sorted(Path(DATA, "qa").glob("yanbao_*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            measured |= {str(json.loads(line)["id"]) for line in lines}
    assert measured
    assert not measured & trained
