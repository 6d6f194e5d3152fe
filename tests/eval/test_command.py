"""The commands: exit codes, files of a run, resume, compare, report, lint, disguise."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import httpx
import pytest

from eval.command import main
from eval.golden import write_golden
from eval.records import read_run
from eval.targets import Http
from service.schemas import AskResponse


@pytest.fixture
def server(script, monkeypatch):
    """A scripted server at http://h; `server.answers[question]` is a response or a status."""

    class Server:
        def __init__(self):
            self.answers = {}
            self.asked = []

        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/v1/ask":
                question = json.loads(request.content)["question"]
                self.asked.append(question)
                answer = self.answers[question]
                if isinstance(answer, int):
                    return httpx.Response(answer)
                return httpx.Response(
                    200, text=AskResponse.model_validate(answer).model_dump_json()
                )
            if request.url.path == "/v1/search":
                found = [script.passage("r1", "390001\t星澜科技\t0.58\t0.70", 1.0)]
                return httpx.Response(200, json={"hits": found})
            name = request.url.path.split("/")[3]
            text = script.texts.get(name)
            return httpx.Response(404) if text is None else httpx.Response(200, text=text)

    made = Server()
    client = httpx.Client(transport=httpx.MockTransport(made))
    monkeypatch.setattr("eval.command.Http", lambda url: Http(url, client))
    monkeypatch.setattr(Http, "close", lambda self: None)
    return made


@pytest.fixture
def golden(script, server, tmp_path):
    items = [
        script.item(id="a", question="甲?", tags=["表"]),
        script.item(id="b", question="乙?", forbid=["0.58"]),
        script.unanswerable(id="c", question="丙?", note="reason=no_such_company"),
    ]
    server.answers = {"甲?": script.good(), "乙?": script.good(), "丙?": script.refusal()}
    path = tmp_path / "g.jsonl"
    write_golden(items, path)
    return str(path)


def _run(golden, *more) -> int:
    return main(["run", golden, "--url", "http://h", *map(str, more)], None)


def test_a_run_writes_all_its_files(golden, tmp_path, capsys):
    out = tmp_path / "run"
    assert _run(golden, "--out", out, "--repeat", "2") == 0
    names = {path.name for path in out.iterdir()}
    assert names == {
        "run.json",
        "items.jsonl",
        "metrics.json",
        "run.trec",
        "qrels.trec",
        "report.html",
    }
    info = json.loads((out / "run.json").read_text())
    assert info["stability"] == {"repeats": 2, "differing": []}
    assert len(next(iter(info["golden"].values()))) == 64
    assert "100.0% 3/3" in capsys.readouterr().out
    _, outcomes = read_run(out)
    assert outcomes[0].measures["R@1"] == 1.0
    assert (out / "run.trec").read_text().startswith("a#0 Q0 r1:")


def test_wrong_usage_and_a_bad_golden_file_leave_with_two(golden, tmp_path):
    assert main([], None) == 2
    assert main(["fly"], None) == 2
    assert _run(str(tmp_path / "none.jsonl")) == 2
    assert _run(golden, "--only", "nothing") == 2
    assert _run(golden, "--resume") == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{not json", "not a JSON object"),
        ('{"v": 0, "id": "z", "question": "戊?", "must_include": []}', "golden schema v=0"),
        ('{"v": 2, "id": "z"}', "this version reads v=1"),
        ('{"id": "z", "doc": "000"}', "unknown field 'doc'"),
    ],
)
@pytest.mark.parametrize("command", ["run", "lint"])
def test_a_bad_golden_line_leaves_with_two_and_names_file_and_line(
    golden, server, capsys, line, says, command
):
    with open(golden, "a", encoding="utf-8") as file:
        file.write(line + "\n")
    assert main([command, golden, "--url", "http://h"], None) == 2
    shown = capsys.readouterr()
    assert f"{golden}:4: " in shown.err
    assert says in shown.err
    assert shown.out == ""
    assert server.asked == []  # nothing is asked of a set that is not whole


def test_a_report_that_the_index_lacks_is_named_with_file_and_line(
    script, server, tmp_path, capsys
):
    items = [
        script.item(id="a", question="甲?"),
        script.item(id="b", question="乙?", evidence=[{"report": "r9", "quote": "x"}]),
    ]
    path = tmp_path / "g.jsonl"
    write_golden(items, path)
    assert _run(str(path)) == 2
    assert f"{path}:2: b: report r9 is not in http://h" in capsys.readouterr().err
    assert server.asked == []
    server.answers = {"甲?": script.good()}
    assert _run(str(path), "--only", "a") == 0


def test_long_runs_show_a_progress_bar_on_stderr_of_a_terminal(golden, monkeypatch, capsys):
    assert _run(golden) == 0
    assert "asking" not in capsys.readouterr().err  # no terminal, no bar
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert _run(golden) == 0
    shown = capsys.readouterr()
    assert "asking http://h" in shown.err
    assert "100%" in shown.err
    assert "asking" not in shown.out


def test_a_pipe_that_closes_does_not_cost_the_run(golden, tmp_path, monkeypatch):
    class Closed:
        def write(self, text):
            raise BrokenPipeError(32, "Broken pipe")

        def flush(self):
            pass

    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", Closed())
        assert _run(golden, "--out", out) == 1
    assert len(read_run(out)[1]) == 3
    assert (out / "report.html").exists()


def test_run_json_says_how_it_was_made(golden, tmp_path):
    out = tmp_path / "run"
    assert _run(golden, "--out", out, "--only", "fact") == 0
    info = json.loads((out / "run.json").read_text())
    content = Path(golden).read_bytes()
    assert info["golden"] == {golden: hashlib.sha256(content).hexdigest()}
    assert info["settings"] == {"split": None, "only": ["fact"], "repeat": 1}
    assert info["snapshots"] == ["s"]
    assert info["seed"] is None
    assert set(info["machine"]) == {"python", "system", "cores"}
    assert re.fullmatch("[0-9a-f]{40}", info["git"]["commit"])
    assert isinstance(info["git"]["changed"], bool)


def test_an_index_that_is_not_there_leaves_with_one(golden, tmp_path):
    assert main(["run", golden], None) == 1
    assert main(["run", golden], tmp_path / "empty") == 1


def test_a_server_that_fails_half_way_is_counted_and_resumed(
    golden, server, script, tmp_path, capsys
):
    out = tmp_path / "run"
    server.answers["乙?"] = 500
    assert _run(golden, "--out", out) == 1
    shown = capsys.readouterr().out
    assert "100.0% 2/2" in shown
    assert "answered 500" in shown
    server.answers["乙?"] = script.good()
    server.asked.clear()
    assert _run(golden, "--out", out, "--resume") == 0
    assert server.asked == ["乙?"]
    assert [o.item.id for o in read_run(out)[1]] == ["a", "b", "c"]


def test_an_interrupted_run_is_resumed_from_its_journal(golden, server, tmp_path):
    out = tmp_path / "run"
    _run(golden, "--out", out)
    lines = (out / "items.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (out / "items.jsonl").write_text(lines[0] + lines[1][:40], encoding="utf-8")
    (out / "run.json").unlink()
    server.asked.clear()
    assert main(["replay", str(out)], None) == 1  # not finished
    assert _run(golden, "--out", out, "--resume") == 0
    assert server.asked == ["乙?", "丙?"]


def test_an_answer_that_changes_is_not_stable(golden, server, script, capsys):
    replies = iter([script.good(), script.good(confidence=0.5)])
    server.answers = {**server.answers}

    class Changing(dict):
        def __getitem__(self, question):
            return next(replies) if question == "甲?" else dict.__getitem__(self, question)

    server.answers = Changing(server.answers)
    assert _run(golden, "--repeat", "2") == 1
    assert "NOT STABLE a: repeat 2 differs in confidence" in capsys.readouterr().out


def test_replay_judges_again_without_the_server(golden, server, tmp_path, capsys):
    out = tmp_path / "run"
    _run(golden, "--out", out)
    capsys.readouterr()
    server.answers.clear()
    assert main(["replay", str(out), "--out", str(tmp_path / "again")], None) == 0
    assert read_run(tmp_path / "again")[1] == read_run(out)[1]


def test_compare_pairs_runs_and_leaves_with_three_when_worse(script, server, tmp_path, capsys):
    items = [script.item(id=f"q{n}", question=f"{n}?") for n in range(40)]
    path = tmp_path / "g.jsonl"
    write_golden(items, path)
    server.answers = {i.question: script.good() for i in items}
    _run(str(path), "--out", tmp_path / "A", "--quiet")
    for item in items[:15]:
        server.answers[item.question] = script.response("0.66")
    _run(str(path), "--out", tmp_path / "B", "--quiet")
    capsys.readouterr()
    a, b = str(tmp_path / "A"), str(tmp_path / "B")
    assert main(["compare", a, b], None) == 3
    shown = capsys.readouterr().out
    right = next(line for line in shown.splitlines() if line.startswith("right "))
    assert right.split()[:4] == ["right", "40", "1.000", "0.625"]
    assert right.endswith("worse")
    assert shown.count("\n- q") == 15
    assert main(["compare", b, a], None) == 0
    assert main(["compare", a, a], None) == 0
    write_golden(items[:10], path)
    _run(str(path), "--out", tmp_path / "C", "--quiet")
    assert main(["compare", a, str(tmp_path / "C")], None) == 2
    assert main(["compare", a, str(tmp_path / "C"), "--allow-diff"], None) == 3


def test_the_report_stands_alone_and_cannot_be_broken_by_an_answer(
    golden, server, script, tmp_path
):
    attack = script.good() | {"answer": "</script><img src=x onerror=alert(1)> 0.70"}
    server.answers["甲?"] = attack
    out, other = tmp_path / "run", tmp_path / "other"
    _run(golden, "--out", out)
    _run(golden, "--out", other)
    assert main(["report", str(out), str(other)], None) == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("</script>") == 2
    assert "<img" not in page
    frame = re.sub(r'id="data">.*?</script>', "", page, flags=re.S)
    assert not re.search(r"(?:src|href)\s*=|@import|url\(|fetch\(|XMLHttp|https?://(?!h\b)", frame)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])
    assert data["runs"] == ["run", "other"]
    first = data["items"][0]["runs"][0]
    assert first["answer"].startswith("</script>")
    assert first["citations"][0]["gold"] == [[0, 21]]
    assert page.count("<svg") == 4


def test_lint_names_every_fault(script, server, tmp_path, capsys):
    items = [
        script.item(id="quote", question="1?", evidence=[{"report": "r1", "quote": "不在"}]),
        script.item(id="report", question="2?", evidence=[{"report": "r9", "quote": "x"}]),
        script.item(id="answer", question="3?", answers=[["9.99"]]),
        script.item(id="bare", question="4?", evidence=[]),
        script.item(id="sum", question="5?", type="computed", answers=[["0.13"]],
                    note="derived=0.70-0.58"),
        script.item(id="self", question="6?", forbid=["0.70"]),
        script.item(id="dev", question="星澜科技 2031 年的每股收益是多少元？"),
        script.item(id="test", question="星澜科技 2031 年的每股收益是多少元?", split="test"),
        script.item(id="variant", question="8?", split="test", note="variant_of=dev"),
    ]  # fmt: skip
    path = tmp_path / "g.jsonl"
    write_golden(items, path)
    assert main(["lint", str(path), "--url", "http://h"], None) == 2
    shown = capsys.readouterr().err
    found = re.findall(r"g\.jsonl:(\d+): (\w+): (\w+):", shown)
    assert found == [
        ("1", "quote", "quote_not_in_report"), ("1", "quote", "not_derivable"),
        ("2", "report", "no_such_report"), ("2", "report", "not_derivable"),
        ("3", "answer", "not_derivable"), ("4", "bare", "no_evidence"),
        ("4", "bare", "not_derivable"), ("5", "sum", "formula_gives_another"),
        ("6", "self", "answer_forbidden"), ("8", "test", "leak"), ("9", "variant", "leak"),
    ]  # fmt: skip


def test_lint_passes_a_sound_set_and_takes_reports_from_a_folder(golden, script, tmp_path, capsys):
    for name, text in script.texts.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    assert main(["lint", golden, "--reports", str(tmp_path)], None) == 0
    assert "3 questions" in capsys.readouterr().out


def test_disguise_writes_copies_that_lint_finds_sound(golden, script, tmp_path):
    for name, text in script.texts.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    out = tmp_path / "copies"
    given = ["disguise", golden, "--reports", str(tmp_path), "--out", str(out), "--copies", "2"]
    assert main(given, None) == 0
    for seed in ("seed_00", "seed_01"):
        copy = out / seed
        assert (
            main(["lint", str(copy / "golden.jsonl"), "--reports", str(copy / "reports")], None)
            == 0
        )
    assert main(["disguise", golden, "--reports", str(out), "--out", str(out)], None) == 2
