"""Routes by which reports arrive and go: `POST /v1/reports`, `DELETE`, and the jobs they make."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from typing import Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from service.intake import Intake
from service.jobs import Job, new_job_id
from service.multipart import receive_files
from service.problems import Problem
from service.routes.context import compute, guard_reads, guard_writes, service_of
from service.schemas import JobFileOut, JobOut, ProgressOut

router = APIRouter(prefix="/v1")

REMOVE_S: Final = 60.0
"""How long DELETE waits for the new index; after that it answers 202 with the job."""

_ASK_S: Final = 0.05


@router.post(
    "/reports",
    status_code=202,
    dependencies=[Depends(guard_writes)],
    responses={202: {"model": JobOut}},
)
async def upload(request: Request) -> Response:
    """Takes report files (multipart, field `file`, repeatable) to be indexed; the job tells how it
    goes. A file of a name that was uploaded before takes its place."""
    service = service_of(request)
    intake, settings = service.intake, service.settings
    job_id = new_job_id()
    folder = intake.uploads.waiting(job_id)
    try:
        files = await receive_files(
            request, folder, settings.max_upload_bytes, settings.body_timeout_s
        )
        job = await asyncio.to_thread(intake.add, job_id, files)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        raise
    return _response(202, intake, job)


@router.delete(
    "/reports/{report_id:path}",
    status_code=204,
    dependencies=[Depends(guard_writes)],
    responses={202: {"model": JobOut}},
)
async def delete(request: Request, report_id: str) -> Response:
    """Removes a report from the index, and its file if it was uploaded."""
    name = await compute(request, lambda served: served.catalog.get(report_id).file.name)
    intake = service_of(request).intake
    job = await asyncio.to_thread(intake.remove, report_id, name)
    ended = await _ended(intake, job)
    if ended.open:
        return _response(202, intake, ended)
    if ended.status == "failed":
        raise Problem(503, "The index could not be written.", code="index-unavailable")
    return Response(status_code=204)


@router.get(
    "/jobs/{job_id}", dependencies=[Depends(guard_reads)], responses={200: {"model": JobOut}}
)
async def get_job(request: Request, job_id: str) -> Response:
    """How a job stands; jobs can be looked up for 30 days after they ended."""
    intake = service_of(request).intake
    job = await asyncio.to_thread(intake.jobs.get, job_id)
    if job is None:
        raise Problem(404, "No job has this id.", code="unknown-job")
    return _response(200, intake, job)


async def _ended(intake: Intake, job: Job) -> Job:
    """The job when it has ended, or as it stands after `REMOVE_S`; no thread waits for it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(REMOVE_S):
            while job.open:
                await asyncio.sleep(_ASK_S)
                found = await asyncio.to_thread(intake.jobs.get, job.job_id)
                job = found or job
    return job


def _response(status: int, intake: Intake, job: Job) -> Response:
    files = [
        JobFileOut(name=f.name, report_id=f.report_id, status=f.status, reason=f.reason)
        for f in job.files
    ]
    progress = ProgressOut(done=intake.passed(job), total=len(job.wanted))
    out = JobOut(job_id=job.job_id, status=job.status, files=files, progress=progress)
    return Response(
        out.model_dump_json(),
        status,
        {"Location": f"/v1/jobs/{job.job_id}"} if status == 202 else None,
        media_type="application/json",
    )
