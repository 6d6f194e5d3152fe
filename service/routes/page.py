"""Routes of the page: its files, and example questions made from the corpus.

The files are read once and served from memory; nothing of them is built or fetched elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from typing import Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from service.examples import example_questions
from service.live import Served
from service.problems import Problem
from service.routes.context import Asset, compute, guard_reads, json_response, service_of

router = APIRouter(include_in_schema=False)

FILES: Final = {
    "index.html": "text/html; charset=utf-8",
    "app.css": "text/css; charset=utf-8",
    "favicon.svg": "image/svg+xml",
    "uplot.css": "text/css; charset=utf-8",
    **{
        f"{name}.js": "text/javascript; charset=utf-8"
        for name in (
            *("answer", "app", "chart", "dom", "library", "report", "saved", "service"),
            *("uplot", "viewer", "words"),
        )
    },
}


def load_assets() -> dict[str, Asset]:
    """The files of the page, read from the package."""
    folder = resources.files("service") / "web"
    assets = {}
    for name, media_type in FILES.items():
        content = (folder / name).read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        assets[name] = Asset(content, media_type, etag)
    return assets


@router.get("/")
async def index(request: Request) -> Response:
    """The page with the question box."""
    return _asset(request, "index.html")


@router.get("/reports/{report_id:path}")
async def report(request: Request, report_id: str) -> Response:
    """The same page, opened at one report; `?start=&end=` marks a quote."""
    known = await compute(request, lambda served: report_id in served.catalog)
    return _asset(request, "index.html", status=200 if known else 404)


async def file(request: Request) -> Response:
    """A file of the page."""
    return _asset(request, request.url.path.removeprefix("/"))


for _name in FILES:
    if _name != "index.html":
        router.add_api_route(f"/{_name}", file, name=_name)


@router.get("/examples.json", dependencies=[Depends(guard_reads)])
async def examples(request: Request) -> Response:
    """Questions that this corpus can answer, to begin with."""

    notice = service_of(request).settings.notice

    def questions(served: Served) -> str:
        found = example_questions(served.snapshot)
        return json.dumps({"questions": found, "notice": notice}, ensure_ascii=False)

    return json_response(await compute(request, questions))


def _asset(request: Request, name: str, status: int = 200) -> Response:
    """The file, or 304 if the browser holds it already."""
    asset = service_of(request).page.get(name)
    if asset is None:
        raise Problem(404, "Nothing is served under this path.")
    headers = {"ETag": asset.etag, "Cache-Control": "no-cache"}
    if status == 200 and request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, status, headers, media_type=asset.media_type)
