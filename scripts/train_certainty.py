"""Trains the two certainties of a prose answer: that it is there at all, and that it is right.

    .venv/bin/python scripts/train_certainty.py DATA     (DATA: the folder with qa/; scipy fits)

Pairs with and without evidence: the paragraphs of a training set are parted into four; for each
part an index is built without it. The questions on that part are then unanswerable, the others are
not. Each pair counts twice, once with what the report's title tells left out. Writes
service/data/certainty.json. Sets and manifest are those of scripts/train_ranker.py.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from train_ranker import OUT, indexed, sets

from corpus.normalise import fold
from eval.adapters import FieldSet
from eval.golden import GoldenItem
from indexer.records import Filters
from indexer.snapshot import Snapshot
from service.answering import Answerer
from service.reading.certainty import SIGNS, signs_of
from service.reading.composing import pieces_of
from service.reading.expectation import expectation_of
from service.reading.judging import judge
from service.reading.prose import find_passages, roles_of
from service.reading.ranking import rank
from service.reading.scope import Scope, make_scope
from service.reading.traits import asked_of
from service.reading.weighing import weigh_question

Floats = npt.NDArray[np.float64]
PARTS = 4
L2 = 1.0
# Questions with evidence are asked in one of the four indexes only: as many as without.
# A removed paragraph of DRCD leaves others of its article, which may answer: CMRC's pairs count
# three times.
SETS = {"cmrc2018_trial": 3, "drcd_even": 1}


def main() -> int:
    """Reads the sets, trains, writes; gives the exit code."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    rows: list[tuple[list[float], bool, bool]] = []
    for name, chosen in sets(Path(sys.argv[1]) / "qa"):
        if name in SETS:
            for part in range(PARTS):
                rows.extend(list(_of_part(chosen, part)) * SETS[name])
            print(f"{name}: {len(rows)} rows so far", file=sys.stderr)
    signs = np.array([r[0] for r in rows])
    untitled = signs.copy()
    untitled[:, [SIGNS.index(name) for name in ("titled", "run_in_title")]] = 0.0
    signs = np.concatenate([signs, untitled])
    present = np.array([r[1] for r in rows] * 2)
    right = np.array([r[2] for r in rows] * 2)
    stored = {
        "present": fitted(signs, present),
        "right": fitted(signs[present], right[present]),
    }
    (OUT / "certainty.json").write_text(json.dumps(stored) + "\n", encoding="utf-8")
    return 0


def part_of(report: str) -> int:
    """Which of the parts a paragraph belongs to, by its id alone."""
    return int(hashlib.sha256(report.encode()).hexdigest(), 16) % PARTS


def _of_part(chosen: FieldSet, part: int) -> Iterator[tuple[list[float], bool, bool]]:
    kept = {i: words for i, words in chosen.reports.items() if part_of(i) != part}
    with indexed(kept) as snapshot:
        answerer = Answerer(snapshot)
        scope = make_scope(snapshot, Filters(), (), None)
        for item in chosen.items:
            home = part_of(item.evidence[0].report)
            if home == part or home == (part + 1) % PARTS:
                found = _row(item, answerer, scope, snapshot, home != part)
                if found is not None:
                    yield found


def _row(
    item: GoldenItem, answerer: Answerer, scope: Scope, snapshot: Snapshot, present: bool
) -> tuple[list[float], bool, bool] | None:
    query = answerer.parse(item.question)
    roles, expectation = roles_of(query), expectation_of(query.text)
    hits = find_passages(query, scope, roles)
    weighing = weigh_question(query, snapshot)
    if not hits or not weighing.words:
        return None
    asked = asked_of(weighing)
    scored = rank(hits, weighing, expectation, scope, roles)
    judged = judge(scored, hits, asked, expectation, scope)
    if not judged:
        return None
    pieces = pieces_of(judged, asked, scope)
    shown = " ".join(p.span.of(snapshot.text(p.scored.sentence.report_id)) for p in pieces)
    right = present and any(fold(gold) in fold(shown) for gold in item.answers[0])
    return signs_of(judged, hits, asked, expectation, scope), present, right


def fitted(signs: Floats, labels: npt.NDArray[np.bool_]) -> list[float]:
    """Weights of a logistic model with a ridge penalty, the constant first."""
    from scipy.optimize import minimize

    mean, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-6
    inputs = np.concatenate([np.ones((len(signs), 1)), (signs - mean) / spread], axis=1)

    def loss(weights: Floats) -> tuple[float, Floats]:
        values = inputs @ weights
        wrong = 1 / (1 + np.exp(-values)) - labels
        penalty = L2 * weights
        penalty[0] = 0.0
        cost = np.logaddexp(0, values).sum() - values[labels].sum() + 0.5 * (penalty @ weights)
        return float(cost), inputs.T @ wrong + penalty

    start = np.zeros(inputs.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    weights = found[1:] / spread
    return rounded([found[0] - weights @ mean, *weights])


def rounded(values: Sequence[float]) -> list[float]:
    """Four digits are more than the data can tell."""
    return [round(float(value), 4) for value in values]


if __name__ == "__main__":
    sys.exit(main())
