"""The whole journey: brokers, years, kinds, filters; the same answer for the same request."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.snapshot import Snapshot
from service.answering import Answerer
from service.schemas import AskRequest, AskResponse, Turn

Ask = Callable[..., AskResponse]
EPS = "云杉智能2025E的EPS是多少？"


def _values(reply: AskResponse) -> list[str]:
    return [c.cell.value for c in reply.citations if c.cell]


def test_without_a_house_all_reports_answer_newest_first(ask: Ask) -> None:
    reply = ask(EPS)
    assert reply.kind == "comparison"
    assert _values(reply) == ["0.90", "0.81", "0.88"]
    heard = ["海岳证券（2025-05-09）", "恒川证券（2025-04-02）", "海岳证券（2025-03-18）"]
    assert [reply.answer.index(label) for label in heard] == sorted(
        reply.answer.index(label) for label in heard
    )
    assert reply.others == []


def test_one_report_that_holds_the_figure_is_a_fact(ask: Ask) -> None:
    reply = ask("青禾电子2025E的EPS是多少？")
    assert (reply.kind, _values(reply)) == ("fact", ["1.02"])
    assert "恒川证券（2025-04-02）" in reply.answer


@pytest.mark.parametrize("house", ["恒川证券", "恒川"])
def test_a_named_house_alone_is_in_the_answer_and_the_rest_in_others(ask: Ask, house: str) -> None:
    reply = ask(f"{house}预测云杉智能2025E的EPS是多少？")
    assert reply.kind == "fact"
    assert "0.81" in reply.answer
    assert "0.90" not in reply.answer
    assert "海岳" not in reply.answer
    assert [(o.broker, str(o.published), o.value, o.unit) for o in reply.others] == [
        ("海岳证券", "2025-05-09", "0.90", "元"),
        ("海岳证券", "2025-03-18", "0.88", "元"),
    ]
    by_marker = {c.marker: c for c in reply.citations}
    for other in reply.others:
        assert other.marker is not None
        cell = by_marker[other.marker].cell
        assert cell is not None
        assert cell.value == other.value


def test_a_house_in_the_filter_alone_is_in_the_answer(ask: Ask) -> None:
    for house in ("恒川证券", "恒川", "恒川证券有限责任公司"):
        reply = ask(EPS, filters={"brokers": [house]})
        assert (reply.kind, _values(reply)) == ("fact", ["0.81"])
        assert [o.value for o in reply.others] == ["0.90", "0.88"]
        assert {c.broker for c in reply.citations} == {"恒川证券"}


def test_two_named_houses_both_answer(ask: Ask) -> None:
    reply = ask("海岳证券和恒川证券预测云杉智能2026E的EPS各是多少？")
    assert reply.kind == "comparison"
    assert _values(reply) == ["1.38", "1.29", "1.35"]


@pytest.mark.parametrize(
    ("year", "value", "word"),
    [("2024年", "0.42", "实际"), ("2025年", "0.81", "预测"), ("2026", "1.29", "预测")],
)
def test_a_year_without_mark_takes_the_column_of_that_year(
    ask: Ask, year: str, value: str, word: str
) -> None:
    reply = ask(f"恒川证券预测云杉智能{year}的EPS是多少？")
    assert _values(reply)[0] == value
    assert word in reply.answer


def test_an_actual_figure_is_never_an_estimate(ask: Ask) -> None:
    assert ask("云杉智能2025A的EPS是多少？").reason == "no_such_period"


def test_last_year_is_counted_from_the_newest_report(ask: Ask) -> None:
    assert _values(ask("海岳证券给出的云杉智能去年营业收入是多少？")) == ["2,415.3"]


@pytest.mark.parametrize(
    ("filters", "values"),
    [
        ({}, ["0.90", "0.81", "0.88"]),
        ({"brokers": ["恒川", "海岳证券"]}, ["0.90", "0.81", "0.88"]),
        ({"report_ids": ["haiyue-chips", "hengchuan-weekly"]}, ["0.81", "0.88"]),
        ({"published_from": "2025-04-02"}, ["0.90", "0.81"]),
        ({"published_to": "2025-04-02"}, ["0.81", "0.88"]),
        ({"published_from": "2025-04-02", "published_to": "2025-04-02"}, ["0.81"]),
        ({"stock_codes": ["301966"]}, ["0.88"]),
        ({"stock_codes": ["301993.SZ", "301966"]}, ["0.81", "0.88"]),
        ({"brokers": ["海岳证券"], "published_from": "2025-04-01"}, ["0.90"]),
    ],
)
def test_filters_join_by_and_and_hold_by_or(ask: Ask, filters: dict, values: list[str]) -> None:
    assert _values(ask(EPS, filters=filters)) == values


def test_a_report_without_a_date_fails_a_date_filter(ask: Ask) -> None:
    question = "苍溪药业2025E的归母净利润是多少？"
    assert _values(ask(question)) == ["41,250"]
    assert ask(question, filters={"published_to": "2099-01-01"}).refused
    assert ask(question, filters={"published_from": "1990-01-01"}).refused


def test_as_of_hears_only_what_was_published_by_then(ask: Ask) -> None:
    assert _values(ask(EPS, as_of="2025-05-09")) == ["0.90", "0.81", "0.88"]
    assert _values(ask(EPS, as_of="2025-05-08")) == ["0.81", "0.88"]
    assert _values(ask(EPS, as_of="2025-03-18")) == ["0.88"]
    named = ask("海岳证券预测云杉智能2025E的EPS是多少？", as_of="2025-03-18")
    assert (_values(named), named.others) == (["0.88"], [])


def test_no_other_house_is_heard_beside_a_report_filter(ask: Ask) -> None:
    reply = ask("海岳证券预测云杉智能2025E的EPS", filters={"report_ids": ["haiyue-chips"]})
    assert reply.others == []


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("青禾电子2025E的EPS是多少？", "fact"),
        ("青禾电子2025E的EPS比2024年高多少？", "computed"),
        ("云杉智能2025E的EPS是多少？", "comparison"),
        ("双抗药物的研发周期约为多久？", "passage"),
        ("贺云舒的邮箱是什么？", "metadata"),
        ("星河动力的EPS是多少？", "refusal"),
    ],
)
def test_each_kind_of_answer_has_its_name(ask: Ask, question: str, kind: str) -> None:
    reply = ask(question)
    assert reply.kind == kind
    assert reply.refused is (kind == "refusal")
    assert (reply.reason is None) is (kind != "refusal")
    assert 0 <= reply.confidence <= 1


def test_the_answer_says_which_snapshot_and_models_spoke(ask: Ask, invented: Snapshot) -> None:
    reply = ask(EPS)
    assert (reply.snapshot.id, reply.snapshot.reports) == (invented.id, 4)
    assert reply.snapshot.passages == invented.chunk_count()
    assert (reply.models.embedder, reply.models.reranker) == (invented.embedder_name, None)
    assert re.fullmatch("ans_[0-9a-f]+", reply.id)
    assert reply.question == EPS


def test_passages_are_verbatim_and_as_many_as_asked(ask: Ask, invented: Snapshot) -> None:
    reply = ask("推理算力需求增长的原因是什么？", top_k=2)
    assert len(reply.passages) == 2
    for passage in reply.passages:
        text = invented.text(passage.report_id)[passage.start : passage.end]
        assert text == passage.text
        assert passage.passage_id == f"{passage.report_id}:{passage.start}-{passage.end}"


# --- the same request, the same answer ----------------------------------------------------------

QUESTIONS = (
    EPS,
    "2025E市盈率最低的公司是哪家？",
    "推理算力需求增长的原因是什么？",
    "贵州茅台的EPS",
)


def _stable(reply: AskResponse) -> str:
    held = json.loads(reply.model_dump_json())
    del held["id"], held["timings_ms"]
    return json.dumps(held, ensure_ascii=False)


def test_the_same_request_gives_the_same_answer_byte_for_byte(ask: Ask, invented: Snapshot) -> None:
    fresh = Answerer(invented, "https://yanbao.example/")
    for question in QUESTIONS:
        first = _stable(ask(question))
        assert _stable(ask(question)) == first
        assert _stable(fresh.ask(AskRequest(question=question))) == first


def test_two_threads_hear_what_one_hears(ask: Ask, invented: Snapshot) -> None:
    alone = [_stable(ask(question)) for question in QUESTIONS]
    fresh = Answerer(invented, "https://yanbao.example/")
    requests = [AskRequest(question=q) for q in QUESTIONS * 4]
    with ThreadPoolExecutor(4) as pool:
        assert [_stable(r) for r in pool.map(fresh.ask, requests)] == alone * 4


def test_two_processes_hear_the_same(ask: Ask, invented_index: Path) -> None:
    code = (
        "import sys, json, pathlib\n"
        "from indexer.snapshot import open_snapshot\n"
        "from service.answering import Answerer\n"
        "from service.schemas import AskRequest\n"
        "asked = Answerer(open_snapshot(pathlib.Path(sys.argv[1])), 'https://yanbao.example/')\n"
        "for q in sys.argv[2:]:\n"
        "    print(asked.ask(AskRequest(question=q)).model_dump_json())\n"
    )
    heard = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(invented_index), *QUESTIONS],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8", "PATH": ""},
            capture_output=True,
            check=True,
            timeout=60,
        )
        replies = [AskResponse.model_validate_json(ln) for ln in done.stdout.splitlines()]
        heard.append([_stable(r) for r in replies])
    assert heard[0] == heard[1] == [_stable(ask(q)) for q in QUESTIONS]


# --- whatever is asked ----------------------------------------------------------------------------

WORDS = {
    "invented": "云杉智能 砺石股份 云智 北科 长城 688977 301987.SZ 星河动力 白榆医疗 海岳证券 恒川 明澜证券 "
    "南岭证券 陆知遥 沈砚秋 玻璃基板 推理算力 强烈推荐 增持 二期产线 青禾电子 301994 97",
    "sampled": "昆仑万维 蓝色光标 风语筑 300418 603466.SH 万达 贵州茅台 东吴证券 华鑫 海通证券 张良卫 朱珠 Sora "
    "CLIP 千秋诗颂 买入 推荐 新质生产力 中信出版 于越",
}
SLOTS = (
    "2024年 2025E 2023E 2024E 2022A 2031E 去年 EPS 每股收益 市盈率 PE 总市值 收盘价 股息率 评级 目标价 营业收入 "
    "净利润 的 和 与 比 是多少 最高 最低 前三 合计 平均 相差多少 增长率 高多少 哪家 哪些公司 有几家 低于20倍 超过0.5元 "
    "为负 是0.90元吗 为什么 什么时候 是谁 作者 证书编号 风险提示 相关研究 目录 数据来源 全称 地址 股票代码 吗 ？ ， 、 "
    "分别 两家券商 都覆盖 报告 行业 他 它 那 呢 是什么意思 标准 几倍 低于 高于 （ ） 《 》 １２３ - ~ % 😀"
)


def _questions(name: str) -> st.SearchStrategy[str]:
    words = st.sampled_from([*WORDS[name].split(), *SLOTS.split(), "\n", "\f", "\u3000"])
    return st.lists(words, min_size=1, max_size=8).map("".join).filter(bool)


def _check(reply: AskResponse, snapshot: Snapshot) -> None:
    AskResponse.model_validate_json(reply.model_dump_json())
    assert reply.refused is (reply.kind == "refusal") is (reply.reason is not None)
    if reply.refused:
        assert reply.citations == []
        assert reply.missing
    else:
        assert reply.citations, reply.answer
    assert reply.answer.strip()
    assert [c.marker for c in reply.citations] == list(range(1, len(reply.citations) + 1))
    for citation in reply.citations:
        text = snapshot.text(citation.report_id)
        assert text[citation.start : citation.end] == citation.quote
        assert citation.quote.strip()
        if citation.cell is not None:
            cell = citation.cell
            assert text[cell.start : cell.end] == cell.value
            assert citation.start <= cell.start <= cell.end <= citation.end
    markers = {int(m) for m in re.findall(r" \[(\d+)\]", reply.answer)}
    assert markers <= {c.marker for c in reply.citations}
    for mark in reply.highlights:
        assert 0 <= mark.start < mark.end <= len(reply.answer)
    if reply.computation is not None:
        assert len(reply.citations) <= 8
        for taken in reply.computation.inputs:
            assert snapshot.text(taken.report_id)[taken.start : taken.end] == taken.value
    for passage in reply.passages:
        assert snapshot.text(passage.report_id)[passage.start : passage.end] == passage.text


WHATEVER = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@WHATEVER
@given(question=_questions("invented"), earlier=st.lists(_questions("invented"), max_size=2))
def test_whatever_is_asked_every_citation_is_verbatim(
    ask: Ask, invented: Snapshot, question: str, earlier: list[str]
) -> None:
    reply = ask(question, *earlier)
    _check(reply, invented)
    if not earlier:
        assert reply.standalone_question == question


@WHATEVER
@given(question=_questions("sampled"), earlier=st.lists(_questions("sampled"), max_size=1))
def test_whatever_is_asked_of_the_samples_every_citation_is_verbatim(
    ask_samples: Ask, sampled: Snapshot, question: str, earlier: list[str]
) -> None:
    _check(ask_samples(question, *earlier), sampled)


def test_the_longest_request_is_answered(answerer: Answerer, invented: Snapshot) -> None:
    history = [Turn(role="user", content="云杉智能的EPS和" * 600)] * 20
    for question in ("云" * 2000, "云杉智能和" * 400, "2025E" * 400, "（" * 2000, "1" * 2000):
        _check(answerer.ask(AskRequest(question=question, history=history[:2])), invented)
