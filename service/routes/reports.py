"""Routes of the reports: the list, one report, its canonical text, its original file."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from corpus.errors import UnknownReport
from service.catalog import Status
from service.live import Served
from service.originals import original_of
from service.problems import invalid, not_served
from service.routes.context import compute, guard_reads, json_response, read_query
from service.schemas import ReportOut, ReportPage
from service.schemas import Request as StrictRequest

router = APIRouter(prefix="/v1/reports", dependencies=[Depends(guard_reads)])

TYPES: Final = {
    "txt": "text/plain",
    "md": "text/markdown",
    "jsonl": "application/jsonl",
    "pdf": "application/pdf",
}
OTHER_TYPE: Final = "application/octet-stream"
"""Media types of originals; what has no type of its own is bytes to be saved, not shown."""


class ListQuery(StrictRequest):
    """Query string of `GET /v1/reports`."""

    limit: int = Field(default=100, ge=1, le=1000)
    cursor: str | None = Field(default=None, max_length=2000)
    status: Status | None = None


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


@router.get("/{report_id}", responses={200: {"model": ReportOut}})
async def get_report(request: Request, report_id: str) -> Response:
    """What is known of one report."""

    def report(served: Served) -> str:
        return served.catalog.get(report_id).model_dump_json()

    return json_response(await compute(request, report))


@router.get(
    "/{report_id}/text", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
)
async def get_text(request: Request, report_id: str) -> Response:
    """The canonical text and nothing else; all offsets are code points of it."""

    def text(served: Served) -> bytes:
        _indexed(served, report_id)
        return served.snapshot.text(report_id).encode()

    return Response(await compute(request, text), media_type="text/plain; charset=utf-8")


@router.get(
    "/{report_id}/file",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in (*TYPES.values(), OTHER_TYPE)}}},
)
async def get_file(request: Request, report_id: str) -> Response:
    """The original file, byte for byte."""

    def original(served: Served) -> tuple[ReportOut, bytes]:
        report = served.catalog.get(report_id)
        return report, original_of(served.snapshot, report)

    report, content = await compute(request, original)
    name = quote(report.file.name.replace("\\", "/").rpartition("/")[2], safe="")
    return Response(
        content,
        headers={
            "Content-Type": TYPES.get(report.file.type, OTHER_TYPE),
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@router.get("/{report_id}/pages/{page}.png", status_code=501)
async def get_page_image(request: Request, report_id: str, page: str) -> Response:
    """A page as a picture (not served yet)."""
    await compute(request, lambda served: served.catalog.get(report_id))
    if not page.isdecimal():
        raise invalid("path.page", "a page is a number from 1")
    raise not_served("Pictures of pages")


def _indexed(served: Served, report_id: str) -> ReportOut:
    """The report, if it has a text."""
    report = served.catalog.get(report_id)
    if report.status != "indexed":
        raise UnknownReport("This file is quarantined: it has no text; see its warnings.")
    return report
