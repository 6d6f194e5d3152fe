"""Blocks and sections of a text: every word in one block, every block in one section.

Joins `corpus.line_kinds` (form), `corpus.boilerplate` (role) and `corpus.tables`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.boilerplate import (
    heading_role,
    is_run_in_notice,
    leaves,
    looks_related,
    own_role,
    table_role,
)
from corpus.composed import KnownBlock
from corpus.front import Front, find_front
from corpus.giant_lines import cut_giants
from corpus.known_tables import known_tables
from corpus.line_kinds import (
    furniture_keys,
    heading_level,
    is_caption,
    is_furniture,
    is_list_item,
    is_source,
)
from corpus.lines import Line, split_lines
from corpus.report import Block, BlockKind, Role, Section, Span, Table
from corpus.table_titles import FoundTable, bare_span
from corpus.tables import find_tables

# Joined lines stop growing here; a printed paragraph is shorter.
_MAX_PARAGRAPH = 2400


@dataclass(frozen=True, slots=True)
class Layout:
    """What was laid over the text; `front` in numbers of `lines`."""

    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    tables: tuple[Table, ...]
    lines: tuple[Line, ...]
    front: Front | None


def lay_out(text: str, known: Sequence[KnownBlock] | None = None) -> Layout:
    """Sections, blocks and tables of any text.

    Args:
        known: what a reader of the format knows of the form of each line; it is believed, and
            words decide on roles only. None: words and white space tell all.
    """
    lines = split_lines(text)
    if known is None:
        lines = cut_giants(text, lines)
        found = find_tables(text, lines)
    else:
        found = known_tables(text, lines, known)
    front = find_front(lines, walls=_walls(lines, found, known))
    builder = _Builder(text, lines, found, front, known)
    builder.run()
    tables = tuple(_with_heading(one.table, builder.sections) for one in found)
    return Layout(tuple(builder.sections), tuple(builder.blocks), tables, tuple(lines), front)


_WALLS = frozenset({BlockKind.TABLE, BlockKind.CAPTION, BlockKind.SOURCE})


def _walls(
    lines: Sequence[Line], found: Sequence[FoundTable], known: Sequence[KnownBlock] | None
) -> frozenset[int]:
    """Lines of tables, captions and sources that a reader knows: no title block holds them."""
    if known is None:
        return frozenset()
    kinds = {block.span.start: block.kind for block in known}
    walls = {n for n, line in enumerate(lines) if kinds.get(line.start) in _WALLS}
    return frozenset(walls | {n for one in found for n in range(one.first, one.last)})


def _with_heading(table: Table, sections: Sequence[Section]) -> Table:
    """A table without caption or line above takes the nearest heading for its title."""
    if table.title is not None:
        return table
    above = [section for section in sections if section.span.start <= table.span.start]
    title = above[-1].path[-1] if above and above[-1].path else None
    return replace(table, title=title)


# ── blocks ──────────────────────────────────────────────────────────────────────────────────


# Sections that hold no captioned table: what follows a caption is the report's again.
_LEGAL = frozenset(
    {Role.DISCLAIMER, Role.CERTIFICATION, Role.RATING_DEFINITION, Role.CONTACT, Role.PROFILE,
     Role.FRONT}
)  # fmt: skip


class _Builder:
    """Walks the lines once; keeps the open section, the open role and the open paragraph."""

    def __init__(
        self,
        text: str,
        lines: Sequence[Line],
        found: Sequence[FoundTable],
        front: Front | None,
        known: Sequence[KnownBlock] | None,
    ) -> None:
        self.text, self.lines, self.front = text, lines, front
        self.known = None if known is None else {block.span.start: block for block in known}
        # A file whose writer set headings in bold by hand knows of its title at most: words tell.
        self.headed = sum(block.kind is BlockKind.HEADING for block in known or ()) > 1
        self.found = found
        self.tables = {one.first: (index, one) for index, one in enumerate(found)}
        self.in_table = {n for one in found for n in range(one.first, one.last)}
        self.paged = "\f" in text
        self.keys = furniture_keys(
            [line for number, line in enumerate(lines) if number not in self.in_table]
        )
        self.blocks: list[Block] = []
        self.sections = [Section(0, 0, (), Span(0, len(text)))]
        self.stack: list[tuple[int, str]] = []
        self.numbered = 0  # level of the last numbered heading
        self.role = Role.BODY
        self.entries: set[str] = set()  # contents entries, numbering and page taken off
        self.open: tuple[BlockKind, Role, int, int] | None = None  # kind, role, start, end

    def run(self) -> None:
        """Makes all blocks and sections."""
        number = 0
        while number < len(self.lines):
            if number in self.tables:
                number = self._table(number)
                continue
            self._line(number)
            number += 1
        self._close()

    # one table

    def _table(self, number: int) -> int:
        self._close()
        index, one = self.tables[number]
        if self.role in (Role.RELATED, Role.CONTENTS) or self._is_data(one.table):
            self._leave_section(self.lines[number])
        role = table_role(one.table, self.role)
        last = self.lines[one.last - 1]
        start = min(one.table.span.start, self.lines[one.first].start)
        span = Span(start, max(one.table.span.end, last.end))
        self.blocks.append(Block(BlockKind.TABLE, role, span, len(self.sections) - 1, index))
        return one.last

    def _is_data(self, table: Table) -> bool:
        """True for a table of securities in a legal section: it came after it, not in it."""
        return self.role in _LEGAL and len(table.key_columns) > 1

    # one line

    def _line(self, number: int) -> None:
        line = self.lines[number]
        if self._is_furniture(line):
            role = self.role if self.role is not Role.CONTENTS else Role.BODY
            self._furniture(line, role)
            return
        if self.front and number == self.front.first:
            self._begin_front(number)
        in_front = self._in_front(number)
        level = None if in_front else self._heading(number)
        if self.role is Role.CONTENTS and level is not None and self._is_entry(number):
            level = None
        if level is not None:
            self._open_section(line, level)
            return
        self._leave_lists(number)
        self._add(number, in_front)

    def _is_furniture(self, line: Line) -> bool:
        if self.known is not None:
            block = self.known.get(line.start)
            return block is not None and block.kind is BlockKind.FURNITURE
        return is_furniture(line, self.keys, paged=self.paged)

    def _furniture(self, line: Line, role: Role) -> None:
        """A running head inside a paragraph does not end it on paper, but it does here."""
        self._close()
        span = Span(line.start, line.end)
        self.blocks.append(Block(BlockKind.FURNITURE, role, span, len(self.sections) - 1))

    def _begin_front(self, number: int) -> None:
        self._close()
        if self.role is not Role.BODY and self.sections[-1].path:
            line = self.lines[number]
            self._new_section(line.start, 1, bare_span(self.text, line).of(self.text))
        self.role = Role.FRONT

    def _in_front(self, number: int) -> bool:
        if self.front is None:
            return False
        if self.front.first <= number < self.front.last:
            return True
        if self.role is Role.FRONT and number >= self.front.last:
            self._close()
            self.role = Role.BODY
        return False

    def _heading(self, number: int) -> int | None:
        words = self.lines[number].text
        if self.known is not None:
            level = self._known_heading(number)
            if level is not None or self.headed:
                return level
        if len(words) > 68:
            return None
        if number in (self.front.signals if self.front else ()):
            return None
        if is_caption(words) or is_source(words):
            return None
        return heading_level(self.lines, number, self._following(number + 1))

    def _known_heading(self, number: int) -> int | None:
        """The level that the reader knows; a heading of no known level is ranked by its words."""
        line = self.lines[number]
        block = self.known.get(line.start) if self.known else None
        if block is None or block.kind is not BlockKind.HEADING or is_run_in_notice(line.text):
            return None
        if block.level is not None:
            return block.level
        return heading_level(self.lines, number, self._following(number + 1)) or 0

    def _following(self, number: int) -> str:
        """What stands below a line."""
        while number < len(self.lines):
            if number in self.in_table:
                return "table"
            line = self.lines[number]
            if not self._is_furniture(line):
                break
            number += 1
        if number >= len(self.lines):
            return "end"
        words = self.lines[number].text
        if is_list_item(words) or words[0] == "【":
            return "list"
        if is_source(words) or len(words) < 30:
            return "short"
        return "prose" if len(words) >= 60 or _SENTENCE.search(words) else "short"

    # headings

    def _open_section(self, line: Line, level: int) -> None:
        self._close()
        words = bare_span(self.text, line).of(self.text).strip()
        role = heading_role(line.text)
        if level == 0:
            level = (self.numbered + 1) if role is None else 1
            if role is None and self.role is Role.RATING_DEFINITION:
                level = 2
        else:
            self.numbered = level
        if role is Role.RATING_DEFINITION and self.role is role:
            level = max(level, 2)
        elif role not in (None, Role.BODY):
            self.numbered = 0
        self.role = self._role_after(role)
        self._new_section(line.start, level, words)
        span = Span(line.start, line.end)
        self.blocks.append(Block(BlockKind.HEADING, self.role, span, len(self.sections) - 1))
        if self.role is Role.CONTENTS:
            self.entries = set()

    def _role_after(self, role: Role | None) -> Role:
        """The role that a heading opens; a heading of no known kind opens the body."""
        return Role.BODY if role is None else role

    def _new_section(self, start: int, level: int, words: str) -> None:
        while self.stack and self.stack[-1][0] >= level:
            self.stack.pop()
        self.stack.append((level, words))
        last = self.sections[-1]
        self.sections[-1] = replace(last, span=Span(last.span.start, start))
        path = tuple(name for _, name in self.stack)
        self.sections.append(
            Section(len(self.sections), len(self.stack), path, Span(start, len(self.text)))
        )

    # contents and related reports end without a heading

    def _is_entry(self, number: int) -> bool:
        """True while a line that looks like a heading is still an entry of the contents."""
        words = self.lines[number].text
        if heading_role(words) not in (None, Role.BODY, Role.RISK):
            return heading_role(words) is Role.CONTENTS
        key = _entry_key(words)
        if _LEADERS.search(words) or key not in self.entries:
            return not self.lines[number].new_page or bool(_LEADERS.search(words))
        return False

    def _leave_lists(self, number: int) -> None:
        line = self.lines[number]
        if self.role is Role.CONTENTS:
            if self._goes_on_listing(number):
                self.entries.add(_entry_key(line.text))
            else:
                self._leave_section(line)
        elif self.role in _LEGAL and is_caption(line.text):
            self._leave_section(line)
        elif self.role is Role.RELATED:
            out = is_caption(line.text) or (len(line.text) > 80 and "《" not in line.text[:8])
            if out or not looks_related(line.text):
                self._leave_section(line)

    def _goes_on_listing(self, number: int) -> bool:
        """True while a line under 目录 can be an entry: no sentence, no page without leaders."""
        line = self.lines[number]
        if _LEADERS.search(line.text):
            return True
        if len(line.text) > 60 or "。" in line.text:
            return False
        below = self.lines[number : number + 8]
        return not line.new_page or any(_LEADERS.search(other.text) for other in below)

    def _leave_section(self, line: Line) -> None:
        """What follows stands under no heading any more: a section without a path."""
        self._close()
        self.role = Role.BODY
        self.stack.clear()
        last = self.sections[-1]
        if last.path:
            self.sections[-1] = replace(last, span=Span(last.span.start, line.start))
            span = Span(line.start, len(self.text))
            self.sections.append(Section(len(self.sections), 0, (), span))

    # paragraphs, list items, captions, sources

    def _add(self, number: int, in_front: bool) -> None:
        line = self.lines[number]
        words = line.text
        block = self.known.get(line.start) if self.known else None
        kind = self._kind(words) if block is None else block.kind
        if block is not None and kind is BlockKind.PARAGRAPH:
            kind = self._kind(words)  # the reader may not tell lists and captions apart
        if kind in (BlockKind.HEADING, BlockKind.TABLE):
            kind = BlockKind.PARAGRAPH  # a heading of the title block; a table of one row
        if block is None and kind is BlockKind.PARAGRAPH and self._joins(number):
            self._extend(line.end)
            return
        self._close()
        if in_front or (self.front and number in self.front.signals and self.role is Role.BODY):
            role = Role.FRONT
        else:
            role = self.role
        self.open = (kind, role, line.start, line.end)

    def _extend(self, end: int) -> None:
        if self.open is not None:
            kind, role, start, _ = self.open
            self.open = (kind, role, start, end)

    def _kind(self, words: str) -> BlockKind:
        if is_caption(words):
            return BlockKind.CAPTION
        if is_source(words):
            return BlockKind.SOURCE
        return BlockKind.LIST_ITEM if is_list_item(words) else BlockKind.PARAGRAPH

    def _joins(self, number: int) -> bool:
        """True if a plain line goes on with the open block: the next line of a printed one."""
        line = self.lines[number]
        if self.open is None or line.gap != 1 or line.new_page or number == 0:
            return False
        kind, _, start, end = self.open
        before = self.lines[number - 1].text
        if end - start > _MAX_PARAGRAPH or kind is BlockKind.CAPTION:
            return False
        if self.front and (number in self.front.signals) != (number - 1 in self.front.signals):
            return False
        if kind is BlockKind.SOURCE:
            return len(before) > 30 and before[-1] not in "。；;"
        if kind is BlockKind.LIST_ITEM:
            return before[-1] not in "。；;！？!?" and len(before) >= 16
        return not (before[-1] in "。！？!?；;" and len(before) > 60)

    def _close(self) -> None:
        if self.open is None:
            return
        kind, state, start, end = self.open
        self.open = None
        words = self.text[start:end]
        if state is self.role and leaves(words, state):
            state = self.role = Role.BODY
        if ("..." in words or "……" in words or "·····" in words) and _LEADERS.search(words[:400]):
            role = Role.CONTENTS
        else:
            role = own_role(words, state, kind)
        self.blocks.append(Block(kind, role, Span(start, end), len(self.sections) - 1))


_SENTENCE = re.compile(r"[，。；：,]")
_LEADERS = re.compile(r"\.{5,}|…{3,}|·{5,}")
_ENTRY_EDGES = re.compile(r"\A[\s\d.、．（）()一二三四五六七八九十第章节]+|[\s.…·\d]+\Z")


def _entry_key(words: str) -> str:
    """An entry of the contents, or its heading, without numbering, page number and spaces."""
    return "".join(_ENTRY_EDGES.sub("", words).split())
