"""Members of a `.zip`, one at a time and within limits; nothing is ever written to a disk.

Stands between `corpus.reading` and the archives that are sent by mail; a name inside of an
archive is a label only, so one that climbs out of its folder (`../../x`) reaches nothing.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.errors import UnreadableFile

# A morning's mail has some dozens of reports; a list of more is an attack, or a backup.
MAX_MEMBERS = 2000
# All members together, unpacked: five files of the largest size.
MAX_TOTAL_BYTES = 2**30
# Text shrinks to a tenth, an empty sheet to a fiftieth; a bomb to a thousandth.
MAX_RATIO = 200
# Below this a member may be as dense as it likes: no harm can come of it.
_SMALL_BYTES = 2**20
_NESTED = (".zip", ".rar", ".7z", ".gz", ".tgz", ".tar")
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.

    Args:
        name: its path in the archive, `/` between parts.
        data: its bytes, or the reason (UnreadableFile) why they are not read.
        bytes: its size as the archive states it.
    """

    name: str
    data: bytes | UnreadableFile
    bytes: int


def members(data: bytes, name: str, max_bytes: int) -> Iterator[Member]:
    """The files of an archive by name, those of the system (`__MACOSX`, `.DS_Store`) left out.

    Args:
        name: of the archive, for errors.
        max_bytes: size of one member.

    Raises:
        UnreadableFile: it is no whole archive, empty, or beyond a limit as a whole.
    """
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as error:
        raise UnreadableFile(
            name, f"is a damaged archive ({error}); copy it again from where it came"
        ) from error
    with opened:
        listed = sorted(
            ((_shown_name(info), info) for info in opened.infolist() if not info.is_dir()),
            key=lambda pair: pair[0],
        )
        wanted = [(shown, info) for shown, info in listed if not _of_system(shown)]
        _refuse_excess(wanted, name)
        for shown, info in wanted:
            yield Member(shown, _read(opened, info, f"{name}/{shown}", max_bytes), info.file_size)


def _refuse_excess(wanted: list[tuple[str, zipfile.ZipInfo]], name: str) -> None:
    if not wanted:
        raise UnreadableFile(name, "is an empty archive, expected reports in it")
    if len(wanted) > MAX_MEMBERS:
        raise UnreadableFile(
            name, f"holds {len(wanted):,} files, one archive may have {MAX_MEMBERS:,}; split it"
        )
    total = sum(info.file_size for _, info in wanted)
    if total > MAX_TOTAL_BYTES:
        limit = f"{MAX_TOTAL_BYTES // 2**20} MiB"
        raise UnreadableFile(
            name, f"is oversized: it unpacks to {total:,} bytes, the limit is {limit}; split it"
        )


def _read(
    opened: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, max_bytes: int
) -> bytes | UnreadableFile:
    if info.flag_bits & _ENCRYPTED:
        return UnreadableFile(name, "is encrypted with a password; pack it without one")
    if name.lower().endswith(_NESTED):
        return UnreadableFile(name, "is an archive inside of an archive; unpack it")
    if info.file_size > max_bytes:
        limit = f"{max_bytes // 2**20} MiB"
        size = f"{info.file_size:,} bytes"
        return UnreadableFile(name, f"is oversized ({size}), the limit is {limit}; split it")
    if info.file_size > max(_SMALL_BYTES, MAX_RATIO * info.compress_size):
        return UnreadableFile(
            name, f"unpacks to more than {MAX_RATIO} times its size, as only bombs do; take it out"
        )
    try:
        with opened.open(info) as member:
            # no more comes than the archive states, whatever is packed there
            return member.read(info.file_size + 1)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError,
        NotImplementedError,
    ) as error:  # fmt: skip
        return UnreadableFile(name, f"is damaged in its archive ({error}); pack it again")


def _of_system(name: str) -> bool:
    """True for what a system adds to archives and nobody sent."""
    parts = name.split("/")
    return parts[0] == "__MACOSX" or parts[-1].startswith(".") or parts[-1] == "Thumbs.db"


def _shown_name(info: zipfile.ZipInfo) -> str:
    """The name; Chinese Windows writes GBK where the format says code page 437."""
    name = info.filename.replace("\\", "/")
    if info.flag_bits & _UTF8_NAME or name.isascii():
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name
