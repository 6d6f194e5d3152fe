"""Routes of the reports: the list, one report, its canonical text, its original file, its pages."""

from __future__ import annotations

import hashlib
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from corpus.report import Rect
from service.catalog import Status
from service.live import Served
from service.originals import original_of
from service.painting import Box
from service.problems import Problem, invalid
from service.routes.context import compute, guard_reads, json_response, read_query, service_of
from service.schemas import FileOut, ReportOut, ReportPage
from service.schemas import Request as StrictRequest
from service.versions import Version, version_of

router = APIRouter(prefix="/v1/reports", dependencies=[Depends(guard_reads)])

TYPES: Final = {
    "txt": "text/plain",
    "md": "text/markdown",
    "jsonl": "application/jsonl",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "csv": "text/csv",
}
OTHER_TYPE: Final = "application/octet-stream"
"""Media types of originals; what has no type of its own is bytes to be saved, not shown."""


class ListQuery(StrictRequest):
    """Query string of `GET /v1/reports`."""

    limit: int = Field(default=100, ge=1, le=1000)
    cursor: str | None = Field(default=None, max_length=2000)
    status: Status | None = None


class VersionQuery(StrictRequest):
    """Query string of the routes of one report: `v`, the first digits of its file's sha256."""

    v: str | None = Field(default=None, pattern="^[0-9a-fA-F]{6,64}$")


class PageQuery(VersionQuery):
    """Query string of `GET /v1/reports/{id}/pages/{n}.png`."""

    start: int | None = Field(default=None, ge=0)
    end: int | None = Field(default=None, ge=0)


@router.get("", responses={200: {"model": ReportPage}})
async def list_reports(request: Request) -> Response:
    """All reports by id, page by page."""
    query = read_query(request, ListQuery)

    def page(served: Served) -> str:
        try:
            found = served.catalog.page(query.limit, query.cursor, query.status)
        except ValueError:
            raise invalid("query.cursor", "not a cursor that an earlier page gave") from None
        return found.model_dump_json()

    return json_response(await compute(request, page))


# `:path`, since an id of a `.jsonl` line may hold a `/`, which arrives here decoded; the route of a
# report itself stands behind those of its parts, which it would take for ids.
@router.get(
    "/{report_id:path}/text",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def get_text(request: Request, report_id: str) -> Response:
    """The canonical text and nothing else; all offsets are code points of it."""
    query = read_query(request, VersionQuery)

    def text(served: Served) -> bytes:
        return _version(request, served, report_id, query.v).text.encode()

    return Response(await compute(request, text), media_type="text/plain; charset=utf-8")


@router.get(
    "/{report_id:path}/file",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in (*TYPES.values(), OTHER_TYPE)}}},
)
async def get_file(request: Request, report_id: str) -> Response:
    """The original file, byte for byte."""
    query = read_query(request, VersionQuery)

    def original(served: Served) -> tuple[FileOut, bytes]:
        version = _version(request, served, report_id, query.v)
        return version.out.file, original_of(served.snapshot, version)

    file, content = await compute(request, original)
    name = quote(file.name.replace("\\", "/").rpartition("/")[2], safe="")
    return Response(
        content,
        headers={
            "Content-Type": TYPES.get(file.type, OTHER_TYPE),
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@router.get(
    "/{report_id:path}/pages/{page}.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
async def get_page_image(request: Request, report_id: str, page: str) -> Response:
    """A page as a picture, with the words of `[start, end)` marked."""
    query = read_query(request, PageQuery)
    service = service_of(request)

    def picture(served: Served) -> tuple[str, bytes]:
        version = _version(request, served, report_id, query.v)
        number = _number(page)
        boxes, size = marks_on(version, number, query.start, query.end)
        sha256 = version.out.file.sha256
        png = service.painter.draw(
            sha256, lambda: original_of(served.snapshot, version), number, boxes, size
        )
        return f'"{hashlib.sha256(png).hexdigest()[:16]}"', png

    etag, png = await compute(request, picture)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(png, headers=headers, media_type="image/png")


@router.get("/{report_id:path}", responses={200: {"model": ReportOut}})
async def get_report(request: Request, report_id: str) -> Response:
    """What is known of one report, or of the version `v` of it."""
    query = read_query(request, VersionQuery)

    def report(served: Served) -> str:
        if query.v is None:
            return served.catalog.get(report_id).model_dump_json()
        return _version(request, served, report_id, query.v).out.model_dump_json()

    return json_response(await compute(request, report))


def _version(request: Request, served: Served, report_id: str, v: str | None) -> Version:
    return version_of(served, service_of(request).settings.index, report_id, v)


def _number(page: str) -> int:
    if not (page.isascii() and page.isdecimal() and len(page) <= 6):
        raise invalid("path.page", "a page is a number from 1")
    return int(page)


def marks_on(
    version: Version, page: int, start: int | None, end: int | None
) -> tuple[tuple[Box, ...], tuple[float, float]]:
    """The boxes of the words of `[start, end)` on a page, and the size of the page, in points.

    Raises:
        Problem: 404 there is no such page, 422 the range is none of this text.
    """
    ink = version.ink
    if ink is None:
        raise Problem(404, "This report has no pages that can be shown.", code="no-pages")
    if not 1 <= page <= len(ink.sizes):
        raise Problem(404, f"This report has {len(ink.sizes)} pages.", code="no-such-page")
    if (start is None) != (end is None):
        raise invalid("query", "start and end belong together")
    rects: tuple[Rect, ...] = ()
    if start is not None and end is not None:
        if not start <= end <= version.out.chars:
            raise invalid("query.end", "not a range of this report's text")
        rects = ink.rects(start, end)
    boxes = tuple((r.x0, r.y0, r.x1, r.y1) for r in rects if r.page == page)
    return boxes, ink.sizes[page - 1]
