"""A real HTTP server over the sample index, and a client that sends raw bytes."""

from __future__ import annotations

import json
import shutil
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from indexer.build import build
from service.server import listen, make_server
from service.settings import Settings

BENCH = Path(__file__).resolve().parents[2] / "bench"


@dataclass(frozen=True)
class Reply:
    """What came back over the socket."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A running server."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://{self.host}:{self.port}"

    def exchange(self, raw: bytes, timeout_s: float = 20) -> Reply:
        """Sends `raw` as it is and reads one reply until the server closes or it is whole."""
        with socket.create_connection((self.host, self.port), timeout=timeout_s) as connection:
            # The server may have answered and closed; the answer is still to be read.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(raw)
            return read_reply(connection, not raw.startswith(b"HEAD "))

    def get(self, target: str, **headers: str) -> Reply:
        """GET, with the target's bytes unescaped by no one."""
        return self.send("GET", target, b"", **headers)

    def ask(self, body: bytes | dict[str, Any], **headers: str) -> Reply:
        """POST /v1/ask."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", "/v1/ask", raw, **{"Content-Type": "application/json", **headers})

    def send(self, method: str, target: str, body: bytes, **headers: str) -> Reply:
        """One request on its own connection."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        fields = {"Host": "127.0.0.1", "Connection": "close", **named}
        if body or method == "POST":
            fields.setdefault("Content-Length", str(len(body)))
        head = f"{method} {target} HTTP/1.1\r\n" + "".join(
            f"{k}: {v}\r\n" for k, v in fields.items()
        )
        return self.exchange(head.encode("latin-1") + b"\r\n" + body)


def read_reply(connection: socket.socket, has_body: bool = True) -> Reply:
    """One HTTP reply, by its Content-Length or until the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError(f"closed before a reply: {data!r}")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
    length = int(headers.get("content-length", -1)) if has_body else 0
    while length < 0 or len(body) < length:
        part = connection.recv(65536)
        if not part:
            break
        body += part
    return Reply(int(first.split()[1]), headers, body)


@contextmanager
def running(settings: Settings) -> Iterator[Site]:
    """A server in a thread of this process, stopped at the end."""
    listener = listen(settings.host, settings.port)
    server = make_server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            assert time.monotonic() < deadline, "the server did not start in 60 s"
            time.sleep(0.01)
        yield Site("127.0.0.1", listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


@pytest.fixture(scope="session")
def site(sample_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The samples, served with default settings and a store of its own."""
    store = tmp_path_factory.mktemp("store") / "store.sqlite3"
    with running(Settings(index=sample_index, port=0, store=store)) as served:
        yield served


@pytest.fixture
def serve_with(sample_index: Path) -> Iterator[Callable[..., Site]]:
    """Serves the samples with other settings, for one test."""
    opened = []

    def start(**given: Any) -> Site:
        context = running(Settings(**{"index": sample_index, "port": 0, **given}))
        opened.append(context)
        return context.__enter__()

    yield start
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture(scope="session")
def fakes() -> ModuleType:
    """The local Slack of `bench/slack_fake.py`."""
    sys.path.insert(0, str(BENCH))  # benches are commands, not an installed package
    try:
        import slack_fake
    finally:
        sys.path.remove(str(BENCH))
    return slack_fake


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; tests that ask for it are marked `needs_chromium` and skipped without it."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), "chromium")


PAGE_ONE = (
    "东方证券研究报告\n\n光明科技（600001.SH）深度报告：稳健增长\n\n投资评级：买入（维持）\n\n"
    "报告日期：2024年03月15日\n\n分析师：李明\n执业证书编号：S0860520010001\n\n"
    "光明科技2024年营业收入预计为35.2亿元，同比增长12.5%。风险提示：原材料价格波动。\n"
)


@pytest.fixture(scope="session")
def mixed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of many kinds, with names and contents that try the contract's words."""
    folder = tmp_path_factory.mktemp("mixed") / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.md").write_text(
        PAGE_ONE.replace("光明科技", "晨光电子").replace("001.SH", "002.SH")
    )
    (folder / "a.txt").write_bytes(b"\xef\xbb\xbf" + PAGE_ONE.encode())
    (folder / "sub" / "a.txt").write_bytes((PAGE_ONE + "第二份\r\n\r\n末行").encode())
    for codec in ("gb18030", "utf-16", "utf-8"):
        (folder / f"{codec}.txt").write_bytes(f"{PAGE_ONE}以{codec}写成\n".encode(codec))
    (folder / "bad.txt").write_bytes(bytes(range(128, 256)) * 20)
    (folder / "奇 怪（报告）&#?.v1.txt").write_text(PAGE_ONE + "名称奇怪")
    (folder / "Cafe\u0301.txt").write_text(PAGE_ONE + "法语名")
    lines = (
        {"id": "行/1", "text": "\ufeff研报正文：星辰科技2023年营收10亿元。\n", "broker": "中信证券",
         "title": "星辰科技点评", "published": "2024-01-05"},
        {"id": "行2", "pages": ["第一页：海天食品毛利率为30.5%。", "第二页：竞争加剧。"], "k": 1},
    )  # fmt: skip
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "lines.jsonl").write_text(text)
    (folder / "odd.jsonl").write_text(
        '{"id": ""}\n{"id": "x"}\n{"id": 5, "text": "研报"}\nno json\n'
    )
    with zipfile.ZipFile(folder / "pack.zip", "w") as pack:
        pack.writestr("内/甲.txt", PAGE_ONE + "甲")
        pack.writestr("乙 2.txt", PAGE_ONE + "乙")
    (folder / "值.csv").write_text(
        "代码,公司,EPS (元/股) 2023A,EPS (元/股) 2024E\n600010,甲乙股份,1.50,1.80\n600011,丙丁股份,,-\n"
    )
    (folder / "页.html").write_text(
        "<html><body><h1>红日能源（600030）点评</h1><p>红日能源2024年装机容量达到 <b>5GW</b>。</p>"
        "<table><tr><th>项目</th><th>2023A</th></tr><tr><td>收入</td><td>10.0</td></tr></table>"
    )
    return folder


@pytest.fixture(scope="session")
def mixed_site(mixed_folder: Path) -> Iterator[Site]:
    """The samples and the mixed files, served."""
    index = mixed_folder.parent / "index"
    samples = Path(__file__).resolve().parents[2] / "corpus" / "reports"
    build([samples, mixed_folder], index)
    store = mixed_folder.parent / "store.sqlite3"
    with running(Settings(index=index, port=0, store=store, api_key="a key of tests")) as served:
        yield served
