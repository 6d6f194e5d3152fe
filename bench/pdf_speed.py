"""How fast PDFs are read, and what a worker takes: beside pdfplumber and pypdfium2 on their own.

    YANBAO_TEST_DATA=… .venv/bin/python bench/pdf_speed.py [--only er074 …]

All on the same pages in one run, each reader in a process of its own; pages per second of
processor time, so that other work on the machine does not count. Exit: 0 within the limits, 1 it
could not run, 3 over a limit, 77 without YANBAO_TEST_DATA.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

# A bench runs from a checkout that is not installed: the packages are found beside it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import OVER_LIMIT, SKIPPED, machine

from corpus.raw import RawFile
from corpus.report import SourceFile

WITHOUT, WITH, MEMORY = 25.0, 8.0, 400.0  # pages/s, pages/s, MiB, as issue 4 sets them


def _text(path: Path) -> int:
    from corpus.readers.pdf import read_pdf

    return len(read_pdf(path.read_bytes(), path.name, tables=False).pages)


def _whole(path: Path) -> int:
    from corpus.reading import parse

    data = path.read_bytes()
    report = parse(RawFile(path.stem, data, SourceFile(path.name, "pdf", len(data), "0" * 64)))
    return len(report.pages)


def _pypdfium2(path: Path) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    for page in document:
        text = page.get_textpage()
        text.get_text_range()
        text.close()
        page.close()
    return len(document)


def _pdfplumber(path: Path) -> int:
    import pdfplumber

    with pdfplumber.open(path) as document:
        pages = document.pages
        for page in pages:
            page.extract_text()
            page.close()
        return len(pages)


def _pdfplumber_tables(path: Path) -> int:
    import pdfplumber

    with pdfplumber.open(path) as document:
        pages = document.pages
        for page in pages:
            page.extract_text()
            page.extract_tables()
            page.close()
        return len(pages)


READERS: Mapping[str, tuple[str, Callable[[Path], int]]] = {
    "text": ("yanbao: text, order, headings, ink", _text),
    "whole": ("yanbao: the same, tables, structure, metadata", _whole),
    "pypdfium2": ("pypdfium2 alone: text in the order of the file", _pypdfium2),
    "pdfplumber": ("pdfplumber alone: text", _pdfplumber),
    "pdfplumber_tables": ("pdfplumber alone: text and tables", _pdfplumber_tables),
}


def main() -> int:
    """Measures and prints; the exit code."""
    options = _options()
    if options.child:
        return _child(options.child, [Path(path) for path in options.only])
    data = os.environ.get("YANBAO_TEST_DATA")
    paths = sorted(Path(data, "pdf").glob("*.pdf")) if data else []
    paths = [path for path in paths if not options.only or path.stem in options.only]
    if not paths:
        print("skipped: YANBAO_TEST_DATA names no folder with pdf/", file=sys.stderr)
        return SKIPPED
    try:
        met = {name: _measured(name, paths) for name in READERS}
    except (subprocess.CalledProcessError, ValueError) as error:
        print(f"could not run: {error}", file=sys.stderr)
        return 1
    return _print(met)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", help="names of files without .pdf")
    parser.add_argument("--child", choices=list(READERS), help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured(name: str, paths: Sequence[Path]) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", name, "--only", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    met: dict[str, Any] = json.loads(done.stdout)
    return met


def _child(name: str, paths: Sequence[Path]) -> int:
    """One reader over all files; libraries are loaded by a first file that does not count."""
    read = READERS[name][1]
    read(paths[0])
    pages, seconds, slowest = 0, 0.0, (float("inf"), "")
    for path in paths:
        begin = time.process_time()
        count = read(path)
        took = time.process_time() - begin
        pages, seconds = pages + count, seconds + took
        slowest = min(slowest, (count / took, path.stem))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"pages": pages, "seconds": seconds, "peak": peak, "slowest": slowest}))
    return 0


def _print(met: Mapping[str, Mapping[str, Any]]) -> int:
    print(machine())
    speeds = {name: one["pages"] / one["seconds"] for name, one in met.items()}
    own = speeds["whole"]
    print(
        f"\n{'':<52}{'pages':>7}{'pages/s':>9}{'whole = 1':>11}{'MiB':>6}{'limit':>8}  slowest file"
    )
    limits = {"text": WITHOUT, "whole": WITH}
    over = False
    for name, (words, _) in READERS.items():
        limit = limits.get(name)
        slow = limit is not None and speeds[name] < limit
        large = name in limits and met[name]["peak"] > MEMORY
        over = over or slow or large
        slowest = "{1} {0:.1f}".format(*met[name]["slowest"])
        print(
            f"{words:<52}{met[name]['pages']:>7}{speeds[name]:>9.1f}{speeds[name] / own:>11.2f}"
            f"{met[name]['peak']:>6.0f}{limit or '':>8}  {slowest}"
            f"{'  SLOW' * slow}{'  LARGE' * large}"
        )
    print(f"\nlimits: pages/s of one core as given; a worker's peak memory {MEMORY:.0f} MiB")
    return OVER_LIMIT if over else 0


if __name__ == "__main__":
    raise SystemExit(main())
