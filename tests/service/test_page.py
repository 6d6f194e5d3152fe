"""The page in a real browser: ask, read, click a citation, see the words in their report."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.skipif(importlib.util.find_spec("playwright") is None, reason="needs_chromium"),
]

FIGURE = "蓝色光标 2024 年的 EPS 是多少？"
REFUSED = "贵州茅台 2024 年的 EPS 是多少？"


@pytest.fixture(scope="module")  # its event loop must not outlive these tests
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def tab(browser: Any, site: Any) -> Iterator[Any]:
    """A page that fails the test on any script error or any request to elsewhere."""
    with opened_tab(browser, site) as page:
        yield page


class opened_tab:  # noqa: N801 - used like a function
    def __init__(self, browser: Any, site: Any, **options: Any) -> None:
        self.context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "base_url": site.url, **options}
        )
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        self.site = site

    def __enter__(self) -> Any:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        page.on("dialog", lambda dialog: self.faults.append(f"dialog {dialog.message}"))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        page.set_default_timeout(30_000)
        return page

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "status of" not in message.text:
            self.faults.append(message.text)

    def __exit__(self, *_: object) -> None:
        self.context.close()
        assert self.faults == []
        assert self.hosts <= {urlsplit(self.site.url).netloc}


def ask(page: Any, question: str) -> None:
    page.goto("/")
    page.get_by_label("问题", exact=True).fill(question)
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn:not([aria-busy]) .said")


def marked(page: Any) -> str:
    """The marked words; cells of a table row are put together again by tabs."""
    words: str = page.evaluate(
        """() => {
          const row = document.querySelector('.text tr.cited');
          const words = (marks) => [...marks].map((m) => m.textContent).join('');
          const of = (node) => words(node.querySelectorAll('mark'));
          if (row) return [...row.children].map(of).join('\\t');
          return [...document.querySelectorAll('.text p')].map(of).filter(Boolean).join('\\n');
        }"""
    )
    return words


def is_in_view(page: Any, selector: str) -> bool:
    inside: bool = page.evaluate(
        """(selector) => {
          const box = document.querySelector(selector).getBoundingClientRect();
          const frame = document.querySelector('.text').getBoundingClientRect();
          return box.top >= frame.top && box.bottom <= frame.bottom
            && box.left >= frame.left - 1 && box.right <= frame.right + 1
            && frame.top < innerHeight && box.bottom <= innerHeight;
        }""",
        selector,
    )
    return inside


def test_a_figure_is_answered_and_its_cell_is_outlined_in_the_report(tab, site):
    ask(tab, FIGURE)
    wanted = site.ask({"question": FIGURE}).json()
    assert tab.locator(".said").inner_text().replace("\n", "") == wanted["answer"].replace("\n", "")
    for cited in wanted["citations"]:
        tab.locator(f".cite[data-marker='{cited['marker']}']").first.click()
        tab.wait_for_selector(f".viewer:not([aria-busy]) a[href*='start={cited['start']}&']")
        assert marked(tab) == cited["quote"]
        assert tab.locator(".text td.cell").inner_text() == cited["cell"]["value"]
        assert is_in_view(tab, ".text td.cell")


def test_prose_is_marked_and_scrolled_to(tab, site):
    question = "多模态技术有哪些风险？"
    ask(tab, question)
    cited = site.ask({"question": question}).json()["citations"][0]
    tab.locator(".source").first.click()
    tab.wait_for_selector(".text mark")
    assert marked(tab) == cited["quote"]
    assert is_in_view(tab, ".text mark")


def test_a_refusal_shows_the_nearest_passages(tab):
    ask(tab, REFUSED)
    assert tab.locator(".said.refused").count() == 1
    assert tab.locator(".cite").count() == 0
    tab.locator(".source").first.click()
    tab.wait_for_selector(".text mark, .text tr.cited")


def test_examples_come_from_the_corpus_and_are_answered(tab):
    tab.goto("/")
    tab.wait_for_selector("#examples button")
    examples = tab.locator("#examples button").all_inner_texts()
    assert 3 <= len(examples) <= 6
    for example in examples:
        tab.goto("/")
        tab.locator("#examples button", has_text=example).click()
        tab.wait_for_selector(".turn:not([aria-busy]) .said")
        assert tab.locator(".said.refused").count() == 0, example


def test_a_citation_link_opens_the_report_at_the_quote(tab, site):
    cited = site.ask({"question": FIGURE}).json()["citations"][0]
    parts = urlsplit(cited["url"])
    tab.goto(f"{parts.path}?{parts.query}")
    tab.wait_for_selector(".text tr.cited")
    assert marked(tab) == cited["quote"]
    assert tab.locator(".notice").count() == 0
    tab.goto(f"{parts.path}?start={cited['start']}&end={cited['end']}&v=000000000000")
    tab.wait_for_selector(".text .notice")


def test_a_report_opens_without_a_place_and_an_unknown_one_says_so(tab, site):
    report_id = site.get("/v1/reports").json()["reports"][0]["report_id"]
    tab.goto(f"/reports/{quote(report_id)}")
    tab.wait_for_selector(".text p")
    assert tab.locator(".text mark").count() == 0
    assert tab.goto("/reports/nobody").status == 404
    tab.wait_for_selector(".viewer .notice")
    for odd in ("start=9&end=2", "start=-1&end=5", "start=0&end=999999999", "start=a&end=b"):
        tab.goto(f"/reports/{quote(report_id)}?{odd}")
        tab.wait_for_selector(".text p")


def test_the_whole_text_is_shown_word_for_word(tab, site):
    report_id = site.get("/v1/reports").json()["reports"][0]["report_id"]
    text = site.get(f"/v1/reports/{quote(report_id)}/text").body.decode()
    tab.goto(f"/reports/{quote(report_id)}?start=0&end={len(text)}")
    tab.wait_for_selector(".text p")
    shown = tab.evaluate("document.querySelector('.text').textContent")
    assert "".join(shown.split()) == "".join(text.split())


def test_markup_is_never_run(tab):
    for hostile in (
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        '"><svg onload=alert(1)>',
        "javascript:alert(1)",
        "[1](javascript:alert(1)) ![x](http://192.0.2.1/x.png)",
    ):
        ask(tab, hostile)
        assert tab.locator(".asked").inner_text() == hostile
        tab.wait_for_timeout(50)


def test_all_is_done_by_keyboard(tab):
    tab.goto("/")
    tab.keyboard.press("Tab")  # the skip link
    tab.keyboard.press("Enter")
    tab.keyboard.type(FIGURE)
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".cite")
    for _ in range(20):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.className") == "cite":
            break
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".text .cell")
    tab.keyboard.press("Escape")
    assert tab.locator("#viewer").is_hidden()
    assert tab.evaluate("document.activeElement.className") == "cite"


def test_every_control_has_a_name(tab):
    ask(tab, FIGURE)
    tab.locator(".cite").first.click()
    tab.wait_for_selector(".text .cell")
    unnamed = tab.evaluate(
        """() => [...document.querySelectorAll('button, a, input, textarea')]
          .filter((e) => !e.closest('[hidden]'))
          .filter((e) => !e.textContent.trim() && !e.ariaLabel && !e.labels?.length)
          .map((e) => e.outerHTML)"""
    )
    assert unnamed == []
    assert tab.evaluate("document.documentElement.lang") == "zh-CN"


@pytest.mark.parametrize("width", [320, 360, 768, 1600])
def test_nothing_runs_off_the_side(browser, site, width):
    with opened_tab(browser, site, viewport={"width": width, "height": 740}) as page:
        ask(page, FIGURE)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator(".cite").first.click()
        page.wait_for_selector(".text .cell")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert is_in_view(page, ".text td.cell")


def test_dark_mode_is_dark_and_legible(browser, site):
    with opened_tab(browser, site, color_scheme="dark") as page:
        ask(page, FIGURE)
        page.locator(".cite").first.click()
        page.wait_for_selector(".text .cell")
        for selector in (".said", ".asked", ".source .where", ".text td.cell", ".box button"):
            if page.locator(selector).count():
                assert contrast(page, selector) >= 4.5, selector


def test_light_mode_is_legible(tab):
    ask(tab, FIGURE)
    tab.locator(".cite").first.click()
    tab.wait_for_selector(".text .cell")
    for selector in (".said", ".asked", ".source .where", ".text td.cell", ".box button", ".hint"):
        if tab.locator(selector).count():
            assert contrast(tab, selector) >= 4.5, selector


def contrast(page: Any, selector: str) -> float:
    """Contrast of text and background by the formula of WCAG 2."""
    colours: list[str] = page.evaluate(
        """(selector) => {
          let node = document.querySelector(selector);
          const ink = getComputedStyle(node).color;
          const ground = () => getComputedStyle(node).backgroundColor;
          while (ground() === 'rgba(0, 0, 0, 0)') node = node.parentElement;
          return [ink, ground()];
        }""",
        selector,
    )
    light, dark = sorted((_luminance(colour) for colour in colours), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_offsets_count_code_points_whatever_the_text_holds(browser, tmp_path, serve_with):
    """Emoji are two units in JavaScript and one code point in every offset of the contract."""
    from indexer.build import build

    text = (
        "😀𠀀 研究报告\n\n一、要点\n\n😀 公司盈利能力显著提升，𠮷野家增长明显。后文 <b>不动</b>。\n"
    )
    (tmp_path / "emoji.txt").write_text(text, encoding="utf-8")
    build([tmp_path / "emoji.txt"], tmp_path / "index")
    site = serve_with(index=tmp_path / "index")
    start = text.index("𠮷野家")
    with opened_tab(browser, site) as page:
        page.goto(f"/reports/emoji?start={start}&end={start + 7}")
        page.wait_for_selector(".text mark")
        assert marked(page) == "𠮷野家增长明显"
