"""OCR on pages whose truth is known: characters, cells, pages a second, memory of a worker.

Sets the two sample reports and a made-up one with LibreOffice, makes scans of the pages (clean, or
with `--worn` blurred, speckled, held aslant and packed hard), and reads those. Limits: ≥ 97 % of
characters of clean pages, peak of a worker ≤ 400 MiB.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import pdf_rendered
from measuring import OVER_LIMIT, SKIPPED
from rendering import LAYOUTS

RIGHT = 97.0  # % of characters
PEAK_MIB = 400
_DPI = 200


def main() -> int:
    """Renders, scans, reads, prints; the exit code."""
    options = _options()
    if options.worker:
        return _worker(options.worker)
    if shutil.which("soffice") is None:
        print("skipped: LibreOffice (soffice) is not installed")
        return SKIPPED
    made = pdf_rendered.samples()
    with tempfile.TemporaryDirectory(prefix="yanbao-ocr-") as scratch:
        folder = Path(scratch)
        chosen = [LAYOUTS[number] for number in options.layouts]
        pdf_rendered.render(folder, made, chosen, "pdf")
        for path in sorted(folder.rglob("*.pdf")):
            _scan(path, worn=options.worn)
        command = [sys.executable, __file__, "--worker", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        read = [json.loads(line) for line in done.stdout.splitlines()]
    peak = max(one["peak"] for one in read)
    return _told(read, peak, worn=options.worn)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--layouts", type=int, nargs="+", default=[0], help="as in pdf_rendered")
    parser.add_argument("--worn", action="store_true", help="scans as an old copier makes them")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _scan(path: Path, *, worn: bool) -> None:
    """Puts a PDF of pictures in the place of a PDF; keeps the words of each page beside it."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path.read_bytes())
    words, pages = [], []
    for number in range(len(document)):
        page = document[number]
        words.append(page.get_textpage().get_text_range())
        image = page.render(scale=_DPI / 72).to_pil().convert("RGB")
        pages.append(_worn(image, number) if worn else image)
    path.with_suffix(".json").write_text(json.dumps(words), encoding="utf-8")
    pages[0].save(path, "PDF", resolution=_DPI, save_all=True, append_images=pages[1:], quality=80)


def _worn(image: Any, seed: int) -> Any:
    from PIL import Image, ImageFilter

    chance = random.Random(seed)
    turned = image.rotate(
        chance.uniform(-0.8, 0.8), resample=Image.Resampling.BICUBIC, fillcolor="white"
    )
    blurred = turned.filter(ImageFilter.GaussianBlur(1.0))
    for _ in range(4000):
        place = (chance.randrange(image.width), chance.randrange(image.height))
        blurred.putpixel(place, (chance.randrange(120),) * 3)
    packed = io.BytesIO()
    blurred.save(packed, "JPEG", quality=35)
    return Image.open(packed).convert("RGB")


def _worker(folder: Path) -> int:
    """Reads every PDF of the folder as a build's process does; a line of JSON for each."""
    from corpus.raw import RawFile
    from corpus.reading import parse
    from corpus.report import SourceFile

    made = {sample.report_id: sample for sample in pdf_rendered.samples()}
    for path in sorted(folder.rglob("*.pdf")):
        data = path.read_bytes()
        began, busy = time.perf_counter(), time.process_time()
        file = SourceFile(path.name, "pdf", len(data), "0" * 64)
        report = parse(RawFile(path.stem, data, file))
        wall, cpu = time.perf_counter() - began, time.process_time() - busy
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        right = sum(
            (_bag(page) & _bag(span.of(report.text))).total()
            for page, span in zip(truth, report.pages, strict=True)
        )
        score = pdf_rendered.score(made[path.stem], report)
        line = {
            "name": f"{path.parent.name}/{path.stem}",
            "pages": len(truth),
            "peak": _peak_mib(),
            "wall": wall,
            "cpu": cpu,
            "characters": sum(_bag(page).total() for page in truth),
            "right": right,
            "in_order": 100 * score.in_order / score.characters,
            "cells": score.cells,
            "cells_right": score.cells - len(score.missing),
            "dashes": sum(cell[2] in {"-", "--"} for cell in score.missing),
        }
        print(json.dumps(line))
    return 0


def _peak_mib() -> float:
    """What this process took at most; `ru_maxrss` holds what its parent had when it forked."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _bag(text: str) -> Counter[str]:
    return Counter("".join(unicodedata.normalize("NFKC", text).split()))


def _told(read: list[dict[str, Any]], peak: float, *, worn: bool) -> int:
    heads = (
        ("pages", 6), ("s/page", 8), ("cpu s", 7),
        ("right %", 9), ("in order %", 12), ("cells", 12),
    )  # fmt: skip
    print(" " * 28 + "".join(f"{head:>{width}}" for head, width in heads))
    for one in read:
        cells = f"{one['cells_right']}/{one['cells']}"
        print(
            f"{one['name']:<28}{one['pages']:>6}{one['wall'] / one['pages']:>8.1f}"
            f"{one['cpu'] / one['pages']:>7.1f}{100 * one['right'] / one['characters']:>9.2f}"
            f"{one['in_order']:>12.2f}{cells:>12}  ({one['dashes']} lone dashes not seen)"
        )
    pages = sum(one["pages"] for one in read)
    right = 100 * sum(one["right"] for one in read) / sum(one["characters"] for one in read)
    cpu = sum(one["cpu"] for one in read)
    wall = sum(one["wall"] for one in read)
    print(f"\n{pages / wall:.2f} pages/s, {pages / cpu:.2f} a core's second")
    print(f"{right:.2f} % of characters right; a worker's peak is {peak:.0f} MiB")
    missed = (not worn and right < RIGHT) or peak > PEAK_MIB
    return OVER_LIMIT if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
