"""Reader of HTML pages and of reports saved as HTML: what is no part of the report is left out.

Ends in `corpus.composed`. trafilatura tells what of a page is its article; the words themselves,
and tables with their spans and headers, are taken from the page, where they stand whole.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpus.composed import Composed
from corpus.encoding import decode, refuse_implausible
from corpus.errors import UnreadableFile
from corpus.readers.composing import Composer
from corpus.readers.html_blocks import HtmlBlock, blocks_of
from corpus.report import BlockKind

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# A tree takes about ten times the bytes of its page; the longest annual report saved as HTML has
# 12 MiB without its pictures.
MAX_HTML_BYTES = 32 * 2**20
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)
# What a server or an editor calls the encodings of Chinese, and which of them reads all of it.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "big5": "cp950"}
# Share of words in links from which a page has more around its article than a report has in it.
_LINKED = 0.12


def read_html(data: bytes, name: str) -> Composed:
    """The composed text of a page.

    Raises:
        UnreadableFile: oversized, in no plausible encoding, or without text.
    """
    if len(data) > MAX_HTML_BYTES:
        limit = f"{MAX_HTML_BYTES // 2**20} MiB"
        raise UnreadableFile(
            name, f"is oversized ({len(data):,} bytes), a page may have {limit}; split it"
        )
    text = decoded(data, name)
    root = _parsed(text, name)
    blocks, whole = blocks_of(root)
    composer = Composer(name)
    if not whole:
        composer.warnings.append("its elements nest too deeply: the deepest were left out")
    kept, dropped = _article(text, blocks)
    if dropped:
        composer.warnings.append(
            f"a page of the web: {dropped:,} characters around its article were left out"
        )
    for block in kept:
        _put(composer, block)
    return composer.finish()


def decoded(data: bytes, name: str) -> str:
    """The text of a page by its mark, by what it declares if that is plausible, else by its bytes.

    Raises:
        UnreadableFile: no encoding gives plausible text.
    """
    marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    declared = None if marked else _CHARSET.search(data[:4096])
    if declared is not None:
        stated = declared[1].decode("ascii").lower()
        try:
            text = data.decode(_WIDER.get(stated, stated))
            refuse_implausible(_without_tags(text), name)
            return text
        except (LookupError, UnicodeDecodeError, UnreadableFile):
            pass  # many pages declare what they are not
    return decode(data, name)


def _without_tags(text: str) -> str:
    return re.sub(r"<[^<>]*>", "", text) or text


def _parsed(text: str, name: str) -> HtmlElement:
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    # huge_tree: without it libxml2 drops, in silence, all that is nested deeper than 256 levels
    parser = HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile(name, f"holds no page ({error}); save it again") from error


def _article(text: str, blocks: Sequence[HtmlBlock]) -> tuple[list[HtmlBlock], int]:
    """The blocks of the report, and how many characters around it were dropped."""
    inner = [block for block in blocks if not block.aside]
    total = sum(len(block.words) for block in blocks)
    linked = sum(block.linked for block in blocks)
    if len(inner) == len(blocks) and linked <= _LINKED * total:
        return inner, 0  # a report that was saved as HTML: all of it is the report
    kept = _bounded(inner, _main_words(text))
    if not kept:
        return (inner or list(blocks)), 0
    return kept, total - sum(len(block.words) for block in kept)


def _bounded(blocks: list[HtmlBlock], main: str) -> list[HtmlBlock]:
    """From the article's heading to its last words; lists of links in between left out."""
    own = [number for number, block in enumerate(blocks) if _squeezed(block.words) in main]
    if not own:
        return []
    heads = [n for n in range(own[0]) if blocks[n].kind is BlockKind.HEADING]
    titles = [n for n in heads if blocks[n].level == 1]
    first = (titles or [own[0]])[-1]
    members = set(own)
    return [
        block
        for number, block in enumerate(blocks[first : own[-1] + 1], start=first)
        if number in members or block.linked * 2 <= len(block.words)
    ]


def _main_words(text: str) -> str:
    """What trafilatura takes for the article, without white space; empty if it finds none."""
    from trafilatura import extract

    found = extract(text, include_comments=False, include_tables=True, favor_recall=True)
    return _squeezed(found or "")


def _squeezed(words: str) -> str:
    return re.sub(r"[\s|•]+", "", words)


def _put(composer: Composer, block: HtmlBlock) -> None:
    if block.kind is BlockKind.TABLE:
        title = composer.line(block.caption, BlockKind.CAPTION) if block.caption else None
        composer.table(block.cells, header_rows=block.header_rows, title=title)
    elif block.picture:
        composer.picture()
    else:
        composer.lines(block.words, block.kind, block.level)
