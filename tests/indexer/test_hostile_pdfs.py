"""Damaged and hostile PDFs: a verdict for each within the limits, and the parent goes on."""

from __future__ import annotations

import hashlib
import os
import random
import re
import zlib
from pathlib import Path

from corpus.raw import Quarantine, RawFile
from corpus.report import SourceFile
from indexer.guarded import Guard, Limits, Outcome
from indexer.parsing import ParseFile
from indexer.store import ParsedReport
from indexer.vocabulary import load_vocabulary

LINES = [
    "Revenue grew by 12.5% in 2023 and reached 1,409 million, driven by demand.",
    "Segment        2022A      2023A      2024E",
    "Motors         1,268      1,409      1,645",
    "Drives           954      1,109      1,281",
]


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def written(objects: dict[int, bytes]) -> bytes:
    """A PDF of objects; object 1 is its catalogue."""
    out = bytearray(b"%PDF-1.5\n")
    places = {}
    for number in sorted(objects):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    out += b"".join(b"%d 1\n%010d 00000 n \n" % item for item in places.items())
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (99, start)
    return bytes(out)


def pages(content: bytes, resources: bytes = b"", count: int = 3) -> dict[int, bytes]:
    """A catalogue with pages that all show one content (object 5)."""
    kids = b" ".join(b"%d 0 R" % (10 + number) for number in range(count))
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        b"/Resources << /Font << /F1 3 0 R >> %s >> >>" % resources
    )
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        5: content,
    } | {10 + number: page for number in range(count)}


def good() -> bytes:
    marks = "".join(
        f"BT /F1 10 Tf 1 0 0 1 60 {780 - 16 * number} Tm ({line}) Tj ET\n"
        for number, line in enumerate(LINES)
    )
    return written(pages(stream(zlib.compress(marks.encode()), b"/Filter /FlateDecode ")))


def mutated(data: bytes, number: int) -> bytes:
    """One of four kinds of damage, the same for the same number."""
    chance = random.Random(number)
    kind = number % 4
    if kind == 0:
        return data[: chance.randrange(1, len(data))]
    if kind == 1:
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 30)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        return bytes(changed)
    if kind == 2:  # absurd lengths, counts, sizes
        wild = [b"999999999", b"-1", b"4294967296", b"0", b"1e38"]
        numbers = list(re.finditer(rb"(?<=[ \[])\d+(?=[ \]\n])", data))
        for match in chance.sample(numbers, 4):
            data = data.replace(match.group(), chance.choice(wild), 1)
        return data
    found = list(re.finditer(rb"(\d+) 0 R", data))  # cyclic: what refers to others, to itself
    match = chance.choice(found)
    other = chance.choice([b"1", b"2", b"3", b"5", b"10"])
    return data[: match.start()] + other + data[match.start(1) + len(match[1]) :]


def bombs() -> dict[str, bytes]:
    deflated = zlib.compress(zlib.compress(b" " * 3 * 10**8, 9), 9)
    flood = stream(deflated, b"/Filter [/FlateDecode /FlateDecode] ")
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] "
    nested = pages(stream(b"/X0 Do " * 9), b"/XObject << /X0 20 0 R >>", 1)
    for depth in range(12):
        inner = b"/Resources << /Font << /F1 3 0 R >> /XObject << /X0 %d 0 R >> >> " % (21 + depth)
        nested[20 + depth] = stream(b"/X0 Do " * 9, form + inner)
    nested[32] = stream(b"BT /F1 10 Tf (x) Tj ET", form)
    many = stream(
        b"BT /F1 1 Tf " + b"1 0 0 1 60 700 Tm (aaaaaaaaaaaaaaaaaaaa) Tj " * 200_000 + b"ET"
    )
    return {"flood": written(pages(flood)), "nested": written(nested), "many": written(pages(many))}


def settle(files: dict[str, bytes], limits: Limits) -> dict[str, Outcome]:
    guard = Guard(ParseFile(load_vocabulary()), 2, limits)
    found: dict[str, Outcome] = {}
    try:
        for name, data in files.items():
            file = SourceFile(f"{name}.pdf", "pdf", len(data), hashlib.sha256(data).hexdigest())
            found |= {raw.report_id: one for raw, one in guard.take(RawFile(name, data, file))}
        found |= {raw.report_id: one for raw, one in guard.finish()}
    finally:
        guard.close()
    return found


def children() -> list[str]:
    me = os.getpid()
    return Path(f"/proc/{me}/task/{me}/children").read_text().split()


def test_a_hundred_damaged_files_and_three_bombs_get_a_verdict_each() -> None:
    before = children()
    whole = good()
    files = {f"damaged-{number}": mutated(whole, number) for number in range(100)}
    files |= {"good-1": whole} | bombs() | {"good-2": whole}
    found = settle(files, Limits(seconds=15, seconds_per_mib=0, memory_mib=400))
    assert found.keys() == files.keys()
    for name, outcome in found.items():
        assert isinstance(outcome, ParsedReport | Quarantine)
        if isinstance(outcome, Quarantine):
            assert outcome.reason
            assert name.startswith("damaged") or name in ("flood", "nested", "many")
            assert "its parser failed" not in outcome.reason, (name, outcome.reason)
    assert isinstance(found["good-1"], ParsedReport)
    assert isinstance(found["good-2"], ParsedReport)
    # no orphan; a child of an earlier test may have ended meanwhile
    assert set(children()) <= set(before)
