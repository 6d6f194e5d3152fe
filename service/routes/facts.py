"""Route of the figures: `GET /v1/facts`, as JSON, CSV or Parquet."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from service.fact_forms import PARQUET, facts_csv, facts_parquet
from service.fact_list import FactPage, FactQuery, facts_page
from service.live import Served
from service.routes.context import compute, guard_reads, read_query, service_of

router = APIRouter(prefix="/v1", dependencies=[Depends(guard_reads)])


@router.get(
    "/facts", responses={200: {"model": FactPage, "content": {"text/csv": {}, PARQUET: {}}}}
)
async def facts(request: Request) -> Response:
    """Figures with their units, periods and citations, by report, then place in its text."""
    query = read_query(request, FactQuery)
    public_url = service_of(request).settings.base_url

    def listed(served: Served) -> bytes:
        page = facts_page(served.snapshot, query, public_url)
        if query.format == "csv":
            return facts_csv(page.facts).encode()
        return (
            facts_parquet(page.facts)
            if query.format == "parquet"
            else page.model_dump_json().encode()
        )

    return Response(await compute(request, listed), media_type=_MEDIA_TYPES[query.format])


_MEDIA_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "parquet": PARQUET}
