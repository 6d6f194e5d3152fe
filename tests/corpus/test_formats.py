"""Formats are seen in the content, archives are unpacked within limits, the rest has a reason."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest

from corpus import archive
from corpus.errors import UnreadableFile
from corpus.formats import format_of, is_grid
from corpus.raw import Quarantine, RawFile, RawReport
from corpus.reading import read_raw
from corpus.sources import discover, survey

TEXT = "公司发布年度报告，营业收入同比增长，盈利能力持续改善，维持增持评级。\n" * 3
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def packed(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return buffer.getvalue()


def test_the_content_decides_and_not_the_name() -> None:
    office = (
        (docx.Document(), "docx"),
        (openpyxl.Workbook(), "xlsx"),
        (pptx.Presentation(), "pptx"),
    )
    for document, kind in office:
        assert format_of(saved(document), "report.txt") == kind
    assert format_of(b"%PDF-1.7\n", "a.docx") == "pdf"
    assert format_of(b"\r\n\0%PDF-1.7\n", "a.pdf") == "pdf"
    assert format_of(b"\x89PNG\r\n\x1a\n", "a.jpg") == "png"
    assert format_of(b"\xff\xd8\xff\xe0", "a.png") == "jpeg"
    assert format_of(packed({"a.txt": b"x"}), "a.docx") == "zip"
    assert format_of(TEXT.encode(), "a.pdf") == "text"


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"<!DOCTYPE html><p>x", "a.txt", "html"),
        (b"\xef\xbb\xbf\r\n<!-- saved -->\n<HTML lang=zh>", "a.txt", "html"),
        ("<html><body>中文".encode("utf-16"), "a", "html"),
        (b"<?xml version='1.0'?><html xmlns='x'>", "a.xml", "html"),
        (b"<table><tr><td>1</td></tr></table>", "a.xls", "html"),
        (b"<table><tr><td>1</td></tr></table>", "a.md", "text"),  # Markdown may hold tables
        (b"1 < 2 and <b>", "a.txt", "text"),
    ],
)
def test_html_is_what_begins_as_html(data: bytes, name: str, kind: str) -> None:
    assert format_of(data, name) == kind


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (OLE + "WordDocument".encode("utf-16-le"), "a.doc", r"\.doc.*save it as \.docx"),
        (OLE + "Workbook".encode("utf-16-le"), "a.xls", r"\.xls.*save it as \.xlsx"),
        (OLE + "PowerPoint Document".encode("utf-16-le"), "a", r"\.ppt.*save it as \.pptx"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", "encrypted with a password"),
        (b"{\\rtf1", "a.doc", "rich-text.*save it as"),
        (b"II*\x00", "a.tif", "TIFF.*PNG or PDF"),
        (b"Rar!\x1a\x07\x00", "a.zip", "RAR.*unpack"),
        (b"\x00\x01\x02junk", "a.pdf", "does not begin as a PDF"),
        (b"PK\x03\x04" + b"\0" * 50, "a.docx", "damaged Word file"),
        (packed({"mimetype": b"application/vnd.oasis.opendocument.text"}), "a", "OpenDocument"),
        (packed({"[Content_Types].xml": b"<Types/>"}), "a.docx", "without a document"),
    ],
)
def test_what_is_not_read_says_what_to_do(data: bytes, name: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        format_of(data, name)


@pytest.mark.parametrize(
    ("text", "name", "grid"),
    [
        ("代码,名称,EPS\n300418,昆仑万维,0.70\n", "a.csv", True),
        ("代码\t名称\tEPS\n" * 6, "a.txt", True),
        ("代码\t名称\tEPS\n" * 6, "a.md", False),
        ("一行没有分隔的文字\n" * 6, "a.csv", False),
        ("营收，利润，现金流都好。\n" * 6, "a.txt", False),
        ("one, two\n" * 9, "a.txt", False),
    ],
)
def test_grids_are_told_from_prose(text: str, name: str, grid: bool) -> None:
    assert is_grid(text, name) is grid


def test_files_of_every_format_become_raw_files_for_the_guard(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "b.dat").write_bytes(b"%PDF-1.7\n")  # found by its content alone
    (tmp_path / "c.csv").write_text("代码,名称\n300418,昆仑万维\n", encoding="gb18030")
    (tmp_path / "d.jsonl").write_bytes(saved(docx.Document()))
    items = [item for source in discover([tmp_path]) for item in read_raw(source)]
    assert all(isinstance(item, RawFile) for item in items)
    kinds = [(i.report_id, i.file.type) for i in items if isinstance(i, RawFile)]
    assert kinds == [("a", "pdf"), ("b", "pdf"), ("c", "csv"), ("d", "docx")]


def unpacked(folder: Path, members: dict[str, bytes], name: str = "晨报.zip") -> list[object]:
    (folder / name).write_bytes(packed(members))
    return [item for source in discover([folder]) for item in read_raw(source)]


def test_members_are_reports_of_their_own(tmp_path: Path) -> None:
    members = {
        "x/a.txt": TEXT.encode(),
        "y/a.txt": TEXT.encode("gb18030"),
        "b.pdf": b"%PDF-1.7\n",
        "__MACOSX/._b.pdf": b"junk",
        "x/.DS_Store": b"junk",
        "../../etc/c.md": TEXT.encode(),  # a name that climbs out is a name and no more
    }
    items = unpacked(tmp_path, members)
    mark = hashlib.sha256("晨报.zip/y/a.txt".encode()).hexdigest()[:8]
    assert [item.report_id for item in items] == [  # type: ignore[attr-defined]
        "晨报--c", "晨报--b", "晨报--a", f"晨报--a~{mark}",
    ]  # fmt: skip
    climbing, pdf, first, second = items
    assert isinstance(pdf, RawFile)
    assert pdf.file.name == "晨报.zip/b.pdf"
    assert isinstance(climbing, RawReport)
    assert climbing.file.type == "md"
    assert isinstance(first, RawReport)
    assert isinstance(second, RawReport)
    assert first.text == second.text == TEXT
    assert list(tmp_path.iterdir()) == [tmp_path / "晨报.zip"]


def test_members_beyond_limits_are_quarantined_alone(tmp_path: Path) -> None:
    members = {
        "a.txt": TEXT.encode(),
        "bomb.txt": b"0" * 3_000_000,
        "inner.zip": packed({"b.txt": TEXT.encode()}),
        "hidden.txt": packed({"b.txt": TEXT.encode()}),
        "lines.jsonl": b"{}",
        "empty.pdf": b"",
    }
    items = unpacked(tmp_path, members)
    reasons = {i.report_id: i.reason for i in items if isinstance(i, Quarantine)}
    assert "200 times" in reasons["晨报--bomb"]
    assert "inside of an archive" in reasons["晨报--inner"]
    assert "inside of an archive" in reasons["晨报--hidden"]
    assert "jsonl" in reasons["晨报--lines"]
    assert "empty" in reasons["晨报--empty"]
    assert len(items) == 6


def test_archives_beyond_limits_are_refused_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    (many,) = unpacked(tmp_path, {f"{n}.txt": TEXT.encode() for n in range(3)})
    assert isinstance(many, Quarantine)
    assert many.report_id == "晨报"
    assert "holds 3 files" in many.reason
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 100)
    (large,) = unpacked(tmp_path, {"a.txt": TEXT.encode()})
    assert isinstance(large, Quarantine)
    assert "unpacks to" in large.reason
    (empty,) = unpacked(tmp_path, {})
    assert isinstance(empty, Quarantine)


def test_a_damaged_or_encrypted_member_does_not_stop_the_rest(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": TEXT.encode(), "b.txt": TEXT.encode()}))
    at = data.index(b"a.txt") + len("a.txt") + 4
    data[at : at + 4] = b"\xff\xff\xff\xff"  # in the packed bytes of a.txt
    central = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[central + 8] |= 1  # b.txt says that it is encrypted
    (tmp_path / "m.zip").write_bytes(data)
    (source,) = survey([tmp_path]).sources
    first, second = read_raw(source)
    assert isinstance(first, Quarantine)
    assert "damaged" in first.reason
    assert isinstance(second, Quarantine)
    assert "encrypted" in second.reason


def test_names_of_chinese_windows_are_read(tmp_path: Path) -> None:
    # code page 437 in the archive, GBK in truth: 东吴.txt
    name = "东吴.txt".encode("gb18030").decode("cp437")
    data = packed({"AAAA.txt": TEXT.encode()}).replace(b"AAAA.txt", "东吴.txt".encode("gb18030"))
    assert len(name.encode("cp437")) == 8
    (tmp_path / "m.zip").write_bytes(data)
    (item,) = [i for source in discover([tmp_path]) for i in read_raw(source)]
    assert isinstance(item, RawReport)
    assert item.report_id == "m--东吴"
