"""The command: what goes to stdout, what to stderr, and every exit code of the contract."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import yanbao
from service.schemas import AskResponse, ReportOut, ReportPage, SearchResponse

COMMAND = [sys.executable, str(Path(yanbao.__file__))]
LONG_REPORT = "003_79085bbf01c75561"
FIGURE = "蓝色光标 2024 年的 EPS 是多少？"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def said(capsys, sample_index):
    """Runs the command in this process: (exit code, stdout, stderr)."""

    def run(*words, index=sample_index):
        try:
            code = yanbao.main([*map(str, words), "--index", str(index)])
        except SystemExit as left:  # argparse
            code = left.code
        out, err = capsys.readouterr()
        return code, out, err

    return run


def shell(*words, **options):
    """Runs the command as a process."""
    return subprocess.run(
        [*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=120, **options
    )


def one_line(err):
    assert err.startswith("yanbao: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


# --- questions ---------------------------------------------------------------------------------


def test_ask_prints_the_answer_and_its_numbered_sources(said):
    code, out, err = said("ask", FIGURE)
    assert (code, err) == (0, "")
    assert "0.23" in out.splitlines()[0]
    assert "来源：" in out
    for number in re.findall(r"\[(\d+)\]", out.splitlines()[0]):
        assert f"\n[{number}] " in out
    assert "http://127.0.0.1:8000/reports/" in out


def test_ask_json_is_the_shape_of_http(said, site):
    code, out, _ = said("ask", FIGURE, "--json")
    assert code == 0
    mine, theirs = json.loads(out), site.ask({"question": FIGURE}).json()
    AskResponse.model_validate(mine)
    for answer in (mine, theirs):
        answer.pop("id"), answer.pop("timings_ms")
        for cited in answer["citations"]:
            cited["url"] = cited["url"].partition("/reports/")[2]
    assert mine == theirs


def test_a_refusal_is_an_answer_and_exits_0(said):
    code, out, err = said("ask", "贵州茅台 2024 年的 EPS 是多少？")
    assert (code, err) == (0, "")
    assert "来源：" not in out
    assert "最接近的段落：" in out


def test_filters_reach_the_answer(said):
    for words in (("--broker", "东吴证券"), ("--to", "2024-02-25"), ("--code", "300418")):
        code, out, _ = said("ask", FIGURE, "--json", *words)
        assert code == 0
        assert {p["report_id"] for p in json.loads(out)["passages"]} == {"000_987a530512bc595a"}
    code, out, _ = said("ask", FIGURE, "--json", "--from", "2030-01-01")
    assert json.loads(out)["reason"] == "not_in_corpus"


def test_search_prints_passages(said):
    code, out, _ = said("search", "算力需求", "-k", 3)
    assert code == 0
    assert out.startswith("1. ")
    code, out, _ = said("search", "算力需求", "-k", 3, "--json")
    assert code == 0
    assert 1 <= len(SearchResponse.model_validate_json(out).hits) <= 3


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("ask", ""),
        ("ask", "a" * 2001),
        ("ask", "a", "b"),
        ("ask", "a", "--top-k", "0"),
        ("ask", "a", "--top-k", "1000000000"),
        ("ask", "a", "--top-k", "x"),
        ("ask", "a", "--from", "yesterday"),
        ("ask", "a", "--to", "2024-02-30"),
        ("ask", "a", "--reader", "gpt"),
        ("ask", "a", "--colour"),
        ("ask", "\udc80"),
        ("search", ""),
        ("search", "a" * 2001),
        ("search", "a", "-k", "0"),
        ("search", "a", "-k", "101"),
        ("reports", "--status", "lost"),
        ("serve", "--port", "65536"),
        ("serve", "--port", "x"),
        ("index",),
        ("dance",),
        (),
    ],
    ids=lambda words: (
        " ".join(words)[:30].encode("ascii", "backslashreplace").decode() or "nothing"
    ),
)
def test_wrong_usage_exits_2_and_says_why(said, words):
    code, out, err = said(*words)
    assert (code, out) == (2, "")
    assert err
    assert "Traceback" not in err


def test_words_with_words_of_their_own_get_them_in_order_and_without_the_index():
    given = ["--index", "a", "slack", "--url", "u", "--index=b", "x", "--index", "c", "y"]
    args = yanbao.parse(given)
    assert (args.word, args.rest, str(args.index)) == ("slack", ["--url", "u", "x", "y"], "c")
    assert yanbao.parse(["eval", "gate", "--junit", "f", "RUN"]).rest == [
        "gate",
        "--junit",
        "f",
        "RUN",
    ]


def test_what_is_not_served_says_so_and_exits_1(said):
    code, out, err = said("ask", "a", "--reader", "llm")
    assert (code, out) == (1, "")
    assert "not serve" in one_line(err)


def test_models_are_listed_and_asked_on_demand(said, monkeypatch):
    code, out, _ = said("models", "list")
    assert code == 0
    assert "extractive-1" in out
    assert "not configured" in out
    monkeypatch.setenv("YANBAO_OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("YANBAO_OPENAI_MODEL", "qwen")
    code, out, _ = said("models", "--json")
    assert code == 0
    found = {row["role"]: row for row in json.loads(out)}
    assert found["reader llm"]["name"] == "qwen"
    assert found["reader llm"]["from"] == "http://127.0.0.1:9/v1"
    assert found["reader llm"]["state"] == "on request"
    code, out, _ = said("models", "--check")
    assert code == 1
    assert "fails" in out


# --- reports -----------------------------------------------------------------------------------


def test_reports_and_show(said):
    code, out, _ = said("reports", "--json")
    assert code == 0
    reports = ReportPage.model_validate_json(out).reports
    assert len(reports) == 2
    code, out, _ = said("reports")
    assert all(report.report_id in out for report in reports)
    code, out, _ = said("show", reports[0].report_id, "--json")
    assert ReportOut.model_validate_json(out) == reports[0]
    code, out, _ = said("show", reports[0].report_id)
    assert reports[0].file.sha256 in out
    code, out, err = said("show", "nobody")
    assert (code, out) == (1, "")
    one_line(err)


def test_show_text_is_the_canonical_text(said, samples):
    code, out, _ = said("show", "003_79085bbf01c75561", "--text")
    assert code == 0
    assert out == (samples / "003_79085bbf01c75561.txt").read_bytes().decode()


def test_facts_in_three_forms(said):
    words = ("facts", "--company", "蓝色光标", "--metric", "EPS", "--period", "2024E")
    code, out, _ = said(*words, "--json")
    assert code == 0
    facts = json.loads(out)["facts"]
    assert [fact["value"] for fact in facts] == ["0.23", "0.23"]
    code, out, _ = said(*words, "--format", "csv")
    assert [row["value"] for row in csv.DictReader(io.StringIO(out))] == ["0.23", "0.23"]
    code, out, _ = said(*words)
    assert out.count("0.23") == 2


def test_every_figure_goes_into_a_file(said, tmp_path):
    from pyarrow import parquet

    table, sheet = tmp_path / "facts.parquet", tmp_path / "facts.csv"
    assert said("facts", "--format", "parquet", "--out", table)[0] == 0
    assert said("facts", "--format", "csv", "--out", sheet)[0] == 0
    rows = parquet.read_table(table).to_pylist()
    with sheet.open(encoding="utf-8", newline="") as file:
        printed = list(csv.DictReader(file))
    assert [row["fact_id"] for row in rows] == [row["fact_id"] for row in printed]
    assert len(rows) > 100  # more than one page
    one = next(row for row in rows if row["value"] == "1,280.51")
    assert (str(one["value_base"]), one["unit_base"]) == ("128051000000.0000000000", "元")
    assert one["published"].isoformat() == "2024-02-21"


def test_facts_are_paged(said):
    code, out, _ = said("facts", "--source", "table", "--limit", "2", "--json")
    page = json.loads(out)
    assert code == 0
    assert len(page["facts"]) == 2
    code, out, _ = said("facts", "--source", "table", "--cursor", page["next"], "--json")
    further = json.loads(out)["facts"]
    assert code == 0
    assert not {f["fact_id"] for f in further} & {f["fact_id"] for f in page["facts"]}


def test_a_parquet_file_needs_a_place_and_a_limit_has_bounds(said):
    for words in (("--format", "parquet"), ("--out", "x"), ("--limit", "0")):
        code, out, err = said("facts", *words)
        assert (code, out) == (2, "")
        one_line(err)


def test_inspect_shows_what_was_found(said, samples):
    code, out, err = said("inspect", samples / "000_987a530512bc595a.txt")
    assert (code, err) == (0, "")
    for word in ("Metadata", "东吴证券", "S0600516070001", "Table 1", "1,280.51", "Warnings"):
        assert word in out


def test_the_price_of_page_one_is_shown_with_its_report_and_its_unit_once(said, tmp_path):
    folder, index = tmp_path / "in", tmp_path / "index"
    folder.mkdir()
    text = (
        "恒川证券\n\n天舟科技（300999.SZ）点评\n\n2024年4月18日\n\n投资评级：买入\n\n"
        "基础数据\n\n| 项目 | 数值 |\n| --- | --- |\n| 收盘价 | 13.06元 |\n| 总市值（亿元） | 212.5 |\n"
    )
    (folder / "a.txt").write_text(text, encoding="utf-8")
    assert said("index", folder, index=index)[0] == 0
    assert "13.06元" in said("show", "a", index=index)[1]
    assert json.loads(said("show", "a", "--json", index=index)[1])["price"] == "13.06元"
    out = said("ask", "天舟科技的收盘价是多少？", index=index)[1]
    assert "= 13.06元\n" in out


def test_doctor_finds_a_sound_index_sound_and_a_missing_one_ill(said, tmp_path):
    code, out, _ = said("doctor")
    assert code == 0
    assert "ILL" not in out
    code, out, _ = said("doctor", index=tmp_path / "none")
    assert code == 1
    assert "ILL   index" in out


# --- indexing ----------------------------------------------------------------------------------


def test_index_adds_updates_prunes_and_removes(said, tmp_path):
    folder, index = tmp_path / "in", tmp_path / "index"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.txt").write_text(
            f"{name} 研究报告\n\n公司收入增长。\n", encoding="utf-8"
        )
    assert said("index", folder, index=index)[0] == 0
    code, out, _ = said("index", folder, index=index)
    assert code == 0
    assert "nothing changed" in out
    (folder / "two.txt").unlink()
    said("index", folder, "--prune", index=index)
    listed = json.loads(said("reports", "--json", index=index)[1])["reports"]
    assert [report["report_id"] for report in listed] == ["one"]
    assert said("remove", "nobody", index=index)[0] == 1
    assert said("remove", "one", index=index)[0] == 0
    assert json.loads(said("reports", "--json", index=index)[1])["reports"] == []


def test_a_quarantined_report_exits_1_and_the_rest_is_published(said, tmp_path):
    folder, index = tmp_path / "in", tmp_path / "index"
    folder.mkdir()
    (folder / "good.txt").write_text("研究报告\n\n公司收入增长。\n", encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "broken.txt").write_bytes("研究报告".encode() + b"\xff\xfe\x80" * 50)
    code, out, err = said("index", folder, index=index)
    assert code == 1
    assert out.startswith("1 reports")
    for name in ("empty.txt", "binary.txt", "broken.txt"):
        assert f"quarantined {name}" in err
    assert "Traceback" not in err
    listed = json.loads(said("reports", "--json", index=index)[1])["reports"]
    states = {report["report_id"]: report["status"] for report in listed}
    assert states == {
        "good": "indexed",
        "empty": "quarantined",
        "binary": "quarantined",
        "broken": "quarantined",
    }
    assert len(said("reports", "--status", "quarantined", index=index)[1].splitlines()) == 4


def test_nothing_to_index_exits_1_and_leaves_no_index(said, tmp_path):
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "missing", tmp_path / "empty"):
        code, out, err = said("index", path, index=tmp_path / "index")
        assert (code, out) == (1, "")
        one_line(err)
    assert said("reports", index=tmp_path / "index")[0] == 1


def test_a_repeated_id_exits_1_and_names_both_lines(said, tmp_path):
    lines = [
        {"id": "a", "text": "公司收入增长。"},
        {"id": "b", "text": "x"},
        {"id": "a", "text": "y"},
    ]
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, lines)))
    code, out, err = said("index", tmp_path / "r.jsonl", index=tmp_path / "index")
    assert (code, out) == (1, "")
    assert "r.jsonl:1" in one_line(err)
    assert "r.jsonl:3" in err


def test_a_50_megabyte_line_is_quarantined_or_indexed_in_a_minute(said, tmp_path):
    (tmp_path / "long.txt").write_bytes("公司收入增长".encode() * 2_900_000)
    assert (tmp_path / "long.txt").stat().st_size > 50_000_000
    code, _, err = said("index", tmp_path / "long.txt", index=tmp_path / "index")
    assert code in {0, 1}
    assert "Traceback" not in err


# --- an index that cannot be served --------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [("ask", "a"), ("search", "a"), ("reports",), ("show", "a"), ("facts",), ("serve",)]
)
def test_without_an_index_every_word_exits_1_and_says_what_to_do(said, tmp_path, words):
    code, out, err = said(*words, index=tmp_path / "none")
    assert (code, out) == (1, "")
    assert "yanbao index" in one_line(err)


def test_a_damaged_index_exits_1_and_names_the_file(said, tmp_path, sample_index):
    import shutil

    copied = tmp_path / "copy"
    shutil.copytree(sample_index, copied)
    victims = [path for path in copied.rglob("*.sqlite") if path.is_file()]
    assert victims
    content = bytearray(victims[0].read_bytes())
    content[len(content) // 2] ^= 1
    victims[0].chmod(0o644)
    victims[0].write_bytes(content)
    code, out, err = said("ask", FIGURE, index=copied)
    assert (code, out) == (1, "")
    assert victims[0].name in one_line(err)
    victims[0].unlink()
    code, out, err = said("ask", FIGURE, index=copied)
    assert (code, out) == (1, "")
    assert victims[0].name in one_line(err)


def test_wrong_settings_exit_2_and_are_all_named(said, monkeypatch):
    monkeypatch.setenv("YANBAO_PORT", "x")
    monkeypatch.setenv("YANBAO_WORKERS", "0")
    code, out, err = said("reports")
    assert (code, out) == (2, "")
    assert "YANBAO_PORT" in one_line(err)
    assert "YANBAO_WORKERS" in err


def test_the_index_may_come_from_the_environment_or_stand_first(sample_index, capsys, monkeypatch):
    assert yanbao.main(["--index", str(sample_index), "reports"]) == 0
    monkeypatch.setenv("YANBAO_INDEX", str(sample_index))
    assert yanbao.main(["reports"]) == 0
    monkeypatch.setenv("YANBAO_INDEX", "/nowhere")
    assert yanbao.main(["reports", "--index", str(sample_index)]) == 0


# --- as a process --------------------------------------------------------------------------------


def test_ask_imports_no_model_no_web_and_no_terminal_library(sample_index):
    script = (
        "import sys, yanbao\n"
        f"code = yanbao.main(['ask', {FIGURE!r}, '--index', {str(sample_index)!r}])\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'fastapi', 'uvicorn',"
        " 'starlette', 'httpx', 'rich', 'scipy', 'sklearn'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    root = str(Path(yanbao.__file__).parent)
    env = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=env, timeout=60
    )
    assert done.returncode == 0
    assert done.stderr == "[]\n"


def test_output_is_utf8_whatever_the_locale(sample_index):
    for locale in ("C", "POSIX", "en_US.ISO-8859-1"):
        env = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        done = subprocess.run(
            [*COMMAND, "reports", "--index", str(sample_index)],
            capture_output=True,
            env=env,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert "东吴证券" in done.stdout.decode("utf-8")


def test_a_closed_pipe_is_no_error(sample_index):
    done = subprocess.run(
        f"{' '.join(COMMAND)} show {LONG_REPORT} --text --index {sample_index} | head -c 1",
        shell=True,
        capture_output=True,
        timeout=60,
    )
    assert done.stderr == b""


def start_server(sample_index, *words):
    server = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--index", str(sample_index), *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stderr
    told = server.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)", told)
    assert found, told
    return server, found.group()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_tells_where_to_look_answers_and_ends_gracefully(sample_index, number):
    server, url = start_server(sample_index)
    try:
        asked = urllib.request.Request(
            f"{url}/v1/ask",
            json.dumps({"question": FIGURE}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=20) as reply:
            answer = json.load(reply)
        assert answer["citations"][0]["url"].startswith(f"{url}/reports/")
    finally:
        server.send_signal(number)
        out, err = server.communicate(timeout=30)
    assert server.returncode == 0
    assert (out, err) == ("", "")


def test_the_access_log_is_one_json_line_a_request_without_the_question(sample_index, monkeypatch):
    monkeypatch.setenv("YANBAO_ACCESS_LOG", "1")
    server, url = start_server(sample_index)
    try:
        with urllib.request.urlopen(f"{url}/v1/search?q=canary", timeout=20) as reply:
            request_id = reply.headers["X-Request-ID"]
    finally:
        server.terminate()
        _, err = server.communicate(timeout=30)
    assert "canary" not in err
    (line,) = err.splitlines()
    logged = json.loads(line)
    assert logged.pop("ms") >= 0
    assert logged == {
        "request_id": request_id,
        "method": "GET",
        "route": "/v1/search",
        "status": 200,
    }


def test_a_taken_port_exits_1_in_one_line(said):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, out, err = said("serve", "--port", taken.getsockname()[1])
    assert (code, out) == (1, "")
    assert "cannot listen" in one_line(err)


def test_a_newly_published_snapshot_is_served_without_a_restart(tmp_path):
    folder, index = tmp_path / "in", tmp_path / "index"
    folder.mkdir()
    (folder / "one.txt").write_text("研究报告\n\n公司收入增长。\n", encoding="utf-8")
    assert shell("index", folder, "--index", index).returncode == 0
    server, url = start_server(index)
    try:
        (folder / "two.txt").write_text("研究报告二\n\n公司利润增长。\n", encoding="utf-8")
        assert shell("index", folder, "--index", index).returncode == 0
        deadline = time.monotonic() + 60
        reports = 1
        while reports == 1 and time.monotonic() < deadline:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5) as reply:
                reports = json.load(reply)["snapshot"]["reports"]
            time.sleep(0.1)
        assert reports == 2
    finally:
        server.terminate()
        server.communicate(timeout=30)
