"""What a rendered sample holds, in reading order, with the truth that a parser must find again.

Made from the parsed text version of a report (`items_of`) or written by hand
(`rendered_company`); set as a document by `rendering`; judged by `pdf_rendered`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.front import signal
from corpus.report import Block, BlockKind, Report, Role, Table

Kind = Literal["series", "title", "front", "heading", "paragraph", "list", "caption", "source"]

# One cell that must be found: name of its row, header path joined, value; all `normal`.
Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """One paragraph. `marked` holds `**bold**` marks as the source has them; `text` does not.

    Args:
        level: of a heading, 1 for the outermost; 0 otherwise.
        side: it stands in the side bar of page one, if the layout has one.
    """

    kind: Kind
    marked: str
    level: int = 0
    side: bool = False

    @property
    def text(self) -> str:
        """The words as they are printed, without the bullet."""
        return _BULLET.sub("", self.marked.replace("**", ""))


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: header path of each column from the top, and the body rows.

    Args:
        keys: the columns whose cells name a row.
    """

    headers: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    keys: tuple[int, ...]
    side: bool = False

    @property
    def depth(self) -> int:
        """Header rows."""
        return max(len(path) for path in self.headers)

    def triples(self) -> list[Triple]:
        """Every body cell that is no name and not empty."""
        return [
            (
                normal("".join(row[key] for key in self.keys)),
                normal("".join(self.headers[column])),
                normal(value),
            )
            for row in self.rows
            for column, value in enumerate(row)
            if column not in self.keys and value
        ]


Item = Words | Grid

_BULLET = re.compile(r"\A[-•·●■◆]\s+")
_NO_INK = re.compile(r"[\s•·●■◆▪\uf000-\uf8ff]+")


def normal(words: str) -> str:
    """NFKC without white space and bullets: what is compared."""
    return _NO_INK.sub("", unicodedata.normalize("NFKC", words))


def items_of(report: Report) -> list[Item]:
    """The blocks of a text version as items; running heads are left out (a layout has its own)."""
    return list(_items(report))


def _items(report: Report) -> Iterator[Item]:
    for block in report.blocks:
        if block.kind is BlockKind.FURNITURE:
            continue
        if block.table is not None:
            yield grid_of(report.tables[block.table])
            continue
        for line in block.span.of(report.text).splitlines():
            if words := line.strip(" #"):
                yield _words(report, block, words.replace("<", "").replace(">", ""))


def _words(report: Report, block: Block, line: str) -> Words:
    level = report.sections[block.section].level if block.kind is BlockKind.HEADING else 0
    title = report.meta.title.value if report.meta.title else ""
    if line == title:
        return Words("title", line)
    if block.role is Role.FRONT:
        people = signal(line) in ("licence", "person", "phone", "mail")
        return Words("front", line, side=people)
    side = block.role is Role.RELATED
    kinds: dict[BlockKind, Kind] = {
        BlockKind.HEADING: "heading",
        BlockKind.LIST_ITEM: "list",
        BlockKind.CAPTION: "caption",
        BlockKind.SOURCE: "source",
    }
    return Words(kinds.get(block.kind, "paragraph"), line, level, side)


def grid_of(table: Table) -> Grid:
    """A table of a text version, to be set with spanning header cells."""
    return Grid(
        tuple(column.header for column in table.columns),
        tuple(tuple(cell.text for cell in row.cells) for row in table.rows),
        table.key_columns,
    )


def flows(items: Sequence[Item]) -> tuple[str, str]:
    """The `normal` text of the main flow and of the side bar, tables included, row by row."""
    main = "".join(normal(printed(item)) for item in items if not item.side)
    side = "".join(normal(printed(item)) for item in items if item.side)
    return main, side


def printed(item: Item) -> str:
    """The words of an item as a reader reads them: header cells once, then row by row."""
    if isinstance(item, Words):
        return item.text
    heads = [cell.words for row in header_cells(item) for cell in row]
    return "".join(heads) + "".join("".join(row) for row in item.rows)


@dataclass(frozen=True, slots=True)
class HeaderCell:
    """A printed header cell: where it begins, and how many columns and rows it covers."""

    words: str
    column: int
    columns: int
    rows: int


def header_cells(grid: Grid) -> list[list[HeaderCell]]:
    """The header row by row: like neighbours with labels below are one cell, short paths reach
    down to the last header row."""
    made: list[list[HeaderCell]] = []
    for level in range(grid.depth):
        row: list[HeaderCell] = []
        column = 0
        while column < len(grid.headers):
            path = grid.headers[column]
            end = column + 1
            if len(path) > level + 1:
                same = path[: level + 1]
                while end < len(grid.headers) and grid.headers[end][: level + 1] == same:
                    end += 1
            if len(path) > level or (level == 0 and not path):
                words = path[level] if path else ""
                down = 1 if len(path) > level + 1 else grid.depth - level
                row.append(HeaderCell(words, column, end - column, down))
            column = end
        made.append(row)
    return made
