"""Routes for those who run the service: liveness, readiness, metrics.

Liveness never touches the index or the pool: a full queue is no reason to be killed.
"""

from __future__ import annotations

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service import metrics
from service.problems import Problem
from service.routes.context import json_response, service_of

router = APIRouter()


@router.get("/livez")
@router.get("/healthz", include_in_schema=False)
async def livez() -> Response:
    """The process answers."""
    return json_response('{"status":"alive"}')


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """A verified snapshot is being served; `reload_fault` tells that a newer one was refused."""
    live = service_of(request).live
    try:
        with live.lease() as served:
            snapshot = {
                "id": served.snapshot.id,
                "reports": len(served.snapshot.report_ids()),
                "passages": served.snapshot.chunk_count(),
            }
    except RuntimeError:
        raise Problem(503, "No snapshot is open.", code="not-ready") from None
    state = {"status": "ready", "snapshot": snapshot, "reload_fault": live.fault}
    return json_response(json.dumps(state))


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def prometheus(request: Request) -> Response:
    """Counts and times in Prometheus's text format."""
    service = service_of(request)
    gauges = {
        "pool_places": float(service.pool.places),
        "pool_taken": float(service.pool.taken),
        "answers_waiting": float(service.desk.book.waiting),
        "answers_lost": float(service.desk.book.lost),
        "snapshot_swaps": float(service.live.swaps),
        "snapshot_swaps_failed": float(service.live.failed_swaps),
    }
    return Response(service.metrics.text(gauges), media_type=metrics.CONTENT_TYPE)
