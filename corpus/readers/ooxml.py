"""Packages of Office Open XML (docx, xlsx, pptx): parts read within limits, XML without DTD.

Stands below the readers of Word, Excel and PowerPoint files. Names of elements are compared
without their namespace: the strict variant of the format has other namespaces and the same words.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TypeAlias

from lxml import etree

from corpus.errors import UnreadableFile

Element: TypeAlias = "etree._Element"

# A part that becomes a tree takes about ten times its bytes of memory; 32 MiB is a document of
# 5,000 pages. A sheet is streamed, and a million formatted empty rows have 60 MiB.
MAX_TREE_BYTES = 32 * 2**20
MAX_STREAM_BYTES = 256 * 2**20
# All parts that are read, together: what a reader can go through within its minute.
MAX_READ_BYTES = 512 * 2**20
# A document of a thousand pictures has some thousand parts; a listing of more is an attack.
MAX_PARTS = 20_000


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part names beside itself. `kind`: last word of its type (image, chart, slide …)."""

    kind: str
    target: str


class Package:
    """An opened package.

    Args:
        data: all its bytes.
        name: of the file, for errors.

    Raises:
        UnreadableFile: it is no whole archive, or encrypted.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as error:
            raise self.damaged(error) from error
        parts = self._zip.infolist()
        if len(parts) > MAX_PARTS:
            raise UnreadableFile(name, f"has {len(parts):,} parts, at most {MAX_PARTS:,} are read")
        if any(part.flag_bits & 1 for part in parts):
            raise UnreadableFile(name, "is encrypted with a password; save it without one")
        self._parts = {part.filename.lower().lstrip("/"): part for part in parts}
        self._left = MAX_READ_BYTES

    def damaged(self, error: object) -> UnreadableFile:
        """The error for a package that breaks its format."""
        return UnreadableFile(
            self.name, f"is damaged ({error}); open it where it was made and save it again"
        )

    def names(self) -> list[str]:
        """The names of all parts."""
        return list(self._parts)

    def has(self, part: str) -> bool:
        """True if the package holds the part."""
        return part.lower().lstrip("/") in self._parts

    def read(self, part: str, most: int = MAX_TREE_BYTES) -> bytes:
        """The bytes of a part.

        Raises:
            UnreadableFile: it is missing, damaged or larger than `most`.
        """
        with self.open(part, most) as opened:
            try:
                return opened.read()
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
                raise self.damaged(error) from error

    def open(self, part: str, most: int = MAX_STREAM_BYTES) -> IO[bytes]:
        """A part as a stream; no more bytes come than the archive says, which is at most `most`."""
        found = self._parts.get(part.lower().lstrip("/"))
        if found is None:
            raise self.damaged(f"it has no {part}")
        self._left -= found.file_size
        if found.file_size > most or self._left < 0:
            raise UnreadableFile(
                self.name,
                f"is oversized: its part {part} has {found.file_size:,} bytes, {most:,} are read "
                f"of one and {MAX_READ_BYTES:,} of all; split it",
            )
        try:
            return self._zip.open(found)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise self.damaged(error) from error

    def tree(self, part: str) -> Element:
        """The root element of a part."""
        return parsed(self.read(part), self.name)

    def optional_tree(self, part: str | None) -> Element | None:
        """As `tree`; None if there is no such part."""
        return self.tree(part) if part and self.has(part) else None

    def relations(self, part: str) -> dict[str, Relation]:
        """Relation id → what it names inside of the package, in order; links out are left out."""
        folder, file = posixpath.split(part)
        root = self.optional_tree(posixpath.join(folder, "_rels", file + ".rels"))
        found: dict[str, Relation] = {}
        for element in root if root is not None else ():
            if element.get("TargetMode") == "External":
                continue
            target = posixpath.join("/" + folder, element.get("Target") or "")
            kind = (element.get("Type") or "").rpartition("/")[2]
            normal = posixpath.normpath(target).lstrip("/")
            found[element.get("Id") or ""] = Relation(kind, normal)
        return found

    def main_part(self) -> str:
        """The part that holds the document itself.

        Raises:
            UnreadableFile: the package names none.
        """
        for relation in self.relations("").values():
            if relation.kind == "officeDocument":
                return relation.target
        raise self.damaged("it names no document")

    def related(self, part: str, kind: str) -> str | None:
        """The first part of a kind that a part names."""
        relations = self.relations(part).values()
        return next((one.target for one in relations if one.kind == kind), None)


def parsed(data: bytes, name: str) -> Element:
    """The root element of an XML document.

    Raises:
        UnreadableFile: it is not well-formed, nested too deeply, or brings a DTD (entities).
    """
    try:
        root = etree.fromstring(data, xml_parser())
    except etree.XMLSyntaxError as error:
        raise UnreadableFile(
            name, f"is damaged ({error}); open it where it was made and save it again"
        ) from error
    except ValueError as error:
        raise UnreadableFile(name, f"is damaged ({error})") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile(name, "holds a document type definition, which no Office file has")
    return root


def xml_parser() -> etree.XMLParser:
    """A parser that opens nothing, expands nothing, and stops at libxml2's limits of depth."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str | None:
    """An attribute by its name without namespace (`w:val` and `val` are one)."""
    plain = element.get(name)
    if plain is not None:
        return str(plain)
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return None


def relation_of(element: Element, name: str = "id") -> str:
    """The relation id that an element names (`r:id`, `r:embed`): never its own plain `id`."""
    for key, value in element.attrib.items():
        space, _, word = key.rpartition("}")
        if word == name and space.endswith("relationships"):
            return str(value)
    return ""


def child(element: Element | None, *path: str) -> Element | None:
    """The first child of that name, and so on down the path; None if there is none."""
    for name in path:
        if element is None:
            return None
        element = next((one for one in element if local(one) == name), None)
    return element


def children(element: Element | None, name: str) -> Iterator[Element]:
    """The children of that name."""
    if element is not None:
        yield from (one for one in element if local(one) == name)


def descendants(element: Element, name: str) -> Iterator[Element]:
    """Everything of that name below, in order of the document."""
    return (one for one in element.iter() if local(one) == name)


def value(element: Element | None, *path: str) -> str | None:
    """The `val` of the element at the end of a path; None if it or its value is missing."""
    found = child(element, *path)
    return None if found is None else attribute(found, "val")


def is_on(element: Element | None, *path: str) -> bool:
    """True for a switch that is there and not switched off (`<w:b/>`, `<w:b w:val="1"/>`)."""
    found = child(element, *path)
    return found is not None and attribute(found, "val") not in {"0", "false", "off"}


def number_of(text: str | None, default: int = 0, most: int = 2**31) -> int:
    """A whole number of an attribute; the default for anything else; bounded by `most`."""
    try:
        return max(min(int(text or ""), most), -most)
    except ValueError:
        return default
