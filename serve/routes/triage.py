"""``/v1/triage/jobs``: files of complaints in, their progress, and their end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from serve.access import require
from serve.bodies import BoundedRoute
from serve.problems import ProblemError
from serve.routes.triage_common import PROBLEMS, Desk, desk, found_job, refused
from serve.triage.intake import Inspection
from serve.triage.schemas import (
    Columns,
    InspectionOut,
    JobOut,
    JobsOut,
    StartRequest,
)

LOOK_S: Final = 0.5
"""Seconds between two looks at a job that somebody follows."""
SILENCE_S: Final = 15
"""A stream is not silent for longer, so that proxies keep it open."""
MAX_STREAMS: Final = 64

router = APIRouter(
    prefix="/v1/triage/jobs",
    tags=["triage"],
    route_class=BoundedRoute,
    responses=PROBLEMS,
    dependencies=[Depends(require("triage", "review"))],
)
TheDesk = Annotated[Desk, Depends(desk)]
ACT = [Depends(require("triage"))]


@router.get("", summary="批次列表 · List jobs")
def list_jobs(desk: TheDesk) -> JobsOut:
    """The jobs, the newest first, at most 200."""
    return JobsOut(jobs=[desk.job_out(job) for job in desk.store.list_jobs()])


@router.get("/{job_id}", summary="一个批次 · One job")
def get_job(job_id: str, desk: TheDesk) -> JobOut:
    """State and progress; see `events` for a stream of them."""
    return desk.job_out(found_job(desk, job_id))


@router.get("/{job_id}/inspection", summary="列与预览 · Columns and preview")
def get_inspection(job_id: str, desk: TheDesk) -> InspectionOut:
    """The shape of the uploaded file, with the columns guessed."""
    inspection = Inspection.from_dict(found_job(desk, job_id).dialect)
    return InspectionOut.model_validate(inspection)


@router.post("/{job_id}/start", dependencies=ACT, summary="开始 · Start")
def start(job_id: str, body: StartRequest, desk: TheDesk) -> JobOut:
    """Confirm the columns and begin, or go on with a job that was stopped or has failed."""
    job = found_job(desk, job_id)
    with refused("uploaded | cancelled | failed"):
        if body.mapping is not None:
            _check_columns(body.mapping, job.headings)
            job = desk.store.set_mapping(job_id, body.mapping.model_dump())
        elif job.mapping is None:
            raise ProblemError("missing_field", field="mapping")
        job = desk.store.queue(job_id)
    desk.runner.wake()
    return desk.job_out(job)


@router.post("/{job_id}/cancel", dependencies=ACT, summary="停止 · Stop")
def cancel(job_id: str, desk: TheDesk) -> JobOut:
    """Stop a job; the rows done so far stay."""
    with refused("queued | running"):
        return desk.job_out(desk.store.cancel(job_id))


@router.delete("/{job_id}", dependencies=ACT, status_code=204, summary="立即删除 · Delete now")
def delete(job_id: str, desk: TheDesk) -> Response:
    """Delete the job with its file, all its texts, verdicts and reviews, for good."""
    with refused():
        desk.retention.delete(job_id)
    return Response(status_code=204)


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
    summary="进度 · Progress",
)
async def events(job_id: str, request: Request, desk: TheDesk) -> StreamingResponse:
    """Server-sent events `progress` with the job as JSON, one for each change, until it ends."""
    await asyncio.to_thread(found_job, desk, job_id)
    if desk.streams >= MAX_STREAMS:
        raise ProblemError("busy", field="events", limit=MAX_STREAMS, retry_after=5)
    headers = {"X-Accel-Buffering": "no"}  # nginx would keep events back
    stream = _follow(desk, job_id, request.app.state.closing.is_set)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _follow(desk: Desk, job_id: str, closing: Callable[[], bool]) -> AsyncIterator[str]:
    """Yield events until the job ends or vanishes, or the server wants to stop."""
    desk.streams += 1
    try:
        last, silent = "", 0.0
        while not closing():
            job = await asyncio.to_thread(found_job, desk, job_id)
            now = desk.job_out(job).model_dump_json()
            silent += LOOK_S
            if now != last:
                yield f"event: progress\ndata: {now}\n\n"
                last, silent = now, 0.0
            elif silent >= SILENCE_S:
                yield ": still here\n\n"
                silent = 0.0
            if job.state not in ("queued", "running"):
                return
            await asyncio.sleep(LOOK_S)
    except ProblemError:  # deleted meanwhile
        return
    finally:
        desk.streams -= 1


def _check_columns(mapping: Columns, headings: list[str]) -> None:
    """Raise ProblemError for a column that the file does not have."""
    for role, heading in mapping:
        if heading is not None and heading not in headings:
            raise ProblemError("not_a_heading", field=f"mapping.{role}", limit=len(headings))
