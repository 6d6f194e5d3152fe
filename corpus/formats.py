"""The format of a file by its first bytes and its shape, whatever its name says.

Stands between the bytes of a source and its reader; what no reader knows is told how to become
something that one knows.
"""

from __future__ import annotations

import codecs
import re

from corpus.errors import UnreadableFile

# As much of a file as its format needs to show itself.
HEAD_BYTES = 8192
# Formats that a reader takes apart in a guarded process.
APART = frozenset({"pdf", "docx", "xlsx", "pptx", "html", "csv", "png", "jpeg"})

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# First bytes → format with a reader.
_KNOWN = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
)
# First bytes → what it is, what to do.
_REFUSED = (
    (b"{\\rtf", "is a rich-text file; save it as .docx"),
    (b"\x1f\x8b", "is a gzip archive; unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive; unpack it"),
    (b"Rar!\x1a\x07", "is a RAR archive; unpack it"),
    (b"BZh", "is a bzip2 archive; unpack it"),
    (b"\xfd7zXZ\x00", "is an xz archive; unpack it"),
    (b"II*\x00", "is a TIFF picture; save it as PNG or PDF"),
    (b"MM\x00*", "is a TIFF picture; save it as PNG or PDF"),
    (b"GIF8", "is a GIF picture; save it as PNG"),
    (b"%!PS", "is a PostScript file; save it as PDF"),
    (b"MIME-Version:", "is a web archive (.mht); save it as .html"),
)
# Streams of an old Office document (names in UTF-16) → what it is, what to do.
_STREAMS = (
    ("EncryptedPackage", "is encrypted with a password; save it without one"),
    ("WordDocument", "is an old Word file (.doc); save it as .docx"),
    ("Workbook", "is an old Excel file (.xls); save it as .xlsx"),
    ("PowerPoint Document", "is an old PowerPoint file (.ppt); save it as .pptx"),
    ("__properties_version1.0", "is a mail of Outlook (.msg); save its attachments"),
    ("Book", "is an old Excel file (.xls); save it as .xlsx"),
)
# Words of a package's list of content types → format.
_MAIN_PARTS = (
    (b"wordprocessingml.document.main+xml", "docx"),
    (b"ms-word.document.macroenabled.main+xml", "docx"),
    (b"wordprocessingml.template.main+xml", "docx"),
    (b"ms-word.template.macroenabledtemplate.main+xml", "docx"),
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"ms-excel.sheet.macroenabled.main+xml", "xlsx"),
    (b"spreadsheetml.template.main+xml", "xlsx"),
    (b"presentationml.presentation.main+xml", "pptx"),
    (b"presentationml.slideshow.main+xml", "pptx"),
    (b"presentationml.template.main+xml", "pptx"),
    (b"ms-powerpoint.presentation.macroenabled.main+xml", "pptx"),
)
# A list of content types names every part once; a longer one is none.
_MAX_LIST_BYTES = 2**20
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(r"<(?:html|body|meta|title|div|p|table|h1|span)\b[^<>]*>", re.IGNORECASE)
_OLD_SHEET = re.compile(
    r"\s*<\?xml[^>]*>.{0,400}urn:schemas-microsoft-com:office:spreadsheet", re.S
)


def format_of(data: bytes, name: str) -> str:
    """pdf, docx, xlsx, pptx, zip, html, png, jpeg, or `text` for everything else.

    Raises:
        UnreadableFile: it is of a format that is known and not read; the reason says what to do.
    """
    for magic, kind in _KNOWN:
        if data.startswith(magic):
            return kind
    if data.startswith(_ZIP):
        return _of_package(data, name)
    if data.startswith(_OLE):
        raise UnreadableFile(name, _of_streams(data))
    for magic, reason in _REFUSED:
        if data.startswith(magic):
            raise UnreadableFile(name, reason)
    suffix = suffix_of(name)
    if suffix == ".pdf" and b"%PDF-" in data[:1024]:
        return "pdf"  # mail gateways and printers put bytes of their own before it
    return _of_text(data, name, suffix)


def is_known(head: bytes) -> bool:
    """True if a file that begins so has a format of its own, whatever its name is."""
    starts = (*(magic for magic, _ in _KNOWN), *_ZIP, _OLE)
    return head.startswith(starts) or bool(_HTML_START.match(_shown(head)))


def is_grid(text: str, name: str) -> bool:
    """True if a text is a table of separated values: by its name if it is a grid at all, else by a
    shape that prose never has."""
    suffix = suffix_of(name)
    lines = [line for line in text[:65536].splitlines()[:200] if line.strip()]
    if len(text) > 65536 and lines:
        lines.pop()  # cut in the middle
    if suffix in {".csv", ".tsv", ".tab"}:
        return any(sum(mark in line for line in lines) * 2 >= len(lines) > 0 for mark in ",\t;，")
    if suffix in {".md", ".markdown"} or len(lines) < 5 or "。" in text[:65536]:
        return False
    return any(_even(lines, mark) for mark in ",\t;")


def suffix_of(name: str) -> str:
    """The last extension in lower case, with its dot; empty if there is none."""
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot and stem and "/" not in suffix else ""


def _even(lines: list[str], mark: str) -> bool:
    """True if every line has the same number of marks, two at least."""
    counts = {line.count(mark) for line in lines}
    return len(counts) == 1 and min(counts) >= 2


def _of_package(data: bytes, name: str) -> str:
    """The format of a ZIP archive: an Office document, or an archive of files."""
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            parts = {info.filename.lower(): info for info in opened.infolist()}
            listed = parts.get("[content_types].xml")
            if listed is not None:
                with opened.open(listed) as part:
                    return _of_types(part.read(_MAX_LIST_BYTES).lower(), name)
            if "mimetype" in parts:
                with opened.open(parts["mimetype"]) as part:
                    _refuse_open_document(part.read(200), name)
            return "zip"
    except RuntimeError as error:
        raise UnreadableFile(name, "is encrypted with a password; save it without one") from error
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as error:
        what = _OFFICE.get(suffix_of(name), "archive")
        reason = f"is a damaged {what} ({error}); copy it again from where it came"
        raise UnreadableFile(name, reason) from error
    except Exception as error:  # zlib.error and struct.error have no common ancestor below this
        raise UnreadableFile(name, f"is a damaged archive ({error}); copy it again") from error


# Extension → what the name promises, and how that begins.
_PROMISED = {
    ".pdf": ("a PDF", "%PDF-"),
    ".docx": ("a Word file", "PK"),
    ".xlsx": ("an Excel file", "PK"),
    ".pptx": ("a PowerPoint file", "PK"),
    ".zip": ("an archive", "PK"),
    ".png": ("a picture", "PNG"),
    ".jpg": ("a picture", "FF D8 FF"),
    ".jpeg": ("a picture", "FF D8 FF"),
}
_OFFICE = {".docx": "Word file", ".xlsx": "Excel file", ".pptx": "PowerPoint file"}


def _of_types(listing: bytes, name: str) -> str:
    for words, kind in _MAIN_PARTS:
        if words in listing:
            return kind
    if b"ms-excel.sheet.binary" in listing:
        raise UnreadableFile(name, "is a binary Excel file (.xlsb); save it as .xlsx")
    raise UnreadableFile(name, "is an Office package without a document; save it as .docx or .pdf")


def _refuse_open_document(mimetype: bytes, name: str) -> None:
    if b"opendocument" in mimetype:
        raise UnreadableFile(name, "is an OpenDocument file; save it as .docx, .xlsx or .pptx")
    if b"epub" in mimetype:
        raise UnreadableFile(name, "is an e-book (.epub); save it as .pdf or .html")


def _of_streams(data: bytes) -> str:
    for stream, reason in _STREAMS:
        if stream.encode("utf-16-le") in data:
            return reason
    return "is an old Office file; save it as .docx, .xlsx or .pptx"


def _of_text(data: bytes, name: str, suffix: str) -> str:
    head = _shown(data[:HEAD_BYTES])
    if _HTML_START.match(head):
        return "html"
    if _OLD_SHEET.match(head):
        raise UnreadableFile(name, "is an Excel file in XML of 2003; save it as .xlsx")
    if suffix in {".html", ".htm", ".xhtml", ".shtml", ".xls"} and _HTML_TAG.search(head):
        return "html"
    if suffix in _PROMISED and b"\0" in data[:HEAD_BYTES]:
        what, start = _PROMISED[suffix]
        raise UnreadableFile(
            name, f"is damaged: it does not begin as {what} does ({start}); copy it again"
        )
    return "text"


def _shown(head: bytes) -> str:
    """Enough of a text to see its tags, whatever its encoding."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "replace")
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
