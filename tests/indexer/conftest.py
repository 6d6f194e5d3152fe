"""Toy reports: small enough that a snapshot is built in a tenth of a second."""

from __future__ import annotations

from pathlib import Path

import pytest

REPORTS = {
    "alpha": "甲乙证券\n\n2024年03月01日\n\n青山科技深度报告\n\n青山科技（688001）主营光学镜头，"
    "2023年营业收入1,280.51亿元。\n\n风险提示：需求不及预期。\n",
    "beta": "丙丁证券\n\n2024年04月05日\n\n传媒行业周报\n\n蓝湖传媒（300999）票房回升，"
    "动画电影《山海图》上映。\n\n建议关注青山科技。\n",
    "gamma": "没有日期的短文。\n\n光学镜头价格上涨。\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three small reports."""
    place = tmp_path / "reports"
    place.mkdir()
    for name, text in REPORTS.items():
        (place / f"{name}.txt").write_text(text, encoding="utf-8")
    return place


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    """Where the index goes; nothing is there yet."""
    return tmp_path / "index"
