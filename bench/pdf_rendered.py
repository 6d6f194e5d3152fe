"""Rendered reports against their sources: order of text, cells with names, metadata, golden set.

Sets the two sample reports and a made-up company report in six layouts with LibreOffice, reads the
documents back, and prints for each what is right. Limits are those of docs: ≥ 99.5 % of characters
in order, all cells, all metadata fields, the golden set within one point of the text version.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from measuring import OVER_LIMIT, SKIPPED
from rendered_company import HOUSE, META, company_items
from rendered_composed import composed
from rendered_items import Grid, Item, Triple, Words, flows, items_of, normal
from rendering import LAYOUTS, Layout, convert, document

from corpus.raw import RawFile
from corpus.readers.text import parse_composed, parse_text
from corpus.reading import parse
from corpus.report import BlockKind, Report, ReportMeta, SourceFile

if TYPE_CHECKING:
    from eval.golden import GoldenItem

IN_ORDER = 99.5  # % of characters
GOLDEN_BELOW = 1.0  # points below the text version
SAMPLES = ROOT / "corpus" / "reports"
GOLDEN = ROOT / "eval" / "golden" / "samples_dev.jsonl"
COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Sample:
    """A report to be rendered, and what page one of it states (field → printed value)."""

    report_id: str
    items: list[Item]
    house: str
    meta: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Score:
    """What was found of one rendered report.

    Args:
        in_order: characters of the truth in the longest common subsequence.
        running: characters of running lines that stand in blocks of other kinds.
        missing: cells that were not found with their names.
        wrong: metadata fields, as `field: met, expected`.
    """

    characters: int
    in_order: int
    cells: int
    missing: tuple[Triple, ...]
    fields: int
    wrong: tuple[str, ...]
    pages: int


def samples() -> list[Sample]:
    """The two sample reports as their text versions are read, and the company report."""
    made = []
    for path in sorted(SAMPLES.glob("*.txt")):
        file = SourceFile(path.name, "txt", path.stat().st_size, "0" * 64)
        report = parse_text(path.stem, path.read_text(encoding="utf-8"), file)
        broker = report.meta.broker.value if report.meta.broker else ""
        made.append(Sample(report.report_id, items_of(report), broker, fields(report.meta)))
    return [*made, Sample(COMPANY, company_items(), HOUSE, META)]


def fields(meta: ReportMeta) -> dict[str, str]:
    """The metadata as strings; fields that are not stated are left out."""
    found: dict[str, str] = {}
    for name in ("title", "broker", "subject", "industry", "rating", "rating_change"):
        if (sourced := getattr(meta, name)) is not None:
            found[name] = sourced.value
    for name in ("target_price", "price"):
        if (sourced := getattr(meta, name, None)) is not None:
            found[name] = sourced.value
    if meta.published:
        found["published"] = meta.published.value.isoformat()
    if meta.stock_codes:
        found["stock_codes"] = " ".join(code.value for code in meta.stock_codes)
    if meta.analysts:
        found["analysts"] = "; ".join(
            f"{one.name} {one.licence}" if one.licence else one.name for one in meta.analysts
        )
    return found


def render(folder: Path, made: Sequence[Sample], layouts: Sequence[Layout], kind: str) -> None:
    """Writes `folder/<layout number>/<report_id>.<kind>` for every sample and layout."""
    for number, layout in enumerate(layouts):
        place = folder / str(number)
        place.mkdir(parents=True)
        sources = []
        for sample in made:
            source = place / f"{sample.report_id}.fodt"
            source.write_text(document(sample.items, layout, sample.house), encoding="utf-8")
            sources.append(source)
        convert(place, sources, kind)
        shutil.rmtree(place / "profile", ignore_errors=True)
        for source in sources:
            source.unlink()


def score(sample: Sample, report: Report) -> Score:
    """A rendered report against its source."""
    said = "".join(
        normal(block.span.of(report.text))
        for block in report.blocks
        if block.kind is not BlockKind.FURNITURE
    )
    truths = list(_truths(sample.items, said))
    cells = _cells(sample.items)
    met = _met(report)
    found = fields(report.meta)
    wrong = [
        f"{name}: {found.get(name)!r}, expected {sample.meta.get(name)!r}"
        for name in sorted({*found, *sample.meta})
        if _plain(name, found.get(name)) != _plain(name, sample.meta.get(name))
    ]
    return Score(
        len(truths[0]),
        max(common(truth, said) for truth in truths),
        len(cells),
        tuple((Counter(cells) - met).elements()),
        len(sample.meta),
        tuple(wrong),
        len(report.pages),
    )


def common(first: str, second: str) -> int:
    """Length of the longest common subsequence (Hyyrö 2004: a row of the table is one integer)."""
    masks: dict[str, int] = {}
    for place, character in enumerate(first):
        masks[character] = masks.get(character, 0) | 1 << place
    every = (1 << len(first)) - 1
    row = every
    for character in second:
        matched = row & masks.get(character, 0)
        row = ((row + matched) | (row - matched)) & every
    return len(first) - row.bit_count()


# ── the truth of one sample ─────────────────────────────────────────────────────────────────


def _truths(items: Sequence[Item], said: str) -> Iterator[str]:
    """The text in order. A side bar is a run of its own: before all, behind all, or where it was
    put whole, be it in the middle of a paragraph that goes on on page two."""
    main, side = flows(items)
    yield "".join(_in_order(items))
    if not side:
        return
    yield side + main
    yield main + side
    first = next(item for item in items if item.side and isinstance(item, Words))
    begin = said.find(normal(first.text))
    before = said[max(0, begin - 12) : begin]  # long enough to stand once
    if begin > 0 and main.count(before) == 1:
        cut = main.index(before) + len(before)
        yield main[:cut] + side + main[cut:]


def _in_order(items: Sequence[Item]) -> Iterator[str]:
    for item in items:
        yield from flows([replace(item, side=False)])[:1]


def _cells(items: Sequence[Item]) -> list[Triple]:
    return [triple for item in items if isinstance(item, Grid) for triple in item.triples()]


def _met(report: Report) -> Counter[Triple]:
    """Every body cell of the report with its names, as many times as it stands there."""
    return Counter(
        (
            normal(table.row_key(row)),
            normal("".join(table.columns[cell.column].header)),
            normal(cell.text),
        )
        for table in report.tables
        for row in table.rows
        for cell in row.cells
    )


def _plain(name: str, value: str | None) -> str | None:
    """A price without its unit, all else as it stands but for white space."""
    if value is None:
        return None
    return normal(value).removesuffix("元") if name.endswith("price") else normal(value)


# ── reading and asking ──────────────────────────────────────────────────────────────────────


def known_reports(made: Sequence[Sample], layout: Layout) -> list[Report]:
    """What a reader that makes no fault would hand on: the rest of the parse judged alone."""
    file = SourceFile("known.pdf", "pdf", 0, "0" * 64)
    return [
        parse_composed(one.report_id, composed(one.items, layout, one.house), file) for one in made
    ]


def _read(folder: Path, kind: str) -> list[Report]:
    """The documents of a folder through the reader of their format, in this process."""
    reports = []
    for path in sorted(folder.glob(f"*.{kind}")):
        data = path.read_bytes()
        file = SourceFile(path.name, kind, len(data), hashlib.sha256(data).hexdigest())
        reports.append(parse(RawFile(path.stem, data, file)))
    return reports


def golden_right(folder: Path) -> tuple[float, float]:
    """Per cent of the golden set right, and cited right, over the reports of a folder.

    The Markdown marks of the text versions are not printed, so they are taken out of the evidence
    that must be found again.
    """
    from eval.golden import load_golden
    from eval.run import run_items
    from eval.tally import tally
    from eval.targets import open_index
    from indexer.build import build

    printed = folder != SAMPLES
    items = [_as_printed(item) if printed else item for item in load_golden([GOLDEN]).items]
    with tempfile.TemporaryDirectory(prefix="yanbao-rendered-") as index:
        build([folder], Path(index))
        target, close = open_index(Path(index))
        try:
            counts = tally(run_items(items, target))
        finally:
            close()
    return 100 * (counts.right.rate or 0), 100 * (counts.cited.rate or 0)


def _as_printed(item: GoldenItem) -> GoldenItem:
    evidence = [
        one.model_copy(update={"quote": _unmarked(one.quote)}) if one.quote else one
        for one in item.evidence
    ]
    return item.model_copy(update={"evidence": evidence})


def _unmarked(quote: str) -> str:
    words = quote.replace("**", "").replace("<http", "http").replace(".cn>", ".cn")
    return words[2:] if words.startswith("- ") else words


# ── the command ─────────────────────────────────────────────────────────────────────────────


def main() -> int:
    """Renders, reads, prints; the exit code."""
    options = _options()
    if shutil.which("soffice") is None and options.kind != "none":
        print("skipped: LibreOffice (soffice) is not installed")
        return SKIPPED
    chosen = [LAYOUTS[number] for number in options.layouts or range(len(LAYOUTS))]
    made = samples()
    with tempfile.TemporaryDirectory(prefix="yanbao-rendered-") as scratch:
        folder = options.keep or Path(scratch)
        if options.kind != "none":
            render(folder, made, chosen, options.kind)
        faults = []
        for number, layout in enumerate(chosen):
            place = folder / str(number)
            reports = (
                known_reports(made, layout)
                if options.kind == "none"
                else _read(place, options.kind)
            )
            faults += _judge(reports, layout, made, wrong=options.wrong)
        if options.golden and options.kind != "none":
            faults += _golden(folder, chosen)
    print("\n" + ("\n".join(f"NOT MET: {fault}" for fault in faults) or "all limits met"))
    return OVER_LIMIT if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    kinds = ["pdf", "docx", "html", "none"]
    parser.add_argument("--kind", choices=kinds, default="pdf", help="none: a faultless reader")
    parser.add_argument("--layouts", type=int, nargs="+", help=f"0 to {len(LAYOUTS) - 1}")
    parser.add_argument("--golden", action="store_true", help="the golden set over each layout too")
    parser.add_argument("--wrong", action="store_true", help="list what is missing or wrong")
    parser.add_argument("--keep", type=Path, help="write the documents there (a new folder)")
    return parser.parse_args()


_HEAD = f"{'':<36}{'in order %':>12}{'cells':>14}{'metadata':>12}{'pages':>7}"


def _judge(
    reports: Sequence[Report], layout: Layout, made: Sequence[Sample], *, wrong: bool
) -> list[str]:
    print(f"\n{layout.name}\n{_HEAD}")
    read = {report.report_id: report for report in reports}
    faults = []
    for sample in made:
        got = score(sample, read[sample.report_id])
        share = 100 * got.in_order / got.characters
        cells, right = got.cells - len(got.missing), got.fields - len(got.wrong)
        print(
            f"{sample.report_id:<36}{share:>12.2f}{f'{cells}/{got.cells}':>14}"
            f"{f'{right}/{got.fields}':>12}{got.pages:>7}"
        )
        if wrong:
            print("".join(f"    cell {' | '.join(cell)}\n" for cell in got.missing), end="")
            print("".join(f"    {line}\n" for line in got.wrong), end="")
        place = f"{layout.name}, {sample.report_id}"
        faults += [f"{place}: {share:.2f} % in order"] * (share < IN_ORDER)
        faults += [f"{place}: {len(got.missing)} cells"] * bool(got.missing)
        faults += [f"{place}: {line}" for line in got.wrong]
    return faults


def _golden(folder: Path, chosen: Sequence[Layout]) -> list[str]:
    right, cited = golden_right(SAMPLES)
    print(f"\n{'golden set, dev':<36}{'right %':>12}{'cited %':>14}")
    print(f"{'text version':<36}{right:>12.1f}{cited:>14.1f}")
    faults = []
    for number, layout in enumerate(chosen):
        place = folder / str(number)
        for stray in place.glob(f"{COMPANY}.*"):
            stray.unlink()  # its house and company are no part of what the golden set knows
        here, there = golden_right(place)
        print(f"{layout.name:<36}{here:>12.1f}{there:>14.1f}")
        if here < right - GOLDEN_BELOW:
            faults.append(f"{layout.name}: golden {here:.1f} %, text version {right:.1f} %")
        if there < cited - GOLDEN_BELOW:
            faults.append(f"{layout.name}: cited {there:.1f} %, text version {cited:.1f} %")
    return faults


if __name__ == "__main__":
    raise SystemExit(main())
