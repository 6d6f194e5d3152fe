"""Reader of Word files (.docx): paragraphs, headings, lists, tables and notes in reading order.

Ends in `corpus.composed`. The parts are read as XML, not by python-docx: that shows neither text
boxes nor footnotes, content controls or tracked changes, and reads parts of any size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus.composed import Composed
from corpus.errors import UnreadableFile
from corpus.readers.composing import Composer, Placed, one_line
from corpus.readers.docx_styles import Lists, Styles
from corpus.readers.ooxml import (
    Element,
    Package,
    attribute,
    child,
    children,
    descendants,
    is_on,
    local,
    number_of,
    relation_of,
    value,
)
from corpus.report import BlockKind

# Elements that only wrap what they hold.
_WRAPS = frozenset(
    {"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink", "fldSimple",
     "ruby", "rubyBase", "dir", "bdo", "AlternateContent", "Choice", "oMath", "oMathPara"}
)  # fmt: skip
# What was deleted or moved away, what a field computes from, what stands above a character.
_LEFT_OUT = frozenset({"del", "moveFrom", "instrText", "delText", "rt", "Fallback"})
_TITLES = ("title", "subtitle", "标题", "副标题")
_MAX_SPAN = 1000
_MAX_DEPTH = 20
# A cell of so many paragraphs of prose is a column of a page that was laid out with a table.
_LAID_OUT_PARAGRAPHS = 3
_PROSE_CHARS = 40


def read_docx(data: bytes, name: str) -> Composed:
    """The composed text of a Word file.

    Raises:
        UnreadableFile: damaged, encrypted, oversized, or without text.
    """
    package = Package(data, name)
    main = package.main_part()
    body = child(package.tree(main), "body")
    if body is None:
        raise package.damaged("its document has no body")
    return _Document(package, main).read(body)


@dataclass(slots=True)
class _Words:
    """What a paragraph holds.

    Args:
        parts: its text, line breaks as `\\n`.
        boxes: text boxes that hang on it.
        pictures: how many pictures and charts hang on it.
    """

    parts: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    pictures: int = 0

    @property
    def text(self) -> str:
        """The words, lines parted by `\\n`."""
        return "".join(self.parts).strip()


class _Document:
    """One document on its way into a composer."""

    def __init__(self, package: Package, main: str) -> None:
        self._package = package
        self._main = main
        self._composer = Composer(package.name)
        self._styles = Styles(package.optional_tree(package.related(main, "styles")))
        self._lists = Lists(package.optional_tree(package.related(main, "numbering")))
        self._changed = False
        self._waiting: list[tuple[Element, int]] = []  # text boxes, each with its depth

    def read(self, body: Element) -> Composed:
        """Everything, running heads first and footers last."""
        self._running(body, "headerReference")
        self._blocks(body, 0)
        self._place_boxes()
        self._notes("footnotes", "footnote")
        self._notes("endnotes", "endnote")
        self._running(body, "footerReference")
        if self._changed:
            self._composer.warnings.append(
                "it holds tracked changes: insertions are read as text, deletions are left out"
            )
        return self._composer.finish()

    # --- blocks -------------------------------------------------------------------------------

    def _blocks(self, parent: Element, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise UnreadableFile(self._package.name, f"is nested deeper than {_MAX_DEPTH} levels")
        for element in _unwrapped(parent):
            kind = local(element)
            if kind == "p":
                self._paragraph(element, depth)
            elif kind == "tbl":
                self._table(element, depth)

    def _paragraph(self, element: Element, depth: int) -> None:
        properties = child(element, "pPr")
        words = _Words()
        self._gather(element, words)
        text = words.text
        is_prose = len(text) >= _PROSE_CHARS or text.endswith("。")
        if is_prose or self._styles.level_of(properties) is not None:
            self._place_boxes()
        if text:
            self._line(text, properties)
        for _ in range(words.pictures):
            self._composer.picture()
        self._waiting += [(box, depth + 1) for box in words.boxes]

    def _place_boxes(self) -> None:
        """Text boxes come behind the short lines that they stand beside: the bar of page one hangs
        on its title, and must not part it from the lines below."""
        waiting, self._waiting = self._waiting, []
        for box, depth in waiting:
            self._blocks(box, depth)
            self._place_boxes()

    def _line(self, text: str, properties: Element | None) -> None:
        level = self._styles.level_of(properties)
        numbered = self._styles.list_of(properties)
        if numbered is not None:
            mark = self._lists.next(*numbered)
            joint = " " if mark and mark[-1] not in "、）)．" else ""
            text = f"{mark}{joint}{text}"
        if level is not None and not self._styles.is_named(properties, _TITLES):
            self._composer.lines(text, BlockKind.HEADING, level)
        elif numbered is not None:
            self._composer.lines(text, BlockKind.LIST_ITEM)
        else:
            self._composer.lines(text)

    def _gather(self, element: Element, words: _Words) -> None:
        """The words of a paragraph in order, whatever wraps them."""
        for one in element:
            kind = local(one)
            if kind in _LEFT_OUT:
                self._changed = self._changed or kind in {"del", "moveFrom"}
            elif kind == "AlternateContent":
                self._gather(_chosen(one), words)
            elif kind == "r":
                if not is_on(one, "rPr", "vanish"):
                    self._gather(one, words)
            elif kind in {"drawing", "pict", "object"}:
                self._hung(one, words)
            elif kind in _WRAPS or kind in {"e", "num", "den", "sub", "sup", "f", "sSub", "sSup"}:
                self._changed = self._changed or kind in {"ins", "moveTo"}
                self._gather(one, words)
            else:
                words.parts.append(_character(one, kind))

    def _hung(self, element: Element, words: _Words) -> None:
        boxes = list(_boxes(element))
        words.boxes.extend(boxes)
        if not boxes and any(
            local(one) in {"blip", "imagedata", "chart", "relIds", "OLEObject"}
            for one in element.iter()
        ):
            words.pictures += 1

    # --- tables -------------------------------------------------------------------------------

    def _table(self, element: Element, depth: int) -> None:
        self._place_boxes()
        rows = [row for row in _unwrapped(element) if local(row) == "tr" and not _is_deleted(row)]
        if _is_layout(rows):
            for row in rows:
                for cell in _cells_of(row):
                    self._blocks(cell, depth + 1)
            return
        heads = 0
        while heads < len(rows) and is_on(rows[heads], "trPr", "tblHeader"):
            heads += 1
        cells, inner = self._placed(rows)
        # a header cell that reaches down takes the rows that it reaches into the header
        heads = max([cell.row + cell.row_span for cell in cells if cell.row < heads], default=0)
        self._composer.table(cells, header_rows=heads if 0 < heads < len(rows) else None)
        for _ in range(inner.pictures):
            self._composer.picture()
        self._waiting += [(box, depth + 1) for box in inner.boxes]

    def _placed(self, rows: list[Element]) -> tuple[list[Placed], _Words]:
        """The cells of a grid; pictures and text boxes in them apart."""
        placed: list[Placed] = []
        hanging: dict[int, int] = {}  # column → place in `placed` of the cell that may reach down
        rest = _Words()
        for number, row in enumerate(rows):
            column = min(number_of(value(row, "trPr", "gridBefore")), _MAX_SPAN)
            for cell in _cells_of(row):
                properties = child(cell, "tcPr")
                width = min(max(number_of(value(properties, "gridSpan"), 1), 1), _MAX_SPAN)
                merge = child(properties, "vMerge")
                goes_on = merge is not None and attribute(merge, "val") != "restart"
                if goes_on and column in hanging:
                    above = placed[hanging[column]]
                    placed[hanging[column]] = Placed(
                        above.row, above.column, above.words, number - above.row + 1,
                        above.column_span,
                    )  # fmt: skip
                else:
                    hanging.pop(column, None)
                    if merge is not None:
                        hanging[column] = len(placed)
                    placed.append(Placed(number, column, self._cell_words(cell, rest), 1, width))
                column += width
        return placed, rest

    def _cell_words(self, cell: Element, rest: _Words) -> str:
        lines = []
        for paragraph in _unwrapped(cell):
            words = _Words()
            if local(paragraph) == "p":
                self._gather(paragraph, words)
            lines.append(words.text)
            rest.pictures += words.pictures
            rest.boxes += words.boxes
        return joined(lines)

    # --- beside the text ----------------------------------------------------------------------

    def _notes(self, part: str, name: str) -> None:
        """Footnotes in order, each under the number that its mark shows."""
        root = self._package.optional_tree(self._package.related(self._main, part))
        number = 0
        for note in children(root, name):
            if attribute(note, "type") in {"separator", "continuationSeparator"}:
                continue
            words = self._all_words(note)
            number += 1
            if words:
                self._composer.line(f"注{number}：{words}", BlockKind.SOURCE)

    def _running(self, body: Element, reference: str) -> None:
        """Running heads or footers, each once."""
        relations = self._package.relations(self._main)
        seen = set()
        for section in descendants(body, "sectPr"):
            for one in children(section, reference):
                relation = relations.get(relation_of(one))
                root = self._package.optional_tree(relation.target if relation else None)
                for paragraph in descendants(root, "p") if root is not None else ():
                    words = _Words()
                    self._gather(paragraph, words)
                    text = one_line(words.text)
                    if text and text not in seen and not text.isdecimal():
                        seen.add(text)
                        self._composer.line(text, BlockKind.FURNITURE)

    def _all_words(self, element: Element) -> str:
        lines = []
        for paragraph in descendants(element, "p"):
            words = _Words()
            self._gather(paragraph, words)
            lines.append(one_line(words.text))
        return " ".join(line for line in lines if line)


def joined(lines: list[str]) -> str:
    """Lines of one cell as one: nothing between Han characters, a space elsewhere."""
    text = ""
    for line in lines:
        for piece in line.split("\n"):
            piece = one_line(piece)
            if not piece:
                continue
            tight = text and _is_han(text[-1]) and _is_han(piece[0])
            text += piece if tight or not text else f" {piece}"
    return text


def _is_han(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uff60"


def _unwrapped(parent: Element) -> Iterator[Element]:
    """The children, those of wrapping elements in their place."""
    for element in parent:
        kind = local(element)
        if kind in _LEFT_OUT:
            continue
        if kind == "AlternateContent":
            yield from _unwrapped(_chosen(element))
        elif kind in _WRAPS:
            yield from _unwrapped(element)
        else:
            yield element


def _chosen(alternatives: Element) -> Element:
    """The first way that a file offers to show something; the others say the same again."""
    choice = child(alternatives, "Choice")
    return choice if choice is not None else alternatives


def _boxes(element: Element) -> Iterator[Element]:
    """The outermost contents of text boxes; those of another choice say the same again."""
    for one in element:
        if local(one) == "txbxContent":
            yield one
        elif local(one) == "AlternateContent":
            yield from _boxes(_chosen(one))
        elif local(one) not in _LEFT_OUT:
            yield from _boxes(one)


def _character(element: Element, kind: str) -> str:
    if kind == "t":
        return element.text or ""
    if kind in {"br", "cr"}:
        return "\n" if attribute(element, "type") in {None, "textWrapping"} else ""
    if kind in {"tab", "ptab"}:
        return " "
    if kind == "noBreakHyphen":
        return "-"
    if kind == "sym":
        return _symbol(attribute(element, "char") or "")
    return ""


def _symbol(code: str) -> str:
    """A character of a symbol font; its own code says nothing, so only plain ones are kept."""
    try:
        character = chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
    return "" if "\ue000" <= character <= "\uf8ff" else character


def _cells_of(row: Element) -> list[Element]:
    return [cell for cell in _unwrapped(row) if local(cell) == "tc"]


def _is_deleted(row: Element) -> bool:
    return child(row, "trPr", "del") is not None


def _is_layout(rows: list[Element]) -> bool:
    """True for a table that only puts text side by side: it holds tables, or columns of prose."""
    cells = [cell for row in rows for cell in _cells_of(row)]
    if len(cells) == 1:
        return True
    for cell in cells:
        if any(True for _ in descendants(cell, "tbl")):
            return True
        texts = ["".join(t.text or "" for t in descendants(p, "t")) for p in children(cell, "p")]
        full = [text for text in texts if text.strip()]
        if len(full) >= _LAID_OUT_PARAGRAPHS and max(map(len, full)) >= _PROSE_CHARS:
            return True
    return False
