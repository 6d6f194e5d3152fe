"""What people do on the page beyond one question, each in a real browser over the real app."""

from __future__ import annotations

import ctypes
import importlib.util
import io
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.skipif(importlib.util.find_spec("playwright") is None, reason="needs_chromium"),
]

JOB_MS = 60_000  # a machine under load takes its time for a whole job
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
        self.page.set_default_timeout(30_000)
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


def test_companies_and_metrics_are_a_table_of_cited_cells(tab: Any) -> None:
    tab.goto("/")
    ask(tab, "昆仑万维和蓝色光标2024E的EPS和PE分别是多少？")
    table = last(tab).locator(".said table").first
    assert table.locator("thead th").first.inner_text() == "公司"
    row = table.locator("tbody tr").first
    assert "---" not in last(tab).locator(".said").inner_text()  # no Markdown is left
    assert row.locator(".cite").count() >= 2
    row.locator(".cite").first.click()
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


# --- what changes something: a service of its own -----------------------------------------------

KEY = "a-key-for-the-flows"


@pytest.fixture
def own(
    browser: Any, sample_index: Path, tmp_path: Path, serve_with: Callable[..., Any]
) -> Iterator[Any]:
    """A page on a service whose index and store belong to one test."""
    shutil.copytree(sample_index, tmp_path / "index")
    site = serve_with(
        index=tmp_path / "index", store=tmp_path / "store.sqlite3", api_key=KEY, reload_s=0.1
    )
    opened = Tab(browser, site.url)
    yield opened.page
    opened.close()


def english_pdf(words: str) -> bytes:
    """A PDF of one page with one line."""
    import pypdfium2
    from pypdfium2 import raw

    document = pypdfium2.PdfDocument.new()
    page = document.new_page(595, 842)
    font = raw.FPDFText_LoadStandardFont(document, b"Helvetica")
    line = raw.FPDFPageObj_CreateTextObj(document, font, 14)
    coded = words.encode("utf-16-le") + b"\0\0"
    text = ctypes.cast(ctypes.create_string_buffer(coded), ctypes.POINTER(ctypes.c_ushort))
    raw.FPDFText_SetText(line, text)
    raw.FPDFPageObj_Transform(line, 1, 0, 0, 1, 72, 700)
    raw.FPDFPage_InsertObject(page, line)
    page.gen_content()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def upload(page: Any, *files: tuple[str, bytes]) -> None:
    """Drops files into the library and gives the key when it is asked for."""
    page.goto("/")
    page.get_by_role("button", name="研报库").click()
    page.wait_for_selector(".reports li")
    given = [{"name": name, "mimeType": "text/plain", "buffer": data} for name, data in files]
    page.set_input_files("#upload", given)
    page.get_by_label("访问密钥").fill(KEY)
    page.keyboard.press("Enter")
    page.wait_for_selector(".drop .told li")
    page.locator(".drop .told p", has_text="全部处理完。").wait_for(timeout=JOB_MS)


def test_good_and_bad_files_are_uploaded_and_the_good_one_is_asked(own: Any) -> None:
    note = "恒川证券\n\n砺石股份（301987.SZ）点评\n\n2025年3月18日\n\n玻璃基板样品良率提升至92%。\n"
    upload(own, ("新报告.txt", note.encode()), ("坏.pdf", b"%PDF-1.4 nothing"))
    told = own.locator(".drop .told li")
    assert "已收录" in told.nth(0).inner_text()
    assert "未收录" in told.nth(1).inner_text()
    own.locator(".reports li .title", has_text="坏.pdf").wait_for()
    assert own.locator(".reports li.bad .warning").inner_text()  # the reason
    own.get_by_role("button", name="提问").first.click()
    ask(own, "砺石股份的玻璃基板样品良率是多少？")
    assert "92%" in last(own).locator(".said").inner_text()


def test_files_are_taken_where_they_are_dropped(own: Any) -> None:
    own.goto("/")
    own.get_by_role("button", name="研报库").click()
    own.wait_for_selector(".reports li")
    own.evaluate(
        """() => {
          const carried = new DataTransfer();
          carried.items.add(new File(['恒川证券\\n\\n拖来的点评。\\n'], '拖来.txt'));
          const zone = document.querySelector('.drop');
          for (const kind of ['dragover', 'drop']) {
            zone.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
          }
        }"""
    )
    own.get_by_label("访问密钥").fill(KEY)
    own.keyboard.press("Enter")
    own.locator(".drop .told li", has_text="拖来.txt").wait_for()
    own.locator(".drop .told p", has_text="全部处理完。").wait_for(timeout=JOB_MS)


def test_a_report_is_removed_from_the_library(own: Any) -> None:
    upload(own, ("多余.txt", "恒川证券\n\n多余的点评。\n".encode()))
    own.locator(".reports li", has_text="多余").first.wait_for()
    own.on("dialog", lambda dialog: dialog.accept())
    own.locator(".reports li", has_text="多余").first.get_by_role("button", name="删除").click()
    own.wait_for_function(
        "() => ![...document.querySelectorAll('.reports li')].some((e) => e.textContent.includes('多余'))"
    )


def test_the_page_of_a_pdf_is_shown_with_its_words_marked(own: Any) -> None:
    upload(own, ("note.pdf", english_pdf("Shipments of separators reached 92 tonnes in 2024")))
    own.locator(".reports .title", has_text="note").first.wait_for()
    own.goto("/reports/note?start=0&end=9")
    own.get_by_role("button", name="页面").last.click()
    image = own.locator(".page img")
    image.wait_for()
    assert "第 1 页，共 1 页" in image.get_attribute("alt")
    own.wait_for_function("() => document.querySelector('.page img').naturalWidth > 500")
    yellow = own.evaluate(
        """() => {
          const image = document.querySelector('.page img');
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const drawing = canvas.getContext('2d');
          drawing.drawImage(image, 0, 0);
          const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 0; i < data.length; i += 4) count += data[i] > 240 && data[i + 2] < 120;
          return count;
        }"""
    )
    assert yellow > 200


def test_feedback_with_a_comment_is_kept(own: Any) -> None:
    own.goto("/")
    ask(own, FIGURE)
    last(own).get_by_role("button", name="没用").click()
    own.get_by_label("意见").fill("少了一家券商")
    own.keyboard.press("Enter")
    own.get_by_text("已收到反馈，谢谢。").wait_for()


def test_a_saved_question_shows_what_a_new_report_changed(own: Any) -> None:
    own.goto("/")
    ask(own, "蓝色光标2024年的每股收益是多少？")
    last(own).get_by_role("button", name="关注此问题").click()
    own.get_by_label("访问密钥").fill(KEY)
    own.keyboard.press("Enter")
    own.get_by_text("已关注").wait_for()
    note = (
        "恒川证券\n\n蓝色光标（300058.SZ）深度报告\n\n2024年4月18日\n\n盈利预测\n\n"
        "| 指标 | 2023A | 2024E |\n| --- | --- | --- |\n| 每股收益（元） | 0.05 | 0.31 |\n"
        "| 归母净利润（百万元） | 120 | 770 |\n"
    )
    own.get_by_role("button", name="研报库").click()
    own.wait_for_selector(".reports li")
    given = {"name": "新.txt", "mimeType": "text/plain", "buffer": note.encode()}
    own.set_input_files("#upload", [given])
    own.locator(".drop .told p", has_text="全部处理完。").wait_for(timeout=JOB_MS)
    # it is asked again soon after the new snapshot is served
    ends = time.monotonic() + JOB_MS / 1000
    while not own.evaluate("async () => (await (await fetch('/v1/saved/changes')).json()).changes"):
        assert time.monotonic() < ends
        own.wait_for_timeout(250)
    own.get_by_role("button", name="关注").first.click()
    assert "+0.31" in own.locator("#saved .warning").first.inner_text(timeout=JOB_MS)


def test_a_conversation_is_shared_by_its_link(own: Any) -> None:
    own.goto("/")
    ask(own, FIGURE)
    ask(own, "那2023年呢？")
    said = own.locator(".said").all_inner_texts()
    ids = own.evaluate("[...document.querySelectorAll('.turn')].map((turn) => turn.response.id)")
    own.goto(f"/?a={','.join(ids)}")
    own.wait_for_function("() => document.querySelectorAll('.turn:not([aria-busy])').length === 2")
    assert own.locator(".said").all_inner_texts() == said
    ask(own, "PE呢？")  # it goes on from there
    assert "蓝色光标" in last(own).locator(".said").inner_text()


def test_the_figures_of_an_answer_are_saved_as_a_workbook(own: Any) -> None:
    own.goto("/")
    ask(own, FIGURE)
    with own.expect_download() as download:
        last(own).get_by_role("button", name="导出 XLSX").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"


def test_the_answer_appears_sentence_by_sentence(tab: Any) -> None:
    tab.goto("/")
    tab.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => {
            const said = document.querySelector('.turn[aria-busy] .said');
            if (said && said.textContent) window.seen.push(said.textContent);
          }).observe(document.querySelector('#thread'), { subtree: true, childList: true });
        }"""
    )
    ask(tab, FIGURE)
    whole = json.loads(tab.evaluate("JSON.stringify(document.querySelector('.turn').response)"))
    seen = tab.evaluate("window.seen")
    assert len(seen) >= 2
    assert whole["answer"].startswith(seen[0])
    assert len(seen[0]) < len(whole["answer"])


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "<a href=javascript:alert(1)>x</a>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "![x](http://192.0.2.1/x.png) [y](javascript:alert(1))",
    "<style>@import 'http://192.0.2.1/x.css';</style>",
    "<form action=http://192.0.2.1><input name=q>",
    "${alert(1)} {{alert(1)}} \u202e\u2066",
    "<math><mtext></mtext><img src=//192.0.2.1/a></math>",
)


def test_nothing_of_a_report_is_ever_run(own: Any) -> None:
    """In the text, the title, a table and the file's name; then as question and answer."""
    dialogs: list[str] = []
    own.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    lines = "\n\n".join(f"恒川证券认为{words}增长很快。" for words in HOSTILE)
    rows = "\n".join(f"{words}\t{number}.5" for number, words in enumerate(HOSTILE))
    text = f"恒川证券\n\n# {HOSTILE[0]}\n\n2025年3月18日\n\n{lines}\n\n公司\tEPS\n{rows}\n"
    upload(own, (f"{HOSTILE[0]}.txt".replace("/", ""), text.encode()))
    own.locator(".reports .title").first.click()
    own.wait_for_selector(".text p")
    own.goto("/")
    for words in HOSTILE:
        ask(own, f"恒川证券认为什么增长很快？{words}")
    own.locator(".source").last.click()
    own.wait_for_selector(".text p")
    made = own.evaluate(
        "() => document.querySelectorAll('#thread img, #thread script, #thread iframe, "
        "#thread form[action], .text img, .text script, .text iframe, .text style').length"
    )
    assert made == 0
    assert dialogs == []


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
