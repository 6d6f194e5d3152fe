"""Reports arrive and go over HTTP: uploads, jobs, removals, keys, restarts, hostile forms."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from indexer.build import build
from indexer.manifest import writing
from service.indexing import remove_reports
from service.keys import Keys
from service.settings import load_settings
from service.store import Store
from service.upload_names import MAX_BYTES

KEY = "a-key-for-tests"
AUTH = {"Authorization": f"Bearer {KEY}"}
TOP = Path(__file__).parents[2]
BOUNDARY = "vYdGk"

Site = Any  # of conftest


def part(name: str | bytes, content: bytes, field: str = "file") -> bytes:
    raw = name if isinstance(name, bytes) else name.encode()
    head = b'Content-Disposition: form-data; name="%s"; filename="%s"\r\n' % (field.encode(), raw)
    return b"--%s\r\n%sContent-Type: text/plain\r\n\r\n%s\r\n" % (BOUNDARY.encode(), head, content)


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def send(site: Site, body: bytes, **headers: str) -> Any:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return site.send("POST", "/v1/reports", body, **{"Content-Type": kind, **AUTH, **headers})


def finished(site: Site, job_id: str) -> dict[str, Any]:
    end = time.monotonic() + 30
    while True:
        job: dict[str, Any] = site.get(f"/v1/jobs/{job_id}").json()
        if job["status"] in ("done", "failed"):
            return job
        assert time.monotonic() < end, f"the job did not end: {job}"
        time.sleep(0.05)


def upload(site: Site, *files: tuple[str, str]) -> dict[str, Any]:
    reply = send(site, form(*(part(name, text.encode()) for name, text in files)))
    assert reply.status == 202, reply.body
    return finished(site, reply.json()["job_id"])


def ids(site: Site) -> set[str]:
    reports = site.get("/v1/reports?limit=1000&status=indexed").json()["reports"]
    return {report["report_id"] for report in reports}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with an index of one report, from a file in `reports`."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "first.txt").write_text("光学镜头需求回升。\n", encoding="utf-8")
    build([tmp_path / "reports"], tmp_path / "index")
    return tmp_path


@pytest.fixture
def site(place: Path, serve_with: Callable[..., Site]) -> Site:
    return serve_with(index=place / "index", store=place / "store.sqlite3", api_key=KEY)


# --- uploads ------------------------------------------------------------------------------------


def test_an_uploaded_report_can_be_found_when_its_job_is_done(site: Site, place: Path) -> None:
    reply = send(site, form(part("晨会 纪要.txt", "储能出货量环比增长三成。\n".encode())))
    assert reply.status == 202
    job = reply.json()
    assert reply.headers["location"] == f"/v1/jobs/{job['job_id']}"
    assert set(job) == {"job_id", "status", "files", "progress"}
    job = finished(site, job["job_id"])
    assert job["status"] == "done"
    assert job["progress"] == {"done": 1, "total": 1}
    one = {"name": "晨会 纪要.txt", "report_id": "晨会-纪要", "status": "indexed", "reason": None}
    assert job["files"] == [one]
    hits = site.get(f"/v1/search?q={quote('储能出货量')}").json()["hits"]
    assert hits[0]["report_id"] == "晨会-纪要"
    assert (place / "incoming" / "晨会 纪要.txt").read_text("utf-8").startswith("储能")
    assert [p.name for p in (place / "incoming" / ".jobs").iterdir()] == [".lock"]


def test_a_file_of_the_same_name_is_an_update(site: Site) -> None:
    upload(site, ("note.txt", "旧的说法。\n"))
    job = upload(site, ("note.txt", "新的说法。\n"))
    assert job["files"][0]["report_id"] == "note"
    assert site.get("/v1/reports/note/text").body.decode() == "新的说法。\n"
    assert ids(site) == {"first", "note"}


def test_an_upload_never_takes_the_id_of_a_file_that_lies_elsewhere(site: Site) -> None:
    job = upload(site, ("first.txt", "另一份同名的报告。\n"))
    new = job["files"][0]["report_id"]
    assert re.fullmatch("first~[0-9a-f]{8}", new)
    assert site.get("/v1/reports/first/text").body.decode() == "光学镜头需求回升。\n"
    assert upload(site, ("first.txt", "改过一次。\n"))["files"][0]["report_id"] == new


def test_a_file_that_cannot_be_read_is_listed_with_its_reason(site: Site) -> None:
    junk = bytes(range(256)) * 40
    reply = send(site, form(part("bad.txt", junk), part("good.txt", "可读。\n".encode())))
    job = finished(site, reply.json()["job_id"])
    bad, good = job["files"]
    assert (bad["status"], good["status"], job["status"]) == ("quarantined", "indexed", "done")
    assert bad["reason"]
    (listed,) = site.get("/v1/reports?status=quarantined").json()["reports"]
    assert (listed["file"]["name"], listed["warnings"]) == ("bad.txt", [bad["reason"]])


def test_lines_that_are_refused_are_named(site: Site) -> None:
    lines = [{"id": "a", "text": "第一条。"}, {"id": "b"}, {"id": "c", "text": "第三条。"}]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    job = upload(site, ("news.jsonl", text))
    whole, refused = job["files"]
    assert (whole["name"], whole["status"], whole["report_id"]) == ("news.jsonl", "indexed", None)
    assert (refused["name"], refused["status"]) == ("news.jsonl:2", "quarantined")
    assert job["progress"] == {"done": 1, "total": 1}
    assert {"a", "c"} <= ids(site)


def test_a_file_that_spoils_the_build_fails_alone_and_leaves(site: Site, place: Path) -> None:
    upload(site, ("news.jsonl", '{"id":"a","text":"原来的。"}\n'))
    twice = '{"id":"x","text":"一"}\n{"id":"x","text":"二"}\n'
    job = upload(site, ("news.jsonl", twice), ("fine.txt", "照样收录。\n"))
    spoiled, fine = job["files"]
    assert (spoiled["status"], fine["status"], job["status"]) == ("failed", "indexed", "done")
    assert "x" in spoiled["reason"]
    assert str(place) not in spoiled["reason"]
    assert '"a"' in (place / "incoming" / "news.jsonl").read_text("utf-8")
    assert ids(site) == {"first", "a", "fine"}
    assert upload(site, ("news.jsonl", twice))["status"] == "failed"


def test_pruning_leaves_uploads_alone(place: Path, serve_with: Callable[..., Site]) -> None:
    hidden = place / ".yanbao" / "incoming"
    site = serve_with(
        index=place / "index", store=place / "store.sqlite3", api_key=KEY, incoming=hidden
    )
    upload(site, ("note.txt", "上传的报告。\n"))
    (place / "reports" / "first.txt").unlink()
    outcome = build([place], place / "index", prune=True)
    assert (outcome.removed, outcome.reports) == (("first",), 1)
    outcome = build([hidden], place / "index")
    assert (outcome.reports, outcome.published) == (1, False)


# --- removals -----------------------------------------------------------------------------------


def test_a_removed_report_is_gone_with_its_file(site: Site, place: Path) -> None:
    upload(site, ("note.txt", "上传的报告。\n"))
    reply = site.send("DELETE", "/v1/reports/note", b"", **AUTH)
    assert (reply.status, reply.body) == (204, b"")
    assert site.get("/v1/reports/note").status == 404
    assert not (place / "incoming" / "note.txt").exists()
    assert site.send("DELETE", "/v1/reports/note", b"", **AUTH).status == 404


def test_a_file_elsewhere_is_not_touched_by_a_removal(site: Site, place: Path) -> None:
    assert site.send("DELETE", "/v1/reports/first", b"", **AUTH).status == 204
    assert (place / "reports" / "first.txt").exists()
    assert ids(site) == set()


def test_the_command_removes_an_uploaded_file_too(site: Site, place: Path) -> None:
    upload(site, ("note.txt", "上传的报告。\n"))
    given = load_settings(index=place / "index")
    assert remove_reports(["note"], given) == 0
    assert not (place / "incoming" / "note.txt").exists()
    assert build([place / "incoming"], place / "index").reports == 1


def test_a_job_waits_while_another_process_writes_the_index(site: Site, place: Path) -> None:
    with writing(place / "index"):
        reply = send(site, form(part("note.txt", "上传的报告。\n".encode())))
        job_id = reply.json()["job_id"]
        end = time.monotonic() + 20
        while site.get(f"/v1/jobs/{job_id}").json()["status"] != "running":
            assert time.monotonic() < end
            time.sleep(0.05)
        assert ids(site) == {"first"}
    assert finished(site, job_id)["status"] == "done"
    assert ids(site) == {"first", "note"}


# --- keys ---------------------------------------------------------------------------------------


def test_writing_needs_a_key_even_on_this_machine(site: Site, place: Path) -> None:
    body = form(part("a.txt", b"a"))
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer wrong-key"}):
        reply = send(site, body, **headers)
        assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
        assert b"wrong" not in reply.body
        assert site.send("DELETE", "/v1/reports/first", b"", **headers).status == 401
    assert not (place / "incoming").exists()


def test_made_keys_write_until_they_are_revoked(site: Site, place: Path) -> None:
    keys = Keys(Store(place / "store.sqlite3"))
    key, secret = keys.create("desk")
    _, reading = keys.create("wall", "read")
    body = form(part("a.txt", "收录。\n".encode()))
    assert send(site, body, Authorization=f"bearer {secret}").status == 202
    assert send(site, body, Authorization=f"Bearer {reading}").status == 403
    assert keys.revoke(key.key_id)
    assert not keys.revoke(key.key_id)
    assert send(site, body, Authorization=f"Bearer {secret}").status == 401
    assert secret.encode() not in (place / "store.sqlite3").read_bytes()


def run_keys(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOP / "yanbao.py"), "keys", *words]
    env = {"PATH": "/usr/bin", "YANBAO_STORE": str(place / "s.sqlite3"), "PYTHONPATH": str(TOP)}
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=place, check=False)


def test_the_command_makes_lists_and_revokes_keys(tmp_path: Path) -> None:
    made = run_keys(tmp_path, "create", "--label", "desk")
    secret = made.stdout.strip()
    assert secret.startswith("yb_")
    listed = run_keys(tmp_path, "list").stdout
    assert "desk" in listed
    assert "valid" in listed
    assert secret not in listed
    key_id = listed.split()[0]
    assert run_keys(tmp_path, "revoke", key_id).returncode == 0
    assert run_keys(tmp_path, "revoke", key_id).returncode == 1
    assert "revoked" in run_keys(tmp_path, "list").stdout


def test_a_key_in_a_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "own" / "api_key"
    first = run_keys(tmp_path, "create", "--file", str(file))
    secret = file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600
    assert secret in first.stderr
    assert first.stdout == ""
    again = run_keys(tmp_path, "create", "--file", str(file))
    assert (again.returncode, file.read_text().strip()) == (0, secret)
    assert secret not in again.stderr
    run_keys(tmp_path, "revoke", run_keys(tmp_path, "list").stdout.split()[0])
    run_keys(tmp_path, "create", "--file", str(file))
    assert file.read_text().strip() != secret


# --- hostile forms ------------------------------------------------------------------------------

FINE = part("a.txt", b"a")
BAD: list[tuple[str, bytes, dict[str, str], int]] = [
    ("empty", b"", {}, 400),
    ("no closing boundary", FINE, {}, 400),
    ("cut inside a head", FINE[:30], {}, 400),
    ("cut inside the content", FINE[:-4], {}, 400),
    ("no part", form(), {}, 422),
    ("other field", form(part("a.txt", b"a", field="files")), {}, 422),
    ("a field beside the file", form(FINE, part("b.txt", b"b", field="note")), {}, 422),
    ("same name twice", form(FINE, FINE), {}, 422),
    ("same name in disguise", form(FINE, part("x/../a.txt", b"b")), {}, 422),
    ("257 files", form(*(part(f"{n}.txt", b"a") for n in range(257))), {}, 422),
    ("no boundary named", form(FINE), {"Content-Type": "multipart/form-data"}, 400),
    ("JSON", b"{}", {"Content-Type": "application/json"}, 415),
    ("no type", form(FINE), {"Content-Type": ""}, 415),
    ("url-encoded", b"file=a", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ("mixed", form(FINE), {"Content-Type": f"multipart/mixed; boundary={BOUNDARY}"}, 415),
    ("compressed", form(FINE), {"Content-Encoding": "gzip"}, 415),
    ("another boundary", form(FINE), {"Content-Type": "multipart/form-data; boundary=zz"}, 400),
    ("bare text", b"hello", {}, 400),
    ("NULs", bytes(5000), {}, 400),
    ("too large by its length", form(part("a.txt", b"a" * 70_000)), {}, 413),
    ("length beyond all numbers", b"", {"Content-Length": "9" * 30}, 400),
    ("head without a name", form(FINE.replace(b'; name="file"', b"")), {}, 422),
    ("no file name", form(FINE.replace(b'; filename="a.txt"', b"")), {}, 422),
    ("no disposition", form(FINE.replace(b"Content-Disposition", b"X-Other")), {}, 422),
    ("head without end", b"--vYdGk\r\nA: " + b"b" * 40_000, {}, 400),
    ("a thousand heads", b"--vYdGk\r\n" + b"A: b\r\n" * 1000, {}, 400),
]
NAMES = [
    "../../../../etc/passwd",
    "..\\..\\windows\\system32.txt",
    "/etc/shadow",
    "C:\\a.txt",
    "....txt",
    ".",
    "..",
    ".hidden.txt",
    "a/../../b.txt",
    "%2e%2e%2f%2e%2e%2fx.txt",
    "con.txt",
    "a\x00b.txt",
    "a\tb\x07.txt",
    "‮txt.exe",
    "\u200b\ufeff",
    "😀.txt",
    "长" * 1300 + ".txt",
    "x" * 4000,
    "x" * 3990 + ".pdf",
    "a" * 300 + "." + "b" * 300,
    "e\u0301.txt",
    "<script>alert(1)</script>.txt",
    "'; DROP TABLE jobs; --.txt",
    " spaces .txt ",
    "-rf.txt",
]


def test_bad_forms_are_refused_and_leave_nothing(place: Path, serve_with: Any) -> None:
    site = serve_with(
        index=place / "index", store=place / "s.sqlite3", api_key=KEY, max_upload_bytes=65_536
    )
    for what, body, headers, status in BAD:
        reply = send(site, body, **headers)
        assert reply.status == status, (what, reply.body)
        if "Content-Length" not in headers:
            assert reply.headers["content-type"] == "application/problem+json", what
        assert b"a.txt" not in reply.body, what
    left = place / "incoming" / ".jobs"
    assert not left.exists() or not [p for p in left.iterdir() if p.name != ".lock"]
    assert ids(site) == {"first"}


def test_a_body_without_length_is_counted_while_it_arrives(place: Path, serve_with: Any) -> None:
    site = serve_with(
        index=place / "index", store=place / "s.sqlite3", api_key=KEY, max_upload_bytes=65_536
    )
    connection = http.client.HTTPConnection(site.host, site.port, timeout=20)
    body = form(part("a.txt", b"a" * 200_000))
    pieces = (body[n : n + 4096] for n in range(0, len(body), 4096))
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **AUTH}
    try:
        connection.request("POST", "/v1/reports", pieces, headers, encode_chunked=True)
        assert connection.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # the server has answered and closed before all was sent
    finally:
        connection.close()
    assert ids(site) == {"first"}


def test_a_body_that_pauses_is_not_waited_for(place: Path, serve_with: Any) -> None:
    site = serve_with(
        index=place / "index", store=place / "s.sqlite3", api_key=KEY, body_timeout_s=0.3
    )
    reply = send(site, form(FINE)[:40], **{"Content-Length": "500"})
    assert reply.status == 408
    assert ids(site) == {"first"}


def test_a_folder_that_cannot_be_written_is_told(place: Path, serve_with: Any) -> None:
    (place / "taken").write_text("a file, not a folder")
    site = serve_with(
        index=place / "index", store=place / "s", api_key=KEY, incoming=place / "taken"
    )
    reply = send(site, form(FINE))
    assert (reply.status, reply.headers["content-type"]) == (503, "application/problem+json")
    assert str(place).encode() not in reply.body
    assert site.send("DELETE", "/v1/reports/nobody", b"", **AUTH).status == 404


def test_file_names_can_do_no_harm(site: Site, place: Path) -> None:
    around = {*place.parent.iterdir(), *place.iterdir()}
    sent, last = 0, None
    for name in NAMES:  # one form each: cleaned, two of them may be alike
        content = f"这份报告的名字是第{sent}个。\n".encode()
        reply = send(site, form(part(name, content)))
        assert reply.status in (202, 400), name  # a NUL or a line break in a head is malformed
        sent += reply.status == 202
        last = reply if reply.status == 202 else last
    assert sent >= len(NAMES) - 2
    finished(site, last.json()["job_id"])
    kept = [p for p in (place / "incoming").iterdir() if p.name != ".jobs"]
    assert all(p.is_file() and len(p.name.encode()) <= MAX_BYTES for p in kept)
    new = {p.name for p in {*place.parent.iterdir(), *place.iterdir()} - around}
    # the store of tests that run without one of their own may lie in the parent
    assert new == {"incoming", "store.sqlite3", "store.sqlite3-shm", "store.sqlite3-wal"}
    listed = site.get("/v1/reports?limit=1000").json()["reports"]
    assert {r["file"]["name"] for r in listed} == {p.name for p in kept} | {"first.txt"}


# --- restarts -----------------------------------------------------------------------------------


class Process:
    """`yanbao serve` as a process that can be killed."""

    def __init__(self, place: Path) -> None:
        command = [sys.executable, str(TOP / "yanbao.py"), "serve", "--port", "0"]
        env = {
            "PATH": "/usr/bin",
            "PYTHONPATH": str(TOP),
            "YANBAO_INDEX": str(place / "index"),
            "YANBAO_STORE": str(place / "store.sqlite3"),
            "YANBAO_API_KEY": KEY,
        }
        self.process = subprocess.Popen(command, cwd=place, env=env, stderr=subprocess.PIPE)
        assert self.process.stderr
        line = self.process.stderr.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, line
        self.port = int(found[1])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        assert self.process.stderr
        self.process.stderr.close()


@pytest.fixture
def start(place: Path) -> Iterator[Callable[[], Process]]:
    started: list[Process] = []

    def begin() -> Process:
        started.append(Process(place))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.kill()


def test_a_job_survives_the_death_of_its_server(
    start: Callable[[], Process], place: Path, site: Site
) -> None:
    """Killed at once after its 202, and again in the middle of the work."""
    site_of = type(site)
    first = start()
    files = [part(f"r{n}.txt", f"第{n}份报告，讲出口。\n".encode() * 200) for n in range(40)]
    reply = send(site_of("127.0.0.1", first.port), form(*files))
    assert reply.status == 202
    first.kill()
    second = start()
    job_id, again = reply.json()["job_id"], site_of("127.0.0.1", second.port)
    while again.get(f"/v1/jobs/{job_id}").json()["status"] == "queued":
        time.sleep(0.01)
    second.kill()
    third = start()
    job = finished(site_of("127.0.0.1", third.port), reply.json()["job_id"])
    assert (job["status"], job["progress"]) == ("done", {"done": 40, "total": 40})
    assert {file["status"] for file in job["files"]} == {"indexed"}
    assert len(ids(site_of("127.0.0.1", third.port))) == 41
