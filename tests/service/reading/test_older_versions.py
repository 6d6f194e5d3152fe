"""One publication is one voice: the newest version speaks, and the answer says so."""

from __future__ import annotations

import json
from datetime import date

import pytest

from indexer.build import build
from indexer.records import Filters
from indexer.snapshot import Snapshot, open_snapshot
from service.answering import Answerer
from service.catalog import Catalog
from service.reading.scope import make_scope
from service.schemas import AskRequest, FilterRequest

BODY = """{title}
一、公司概况
星河光学（300999）主营光学镜头与机器视觉模组，产品覆盖手机、车载与安防三大领域，客户以国内整机厂为主，
近年车载镜头收入占比持续提升，公司在东莞与越南设有两处生产基地，合计月产能约三千万颗。
二、盈利预测
我们预计公司2024年营业收入为{revenue}亿元，同比增长两成，毛利率受益于产品结构改善而小幅上升。
车载镜头单价高于手机镜头约四倍，随着智能驾驶渗透率提高，该业务有望成为公司第二增长曲线。
安防业务需求平稳，海外客户库存去化接近尾声，预计下半年恢复正常拉货节奏，全年出货量与去年持平。
三、风险提示
下游需求不及预期；汇率波动；新产品验证进度不及预期；行业竞争加剧导致价格下降。
"""
QUESTION = "星河光学2024年营业收入预计是多少？"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A report, its corrected version of two days later, a copy of that, and one of another."""
    top = tmp_path_factory.mktemp("versions")
    title = "星河光学：车载镜头打开空间"
    other = BODY[BODY.index("\n") :].replace("星河光学（300999）", "")
    lines = [
        ("first", "东吴证券", "2024-03-05", BODY.format(title=title, revenue="46.2")),
        ("fixed", "东吴证券", "2024-03-07", BODY.format(title=title, revenue="42.6")),
        ("stray", "华鑫证券", "2024-03-01", "储能行业点评\n" + other[:60] * 2 + "\n"),
    ]
    with (top / "all.jsonl").open("w", encoding="utf-8") as file:
        for report_id, broker, day, text in lines:
            row = {"id": report_id, "broker": broker, "published": day, "text": text}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    build([top / "all.jsonl"], top / "index")
    return open_snapshot(top / "index")


def answer(snapshot: Snapshot, **given: object) -> str:
    response = Answerer(snapshot).ask(AskRequest(question=QUESTION, **given))  # type: ignore[arg-type]
    assert {c.report_id for c in response.citations} <= {"first", "fixed"}
    return response.answer


def test_the_newest_version_speaks_alone_and_the_answer_says_so(snapshot: Snapshot) -> None:
    words = answer(snapshot)
    assert "42.6" in words
    assert "46.2" not in words
    assert "此处采用 2024-03-07 的 fixed，未采用 2024-03-05 的 first" in words


def test_an_older_version_speaks_where_the_newer_one_may_not(snapshot: Snapshot) -> None:
    for given in (
        {"as_of": date(2024, 3, 6)},
        {"filters": FilterRequest(report_ids=["first"])},
    ):
        words = answer(snapshot, **given)
        assert "46.2" in words
        assert "42.6" not in words
        assert "多个版本" not in words


def test_two_versions_are_not_two_views(snapshot: Snapshot) -> None:
    scope = make_scope(snapshot, Filters(), (), None)
    assert scope.speaking == ("fixed", "stray")
    assert scope.left_out == {"fixed": ("first",)}
    narrowed = make_scope(snapshot, Filters(report_ids=("first", "stray")), (), None)
    assert narrowed.speaking == ("first", "stray")
    assert narrowed.others == ()
    houses = make_scope(snapshot, Filters(), ("华鑫证券",), None)
    assert houses.speaking == ("stray",)
    assert houses.others == ("fixed",)


def test_the_list_of_reports_tells_of_versions(snapshot: Snapshot) -> None:
    catalog = Catalog(snapshot)
    assert "是报告 fixed 的旧版本" in catalog.get("first").warnings[-1]
    assert "另有副本或旧版本：first" in catalog.get("fixed").warnings[-1]
    assert not any("版本" in warning for warning in catalog.get("stray").warnings)
