"""Sets items as a printed report: a flat OpenDocument text in one of several layouts.

LibreOffice turns it into PDF, DOCX or HTML (`convert`); nothing is written but in the folder that
is given. The layouts are habits of the trade, not those of one house.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from rendered_grids import grid_element, marked
from rendered_items import Grid, Item, Words

_NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a house prints its reports.

    Args:
        width, height, margin: of the page, in centimetres.
        columns: of the running text; tables of more than five columns go over all of them.
        side: where the side bar of page one stands; its items stand in order where there is none.
        tables: ruled: all lines; three_line: above, below header, below; plain: none; zebra:
            shaded header and every second row.
        chapters: each heading of level 1 begins a page.
        head, foot: running lines; `{house}` is the report's house, `#` the page number, `##` the
            number of pages.
    """

    name: str
    width: float = 21.0
    height: float = 29.7
    margin: float = 2.0
    columns: int = 1
    side: Literal["", "left", "right"] = ""
    font: str = "Noto Sans CJK SC"
    size_pt: float = 10.5
    tables: Literal["ruled", "three_line", "plain", "zebra"] = "ruled"
    bullet: str = "•"
    indent: bool = False
    chapters: bool = False
    head: str = "{house}研究所\t证券研究报告"
    foot: str = "请务必阅读正文之后的免责声明部分\t#"


SIDE_CM = 5.4  # of a side bar: a quarter of an A4 page, as most houses have it
_GAP_CM = 0.6

LAYOUTS = (
    Layout("one column, ruled", bullet="•", foot="请务必阅读正文之后的免责声明部分\t# / ##"),
    Layout(
        "two columns, three-line, serif",
        columns=2,
        font="Noto Serif CJK SC",
        size_pt=9.5,
        tables="three_line",
        bullet="◆",
        indent=True,
        head="\t行业研究",
        foot="\t- # -",
    ),
    Layout(
        "bar at the left, three-line",
        side="left",
        tables="three_line",
        size_pt=10,
        bullet="●",
        foot="敬请参阅最后一页特别声明\t第 # 页 共 ## 页",
    ),
    Layout(
        "bar at the right, zebra, letter",
        width=21.59,
        height=27.94,
        side="right",
        tables="zebra",
        size_pt=10,
        bullet="■",
        head="{house}\tEQUITY RESEARCH",
    ),
    Layout(
        "landscape slides, plain tables",
        width=29.7,
        height=21.0,
        tables="plain",
        size_pt=13,
        bullet="•",
        chapters=True,
        head="\t诚信、专业、稳健、高效",
        foot="请阅读最后一页重要免责声明\t#",
    ),
    Layout(
        "small serif, plain tables",
        font="Noto Serif CJK SC",
        size_pt=8.5,
        margin=2.6,
        tables="plain",
        bullet="-",
        indent=True,
        head="本报告仅供{house}客户使用",
        foot="\t# of ##",
    ),
)


def document(items: Sequence[Item], layout: Layout, house: str) -> str:
    """The flat OpenDocument text of the items in a layout."""
    head, foot = (_running(line.replace("{house}", house)) for line in (layout.head, layout.foot))
    page = (
        f"<office:automatic-styles>{_page_layout(layout, 'L', first=False)}"
        f"{_page_layout(layout, 'F', first=True)}{_first_style(items)}{_other_styles(layout)}"
        "</office:automatic-styles>"
        "<office:master-styles>"
        '<style:master-page style:name="First" style:page-layout-name="F"'
        f' style:next-style-name="Standard">{_head_foot(head, foot)}</style:master-page>'
        '<style:master-page style:name="Standard" style:page-layout-name="L">'
        f"{_head_foot(head, foot)}</style:master-page></office:master-styles>"
    )
    body = "".join(_body(items, layout))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {_NAMESPACES}'
        ' office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text">'
        f"{_defaults(layout)}{page}<office:body><office:text>{body}</office:text></office:body>"
        "</office:document>"
    )


def convert(folder: Path, sources: Sequence[Path], kind: str) -> list[Path]:
    """The documents converted by LibreOffice to `kind` (pdf, docx, html), in the same folder.

    Raises:
        RuntimeError: LibreOffice is not there, or made no such file.
    """
    program = shutil.which("soffice")
    if program is None:
        raise RuntimeError("soffice (LibreOffice) is not installed")
    profile = folder / "profile"  # one of its own, so that a running LibreOffice is not asked
    command = [program, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to"]
    done = subprocess.run(
        [*command, kind, "--outdir", str(folder), *map(str, sources)],
        capture_output=True,
        timeout=60 + 30 * len(sources),
        check=False,
    )
    made = [folder / f"{source.stem}.{kind}" for source in sources]
    if missing := [path.name for path in made if not path.is_file()]:
        raise RuntimeError(f"LibreOffice made no {missing}: {done.stderr.decode()[-400:]}")
    return made


# ── page and styles ─────────────────────────────────────────────────────────────────────────


def _page_layout(layout: Layout, name: str, *, first: bool) -> str:
    left = right = layout.margin
    if first and layout.side == "left":
        left += SIDE_CM + _GAP_CM
    if first and layout.side == "right":
        right += SIDE_CM + _GAP_CM
    wide = "landscape" if layout.width > layout.height else "portrait"
    frame = (
        '<style:{0}-style><style:header-footer-properties fo:min-height="0.6cm" {1}/>'
        "</style:{0}-style>"
    )
    return (
        f'<style:page-layout style:name="{name}"><style:page-layout-properties'
        f' fo:page-width="{layout.width}cm" fo:page-height="{layout.height}cm"'
        f' style:print-orientation="{wide}" fo:margin-top="1.4cm" fo:margin-bottom="1.2cm"'
        f' fo:margin-left="{left}cm" fo:margin-right="{right}cm"/>'
        + frame.format("header", 'fo:margin-bottom="0.5cm" fo:border-bottom="0.5pt solid #000000"')
        + frame.format("footer", 'fo:margin-top="0.5cm"')
        + "</style:page-layout>"
    )


def _head_foot(head: str, foot: str) -> str:
    return f"<style:header>{head}</style:header><style:footer>{foot}</style:footer>"


def _running(line: str) -> str:
    words = escape(line).replace("\t", "<text:tab/>")
    words = words.replace("##", "<text:page-count/>")
    return f'<text:p text:style-name="Run">{words.replace("#", "<text:page-number/>")}</text:p>'


def _defaults(layout: Layout) -> str:
    face = f'style:font-name="{layout.font}" style:font-name-asian="{layout.font}"'
    faces = (
        f'<office:font-face-decls><style:font-face style:name="{layout.font}"'
        f" svg:font-family=\"'{layout.font}'\"/></office:font-face-decls>"
    )
    size = _size(layout.size_pt)
    return (
        f'{faces}<office:styles><style:default-style style:family="paragraph">'
        f'<style:text-properties {face} {size} fo:language="en" fo:country="US"'
        ' style:language-asian="zh" style:country-asian="CN"/></style:default-style>'
        '<style:style style:name="Frame" style:family="graphic"/>'
        f"{_paragraph_styles(layout)}</office:styles>"
    )


def _size(points: float) -> str:
    return f'fo:font-size="{points}pt" style:font-size-asian="{points}pt"'


# Style of each kind of words.
_STYLES = {
    "series": "Front",
    "title": "Title",
    "front": "Front",
    "paragraph": "Body",
    "heading": "H1",
    "list": "List",
    "caption": "Caption",
    "source": "Source",
}
_BOLD = 'fo:font-weight="bold" style:font-weight-asian="bold"'


def _paragraph_styles(layout: Layout) -> str:
    size = layout.size_pt
    small = _size(max(size - 2, 7))
    right = f'style:position="{layout.width - 2 * layout.margin - 0.1:.2f}cm" style:type="right"'
    tabs = f"<style:tab-stops><style:tab-stop {right}/></style:tab-stops>"
    indent = f'fo:text-indent="{2 * size}pt"' if layout.indent else ""
    space = 'fo:margin-bottom="0.15cm" fo:line-height="130%"'
    new_page = 'fo:break-before="page"' if layout.chapters else ""
    above = 'fo:margin-top="0.3cm" fo:margin-bottom="0.15cm" fo:keep-with-next="always"'
    hang = f'{space} fo:margin-left="0.5cm" fo:text-indent="-0.5cm"'
    title = 'fo:margin-top="0.2cm" fo:margin-bottom="0.3cm"'
    blue = f'{_BOLD} fo:color="#1f3864"'
    made = [
        ("Run", "", _size(8), tabs),
        ("Body", f'fo:text-align="justify" {space} {indent}', _size(size), ""),
        ("List", hang, _size(size), ""),
        ("Title", title, f"{_size(size + 9)} {blue}", ""),
        ("Front", 'fo:margin-bottom="0.05cm"', _size(size), ""),
        ("Side", 'fo:margin-bottom="0.08cm"', _size(min(size, 8.5)), ""),
        ("Bar", above, f"{_size(9)} {blue}", ""),
        ("H1", f"{above} {new_page}", f"{_size(size + 5)} {blue}", ""),
        ("H2", above, f"{_size(size + 2.5)} {blue}", ""),
        ("H3", above, f"{_size(size + 1)} {_BOLD}", ""),
        ("Caption", above, f"{_size(size - 0.5)} {_BOLD}", ""),
        ("Source", 'fo:margin-bottom="0.3cm"', small, ""),
        ("Cell", "", small, ""),
        ("Number", 'fo:text-align="end"', small, ""),
        ("Head", 'fo:text-align="center"', f"{small} {_BOLD}", ""),
    ]
    return "".join(
        f'<style:style style:name="{name}" style:family="paragraph">'
        f"<style:paragraph-properties {look}>{inside}</style:paragraph-properties>"
        f"<style:text-properties {words}/></style:style>"
        for name, look, words, inside in made
    )


def _first_style(items: Sequence[Item]) -> str:
    """The style of the first paragraph: as its kind's, and it asks for the first page's frame."""
    first = next(item for item in items if isinstance(item, Words) and not item.side)
    return (
        f'<style:style style:name="First" style:family="paragraph"'
        f' style:parent-style-name="{_STYLES[first.kind]}" style:master-page-name="First"/>'
    )


def _other_styles(layout: Layout) -> str:
    full = layout.width - 2 * layout.margin
    made = [
        f'<style:style style:name="Bold" style:family="text"><style:text-properties {_BOLD}/>'
        "</style:style>",
        '<style:style style:name="Columns" style:family="section"><style:section-properties>'
        f'<style:columns fo:column-count="{layout.columns}" fo:column-gap="{_GAP_CM}cm"/>'
        "</style:section-properties></style:style>",
        # With a parent style it is a frame of text; without, a drawing, which holds no tables.
        '<style:style style:name="Bar" style:family="graphic" style:parent-style-name="Frame">'
        "<style:graphic-properties"
        ' style:wrap="run-through" fo:border="none" fo:padding="0cm" draw:fill="none"'
        ' style:horizontal-pos="from-left" style:horizontal-rel="page"'
        ' style:vertical-pos="from-top" style:vertical-rel="page"/></style:style>',
        *_cell_styles(layout),
    ]
    # Widths of columns in steps of 1/20 cm; the format asks for a style each.
    made += [
        f'<style:style style:name="W{step}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{step / 20}cm"/></style:style>'
        for step in range(1, round(full * 20) + 1)
    ]
    return "".join(made)


def _cell_styles(layout: Layout) -> Iterator[str]:
    line = "0.5pt solid #000000"
    top, bottom, every = (f'fo:border{side}="{line}"' for side in ("-top", "-bottom", ""))
    shade = 'fo:background-color="#d9e2f3"'
    looks = {
        "ruled": (every, every, every, every),
        "three_line": (f"{top} {bottom}", "", "", bottom),
        "plain": ("", "", "", ""),
        "zebra": (shade, "", 'fo:background-color="#f2f2f2"', ""),
    }[layout.tables]
    for name, look in zip(("TH", "TA", "TB", "TL"), looks, strict=True):
        yield (
            f'<style:style style:name="{name}" style:family="table-cell">'
            f'<style:table-cell-properties fo:padding="0.1cm" {look}/></style:style>'
        )


# ── the words ───────────────────────────────────────────────────────────────────────────────


def _body(items: Sequence[Item], layout: Layout) -> Iterator[str]:
    side = [item for item in items if item.side] if layout.side else []
    main = [item for item in items if not (item.side and layout.side)]
    bar = _side_bar(side, layout) if side else ""
    opened = False
    for number, item in enumerate(main):
        wide = layout.columns == 1 or _over_columns(item)
        if wide and opened:
            yield "</text:section>"
        if not wide and not opened:
            yield f'<text:section text:style-name="Columns" text:name="S{number}">'
        opened = not wide
        made = _item(item, layout, number)
        # The bar hangs on the first paragraph: hung on the page it would lose its tables.
        yield made if number else made.replace("</text:", f"{bar}</text:", 1)
    if opened:
        yield "</text:section>"


def _over_columns(item: Item) -> bool:
    """Titles and wide tables stand over all columns, and captions: most belong to wide tables."""
    if isinstance(item, Grid):
        return len(item.headers) > 5
    return item.kind in ("series", "title", "front", "caption")


def _side_bar(items: Sequence[Item], layout: Layout) -> str:
    left = layout.margin if layout.side == "left" else layout.width - layout.margin - SIDE_CM
    inside = "".join(
        grid_element(item, layout.tables, SIDE_CM, f"Side{number}")
        if isinstance(item, Grid)
        else _bar(item)
        for number, item in enumerate(items)
    )
    return (
        '<draw:frame draw:style-name="Bar" text:anchor-type="char"'
        f' svg:x="{left:.2f}cm" svg:y="3.2cm" svg:width="{SIDE_CM}cm" draw:name="Bar">'
        f'<draw:text-box fo:min-height="2cm">{inside}</draw:text-box></draw:frame>'
    )


def _bar(words: Words) -> str:
    style = "Bar" if words.kind == "heading" else "Side"
    return f'<text:p text:style-name="{style}">{marked(words.text)}</text:p>'


def _item(item: Item, layout: Layout, number: int) -> str:
    first = "First" if number == 0 else ""
    if isinstance(item, Grid):
        return grid_element(item, layout.tables, layout.width - 2 * layout.margin, f"T{number}")
    if item.kind == "heading":
        level = min(max(item.level, 1), 3)
        words = marked(item.marked.strip("# "))
        return (
            f'<text:h text:style-name="{first or f"H{level}"}" text:outline-level="{level}">'
            f"{words}</text:h>"
        )
    if item.kind == "list":
        bullet, words = _bulleted(item, layout)
        return f'<text:p text:style-name="{first or "List"}">{bullet}{marked(words)}</text:p>'
    return f'<text:p text:style-name="{first or _STYLES[item.kind]}">{marked(item.marked)}</text:p>'


def _bulleted(item: Words, layout: Layout) -> tuple[str, str]:
    """A mark of the source is replaced by the layout's; counted items keep their numbers."""
    if item.marked[:2] in _MARKS:
        return f"{layout.bullet} ", item.marked[2:]
    return "", item.marked


_MARKS = ("- ", "• ", "■ ", "● ")
