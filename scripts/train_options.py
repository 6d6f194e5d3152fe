"""Weights of `service/reading/given/supporting.py`: a conditional logit over labelled choices.

`python scripts/train_options.py` reads the groups of Fin-Eva that may train (`YANBAO_TEST_DATA`),
prints how well each group is answered by weights of the others, and writes
service/data/options.json and options_manifest.json (the ids of every question trained on).
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.reading.given.answer import figures_choose
from service.reading.given.supporting import NAMES, signs_of

# 金融文档抽取 is measured; 保险属性抽取 asks for the class of a clause, its options stand in no
# text; 金融术语解释, 文本总结归纳 and 资讯标题生成 have no context to choose by.
GROUPS = ("金融事件解读", "保险条款解读", "金融产品分析")
OUT = Path(__file__).resolve().parents[1] / "service" / "data"
Floats = npt.NDArray[np.float64]


def labelled(group: str) -> list[dict[str, Any]]:
    """The rows of a group that carry a label."""
    path = Path(os.environ["YANBAO_TEST_DATA"], "qa", "fin_eva", f"{group}.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [row for line in lines if (row := json.loads(line))["answer"]]


def samples(rows: list[dict[str, Any]]) -> tuple[Floats, npt.NDArray[np.int64]]:
    """(questions, options, signs) and the place of each right option."""
    signs = []
    for row in rows:
        options = [row[letter] for letter in "ABCD"]
        listed = "".join(f"\n{letter}. {row[letter]}" for letter in "ABCD")
        told = figures_choose(f"{row['context']}\n{row['question']}{listed}") or ""
        found = "ABCD".find(told[1]) if told.startswith("选") else None
        signs.append(signs_of(row["context"], row["question"], options, found))
    return np.array(signs), np.array(["ABCD".index(r["answer"]) for r in rows])


def learnt(x: Floats, y: npt.NDArray[np.int64], ridge: float) -> tuple[Floats, Floats]:
    """Scale and weights: the likeliest under a ridge, by Newton's steps (McFadden 1974)."""
    scale = np.maximum(x.reshape(-1, x.shape[2]).std(axis=0), 1e-6)
    z = x / scale
    w = np.zeros(z.shape[2])
    for _ in range(50):
        score = z @ w
        p = np.exp(score - score.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        mean = np.einsum("qo,qof->qf", p, z)
        slope = (z[np.arange(len(y)), y] - mean).sum(axis=0) - ridge * w
        spread = np.einsum("qo,qof,qog->fg", p, z, z) - mean.T @ mean
        w = w + np.linalg.solve(spread + ridge * np.eye(len(w)), slope)
    return scale, w


def right(x: Floats, y: npt.NDArray[np.int64], scale: Floats, w: Floats) -> float:
    """The share of questions whose likeliest option is the right one."""
    return float(((x / scale @ w).argmax(axis=1) == y).mean())


def main() -> int:
    """Prints each group by the others' weights, writes the weights of all; returns 0."""
    rows = {group: labelled(group) for group in GROUPS}
    data = {group: samples(of) for group, of in rows.items()}
    for ridge in (1.0, 3.0, 10.0, 30.0):
        told = []
        for group in GROUPS:
            x = np.concatenate([data[g][0] for g in GROUPS if g != group])
            y = np.concatenate([data[g][1] for g in GROUPS if g != group])
            told.append(right(*data[group], *learnt(x, y, ridge)))
        print(f"ridge {ridge}: {np.mean(told):.3f}", [f"{one:.3f}" for one in told])
    ridge = 10.0
    x, y = (np.concatenate([data[g][at] for g in GROUPS]) for at in (0, 1))
    scale, w = learnt(x, y, ridge)
    print(f"on itself {right(x, y, scale, w):.3f}")
    for name, weight in zip(NAMES, w, strict=True):
        print(f"  {name} {weight:.2f}")
    content = {"names": NAMES, "scale": scale.round(6).tolist(), "weight": w.round(4).tolist()}
    (OUT / "options.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    listed = {f"fin_eva/{group}": sorted(r["id"] for r in of) for group, of in rows.items()}
    told_ids = json.dumps(listed, ensure_ascii=False, indent=0)
    (OUT / "options_manifest.json").write_text(told_ids + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
