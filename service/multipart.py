"""Multipart: the files of a form, written to disk while they arrive; memory stays flat.

Stands at the border, beside `limits`: neither names, counts nor lengths in the form are believed.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from service.problems import Problem, invalid
from service.upload_names import safe_name

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_FILES: Final = 256
"""Files of one form; more would hold too many names in memory for one request."""

_FIELD: Final = b"file"
_STEP_BYTES: Final = 512 * 1024  # what is written at once, in a thread
_MAX_HEADER_BYTES: Final = 32 * 1024  # a name of 4,000 characters, percent-encoded, fits
_WHOLE_S: Final = 3600.0  # a form that takes longer is no upload
_EXTENDED = re.compile(rb"""filename\*\s*=\s*"?([\w-]*)'[^']*'([^;"\s]*)""", re.I)


@dataclass(frozen=True, slots=True)
class Received:
    """A file of the form, on disk under its number; `name` is harmless (`upload_names`)."""

    name: str
    path: Path
    bytes: int


async def receive_files(
    request: Request, folder: Path, max_bytes: int, pause_s: float
) -> list[Received]:
    """The files of a `multipart/form-data` body, durably in `folder`, which is made.

    Args:
        max_bytes: of the whole body.
        pause_s: how long the body may pause.

    Raises:
        Problem: 400 malformed, 408 too slow, 413 too large, 415 no such form, 422 no file, another
            field, or two files of one name; 507 no space left.
    """
    boundary = _boundary(request)
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and (len(stated) > 18 or int(stated) > max_bytes):
        raise _too_large(max_bytes)
    sink = _Sink(folder)
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        parser = MultipartParser(boundary, sink.callbacks(), max_header_size=_MAX_HEADER_BYTES)
        async with asyncio.timeout(_WHOLE_S):
            await _feed(request, parser, max_bytes, pause_s)
        return await asyncio.to_thread(sink.finish)
    except FormParserError:
        raise Problem(400, "The form is malformed.") from None
    except TimeoutError:
        late = f"The body paused for more than {pause_s:g} s."
        raise Problem(408, late, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise Problem(400, "The connection ended before the body did.") from None
    except OSError as error:
        raise _unwritable(error) from error
    finally:
        sink.close()


async def _feed(request: Request, parser: MultipartParser, max_bytes: int, pause_s: float) -> None:
    held, seen = bytearray(), 0
    stream = request.stream().__aiter__()
    while True:
        try:
            async with asyncio.timeout(pause_s):
                part = await anext(stream)
        except StopAsyncIteration:
            break
        seen += len(part)
        if seen > max_bytes:
            raise _too_large(max_bytes)
        held += part
        if len(held) >= _STEP_BYTES:
            await asyncio.to_thread(parser.write, bytes(held))
            held.clear()
    await asyncio.to_thread(parser.write, bytes(held))
    parser.finalize()


def _boundary(request: Request) -> bytes:
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem(415, "The body is compressed; send it as it is.")
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data":
        raise Problem(415, "The body is not multipart/form-data.")
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 200:
        raise Problem(400, "The form names no boundary.")
    return boundary


def _too_large(max_bytes: int) -> Problem:
    return Problem(413, f"The body is larger than {max_bytes} bytes.")


def _unwritable(error: OSError) -> Problem:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(507, "There is no space left for the files.", code="no-space")
    return Problem(503, "The files cannot be kept.", code="store-unavailable")


class _Sink:
    """Takes the parser's events; one file is open at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._received: list[Received] = []
        self._names: set[str] = set()
        self._headers: dict[bytes, bytes] = {}
        self._field = self._value = b""
        self._open: BinaryIO | None = None
        self._name = ""
        self._whole = False

    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls."""
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
            "on_part_end": self._on_end,
            "on_end": self._on_form_end,
        }

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def _on_headers(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        kind, options = parse_options_header(disposition)
        if kind != b"form-data" or options.get(b"name") != _FIELD:
            raise invalid("body", "the form has another field than 'file'")
        given = _file_name(disposition, options)
        if given is None:
            raise invalid("body.file", "not a file: it has no file name")
        if len(self._received) >= MAX_FILES:
            raise invalid("body.file", f"more than {MAX_FILES} files")
        self._name = safe_name(given)
        if self._name in self._names:
            raise invalid("body.file", "two files have the same name")
        self._names.add(self._name)
        self._open = (self._folder / str(len(self._received))).open("wb")

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._open is not None:
            self._open.write(memoryview(data)[start:end])

    def _on_end(self) -> None:
        if self._open is None:
            return
        size = self._open.tell()
        self._open.flush()
        os.fsync(self._open.fileno())
        self._open.close()
        self._open = None
        path = self._folder / str(len(self._received))
        self._received.append(Received(self._name, path, size))

    def _on_form_end(self) -> None:
        self._whole = True

    def finish(self) -> list[Received]:
        """All files, durable.

        Raises:
            Problem: the form is cut short, or holds no file.
        """
        if not self._whole:
            raise Problem(400, "The form ends before its closing boundary.")
        if not self._received:
            raise invalid("body.file", "no file was sent")
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return self._received

    def close(self) -> None:
        """Lets go of a file that is half there."""
        if self._open is not None:
            self._open.close()
            self._open = None


def _file_name(disposition: bytes, options: dict[bytes, bytes]) -> str | None:
    """The name as sent: UTF-8 or GB18030, or percent-encoded (RFC 5987); None: no file."""
    extended = _EXTENDED.search(disposition)
    raw = unquote_to_bytes(extended[2]) if extended else options.get(b"filename")
    if raw is None:
        return None
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")
