"""Disguised copies of reports and of their golden questions: the same job under other names.

Beside the journey of `eval`: whoever answers the originals and not the copies has learnt the
samples by heart. Every copy is made from one seed and is the same each time.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from corpus.tickers import known_brokers, load_listings
from eval.disguising.inventing import Inventor
from eval.disguising.names import replacements
from eval.disguising.questions import Questioner
from eval.disguising.ratings import rating_words
from eval.disguising.rewriting import Rewriter, Shift, day_shifts
from eval.disguising.sections import shuffled
from eval.disguising.tables import LAYOUTS, Grid, Layout, find_grids, render, reordered
from eval.golden import GoldenItem

# Multiples of 0.2 keep thresholds such as 5 %, 10 % and 20 times whole numbers, so that a filter
# chooses the same rows before and after.
_FACTORS = tuple(Decimal(n) / 10 for n in (12, 14, 16, 18, 22, 24, 26, 28))


@dataclass(frozen=True, slots=True)
class Plan:
    """What one copy does; drawn from its seed, so that ten seeds cover all combinations.

    Args:
        ratings: which scheme of rating words, None: as they are.
        keys_move: the columns that name the rows may stand anywhere.
        repeat: a heading over several columns is written over each of them.
    """

    seed: int
    layout: Layout
    header_rows: int
    ratings: int | None
    boilerplate_first: bool
    keys_move: bool
    repeat: bool

    @classmethod
    def of(cls, seed: int) -> Plan:
        """The plan of a seed."""
        return cls(
            seed=seed,
            layout=LAYOUTS[seed % len(LAYOUTS)],
            header_rows=(1, 2, 3, 2, 1, 2, 3)[seed % 7],
            ratings=None if seed % 4 == 3 else seed,
            boilerplate_first=seed % 3 == 1,
            keys_move=seed % 5 in (2, 4),
            repeat=seed % 10 in (2, 5, 7),
        )


@dataclass(frozen=True, slots=True)
class Copy:
    """A disguised copy.

    Args:
        texts: new report id → text.
        dropped: id of a question that could not be carried over → why.
        names: old → new, for whoever looks into the copy.
    """

    plan: Plan
    texts: dict[str, str]
    items: tuple[GoldenItem, ...]
    dropped: dict[str, str]
    names: dict[str, str]


def disguise(texts: Mapping[str, str], items: Sequence[GoldenItem], seed: int) -> Copy:
    """The copy of the reports and their questions that belongs to the seed.

    Args:
        texts: report id → canonical text; only questions on these reports are carried over.
    """
    plan = Plan.of(seed)
    rng = random.Random(seed)  # noqa: S311 (a disguise, no secret)
    names = _names(texts.values(), rng)
    rewriter = _rewriter(texts, items, names, plan, rng)
    ids = {old: f"r{seed:02d}_{number}" for number, old in enumerate(sorted(texts), start=1)}
    made = {old: _disguise_text(text, rewriter, plan, rng) for old, text in texts.items()}
    new_texts = {ids[old]: new for old, (new, _) in made.items()}
    rows = {old: moved for old, (_, moved) in made.items()}
    questioner = Questioner(texts, new_texts, ids, rows, rewriter, names)
    kept: list[GoldenItem] = []
    dropped: dict[str, str] = {}
    for item in items:
        new = questioner.disguised(item)
        if isinstance(new, GoldenItem):
            kept.append(new)
        else:
            dropped[item.id] = new
    return Copy(plan, new_texts, tuple(kept), dropped, names)


def _names(texts: Iterable[str], rng: random.Random) -> dict[str, str]:
    listings, brokers = load_listings(), known_brokers()
    joined = "\n".join(texts)

    def taken(name: str) -> bool:
        return (
            name in joined
            or listings.by_name(name) is not None
            or (name.isdigit() and listings.by_code(name) is not None)
            or any(name in broker for broker in brokers)
        )

    return replacements(joined, Inventor(rng, taken))


def _rewriter(
    texts: Mapping[str, str],
    items: Sequence[GoldenItem],
    names: Mapping[str, str],
    plan: Plan,
    rng: random.Random,
) -> Rewriter:
    asked = [item.model_dump_json() for item in items]
    shift = Shift(
        years=rng.choice([-6, -5, -4, -3, 2, 3, 4, 5, 6]),
        days=day_shifts([*texts.values(), *asked], rng.random()),
        factor=rng.choice(_FACTORS),
        months=rng.choice([Decimal("1.5"), Decimal(2)]),
    )
    years = {int(year) for text in texts.values() for year in re.findall(r"(?<!\d)20\d\d", text)}
    return Rewriter(names, rating_words(plan.ratings), shift, years)


def _disguise_text(
    text: str, rewriter: Rewriter, plan: Plan, rng: random.Random
) -> tuple[str, dict[int, str]]:
    """The new text, and for each old table line its new row.

    A line of a table's header maps to the empty string.
    """
    lines = text.split("\n")
    new: dict[int, list[str]] = {n: [line] for n, line in enumerate(lines)}
    moved: dict[int, str] = {}
    for grid in find_grids(text):
        written = _disguise_grid(grid, rewriter, plan, rng)
        header, body, order = written
        first, end = grid.lines
        new |= {n: [] for n in range(first, end)}
        new[first] = [*header, *body]
        moved |= {n: "" for n in range(first, end)}
        moved |= {line: body[at] for at, line in enumerate(order)}
    in_table = {n for grid in find_grids(text) for n in range(*grid.lines)}
    parts = shuffled(lines, rng, boilerplate_first=plan.boilerplate_first)
    out: list[str] = []
    for first, end in parts:
        prose: list[str] = []
        for n in range(first, end):
            if n in in_table:
                out += rewriter("\n".join(prose)).split("\n") if prose else []
                prose = []
                out += new[n]
            else:
                prose.append(lines[n])
        out += rewriter("\n".join(prose)).split("\n") if prose else []
        if out and out[-1].strip():
            out.append("")
    return "\n".join(out), moved


def _disguise_grid(
    grid: Grid, rewriter: Rewriter, plan: Plan, rng: random.Random
) -> tuple[list[str], list[str], tuple[int, ...]]:
    """Header lines, body lines, and the old line of each body row."""
    rewritten = Grid(
        tuple(type(h)(rewriter(h.name), h.unit, rewriter(h.period)) for h in grid.headings),
        tuple(
            tuple(rewriter.cell(cell, figures=grid.figures(c)) for c, cell in enumerate(row))
            for row in grid.rows
        ),
        grid.lines,
        grid.row_lines,
    )
    columns = _column_order(grid, plan, rng)
    rows = rng.sample(range(len(grid.rows)), len(grid.rows))
    moved = reordered(rewritten, columns, rows)
    header, body = render(moved, plan.layout, plan.header_rows, repeat=plan.repeat)
    return header, body, moved.row_lines


def _column_order(grid: Grid, plan: Plan, rng: random.Random) -> list[int]:
    """Columns under one heading stay together; what names the rows leads unless it may move."""
    groups: list[list[int]] = []
    for at, heading in enumerate(grid.headings):
        before = grid.headings[at - 1] if at else None
        if before and heading.period and before.period and heading.name == before.name:
            groups[-1].append(at)
        else:
            groups.append([at])
    keys = [] if plan.keys_move else [g for g in groups if len(g) == 1 and _is_key(grid, g[0])]
    rest = [group for group in groups if group not in keys]
    rng.shuffle(keys)
    rng.shuffle(rest)
    for group in rest:
        if plan.header_rows == 1:
            rng.shuffle(group)
    return [column for group in [*keys, *rest] for column in group]


def _is_key(grid: Grid, column: int) -> bool:
    cells = [row[column] for row in grid.rows]
    return not grid.figures(column) and len(set(cells)) == len(cells)
