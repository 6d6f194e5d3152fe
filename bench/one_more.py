"""What one more report costs: a full build of many, then one new, one with new names, one replaced,
one removed, and nothing new; every build a process of its own, as `yanbao index` is.

`--texts N` varies the two sample texts, `--pdfs N` copies the PDFs of `YANBAO_TEST_DATA`. With
`--parse-once` each PDF is taken apart once and its copies are made of that; every build is then
charged with the processor time that its copies would have cost. Exit 3: above the limit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec
from measuring import ROOT, SKIPPED, Figure, Run, machine, report, run_once

from corpus.raw import Quarantine, RawFile
from indexer import build as building
from indexer.parsing import ParseFile
from indexer.store import (
    ParsedReport,
    pack,
    unpack_chunk,
    unpack_facts,
    unpack_names,
    unpack_report,
)
from indexer.vocabulary import Vocabulary

LIMIT = 1.0  # per cent of the processor time of a full build: what else runs plays no part in it
_TAIL = re.compile(rb"\n% copy [0-9]+\n$")
_NEW_NAMES = "云岭丹棱（688999）推出《高宇山海图》，蓝湖岭南（300998）与其合作。\n\n"


def main() -> int:
    """Measures and prints."""
    options = _options()
    if options.build:
        return _build(*map(Path, options.build), parse_once=options.parse_once)
    print(machine())
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        if options.texts:
            figures += _measured(Path(name) / "texts", _write_texts, options.texts, False)
        if options.pdfs:
            if "YANBAO_TEST_DATA" not in os.environ:
                print("skipped: YANBAO_TEST_DATA is not set", file=sys.stderr)
                return SKIPPED
            figures += _measured(Path(name) / "pdfs", _write_pdfs, options.pdfs, options.parse_once)
    return report(figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000)
    parser.add_argument("--pdfs", type=int, default=0)
    parser.add_argument("--parse-once", action="store_true")
    parser.add_argument("--folder", help="where reports and indexes go while it runs")
    parser.add_argument("--build", nargs=2, metavar=("REPORTS", "INDEX"), help="one build only")
    return parser.parse_args()


# --- reports ----------------------------------------------------------------------------------


def _write_texts(folder: Path, numbers: range) -> None:
    """Variants of the two samples: other numbers, one line in ten left out."""
    texts = [p.read_text("utf-8") for p in sorted((ROOT / "corpus" / "reports").glob("*.txt"))]
    for number in numbers:
        rng = random.Random(number)
        lines = texts[number % len(texts)].split("\n")
        kept = [line for line in lines if rng.random() > 0.1]
        text = re.sub("[0-9]{2}", partial(_other_number, number), "\n".join(kept))
        (folder / f"report-{number:05}.txt").write_text(f"第{number}期\n\n{text}", "utf-8")


def _other_number(number: int, digits: re.Match[str]) -> str:
    return f"{(int(digits[0]) + number) % 100:02}"


def _write_pdfs(folder: Path, numbers: range) -> None:
    """Copies with other bytes at the end; every reader takes them for the same pages."""
    files = sorted(Path(os.environ["YANBAO_TEST_DATA"]).glob("pdf/*.pdf"))
    for number in numbers:
        source = files[number % len(files)]
        target = folder / f"{source.stem}-{number:05}.pdf"
        target.write_bytes(source.read_bytes() + f"\n% copy {number}\n".encode())


# --- measuring --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Reports and their index, built by processes of this very program."""

    folder: Path
    index: Path
    parse_once: bool

    def build(self) -> tuple[Run, dict[str, float]]:
        command = [sys.executable, __file__, "--build", str(self.folder), str(self.index)]
        run = run_once([*command, *(["--parse-once"] if self.parse_once else [])])
        said = json.loads((self.index.parent / "said.json").read_text("utf-8"))
        return run, said


def _measured(
    place: Path, write: Callable[[Path, range], None], count: int, parse_once: bool
) -> Iterator[Figure]:
    folder = place / "reports"
    folder.mkdir(parents=True)
    write(folder, range(count))
    here = _Place(folder, place / "index", parse_once)
    whole, said = here.build()
    spared = said["spared_s"] / max(1, len(os.sched_getaffinity(0)))
    full = whole.wall_s + spared
    kind = f"{count:,} {place.name}"
    yield Figure(f"{kind}, {said['chunks']:,.0f} chunks: full build", full, "s")
    if spared:
        yield Figure("  of that, parsing spared", spared, "s")
    work = whole.cpu_s + said["spared_s"]
    yield Figure("  processor time", work, "s")
    for name, change in _changes(folder, write, count).items():
        change()
        run, said = here.build()  # a copy is charged with its parse, too
        wall_s, cpu_s = run.wall_s + said["spared_s"], run.cpu_s + said["spared_s"]
        yield Figure(f"  {name}", wall_s, "s")
        yield Figure("    share of a full build", 100 * wall_s / full, "%")
        yield Figure("    processor time", cpu_s, "s")
        limit = LIMIT if name == "one more" else None
        yield Figure("    share of the full build's", 100 * cpu_s / work, "%", limit)
    if not parse_once:
        yield from _watched(here, write, count, work)


def _watched(
    here: _Place, write: Callable[[Path, range], None], count: int, work: float
) -> Iterator[Figure]:
    """One more again, in a process that has built before, as `yanbao index --watch` is."""
    building.build([here.folder], here.index, prune=True)
    write(here.folder, range(count + 1, count + 2))
    begin, begin_cpu = time.perf_counter(), time.process_time()
    building.build([here.folder], here.index, prune=True)
    cpu_s = time.process_time() - begin_cpu
    yield Figure("  one more, watched", time.perf_counter() - begin, "s")
    yield Figure("    processor time", cpu_s, "s")
    yield Figure("    share of the full build's", 100 * cpu_s / work, "%")


def _changes(
    folder: Path, write: Callable[[Path, range], None], count: int
) -> dict[str, Callable[[], object]]:
    first = min(folder.iterdir())

    def new_names() -> None:
        (folder / "new-names.txt").write_text(_NEW_NAMES * 3, "utf-8")

    def replaced() -> None:
        first.write_bytes(_TAIL.sub(b"", first.read_bytes()) + b"\n% copy 99999\n")

    return {
        "nothing new": lambda: None,
        "one more": lambda: write(folder, range(count, count + 1)),
        "one more with new names (a short text)": new_names,
        "one replaced": replaced,
        "one removed": first.unlink,
    }


# --- one build, in a process of its own -------------------------------------------------------


def _build(folder: Path, index: Path, *, parse_once: bool) -> int:
    kept = index.parent / "parsed"
    if parse_once:
        (kept / "spared").mkdir(parents=True, exist_ok=True)
        vars(building)["ParseFile"] = partial(_ParseOnce, kept)
    outcome = building.build([folder], index, prune=True)
    spared = [float(path.read_text()) for path in (kept / "spared").glob("*")]
    shutil.rmtree(kept / "spared", ignore_errors=True)
    said = {"chunks": outcome.chunks, "spared_s": sum(spared)}
    (index.parent / "said.json").write_text(json.dumps(said), "utf-8")
    return 0


class _ParseOnce:
    """Takes each file apart once, whatever number stands behind its end, and keeps it on disk with
    the processor time that it cost; copies are made of that, and the time noted as spared."""

    def __init__(self, folder: Path, vocabulary: Vocabulary) -> None:
        self._folder = folder
        self._parse = ParseFile(vocabulary)

    def __call__(self, raw: RawFile) -> ParsedReport | Quarantine:
        path = self._folder / hashlib.sha256(_TAIL.sub(b"", raw.data)).hexdigest()
        if path.exists():
            seconds, parsed = msgspec.msgpack.decode(path.read_bytes(), type=_Kept)
            (self._folder / "spared" / raw.report_id).write_text(str(seconds))
            return _copy(parsed, raw)
        begin = time.process_time()
        found = self._parse(raw)
        if isinstance(found, ParsedReport):
            kept = (time.process_time() - begin, found)
            staged = path.with_name(f"{path.name}-{os.getpid()}")
            staged.write_bytes(msgspec.msgpack.encode(kept))
            staged.rename(path)
        return found


_Kept = tuple[float, ParsedReport]


def _copy(parsed: ParsedReport, raw: RawFile) -> ParsedReport:
    """The same report as if it had come from another file."""
    own = raw.report_id
    report = replace(unpack_report(parsed.report, parsed.text), report_id=own, file=raw.file)
    facts = tuple(
        replace(fact, report_id=own, fact_id=fact.fact_id.replace(parsed.report_id, own))
        for fact in unpack_facts(parsed.facts)
    )
    chunks = tuple(replace(unpack_chunk(chunk), report_id=own) for chunk in parsed.chunks)
    made = pack(report, chunks, facts, unpack_names(parsed.names))
    return replace(made, ink=parsed.ink)


if __name__ == "__main__":
    sys.exit(main())
