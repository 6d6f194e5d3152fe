"""One self-contained `report.html` out of one or more runs: no network, no server.

Last stage of `eval`: what `eval.records` stored, laid out for a person who asks why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from eval.metrics import metrics
from eval.plots import calibration_plot, confusion_plot, curve_plot, latency_plot
from eval.run import Outcome
from eval.sources import Testimony

Run = tuple[str, Mapping[str, Any], Sequence[Outcome]]  # name, run.json, outcomes

# The columns of the table; the rest is in metrics.json.
_COLUMNS = (
    "right", "cited", "verbatim", "refusal_recall", "over_refusal", "reason_right", "numeric",
    "normal_match", "list_f1", "char_f1", "citation_precision", "citation_recall",
    "uncited_numbers", "R@5", "RR@10", "wrong_document@1",
)  # fmt: skip


def write_report(path: Path, runs: Sequence[Run]) -> None:
    """Writes the report of the first run, with the answers of the others beside its own."""
    path.write_text(report_html(runs), encoding="utf-8")


def report_html(runs: Sequence[Run]) -> str:
    """The page. The data stand in it as JSON, the script and the style inline."""
    web = files("eval").joinpath("web")
    template = web.joinpath("report.html").read_text(encoding="utf-8")
    name, _, outcomes = runs[0]
    parts = {
        "title": escape(f"yanbao eval: {name}"),
        "facts": _facts(runs),
        "table": _table(runs),
        "plots": _plots(outcomes),
        "style": web.joinpath("report.css").read_text(encoding="utf-8"),
        "script": web.joinpath("report.js").read_text(encoding="utf-8"),
        # `<` never stands raw in the data, so no answer can close the script element.
        "data": json.dumps(_data(runs), ensure_ascii=False).replace("<", "\\u003c"),
    }
    pieces = template.split("{{")
    page = pieces[0]
    for piece in pieces[1:]:
        key, _, rest = piece.partition("}}")
        page += parts[key.strip()] + rest
    return page


def _facts(runs: Sequence[Run]) -> str:
    rows = []
    for name, info, outcomes in runs:
        git = info.get("git") or {}
        commit = str(git.get("commit", "no commit"))[:12] + ("+" if git.get("changed") else "")
        said = (
            f"{len(outcomes)} questions · {info.get('target', '')} · {commit} · "
            f"{info.get('finished', '')} · {info.get('wall_s', 0):.1f} s · golden "
            + ", ".join(str(sha)[:12] for sha in info.get("golden", {}).values())
        )
        rows.append(f"<li><b>{escape(name)}</b> {escape(said)}</li>")
    return f"<ul>{''.join(rows)}</ul>"


def _table(runs: Sequence[Run]) -> str:
    """A row for each group of the first run, a cell for each metric, one line in it a run."""
    found = [metrics(outcomes)["groups"] for _, _, outcomes in runs]
    used = [c for c in _COLUMNS if any(c in g for groups in found for g in groups.values())]
    head = "".join(f"<th>{escape(column)}</th>" for column in used)
    rows = []
    for label in found[0]:
        cells = "".join(f"<td>{_cell([g.get(label, {}) for g in found], c)}</td>" for c in used)
        rows.append(f'<tr><th data-group="{escape(label)}">{escape(label)}</th>{cells}</tr>')
    return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(groups: Sequence[Mapping[str, Any]], column: str) -> str:
    shown = []
    for group in groups:
        if (entry := group.get(column)) is None:
            shown.append("·")
        else:
            interval = f"{entry['low']:.3f} … {entry['high']:.3f}, n {entry['n']}"
            shown.append(f'<span title="{interval}">{100 * entry["value"]:.1f}</span>')
    return "<br>".join(shown)


def _plots(outcomes: Sequence[Outcome]) -> str:
    found = metrics(outcomes)
    curve = found["risk_coverage"]
    return (
        confusion_plot(found["refusal"]["confusion"])
        + latency_plot([o.seconds for o in outcomes if o.error is None])
        + curve_plot(curve["points"], curve.get("aurc"))
        + calibration_plot(found["calibration"])
    )


def _data(runs: Sequence[Run]) -> dict[str, Any]:
    others = [{o.item.id: o for o in outcomes} for _, _, outcomes in runs[1:]]
    items = []
    for outcome in runs[0][2]:
        shown = [outcome, *(other.get(outcome.item.id) for other in others)]
        items.append(
            {
                "id": outcome.item.id,
                "type": outcome.item.type,
                "split": outcome.item.split,
                "tags": list(outcome.item.tags),
                "note": outcome.item.note,
                "runs": [None if one is None else _shown(one) for one in shown],
            }
        )
    return {"runs": [name for name, _, _ in runs], "items": items}


def _shown(outcome: Outcome) -> dict[str, Any]:
    """What the page shows of one answer. Copies ask in other words, so the question is in it."""
    item, response, verdict = outcome.item, outcome.response or {}, outcome.verdict
    return {
        "question": item.question,
        "history": [[turn.role, turn.content] for turn in item.history],
        "gold": [list(group) for group in item.answers],
        "forbid": list(item.forbid),
        "evidence": [[piece.report, piece.quote or ""] for piece in item.evidence],
        "answer": response.get("answer"),
        "refused": response.get("refused"),
        "reason": response.get("reason"),
        "kind": response.get("kind"),
        "confidence": response.get("confidence"),
        "citations": _citations(outcome),
        "faults": list(verdict.faults) if verdict else [],
        "codes": list(verdict.codes) if verdict else [],
        "error": outcome.error,
        "right": verdict.right if verdict else None,
        "ms": round(outcome.seconds * 1000, 1),
        "measures": outcome.measures,
    }


def _citations(outcome: Outcome) -> list[dict[str, Any]]:
    """Citations with the parts of their quotes that are gold evidence, as `[start, end)`."""
    if outcome.response is None or outcome.testimony is None:
        return []
    sources = Testimony(dict(outcome.testimony))
    gold = [(p.report, span) for p in outcome.item.evidence for span in sources.places(p)]
    found = []
    for citation in outcome.response["citations"]:
        start, end = citation["start"], citation["end"]
        marks = [
            [max(span.start, start) - start, min(span.end, end) - start]
            for report, span in gold
            if report == citation["report_id"] and span.start < end and start < span.end
        ]
        cell = citation.get("cell")
        found.append(
            {
                "marker": citation["marker"],
                "report": citation["report_id"],
                "quote": citation["quote"],
                "start": start,
                "gold": marks,
                "cell": [cell["start"] - start, cell["end"] - start, cell["column"]]
                if cell
                else None,
                "verbatim": sources.words(citation["report_id"], start, end) == citation["quote"],
            }
        )
    return found
