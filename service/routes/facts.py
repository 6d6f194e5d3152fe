"""Route of the figures: `GET /v1/facts`, as JSON or CSV."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from service.fact_list import FactPage, FactQuery, facts_csv, facts_page
from service.live import Served
from service.routes.context import compute, guard_reads, read_query, service_of

router = APIRouter(prefix="/v1", dependencies=[Depends(guard_reads)])


@router.get("/facts", responses={200: {"model": FactPage, "content": {"text/csv": {}}}})
async def facts(request: Request) -> Response:
    """Figures with their units, periods and citations, by report, then place in its text."""
    query = read_query(request, FactQuery)
    public_url = service_of(request).settings.base_url

    def listed(served: Served) -> str:
        page = facts_page(served.snapshot, query, public_url)
        return facts_csv(page) if query.format == "csv" else page.model_dump_json()

    media_type = "text/csv; charset=utf-8" if query.format == "csv" else "application/json"
    return Response(await compute(request, listed), media_type=media_type)
