"""Anatomy as a page: what was found in a report beside the pictures of its pages, in one file.

Stands beside `anatomy`: a person sees in a minute whether a parse is right. No script, no fetch.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from html import escape
from typing import Final

from corpus.report import Block, BlockKind, Report, Span, Table
from service.anatomy import anatomy_heads, column_text

Picture = Callable[[int], bytes | None]
"""Number of a page → its PNG picture; None where it cannot be drawn."""

MAX_PICTURES: Final = 300
"""Pages that are shown as pictures: an annual report has 250, of 150 KiB each."""

_STYLE: Final = """
:root{color-scheme:light dark}
body{font:14px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:1rem}
.page{display:grid;grid-template-columns:minmax(20rem,1fr) minmax(24rem,1fr);gap:1rem;
border-top:1px solid #8888;padding:1rem 0}
.sheet{align-self:start;position:sticky;top:0}
.sheet img{width:100%;display:block;border:1px solid #8888;background:#fff}
.sheet a{position:absolute;border:1px solid #06c;font-size:10px;line-height:1;color:#06c;
text-decoration:none;text-indent:-2em;white-space:nowrap}
.sheet a.table{border-color:#c30;color:#c30}.sheet a.heading{border-color:#083;color:#083}
.sheet a.furniture{border-color:#777;color:#777}
.block{margin:.3rem 0;padding-inline-start:.5rem;border-inline-start:3px solid #06c;
overflow-x:auto}
.block.table{border-color:#c30}.block.heading{border-color:#083;font-weight:600}
.block.furniture{border-color:#999;color:#777}.block:target{background:#ffe25a55}
small{color:#777}table{border-collapse:collapse}
td,th{border:1px solid #8886;padding:0 .4rem;text-align:start;white-space:nowrap}
td.key{font-weight:600}.warn{color:#b00}pre{white-space:pre-wrap;margin:0;font:inherit}
"""


def anatomy_html(report: Report, picture: Picture) -> str:
    """One self-contained HTML page.

    Args:
        picture: draws a page; not asked where the report has none.
    """
    return "".join(_parts(report, picture))


def _parts(report: Report, picture: Picture) -> Iterator[str]:
    title = report.meta.title.value if report.meta.title else report.report_id
    yield '<!doctype html><html lang="zh"><meta charset="utf-8">'
    yield '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    yield "img-src data:; style-src 'unsafe-inline'\">"
    yield f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>"
    for warning in report.warnings:
        yield f'<p class="warn">{escape(warning)}</p>'
    heads = escape(anatomy_heads(report))
    yield f"<details open><summary>元数据</summary><pre>{heads}</pre></details>"
    yield "<details><summary>章节</summary><ul>"
    for section in report.sections:
        name = section.path[-1] if section.path else "（标题之前）"
        indent = section.level * 1.2
        place = f"<small>{section.span.start}–{section.span.end}</small>"
        yield f'<li style="margin-inline-start:{indent}rem">{escape(name)} {place}'
    yield "</ul></details>"
    pages = report.pages or (Span(0, len(report.text)),)
    for number, page in enumerate(pages, start=1):
        yield from _page(report, number, page, picture)
    yield "</html>"


def _page(report: Report, number: int, page: Span, picture: Picture) -> Iterator[str]:
    blocks = [
        (at, block)
        for at, block in enumerate(report.blocks)
        if page.start <= block.span.start < max(page.end, page.start + 1)
    ]
    png = picture(number) if report.ink and number <= MAX_PICTURES else None
    yield '<section class="page"><div class="sheet">'
    if png is not None:
        data = base64.b64encode(png).decode()
        yield f'<img alt="第 {number} 页" src="data:image/png;base64,{data}">'
        before = report.pages[max(number - 2, 0)].start  # a block may go on over the page
        for at, block in enumerate(report.blocks):
            if before <= block.span.start < max(page.end, page.start + 1):
                yield from _frames(report, number, at, block)
    elif report.pages:
        yield f"<p>第 {number} 页（没有图像）</p>"
    yield f"</div><div><h2>第 {number} 页</h2>" if report.pages else "</div><div>"
    for at, block in blocks:
        yield from _block(report, at, block)
    for shown in report.pictures:
        if shown.page == number:
            caption = shown.caption.of(report.text) if shown.caption else "（无题）"
            yield f'<p class="block">🖼 图：{escape(caption)}</p>'
    yield "</div></section>"


def _frames(report: Report, page: int, at: int, block: Block) -> Iterator[str]:
    """A frame around the block on the picture, as far as it stands on this page."""
    if report.ink is None:
        return
    rects = [r for r in report.ink.rects(block.span.start, block.span.end) if r.page == page]
    if not rects:
        return
    wide, high = report.ink.sizes[page - 1]
    x0, y0 = min(r.x0 for r in rects) / wide, min(r.y0 for r in rects) / high
    x1, y1 = max(r.x1 for r in rects) / wide, max(r.y1 for r in rects) / high
    place = f"left:{x0:.2%};top:{y0:.2%};width:{x1 - x0:.2%};height:{y1 - y0:.2%}"
    yield f'<a class="{_class(block)}" style="{place}" href="#b{at}">{at}</a>'


def _block(report: Report, at: int, block: Block) -> Iterator[str]:
    label = f"{at} · {block.kind.value} · {block.role.value} · {block.span.start}–{block.span.end}"
    yield f'<div class="block {_class(block)}" id="b{at}"><small>{label}</small>'
    if block.table is not None:
        yield from _table(report.tables[block.table])
    else:
        yield f"<pre>{escape(block.span.of(report.text))}</pre>"
    yield "</div>"


def _table(table: Table) -> Iterator[str]:
    yield f"<p>{escape(table.title or '（无题）')} <small>{escape(table.unit or '')}</small></p>"
    yield "<table><tr>"
    for column in table.columns:
        yield f"<th>{escape(column_text(' / '.join(column.header), column.unit))}</th>"
    yield "</tr>"
    for row in table.rows:
        yield "<tr>"
        for cell in row.cells:
            key = ' class="key"' if cell.column in table.key_columns else ""
            yield f"<td{key}>{escape(cell.text)}</td>"
        yield "</tr>"
    yield "</table>"


def _class(block: Block) -> str:
    known = (BlockKind.TABLE, BlockKind.HEADING, BlockKind.FURNITURE)
    return block.kind.value if block.kind in known else "text"
