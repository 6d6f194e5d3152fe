"""The server under swaps, aborts and many clients: nothing is dropped, nothing is mixed."""

from __future__ import annotations

import json
import re
import shutil
import socket
import threading
import time
from urllib.parse import quote

from indexer.build import build, remove

REQUEST = json.dumps({"question": "公司收入增长多少？", "top_k": 50}).encode()
HEAD = b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


def until(true, timeout_s=60):
    """Waits for what must come; a busy machine takes its time."""
    ends = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def gauge(site, name):
    text = site.get("/metrics").body.decode()
    return float(re.search(rf"^yanbao_{name} (\S+)$", text, re.M).group(1))


def test_every_answer_is_wholly_from_one_snapshot_while_the_index_is_swapped(tmp_path, serve_with):
    """Odd snapshots hold one report, even ones two; an answer must fit its own snapshot."""
    folder, index = tmp_path / "in", tmp_path / "index"
    folder.mkdir()
    for name in ("one", "two"):
        text = f"{name} 研究报告\n\n公司收入增长 10%，{name} 利润增长。\n"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    build([folder], index)
    site = serve_with(index=index, reload_s=0.02, workers=2)
    stop = threading.Event()
    replies = []

    def client():
        while not stop.is_set():
            replies.append(site.ask(REQUEST))

    clients = [threading.Thread(target=client) for _ in range(4)]
    for thread in clients:
        thread.start()
    for _ in range(3):
        remove(index, "two")
        until(lambda: replies and replies[-1].json()["snapshot"]["reports"] == 1)
        build([folder], index)
        until(lambda: replies[-1].json()["snapshot"]["reports"] == 2)
    stop.set()
    for thread in clients:
        thread.join()
    assert {reply.status for reply in replies} == {200}
    seen = set()
    for reply in replies:
        answer = reply.json()
        named = {passage["report_id"] for passage in answer["passages"]}
        assert len(named) == answer["snapshot"]["reports"]
        seen.add((answer["snapshot"]["id"], len(named)))
    assert len(seen) == 2  # the same content has the same id, however often it is published
    assert gauge(site, "snapshot_swaps_failed") == 0


def test_a_damaged_new_snapshot_leaves_the_old_one_in_service(tmp_path, sample_index, serve_with):
    index = tmp_path / "index"
    shutil.copytree(sample_index, index)
    site = serve_with(index=index, reload_s=0.02)
    before = site.get("/readyz").json()["snapshot"]
    (index / "CURRENT.new").write_text("v-nothing\n")
    (index / "CURRENT.new").replace(index / "CURRENT")
    until(lambda: site.get("/readyz").json()["reload_fault"])
    ready = site.get("/readyz")
    assert ready.status == 200
    assert ready.json()["reload_fault"].startswith("Snapshot")
    assert ready.json()["snapshot"] == before
    assert site.ask({"question": "Sora 是什么？"}).json()["snapshot"] == before
    assert gauge(site, "snapshot_swaps_failed") == 1


def test_clients_who_hang_up_leave_nothing_behind(site):
    threads = threading.active_count()
    for _ in range(100):
        with socket.create_connection((site.host, site.port)) as connection:
            connection.sendall(HEAD % len(REQUEST) + REQUEST)
    for _ in range(100):
        with socket.create_connection((site.host, site.port)) as connection:
            connection.sendall(HEAD % len(REQUEST) + REQUEST[:5])
    until(lambda: gauge(site, "pool_taken") == 0)
    assert threading.active_count() <= threads + 4
    assert site.ask(REQUEST).status == 200


def test_many_clients_at_once_are_all_answered_or_told_to_come_back(site):
    replies = []

    def client():
        replies.extend(site.get(f"/v1/search?q={quote('算力需求')}") for _ in range(5))

    clients = [threading.Thread(target=client) for _ in range(40)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    assert len(replies) == 200
    assert {reply.status for reply in replies} <= {200, 503}
    bodies = {reply.body for reply in replies if reply.status == 200}
    assert len(bodies) == 1
