"""How many honest paraphrases the proof of the model reader keeps, and how many lies it lets pass.

`bench/truth/paraphrases.jsonl`: made-up places of made-up reports, sentences as a language model
would write them of these places, and lies of named kinds; to the lies come each honest sentence
with one digit changed and with one unit changed.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.reading.draft import Evidence
from service.reading.llm import marked_sentences
from service.reading.llm_checks import Checker
from service.reading.llm_sources import Window

TRUTH = Path(__file__).parent / "truth" / "paraphrases.jsonl"
NAMES = """海岳证券

重点公司盈利预测与估值

代码\t简称\tEPS 2025E
688977\t云杉智能\t0.88
301987\t砺石股份\t0.05
688566\t北溟科技\t0.71
301966\t云岭智造\t1.24
301993\t青禾电子\t1.02
688994\t玄圃软件\t0.22
"""
SOFT = {"cause", "strong", "invented", "denial", "hedge", "subject", "stance", "turned"}
"""Kinds of lies in which no figure and no quote is wrong."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of a model: its kind (`honest` or that of the lie), and whether it is shown."""

    kind: str
    text: str
    shown: bool


def cases() -> list[dict[str, Any]]:
    """The places with what is said of them."""
    return [json.loads(line) for line in TRUTH.read_text(encoding="utf-8").splitlines()]


def windows_of(case: dict[str, Any]) -> dict[int, list[Window]]:
    """The numbered sources of a case as places, as `llm_sources` makes them."""
    found: dict[int, list[Window]] = {}
    for number, (label, heading, text, *title) in enumerate(case["sources"], start=1):
        around = "\n".join([label, *title, heading, text])
        report_id = label.split("（")[0] + str(number)
        ends = [m.end() for m in re.finditer("[。；](?=.)", text)]
        borders = [0, *ends, len(text)]
        found[number] = [
            Window(Evidence(report_id, a, b), text[a:b], around, heading, text)
            for size in (1, 2, 3)
            for a, b in zip(borders, borders[size:], strict=False)
        ]
    return found


def mutated(sentence: str) -> Iterator[tuple[str, str]]:
    """The sentence with its last figure changed by a digit, and with another unit."""
    bare = re.sub(r"\[\d\]", lambda m: "\0" * len(m.group()), sentence)
    figures = list(re.finditer(r"(?<![\d.])\d+(?:\.\d+)?(?=[%亿万元倍个颗片])", bare))
    if figures:
        at = figures[-1].end() - 1
        yield "digit", sentence[:at] + str((int(sentence[at]) + 3) % 10) + sentence[at + 1 :]
    unit = re.search(r"(?<=\d)(?:亿(?=元|颗)|万(?=颗|片)|%)", bare)
    if unit:
        other = {"亿": "万", "万": "亿", "%": "倍"}[unit.group()]
        yield "unit2", sentence[: unit.start()] + other + sentence[unit.end() :]


def judged(checker: Checker) -> Iterator[Said]:
    """Every sentence, and whether all that it says would be shown."""
    for case in cases():
        windows = windows_of(case)
        said = [("honest", text) for text in case["honest"]]
        said += [(kind, text) for kind, text in case["lies"]]
        said += [m for text in case["honest"] for m in mutated(text)]
        for kind, text in said:
            yield Said(kind, text, _is_shown(checker, text, windows))


def _is_shown(checker: Checker, text: str, windows: dict[int, list[Window]]) -> bool:
    shown = []
    for sentence, markers in marked_sentences(iter([text])):
        cited = [w for m in markers for w in windows.get(m, [])]
        shown.append(bool(checker.places(sentence, cited)))
    return bool(shown) and all(shown)


def all_said() -> list[Said]:
    """All sentences judged against the made-up names."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "names.txt"
        other = NAMES.replace("海岳证券", "恒川证券")
        source.write_text(NAMES, encoding="utf-8")
        (Path(folder) / "other.txt").write_text(other, encoding="utf-8")
        build([source, Path(folder) / "other.txt"], Path(folder) / "index", processes=1)
        snapshot = open_snapshot(Path(folder) / "index")
        try:
            return list(judged(Answerer(snapshot).checker()))
        finally:
            snapshot.close()


def main() -> int:
    """Prints what was kept and what passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="print what was judged wrongly")
    wishes = parser.parse_args()
    said = all_said()
    honest = [s for s in said if s.kind == "honest"]
    lies = [s for s in said if s.kind != "honest"]
    kept = sum(s.shown for s in honest)
    passed = Counter(s.kind for s in lies if s.shown)
    hard = sum(count for kind, count in passed.items() if kind not in SOFT)
    whole = Counter(s.kind for s in lies)
    print(f"honest paraphrases kept: {kept} of {len(honest)} ({kept / len(honest):.1%})")
    print(f"lies with wrong figures shown: {hard} of {sum(s.kind not in SOFT for s in lies)}")
    soft = sum(passed.values()) - hard
    print(f"lies without one shown: {soft} of {sum(s.kind in SOFT for s in lies)}")
    for kind in sorted(whole):
        print(f"  {kind:10} {passed[kind]:3} of {whole[kind]}")
    if wishes.list:
        for s in said:
            if s.shown != (s.kind == "honest"):
                print(s.kind, s.text)
    return 1 if hard else 0


if __name__ == "__main__":
    raise SystemExit(main())
