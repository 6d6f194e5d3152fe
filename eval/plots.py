"""Plots of a run as inline SVG: latency, confusion, risk against coverage, calibration.

Foot of `eval.page`. Plain text out of numbers: no drawing library, no script.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 360, 220, 46, 34


def latency_plot(seconds: Sequence[float]) -> str:
    """How many answers took how long: a histogram over a logarithmic axis of milliseconds."""
    times = sorted(max(second * 1000, 0.01) for second in seconds)
    if not times:
        return ""
    first, last = math.floor(math.log10(times[0]) * 4), math.floor(math.log10(times[-1]) * 4)
    counts = {step: 0 for step in range(first, last + 1)}
    for time in times:
        counts[math.floor(math.log10(time) * 4)] += 1
    top = max(counts.values())
    wide = (_WIDTH - _LEFT - 8) / len(counts)
    bars = []
    for number, (step, count) in enumerate(counts.items()):
        tall = (_HEIGHT - _BOTTOM - 12) * count / top
        x, y = _LEFT + number * wide, _HEIGHT - _BOTTOM - tall
        span = f"{10 ** (step / 4):.3g}–{10 ** ((step + 1) / 4):.3g} ms: {count}"
        bars.append(
            f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{max(wide - 1, 1):.1f}" '
            f'height="{tall:.1f}"><title>{span}</title></rect>'
        )
        if step % 4 == 0 or len(counts) < 5:
            bars.append(_text(x, _HEIGHT - 16, f"{10 ** (step / 4):.3g}", "start"))
    return _figure("Latency, ms (log scale)", "answers", [*bars, _text(40, 18, str(top), "end")])


def confusion_plot(confusion: Mapping[str, int]) -> str:
    """Answerable and unanswerable questions against right, wrong and refused."""
    cells = (
        ("answerable", "right", confusion["answerable_right"], "good"),
        ("answerable", "wrong", confusion["answerable_wrong"], "bad"),
        ("answerable", "refused", confusion["answerable_refused"], "bad"),
        ("unanswerable", "answered", confusion["unanswerable_answered"], "bad"),
        ("unanswerable", "refused", confusion["unanswerable_refused"], "good"),
    )
    total = {
        row: max(1, sum(count for name, _, count, _ in cells if name == row))
        for row in ("answerable", "unanswerable")
    }
    drawn = []
    places = {"right": 0, "wrong": 1, "answered": 1, "refused": 2}
    for row, column, count, mood in cells:
        x, y = 92 + places[column] * 88, 24 + (row == "unanswerable") * 88
        shade = 0.12 + 0.4 * count / total[row]  # words stay readable on the fullest cell
        drawn.append(
            f'<rect class="{mood}" x="{x}" y="{y}" width="84" height="84" rx="6" '
            f'fill-opacity="{shade:.2f}"/>' + _text(x + 42, y + 40, str(count), "middle", "big")
        )
        drawn.append(_text(x + 42, y + 62, column, "middle"))
    drawn += [_text(84, 70, "answerable", "end"), _text(84, 158, "unanswerable", "end")]
    return _svg("Answers and refusals", drawn)


def curve_plot(points: Sequence[Sequence[float]], aurc: float | None) -> str:
    """Risk (share of wrong answers) against coverage, most confident first."""
    if not points:
        return ""
    wide, tall = _WIDTH - _LEFT - 12, _HEIGHT - _BOTTOM - 12
    top = max(0.05, *(risk for _, risk in points))
    path = " ".join(
        f"{_LEFT + wide * coverage:.1f},{12 + tall * (1 - risk / top):.1f}"
        for coverage, risk in points
    )
    dots = [f'<polyline class="line" points="{path}"/>']
    dots += [_text(_LEFT - 6, 18, f"{top:.0%}", "end"), _text(_LEFT - 6, 12 + tall, "0", "end")]
    dots += [
        _text(_LEFT, _HEIGHT - 16, "0", "middle"),
        _text(_WIDTH - 12, _HEIGHT - 16, "1", "end"),
    ]
    area = "" if aurc is None else f" (area {aurc:.4f})"
    return _figure(f"Risk against coverage{area}", "risk", dots)


def calibration_plot(found: Mapping[str, Any]) -> str:
    """What was said (confidence) against what was so (share right), by bins: a dot on the diagonal
    keeps its word. Whiskers are 95 % intervals, the number of answers stands at each dot.

    Args:
        found: `calibration` of `eval.metrics`: bins, and the expected calibration error (`ece`).
    """
    bins = found["bins"]
    if not bins:
        return ""
    wide, tall = _WIDTH - _LEFT - 12, _HEIGHT - _BOTTOM - 12
    drawn = [
        f'<line class="axis" x1="{_LEFT}" y1="{12 + tall}" x2="{_LEFT + wide}" y2="12" '
        'stroke-dasharray="4 4"/>'
    ]
    most = max(b["n"] for b in bins)
    for b in bins:
        x, y = _LEFT + wide * b["said"], 12 + tall * (1 - b["was"])
        low, high = (12 + tall * (1 - b[end]) for end in ("low", "high"))
        drawn.append(
            f'<line class="axis" x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}"/>'
            f'<circle class="bar" cx="{x:.1f}" cy="{y:.1f}" r="{3 + 5 * b["n"] / most:.1f}">'
            f"<title>said {b['said']:.2f}, right {b['was']:.2f} "
            f"({b['low']:.2f} … {b['high']:.2f}), n {b['n']}</title></circle>"
        )
        drawn.append(_text(x - 10, min(y + 18, 8 + tall), str(b["n"]), "end", "small"))
    for share in (0, 0.5, 1):
        drawn.append(_text(_LEFT - 6, 18 + (tall - 6) * (1 - share), f"{share:g}", "end"))
        drawn.append(_text(_LEFT + wide * share, _HEIGHT - 16, f"{share:g}", "middle"))
    told = f"ECE {found['ece']:.3f}, Brier {found['brier']:.3f}, n {sum(b['n'] for b in bins)}"
    return _figure(f"Share right against confidence ({told})", "right", drawn)


def _figure(title: str, side: str, inside: Sequence[str]) -> str:
    bottom = _HEIGHT - _BOTTOM
    axes = [
        f'<line class="axis" x1="{_LEFT}" y1="12" x2="{_LEFT}" y2="{bottom}"/>',
        f'<line class="axis" x1="{_LEFT}" y1="{bottom}" x2="{_WIDTH - 8}" y2="{bottom}"/>',
        f'<text transform="translate(12 {bottom / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(side)}</text>',
    ]
    return _svg(title, [*axes, *inside])


def _svg(title: str, inside: Sequence[str]) -> str:
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
        + "".join(inside)
        + f"</svg><figcaption>{escape(title)}</figcaption></figure>"
    )


def _text(x: float, y: float, words: str, anchor: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
