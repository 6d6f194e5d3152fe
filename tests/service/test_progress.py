"""Progress: a bar on a terminal, now and then a line elsewhere, always on standard error."""

from __future__ import annotations

import pytest

from indexer.outcome import Step
from service import progress


def test_a_log_gets_a_line_with_files_pages_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress.shown_progress() as show:
        now[0] = 104.0
        show(Step(1, 40, 3, "a"))
        now[0] = 110.0
        show(Step(10, 40, 30, "b"))
        show(Step(11, 40, 33, "c"))
    shown = capsys.readouterr()
    assert shown.err == "yanbao: 10 of 40 reports, 30 pages, about 30 s left\n"
    assert shown.out == ""


def test_a_terminal_gets_a_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with progress.shown_progress() as show:
        show(Step(10, 40, 30, "b"))
        show(Step(40, 40, 90, "z"))
    shown = capsys.readouterr()
    assert "写入索引" in shown.err
    assert "90 页" in shown.err
    assert shown.out == ""
