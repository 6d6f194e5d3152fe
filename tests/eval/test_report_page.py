"""report.html in a real browser: nothing is fetched, filters filter, runs stand side by side."""

from __future__ import annotations

import copy
import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eval.disguise import disguise
from eval.golden import GoldenItem, load_golden
from eval.page import write_report
from eval.run import Outcome, run_items
from eval.targets import AskError, open_index

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.skipif(importlib.util.find_spec("playwright") is None, reason="needs_chromium"),
]

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "corpus" / "reports"
ATTACK = "</script><img src=x onerror=alert(1)>"


class Spoiling:
    """A target whose first answer is wrong and hostile, and whose second request fails."""

    name = "spoiled"

    def __init__(self, target: Any) -> None:
        self.target = target
        self.asked = 0

    def ask(self, request: Any) -> dict[str, Any]:
        self.asked += 1
        if self.asked == 2:
            raise AskError("planned")
        answer = copy.deepcopy(self.target.ask(request))
        return answer | {"answer": ATTACK} if self.asked == 1 else answer

    def text(self, report_id: str) -> str:
        return self.target.text(report_id)


def asked(items: list[GoldenItem], index: Path, spoil: bool) -> list[Outcome]:
    target, close = open_index(index)
    try:
        return run_items(items, Spoiling(target) if spoil else target)
    finally:
        close()


@pytest.fixture(scope="module")
def runs(sample_index: Path, tmp_path_factory: Any) -> tuple[list[Outcome], list[Outcome]]:
    """Originals with two faults, and a disguised copy of the same questions."""
    from indexer.build import build

    folder = tmp_path_factory.mktemp("copy")
    items = list(load_golden([ROOT / "eval" / "golden" / "samples_dev.jsonl"]).items)[:120]
    texts = {path.stem: path.read_text(encoding="utf-8") for path in REPORTS.glob("*.txt")}
    disguised = disguise(texts, items, 0)
    for name, text in disguised.texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
    build([folder], folder / "index")
    copied = asked(list(disguised.items), folder / "index", spoil=False)
    return asked(items, sample_index, spoil=True), copied


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(path for name in names if (path := shutil.which(name)))
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, runs: Any, tmp_path: Path) -> Iterator[Any]:
    """The page, which must fetch nothing, log no error and open no dialog."""
    path = tmp_path / "report.html"
    write_report(path, [("originals", {}, runs[0]), ("copy 0", {}, runs[1])])
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(path.as_uri())
    yield page
    context.close()
    assert faults == []
    assert fetched == [path.as_uri()]


def shown(page: Any) -> list[str]:
    """The ids of the questions that are shown, unfolded to the last."""
    while page.locator("#items > button").count():
        page.locator("#items > button").click()
    found: list[str] = page.locator("article header span:first-child").all_inner_texts()
    return found


def test_at_first_only_what_went_wrong_is_shown(page, runs):
    wrong = [
        a.item.id
        for a, b in zip(*runs, strict=True)
        if any(o.error or o.verdict.faults for o in (a, b))
    ]
    assert shown(page) == wrong
    assert page.inner_text("#count") == f"{len(wrong)} of 120 questions"
    assert runs[0][0].item.id in wrong
    assert page.locator("article img").count() == 0  # the hostile answer is words
    assert ATTACK in page.locator("article").first.inner_text()


@pytest.mark.parametrize("kind", ["fact", "comparison"])
def test_the_type_filter_shows_all_of_its_type(page, runs, kind):
    page.uncheck("#bad")
    page.select_option("#type", kind)
    expected = [o.item.id for o in runs[0] if o.item.type == kind]
    assert shown(page) == expected
    assert expected


def test_tag_fault_and_words_filter_too_and_together(page, runs):
    page.uncheck("#bad")
    assert len(shown(page)) == 120
    page.select_option("#tag", "table")
    tagged = [o.item for o in runs[0] if "table" in o.item.tags]
    assert shown(page) == [item.id for item in tagged]
    page.fill("#words", "光线传媒")
    assert shown(page) == [
        o.item.id
        for o in runs[0]
        if "table" in o.item.tags
        and "光线传媒" in o.item.question + str((o.response or {}).get("answer"))
    ]
    page.fill("#words", "")
    page.select_option("#tag", "")
    page.select_option("#fault", "error")
    assert shown(page) == [runs[0][1].item.id]
    assert "error: planned" in page.locator("article").inner_text()


def test_originals_and_copies_stand_side_by_side(page, runs):
    page.uncheck("#bad")
    page.select_option("#type", "comparison")
    original, copied = next(
        (a, b) for a, b in zip(*runs, strict=True) if a.item.type == "comparison"
    )
    sides = page.locator("article").first.locator(".runs > div")
    assert sides.count() == 2
    assert [sides.nth(n).locator("h2").all_inner_texts() for n in (0, 1)] == [
        ["originals", original.item.question],
        ["copy 0", copied.item.question],
    ]
    left, right = sides.nth(0).bounding_box(), sides.nth(1).bounding_box()
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert original.response["answer"].strip()[:20] in sides.nth(0).inner_text()


def test_evidence_and_cell_are_highlighted_in_the_quote(page, runs):
    page.uncheck("#bad")
    page.select_option("#type", "comparison")
    outcome = next(o for o in runs[0] if o.item.type == "comparison")
    cited = outcome.response["citations"][0]
    block = page.locator("article").first.locator(".runs > div").first.locator("blockquote").first
    assert block.locator("mark.cell").inner_text() == cited["cell"]["value"]
    assert "".join(block.locator("mark").all_text_contents()) == cited["quote"]


def test_plots_are_drawn_and_a_phone_needs_no_scrolling_sideways(page):
    captions = page.locator("figcaption").all_inner_texts()
    assert captions[:2] == ["Answers and refusals", "Latency, ms (log scale)"]
    assert page.locator("svg rect").count() > 5
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
