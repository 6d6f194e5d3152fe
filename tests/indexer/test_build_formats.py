"""Building from files of every format: content decides, archives unpack, what is bad has a reason."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from indexer.build import build
from indexer.snapshot import open_snapshot

TEXT = "公司发布年度报告，营业收入同比增长，盈利能力持续改善，维持增持评级。\n" * 3


def archive_of(path: Path, **members: str) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in members.items():
            made.writestr(f"{name}.txt", text)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(buffer.getvalue())
    return path


def test_bad_files_are_listed_with_their_reason_and_good_ones_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    archive_of(folder / "mail.zip", a=TEXT, b="")
    (folder / "old.doc").write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le")
    )
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "talk.mp3").write_bytes(b"ID3")
    outcome = build([folder], tmp_path / "index")
    assert outcome.added == ("mail--a",)
    reasons = {file.report_id: file.reason for file in outcome.quarantined}
    assert reasons.keys() == {"empty", "mail--b", "old"}
    assert "save it as .docx" in reasons["old"]
    assert "empty" in reasons["empty"]
    assert [Path(item.path).name for item in outcome.skipped] == ["talk.mp3"]
    snapshot = open_snapshot(tmp_path / "index")
    assert {file.report_id for file in snapshot.quarantined()} == reasons.keys()
    snapshot.close()
    again = build([folder], tmp_path / "index")
    assert (again.published, again.unchanged) == (False, 1)


def test_archives_of_one_name_in_two_folders_keep_their_members_apart(tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    one = archive_of(tmp_path / "one" / "mail.zip", a=TEXT)
    two = archive_of(tmp_path / "two" / "mail.zip", a=TEXT + "另一份。")
    assert build([one.parent], index_dir).added == ("mail--a",)
    (added,) = build([two.parent], index_dir).added
    assert added.startswith("mail~")
    assert added.endswith("--a")
    assert build([two.parent], index_dir).unchanged == 1
    assert build([tmp_path / "one", tmp_path / "two"], index_dir).reports == 2


def test_a_member_gives_way_to_a_file_of_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    archive_of(folder / "mail.zip", a=TEXT)
    (folder / "z").mkdir()
    (folder / "z" / "mail--a.txt").write_text(TEXT + "另一份。", encoding="utf-8")
    outcome = build([folder], tmp_path / "index")
    plain, packed = outcome.added
    assert plain == "mail--a"
    assert packed.startswith("mail--a~")
