"""Plots of a run: what is drawn stands where its figures say."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from eval.plots import calibration_plot


def bin_of(said: float, was: float, n: int) -> dict[str, float | int]:
    return {"said": said, "was": was, "n": n, "low": max(was - 0.1, 0), "high": min(was + 0.1, 1)}


def test_each_bin_is_a_dot_with_its_count_and_one_that_keeps_its_word_is_on_the_diagonal() -> None:
    bins = [bin_of(0.25, 0.25, 40), bin_of(0.75, 0.5, 10)]
    drawn = calibration_plot({"ece": 0.05, "brier": 0.2, "bins": bins})
    figure = ElementTree.fromstring(drawn)
    diagonal = next(e for e in figure.iter("line") if "stroke-dasharray" in e.attrib)
    dots = figure.findall(".//circle")
    x1, y1, x2, y2 = (float(diagonal.attrib[k]) for k in ("x1", "y1", "x2", "y2"))
    assert len(dots) == 2

    def place(dot: ElementTree.Element) -> tuple[float, float]:
        x, y = float(dot.attrib["cx"]), float(dot.attrib["cy"])
        return (x - x1) / (x2 - x1), (y1 - y) / (y1 - y2)

    assert place(dots[0]) == pytest.approx((0.25, 0.25), abs=1e-3)
    assert place(dots[1]) == pytest.approx((0.75, 0.5), abs=1e-3)
    assert float(dots[0].attrib["r"]) > float(dots[1].attrib["r"])
    counts = [t.text for t in figure.iter("text") if t.attrib.get("class") == "small"]
    assert counts == ["40", "10"]
    caption = "".join(figure.find("figcaption").itertext())  # type: ignore[union-attr]
    assert re.search(r"ECE 0\.050, Brier 0\.200, n 50", caption)


def test_no_answers_no_plot() -> None:
    assert calibration_plot({"bins": []}) == ""
