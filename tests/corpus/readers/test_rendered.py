"""Reports set by LibreOffice as Word and HTML: every cell with its names, every character in order."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [
    pytest.mark.needs_libreoffice,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="needs_libreoffice"),
]


@pytest.mark.parametrize("kind", ["docx", "html"])
def test_every_cell_of_a_rendered_report_is_found_with_its_names(tmp_path: Path, kind: str) -> None:
    sys.path.insert(0, str(ROOT / "bench"))
    try:
        import pdf_rendered
        from rendering import LAYOUTS
    finally:
        sys.path.remove(str(ROOT / "bench"))
    made = pdf_rendered.samples()
    folder = tmp_path / "rendered"
    pdf_rendered.render(folder, made, LAYOUTS[:1], kind)
    read = {report.report_id: report for report in pdf_rendered._read(folder / "0", kind)}
    for sample in made:
        score = pdf_rendered.score(sample, read[sample.report_id])
        assert score.missing == ()
        assert score.in_order == score.characters
        assert score.cells > 0
