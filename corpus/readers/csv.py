"""Reader of separated values (.csv, .tsv): one sheet, named as its file.

Ends in `corpus.composed`.
"""

from __future__ import annotations

import csv
import io

from corpus.composed import Composed
from corpus.encoding import decode
from corpus.errors import UnreadableFile
from corpus.readers.composing import Composer, Placed
from corpus.readers.sheets import put_sheet, reference

_MARKS = ",\t;|，"
_SAMPLE_LINES = 200


def read_csv(data: bytes, name: str) -> Composed:
    """The composed text of a file of separated values, each value as it stands.

    Raises:
        UnreadableFile: in no plausible encoding, or no such file.
    """
    text = decode(data, name)
    composer = Composer(name)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_mark(text), strict=False)
    cells = []
    try:
        for row, values in enumerate(rows):
            cells += [
                Placed(row, column, value, ref=reference(row, column))
                for column, value in enumerate(values)
                if value.strip()
            ]
    except csv.Error as error:
        place = f"line {rows.line_num}"
        raise UnreadableFile(
            name, f"is no file of separated values ({error} in {place}); mend it"
        ) from error
    put_sheet(composer, name.rpartition("/")[2].rpartition(".")[0] or name, cells)
    return composer.finish()


def _mark(text: str) -> str:
    """The character that parts values: that which most lines have the same number of."""
    lines = [line for line in text[:262144].splitlines()[:_SAMPLE_LINES] if line.strip()]

    def weight(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual) if usual else 0, usual)

    return max(_MARKS, key=weight)
