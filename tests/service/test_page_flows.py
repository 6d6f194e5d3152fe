"""What people do on the page beyond one question, each in a real browser over the real app."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.skipif(importlib.util.find_spec("playwright") is None, reason="needs_chromium"),
]

FIGURE = "蓝色光标 2024 年的 EPS 是多少？"


@pytest.fixture(scope="module")  # its event loop must not outlive these tests
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


class Tab:
    """A page of its own that fails the test on any script error or request to elsewhere."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        self.url = url
        self.context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "base_url": url, **options}
        )
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "status of" not in message.text:
            self.faults.append(message.text)

    def close(self) -> None:
        self.context.close()
        assert self.faults == []
        assert self.hosts - {""} <= {urlsplit(self.url).netloc}


@pytest.fixture
def tab(browser: Any, site: Any) -> Iterator[Any]:
    opened = Tab(browser, site.url)
    yield opened.page
    opened.close()


def ask(page: Any, question: str) -> None:
    """Asks on the page as it stands, a follow-up if there was a question before."""
    turns = page.locator(".turn").count()
    page.get_by_label("问题", exact=True).fill(question)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "(n) => document.querySelectorAll('.turn:not([aria-busy])').length === n", arg=turns + 1
    )


def last(page: Any) -> Any:
    return page.locator(".turn").last


def test_a_follow_up_goes_on_with_the_question_before(tab: Any) -> None:
    tab.goto("/")
    ask(tab, FIGURE)
    ask(tab, "那2023年呢？")
    assert "2023E" in last(tab).locator(".said").inner_text()
    assert "蓝色光标" in last(tab).locator(".facts").inner_text()  # how it was understood
    tab.get_by_role("button", name="新对话").click()
    assert tab.locator(".turn").count() == 0


def test_figures_of_two_brokers_stand_in_a_table_and_a_chart(tab: Any) -> None:
    tab.goto("/")
    ask(tab, FIGURE)
    rows = last(tab).locator(".wide tbody tr")
    assert rows.count() == 2
    assert "0.23" in rows.first.inner_text()
    tab.wait_for_selector(".chart canvas")
    spoken = tab.locator(".plot").get_attribute("aria-label")
    assert "华鑫证券" in spoken
    assert "东吴证券" in spoken
    rows.last.locator(".cite").click()
    tab.wait_for_selector(".text .cell")


def test_a_refusal_offers_what_is_there(tab: Any) -> None:
    tab.goto("/")
    ask(tab, "蓝色光标2026年的EPS是多少？")
    offer = last(tab).locator(".offers button", has_text="2024E").first
    offer.click()
    tab.wait_for_function("() => document.querySelectorAll('.turn:not([aria-busy])').length === 2")
    assert last(tab).locator(".said.refused").count() == 0
    assert "0.23" in last(tab).locator(".said").inner_text()


def test_a_filter_leaves_out_the_other_broker(tab: Any) -> None:
    tab.goto("/")
    tab.get_by_text("筛选").click()
    tab.wait_for_function("() => document.querySelectorAll('#filter-broker option').length === 2")
    tab.locator("#filter-broker").select_option("东吴证券")
    assert "1" in tab.locator("#filter-count").inner_text()
    ask(tab, FIGURE)
    brokers = last(tab).locator(".sources .who").all_inner_texts()
    assert brokers
    assert all("东吴证券" in words for words in brokers)
    tab.locator("#filter-clear").click()
    ask(tab, FIGURE)
    assert "华鑫证券" in last(tab).locator(".said").inner_text()


def test_dates_filter_by_what_is_printed(tab: Any) -> None:
    tab.goto("/")
    tab.get_by_text("筛选").click()
    tab.locator("#filter-from").fill("2024-02-25")
    ask(tab, FIGURE)
    assert "东吴证券" not in last(tab).locator(".said").inner_text()


def test_the_notice_names_brokers_and_dates(tab: Any) -> None:
    tab.goto("/")
    ask(tab, FIGURE)
    notice = last(tab).locator(".notice-line").inner_text()
    for words in ("华鑫证券 2024-02-29", "东吴证券 2024-02-21", "不构成投资建议"):
        assert words in notice


def test_what_is_copied_holds_sources_and_notice(browser: Any, site: Any) -> None:
    opened = Tab(browser, site.url, permissions=["clipboard-read", "clipboard-write"])
    page = opened.page
    page.goto("/")
    ask(page, FIGURE)
    page.get_by_role("button", name="复制文本").click()
    page.wait_for_function("() => document.querySelector('.told').textContent === '已复制。'")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(FIGURE)
    assert "[2] 东吴证券" in copied
    assert "/reports/" in copied
    assert "不构成投资建议" in copied
    page.get_by_role("button", name="复制 Markdown").click()
    page.wait_for_function(
        "() => navigator.clipboard.readText().then((words) => words.includes('[^1]:'))"
    )
    opened.close()


def test_the_library_lists_finds_and_opens_reports(tab: Any) -> None:
    tab.goto("/")
    tab.get_by_role("button", name="研报库").click()
    tab.wait_for_selector(".reports li")
    assert tab.locator(".reports li").count() == 2
    tab.get_by_label("查找研报").fill("东吴")
    assert tab.locator(".reports li").count() == 1
    tab.locator(".reports .title").click()
    tab.wait_for_selector(".text p")
    assert tab.locator(".viewer h2").inner_text()


def test_outline_leads_to_places_and_figures_to_cells(tab: Any) -> None:
    tab.goto("/")
    ask(tab, FIGURE)
    last(tab).locator(".source").first.click()
    tab.wait_for_selector(".text .cell")
    tab.get_by_role("button", name="目录").click()
    tab.wait_for_selector(".outline li")
    assert "分析师" in tab.locator(".outline dl").inner_text()
    tab.locator(".outline li button").nth(1).click()
    tab.wait_for_selector(".text mark")
    tab.get_by_role("button", name="数据").click()
    tab.wait_for_selector(".facts-list td button")
    tab.locator(".facts-list td button").first.click()
    tab.wait_for_selector(".text .cell")


def test_the_page_speaks_english_by_setting(tab: Any) -> None:
    tab.goto("/")
    tab.get_by_role("button", name="English").click()
    tab.wait_for_selector("html[lang='en']")
    assert tab.get_by_label("Question", exact=True).count() == 1
    tab.get_by_label("Question", exact=True).fill(FIGURE)
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".turn:not([aria-busy]) .sources")
    assert "Confidence" in tab.locator(".facts").inner_text()
    tab.get_by_role("button", name="中文").click()
    tab.wait_for_selector("html[lang='zh-CN']")


def test_the_page_weighs_at_most_150_kilobytes(tab: Any) -> None:
    sizes: list[int] = []
    tab.on("response", lambda response: sizes.append(len(response.body())))
    tab.goto("/")
    ask(tab, FIGURE)
    tab.wait_for_selector(".chart canvas")
    assert sum(sizes) <= 150_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Any, site: Any, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # axe is run by the test's own hand; the page's policy would refuse a foreign script
    opened = Tab(browser, site.url, color_scheme=scheme, bypass_csp=True)
    page = opened.page
    page.goto("/")
    ask(page, FIGURE)
    page.wait_for_selector(".chart canvas")
    found = [*faults(Axe().run(page))]
    last(page).locator(".source").first.click()
    page.wait_for_selector(".text .cell")
    found += faults(Axe().run(page))
    page.get_by_role("button", name="研报库").click()
    page.wait_for_selector(".reports li")
    found += faults(Axe().run(page))
    opened.close()
    assert found == []


def faults(results: Any) -> list[str]:
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in results.response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
