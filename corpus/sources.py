"""Source files under given paths: found, sorted and named; only strange names are looked into.

First step of the picture: `report file → Report` begins with a `Source`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.errors import SourceError
from corpus.formats import HEAD_BYTES, is_known
from corpus.identity import unique_ids

# Extension → type that the name promises. What a file really holds is seen when it is read; what
# has another name is a source if its first bytes say so.
TYPES = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "md",
    ".markdown": "md",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".pdf": "pdf",
    ".docx": "docx",
    ".doc": "docx",
    ".docm": "docx",
    ".wps": "docx",
    ".rtf": "docx",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".mht": "html",
    ".mhtml": "html",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xlsx",
    ".et": "xlsx",
    ".csv": "csv",
    ".tsv": "csv",
    ".pptx": "pptx",
    ".ppt": "pptx",
    ".dps": "pptx",
    ".zip": "zip",
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that may hold one report, or many (lines of a `.jsonl`, members of a `.zip`).

    Args:
        path: where to open it.
        name: its file name, shown to people.
        relative: below the folder that was given (`/` between parts), or the path as given.
        type: as its name says (a value of TYPES); its content decides when it is read.
        bytes: its size when it was found.
        report_id: its report's id (of an archive: what the ids of its members begin with); None
            for jsonl, whose lines bring their own.
        root: the PATH argument under which it was found, absolute (for `--prune`).
    """

    path: str
    name: str
    relative: str
    type: str
    bytes: int
    report_id: str | None
    root: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something under a given folder that is no report source, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that was met under the given paths; `sources` sorted by relative path."""

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]


def discover(paths: Iterable[str | Path]) -> list[Source]:
    """The sources under `paths`, sorted by relative path, each with its report id.

    Raises:
        SourceError: a path does not exist, or no source is there.
    """
    found = survey(paths)
    if not found.sources:
        skipped = "".join(f"; {item.path}: {item.reason}" for item in found.skipped[:5])
        names = ", ".join(str(path) for path in paths) or "no path given"
        known = ", ".join(sorted(TYPES))
        raise SourceError(f"no report under {names}: expected files ending in {known}{skipped}")
    return list(found.sources)


def survey(paths: Iterable[str | Path]) -> Survey:
    """Sources and skipped files under `paths`; a folder without any source is no error here.

    Raises:
        SourceError: a path does not exist or cannot be looked into.
    """
    found: dict[str, Source] = {}
    skipped: list[Skipped] = []
    for path in paths:
        for item in _under(Path(path)):
            if isinstance(item, Skipped):
                skipped.append(item)
            else:  # the same file by two ways is one source; the first way names it
                found.setdefault(os.path.realpath(item.path), item)
    ordered = sorted(found.values(), key=lambda source: (source.relative, source.path))
    singles = [source for source in ordered if source.type != "jsonl"]
    ids = iter(unique_ids((source.name, source.relative) for source in singles))
    named = [
        source if source.type == "jsonl" else replace(source, report_id=next(ids))
        for source in ordered
    ]
    return Survey(tuple(named), tuple(skipped))


def _under(given: Path) -> Iterator[Source | Skipped]:
    """What stands at or below one given path."""
    root = os.path.abspath(given)
    try:
        mode = os.stat(given).st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{given}: {reason}; give an existing file or folder") from error
    if not stat.S_ISDIR(mode):
        yield _file(str(given), Path(given).as_posix(), root, chosen=True)
        return
    yield from _folder(given, root)


def _folder(given: Path, root: str) -> Iterator[Source | Skipped]:
    def refuse(error: OSError) -> None:
        raise SourceError(f"{error.filename}: {error.strerror}; make it readable") from error

    for folder, subfolders, files in os.walk(given, onerror=refuse):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith("."):
                continue  # .DS_Store, .gitignore, editors' swap files: never reports
            path = os.path.join(folder, name)
            yield _file(path, Path(path).relative_to(given).as_posix(), root, chosen=False)


def _file(path: str, relative: str, root: str, *, chosen: bool) -> Source | Skipped:
    """One file. `chosen`: the user named it, so an unknown extension is tried as text."""
    try:
        status = os.stat(path)
    except OSError as error:
        return Skipped(path, f"cannot be opened ({error.strerror})")
    if not stat.S_ISREG(status.st_mode):
        return Skipped(path, "is no ordinary file (a pipe, socket or device)")
    name = os.path.basename(path)
    kind = TYPES.get(os.path.splitext(name)[1].lower(), "txt" if chosen else None)
    if kind is None and _begins_known(path):
        kind = "txt"
    if kind is None:
        return Skipped(path, f"its type is not read; expected {', '.join(sorted(TYPES))}")
    if not _encodable(path):
        return Skipped(path, "its name is not valid text; rename it")
    return Source(path, name, relative, kind, status.st_size, None, root)


def _begins_known(path: str) -> bool:
    """True if the first bytes are those of a format that is read."""
    try:
        with open(path, "rb") as opened:
            return is_known(opened.read(HEAD_BYTES))
    except OSError:
        return False


def _encodable(path: str) -> bool:
    """False for names whose bytes are no UTF-8: no id could be made of them."""
    return not any("\ud800" <= character <= "\udfff" for character in path)
