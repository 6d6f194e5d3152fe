"""Reader of Excel files (.xlsx): what each visible cell shows, with its sheet and reference.

Ends in `corpus.composed`; openpyxl reads the values, `corpus.number_formats` shows them.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

from corpus.composed import Composed
from corpus.errors import UnreadableFile
from corpus.number_formats import shown
from corpus.readers.composing import Composer, Placed
from corpus.readers.ooxml import Package
from corpus.readers.sheets import put_sheet

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# A cell takes about 40 bytes of XML and 400 of memory: 32 MiB are 800,000 cells.
MAX_SHEET_BYTES = 32 * 2**20
MAX_SHEETS = 200
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_UNCOMPUTED = re.compile(rb"(?:</f>|<f\b[^>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")


def read_xlsx(data: bytes, name: str) -> Composed:
    """The composed text of a workbook.

    Raises:
        UnreadableFile: damaged, encrypted, oversized, or without a visible word.
    """
    uncomputed = _checked(Package(data, name))
    composer = Composer(name)
    book = _opened(data, name)
    if uncomputed:
        composer.warnings.append(
            f"{uncomputed:,} formulas hold no computed value and show nothing: open the file in "
            "Excel, save it, and index it again"
        )
    if len(book.worksheets) > MAX_SHEETS:
        raise UnreadableFile(
            name, f"has {len(book.worksheets)} sheets, one file may have {MAX_SHEETS}; split it"
        )
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            composer.warnings.append(f"the hidden sheet {sheet.title!r} was left out")
        else:
            put_sheet(composer, sheet.title, _cells(sheet, composer))
            for _ in [*sheet._charts, *sheet._images]:
                composer.picture()
    return composer.finish()


def _checked(package: Package) -> int:
    """How many formulas were never computed.

    Raises:
        UnreadableFile: a sheet is too large, or a part brings a document type definition.
    """
    count = 0
    for part in package.names():
        if part.endswith((".xml", ".rels")):
            limit = MAX_SHEET_BYTES
            content = package.read(part, limit)
            if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content[:4096]:
                raise package.damaged("a part holds a document type definition")
            if _SHEET.fullmatch(part):
                count += len(_UNCOMPUTED.findall(content))
    return count


def _opened(data: bytes, name: str) -> Any:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that it drops: validations, extensions
            return load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl lets through whatever it stumbles over
        what = f"{type(error).__name__}: {error}"[:120]
        raise UnreadableFile(name, f"is damaged ({what}); open it in Excel and save it") from error


def _cells(sheet: Worksheet, composer: Composer) -> list[Placed]:
    """What the visible cells show; a merged cell covers all its places."""
    merged = {
        (area.min_row, area.min_col): (area.max_row, area.max_col)
        for area in sheet.merged_cells.ranges
    }
    hidden_rows = {number for number, row in sheet.row_dimensions.items() if row.hidden}
    hidden_columns = _hidden_columns(sheet)
    cells, left_out = [], 0
    for (row, column), cell in sorted(sheet._cells.items()):
        words = shown(cell.value, cell.number_format) if cell.value is not None else ""
        if not words.strip():
            continue
        if row in hidden_rows or column in hidden_columns:
            left_out += 1
            continue
        last_row, last_column = merged.get((row, column), (row, column))
        extent = (last_row - row + 1, last_column - column + 1)
        cells.append(Placed(row - 1, column - 1, words, *extent, cell.coordinate))
    if left_out:
        composer.warnings.append(
            f"{left_out:,} cells in hidden rows or columns of the sheet {sheet.title!r} were left "
            "out"
        )
    return cells


def _hidden_columns(sheet: Worksheet) -> set[int]:
    """Hidden columns; one entry may stand for many."""
    hidden: set[int] = set()
    for column in sheet.column_dimensions.values():
        if column.hidden and column.min and column.max:
            hidden.update(range(column.min, min(column.max, 16384) + 1))
    return hidden
