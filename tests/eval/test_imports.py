"""Importing eval loads nothing heavy; what is heavy is loaded when it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "transformers", "sentence_transformers", "scipy", "ir_measures", "opencc", "bm25s",
         "faiss", "jieba", "cn2an", "ranx")  # fmt: skip


def test_the_commands_are_imported_without_anything_heavy():
    code = f"import eval.command, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_no_file_of_eval_names_torch():
    files = [*ROOT.glob("eval/**/*.py")]
    assert len(files) > 20
    assert not any("import torch" in path.read_text(encoding="utf-8") for path in files)
