"""Route of a report's outline: its headings, tables and pictures, each with its place."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from corpus.errors import UnknownReport
from corpus.report import Ink, Report
from service.live import Served
from service.routes.context import compute, guard_reads, json_response

router = APIRouter(prefix="/v1/reports", dependencies=[Depends(guard_reads)])


class HeadingOut(BaseModel):
    """A heading, level 1 outermost."""

    level: int
    title: str
    start: int
    end: int
    page: int | None


class TableOut(BaseModel):
    """A table; `start`, `end` hold all of its lines."""

    title: str | None
    rows: int
    columns: int
    start: int
    end: int
    page: int | None


class PictureOut(BaseModel):
    """A picture or chart; `start`, `end` are its caption, null without one."""

    caption: str | None
    start: int | None
    end: int | None
    page: int | None


class PageOut(BaseModel):
    """Size of a page in points; page 1 comes first."""

    width: float
    height: float


class Outline(BaseModel):
    """`GET /v1/reports/{id}/outline`: in order of the text. `pages` is empty without pages."""

    pages: list[PageOut]
    headings: list[HeadingOut]
    tables: list[TableOut]
    pictures: list[PictureOut]


@router.get("/{report_id:path}/outline", responses={200: {"model": Outline}})
async def get_outline(request: Request, report_id: str) -> Response:
    """Headings, tables and pictures of a report."""

    def outline(served: Served) -> str:
        if served.catalog.get(report_id).status != "indexed":
            raise UnknownReport("This file is quarantined: it has no text; see its warnings.")
        ink = served.snapshot.ink(report_id)
        return outline_of(served.snapshot.report(report_id), ink).model_dump_json()

    return json_response(await compute(request, outline))


def outline_of(report: Report, ink: Ink | None) -> Outline:
    """The outline of a report; `ink` tells the sizes of its pages."""
    pages = [PageOut(width=width, height=height) for width, height in ink.sizes] if ink else []
    headings = [
        HeadingOut(
            level=section.level,
            title=section.path[-1],
            start=section.span.start,
            end=section.span.end,
            page=report.page_at(section.span.start),
        )
        for section in report.sections
        if section.level and section.path
    ]
    tables = [
        TableOut(
            title=table.title,
            rows=len(table.rows),
            columns=len(table.columns),
            start=table.span.start,
            end=table.span.end,
            page=report.page_at(table.span.start),
        )
        for table in report.tables
    ]
    pictures = [
        PictureOut(
            caption=picture.caption.of(report.text) if picture.caption else None,
            start=picture.caption.start if picture.caption else None,
            end=picture.caption.end if picture.caption else None,
            page=picture.page,
        )
        for picture in report.pictures
    ]
    return Outline(pages=pages, headings=headings, tables=tables, pictures=pictures)
