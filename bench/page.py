"""The page in a real browser: how soon the first answer is seen, what it weighs, and that nothing
hostile is ever run: 200 strings as question, file name, title, text and answer of a model.

Run: `python bench/page.py` (needs Chromium and the dev extra; 77 without them).
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from measuring import (
    Figure,
    Server,
    golden_questions,
    machine,
    need_index,
    report,
    run_once,
    yanbao,
)
from model_server import model_server

LIMIT_FIRST_MS, LIMIT_KB, ROUNDS = 300.0, 150.0, 30
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ELSEWHERE = "http://192.0.2.1"  # an address of no one (RFC 5737)
_RUN = (
    "<script>{0}</script>",
    "<img src=x onerror={0}>",
    "<svg onload={0}>",
    "<svg><animate onbegin={0} attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.{0}</script>'></iframe>",
    "<a href=javascript:{0}>x</a>",
    "<details open ontoggle={0}>",
    "<input autofocus onfocus={0}>",
    "<video><source onerror={0}></video>",
    "<math><mtext><style><img src=x onerror={0}></style></mtext></math>",
    "<base href=javascript:{0}//>",
    "[x](javascript:{0})",
)
_FETCH = (
    "<img src={1}/a.png>",
    "<link rel=stylesheet href={1}/a.css>",
    "<style>@import '{1}/a.css'</style>",
    "<object data={1}/a></object>",
    "<form action={1}><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url={1}'>",
    "![x]({1}/a.png)",
    "<script src={1}/a.js></script>",
)
_AROUND = ("{}", '">{}', "'>{}", "</p>{}", "</textarea>{}", "</title>{}", "-->{}", "\u202e{}",
           "{}\u2028", "&lt;{}")  # fmt: skip
_IN_ANSWERS = ("img", "iframe", "script", "object", "style", "form[action]", "a[href^=javascript]")
_IN_REPORTS = ("img:not([alt])", "script", "iframe", "style", "object")
_MADE = ", ".join(
    [f"#thread {one}" for one in _IN_ANSWERS]
    + [f"#library {one}" for one in _IN_REPORTS]
    + [f".text {one}" for one in _IN_REPORTS]
    + ["base", "meta[http-equiv]"]
)


def hostile() -> list[str]:
    """200 strings that a careless page would run or fetch."""
    bodies = [body.replace("{0}", "alert(1)").replace("{1}", ELSEWHERE) for body in _RUN + _FETCH]
    return [around.replace("{}", body) for body in bodies for around in _AROUND]


def write_reports(folder: Path, strings: list[str]) -> None:
    """A report for each string, which is its file's name, its title and stands in its text."""
    for number, words in enumerate(strings):
        name = f"{words} {number}".replace("/", "∕").replace("\u2028", "")[:80]
        text = (
            f"恒川证券\n\n# {words}\n\n2025年3月{number % 28 + 1}日\n\n"
            f"恒川证券认为样品{number}的良率提升，{words}是主要原因。\n\n公司\tEPS\n{words}\t{number}.5\n"
        )
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


class Watched:
    """A page that counts what was run, made or fetched from elsewhere."""

    def __init__(self, browser: Any, url: str) -> None:
        self.page = browser.new_context(base_url=url).new_page()
        self.run: list[str] = []
        self.elsewhere: list[str] = []
        self.bytes = 0
        self.made = 0
        self._host = urlsplit(url).netloc
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _dialog(self, dialog: Any) -> None:
        self.run.append(dialog.message)
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if urlsplit(request.url).netloc not in {self._host, ""}:
            self.elsewhere.append(request.url)

    def _response(self, response: Any) -> None:
        self.bytes += int(response.headers.get("content-length", 0))

    def ask(self, question: str) -> float:
        """Asks; milliseconds from the click until words of the answer are seen."""
        self.page.locator("#question").fill(question)
        took: float = self.page.evaluate(
            """() => new Promise((done) => {
              const began = performance.now();
              const seen = new MutationObserver(() => {
                const said = document.querySelector('#thread .turn:last-child .said');
                if (!said || !said.textContent) return;
                seen.disconnect();
                requestAnimationFrame(() => done(performance.now() - began));
              });
              seen.observe(document.querySelector('#thread'), { subtree: true, childList: true });
              document.querySelector('#submit').click();
            })"""
        )
        self.page.wait_for_selector(".turn:last-child:not([aria-busy])")
        return took

    def look(self) -> None:
        """Counts what a hostile string has made of itself."""
        self.made += self.page.locator(_MADE).count()


def first_answers(browser: Any, url: str) -> tuple[float, int]:
    """Median milliseconds to the first seen answer, and the bytes of a whole first visit."""
    walls, weight = [], 0
    for question in golden_questions()[:ROUNDS]:
        watched = Watched(browser, url)
        watched.page.goto("/")
        watched.page.wait_for_selector("#examples button")
        walls.append(watched.ask(question))
        watched.page.wait_for_timeout(300)
        weight = max(weight, watched.bytes)
        watched.page.context.close()
    return statistics.median(walls), weight


def attack(browser: Any, url: str, strings: list[str]) -> Watched:
    """Shows each string in five places."""
    watched = Watched(browser, url)
    page = watched.page
    page.goto("/")
    page.locator("#to-library").click()
    page.wait_for_selector(".reports li")  # file names and titles of all
    watched.look()
    titles = page.locator(".reports .title")
    for number in range(0, titles.count(), 10):
        titles.nth(number).click()
        page.wait_for_selector(".text p")
        watched.look()
        page.keyboard.press("Escape")
    page.locator("#to-ask").click()
    for number, words in enumerate(strings):
        watched.ask(f"恒川证券认为样品{number}的良率为什么提升？{words}")
        watched.look()
        if number % 20 == 19:  # an ever longer conversation is not what is asked here
            page.locator("#new").click()
    return watched


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[Server]:
    """A server with a store of its own."""
    os.environ.update(settings, YANBAO_STORE=str(folder / "store.sqlite3"))
    with Server() as server:
        server.first_answer_s("样品1的良率为什么提升？")
        yield server


def main() -> int:
    """Measures and prints; 3 when a limit is broken, 77 without a browser."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        print("skipped: no Chromium or no playwright")
        return 77
    need_index()
    strings = hostile()
    print(f"the page on {machine()}; {len(strings)} hostile strings in five places")
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as place:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        folder = Path(place)
        with served(folder) as server:
            first_ms, weight = first_answers(browser, f"http://127.0.0.1:{server.port}")
        (folder / "reports").mkdir()
        write_reports(folder / "reports", strings)
        os.environ["INDEX"] = str(folder / "index")
        run_once(yanbao("index", str(folder / "reports"), "--index", os.environ["INDEX"]))
        with model_server() as model:
            said = iter(strings * 3)
            llm = {"YANBAO_OPENAI_BASE_URL": model.url, "YANBAO_READER": "llm"}
            model.script = lambda prompt: f"{next(said)}是主要原因[1]。"
            with served(folder, **llm) as server:
                watched = attack(browser, f"http://127.0.0.1:{server.port}", strings)
            prompts = len(model.prompts)
        browser.close()
    return report(
        [
            Figure("click to first answer seen, p50", first_ms, "ms", LIMIT_FIRST_MS),
            Figure("first visit with answers and chart", weight / 1000, "kB", LIMIT_KB),
            Figure("answers that the hostile model was asked for", prompts, ""),
            Figure("hostile strings run", len(watched.run), "", 0),
            Figure("requests to elsewhere", len(watched.elsewhere), "", 0),
            Figure("elements made of hostile strings", watched.made, "", 0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
