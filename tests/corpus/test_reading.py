"""Sources, ids, encodings and `.jsonl`: what is read, what is refused, and with which words."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from corpus.encoding import decode
from corpus.errors import SourceError, UnreadableFile
from corpus.identity import report_id_for
from corpus.raw import Quarantine
from corpus.reading import MAX_TEXT_BYTES, read_source
from corpus.report import Report
from corpus.sources import discover, survey

TEXT = "本报告认为行业需求正在恢复，龙头公司的订单明显增加，盈利能力有望改善，维持增持评级。" * 3
TRADITIONAL = (
    "本報告認為行業需求正在恢復，龍頭公司的訂單明顯增加，盈利能力有望改善，維持增持評級。" * 3
)


def everything(*paths: Path) -> list[Report | Quarantine]:
    seen: dict[str, str] = {}
    return [item for source in discover(paths) for item in read_source(source, seen)]


def only(path: Path) -> Report | Quarantine:
    (item,) = everything(path)
    return item


@pytest.mark.parametrize(
    ("name", "report_id"),
    [
        ("000_987a.txt", "000_987a"),
        ("东吴 AGI（深度）.v2.txt", "东吴-AGI-深度-.v2"),
        (".hidden", ".hidden"),
        ("a%b/c.md", "a-b-c"),
        ("e\u0301te\u0301.txt", "été"),
        ("①x²½.txt", "-x--"),
    ],
)
def test_ids_keep_letters_digits_han_and_three_marks(name: str, report_id: str) -> None:
    assert report_id_for(name) == report_id


def test_a_repeated_stem_gets_the_hash_of_its_relative_path(tmp_path: Path) -> None:
    for name in ("a/x.txt", "b/x.txt", "b/x.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    ids = [source.report_id for source in discover([tmp_path])]
    marks = [hashlib.sha256(name.encode()).hexdigest()[:8] for name in ("b/x.md", "b/x.txt")]
    assert ids == ["x", f"x~{marks[0]}", f"x~{marks[1]}"]


def test_missing_and_empty_folders_are_source_errors(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        discover([tmp_path / "nowhere"])
    with pytest.raises(SourceError, match="no report under"):
        discover([tmp_path])
    assert survey([tmp_path]).sources == ()


def test_special_files_are_skipped_with_a_reason(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "talk.mp3").write_bytes(b"x")
    reasons = {Path(item.path).name: item.reason for item in survey([tmp_path]).skipped}
    assert "pipe" in reasons["pipe.txt"]
    assert "cannot be opened" in reasons["gone.txt"]
    assert "type is not read" in reasons["talk.mp3"]


@pytest.mark.parametrize(
    ("words", "codec"),
    [(TEXT, "utf-8"), (TEXT, "utf-8-sig"), (TEXT, "utf-16"), (TEXT, "gb18030"), (TRADITIONAL, "cp950"),
     (TRADITIONAL, "gb18030"), ("An English report. " * 5, "utf-8"), ("增持 评级 的 报告", "gb18030")],
)  # fmt: skip
def test_known_encodings_come_back_as_they_were(words: str, codec: str) -> None:
    assert decode(words.encode(codec), "x") == words


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "white space only"),
        (b"\x00\x01\x02abc", "binary"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04zip", "ZIP"),
        (b"\xff\xfea", "breaks it at byte 2"),
        (TEXT.encode()[:40] + b"\xff" + TEXT.encode()[41:], "no valid UTF-8 at byte 39"),
        (("中文" * 30).encode("shift_jis", "ignore") + b"\x81", "GB18030"),
        ("涓浗璇佸埜鐮旂┒鎶ュ憡閾鹃摼椤圭洰鐨勬柊楂樺害".encode() * 3, "not plausible"),
        (("\ufffd" * 10 + TEXT).encode(), "lost"),
    ],
)
def test_what_is_no_plausible_text_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        decode(data, "x.txt")


def test_an_unreadable_file_is_a_verdict_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\x00" * 50)
    (tmp_path / "b.txt").write_text(TEXT, encoding="utf-8")
    bad, good = everything(tmp_path)
    assert isinstance(bad, Quarantine)
    assert (bad.name, bad.report_id) == ("a.txt", "a")
    assert isinstance(good, Report)
    assert good.text == TEXT
    assert good.file.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()


def test_an_oversized_file_is_refused_with_the_limit_named(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(b"a" * (MAX_TEXT_BYTES + 1))
    item = only(path)
    assert isinstance(item, Quarantine)
    assert "16 MiB" in item.reason


def lines(*records: object) -> str:
    return "\n".join(
        r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records
    )


def test_jsonl_gives_a_report_a_line(tmp_path: Path) -> None:
    path = tmp_path / "n.jsonl"
    first = {"id": "n/0", "text": TEXT, "title": "题", "published": "2024-02-21", "k": 1, "s": "v"}
    path.write_text(lines(first, "", {"id": "n1", "pages": [TEXT, TEXT]}), encoding="utf-8")
    one, two = everything(path)
    assert isinstance(one, Report)
    assert isinstance(two, Report)
    assert (one.report_id, one.text, one.extra) == ("n/0", TEXT, (("k", "1"), ("s", "v")))
    assert one.file.sha256 == hashlib.sha256(lines(first).encode()).hexdigest()
    assert two.text == TEXT + "\f" + TEXT
    assert [page.of(two.text) for page in two.pages] == [TEXT, TEXT]


BAD_LINES = [
    ("{", "is not JSON"),
    ("[1]", "expected an object"),
    ({"text": TEXT}, "no id"),
    ({"id": 3, "text": TEXT}, "id of type int"),
    ({"id": " ", "text": TEXT}, "empty id"),
    ({"id": "a"}, "neither text nor pages"),
    ({"id": "a", "text": ""}, "empty text"),
    ({"id": "a", "text": 7}, "of type int"),
    ({"id": "a", "pages": "x"}, "no list of strings"),
    ({"id": "a", "text": TEXT, "broker": 5}, '"broker" of type int'),
    ({"id": "a", "text": "  "}, "white space only"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES)
def test_a_bad_line_is_named_and_stops_no_other(tmp_path: Path, line: object, reason: str) -> None:
    path = tmp_path / "n.jsonl"
    path.write_text(lines({"id": "x", "text": TEXT}, line, {"id": "y", "text": TEXT}), "utf-8")
    good, bad, other = everything(path)
    assert isinstance(good, Report)
    assert isinstance(other, Report)
    assert isinstance(bad, Quarantine)
    assert bad.name == "n.jsonl:2"
    assert reason in bad.reason


def test_a_repeated_id_names_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "n.jsonl"
    path.write_text(lines(*[{"id": "x", "text": TEXT}] * 2), encoding="utf-8")
    with pytest.raises(SourceError, match=r"n\.jsonl:1 and again at .*n\.jsonl:2"):
        everything(path)


def test_an_invalid_line_of_utf8_is_refused_alone(tmp_path: Path) -> None:
    path = tmp_path / "n.jsonl"
    good = json.dumps({"id": "x", "text": TEXT}, ensure_ascii=False).encode()
    path.write_bytes(good.replace(b'"x"', b'"\xff"') + b"\n" + good)
    bad, one = everything(path)
    assert isinstance(bad, Quarantine)
    assert "UTF-8" in bad.reason
    assert isinstance(one, Report)
