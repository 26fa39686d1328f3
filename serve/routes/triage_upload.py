"""``POST /v1/triage/jobs``: a file, streamed to the disk and looked into."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Request
from starlette.requests import ClientDisconnect

from serve.access import caller_of, require
from serve.bodies import check_content_type
from serve.problems import ProblemError
from serve.routes.triage_common import PROBLEMS, Desk, desk, refused
from serve.schemas import ProblemBody
from serve.triage.intake import Inspection, inspect
from serve.triage.records import Job
from serve.triage.schemas import InspectionOut, UploadOut
from serve.triage.uploads import Upload

MAX_RECEIVING: Final = 4
"""Uploads at one time."""
MAX_NAME: Final = 200
CONTENT_TYPE: Final = "application/octet-stream"
WRITE_BYTES: Final = 2**20
"""Written at once: a thread for each piece of the network's size would cost more."""

router = APIRouter(
    prefix="/v1/triage/jobs", tags=["triage"]
)  # no BoundedRoute: the body is not held in memory


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(require("triage"))],
    responses=PROBLEMS
    | {
        408: {"model": ProblemBody, "description": "The body came too slowly."},
        413: {"model": ProblemBody, "description": "The file is too large."},
        415: {"model": ProblemBody, "description": "The body is not declared as octets."},
        503: {"model": ProblemBody, "description": "Too many uploads at one time."},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        },
        "parameters": [
            {
                "name": "X-Filename",
                "in": "header",
                "required": True,
                "description": "Name of the file, percent-encoded UTF-8.",
                "schema": {"type": "string", "maxLength": MAX_NAME},
            }
        ],
    },
    summary="上传文件 · Upload a file",
)
async def upload(request: Request, desk: Annotated[Desk, Depends(desk)]) -> UploadOut:
    """The body is the file itself. Answered when it is on the disk; `start` begins the work."""
    check_content_type(request, CONTENT_TYPE)
    name = _file_name(request)
    if desk.receiving >= MAX_RECEIVING:
        raise ProblemError("busy", field="uploads", limit=MAX_RECEIVING, retry_after=5)
    caller = caller_of(request)
    owner = caller.key_id if caller else None
    desk.receiving += 1
    try:
        with await asyncio.to_thread(desk.uploads.begin) as file:
            await _receive(request, file)
            job, inspection = await asyncio.to_thread(_take, desk, file, name, owner)
    finally:
        desk.receiving -= 1
    return UploadOut(job=desk.job_out(job), inspection=InspectionOut.model_validate(inspection))


async def _receive(request: Request, file: Upload) -> None:
    """Write the body to the file; raises ProblemError where it is too large, slow or empty."""
    settings = request.app.state.settings
    limit = settings.max_upload_bytes
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise ProblemError("body_too_large", field="file", limit=limit)
    pieces, waiting = request.stream().__aiter__(), bytearray()
    while True:
        try:
            async with asyncio.timeout(settings.body_timeout_s):  # for each piece, not the whole
                piece = await anext(pieces, None)
        except TimeoutError:
            raise ProblemError(
                "body_timeout", field="file", limit=settings.body_timeout_s
            ) from None
        except ClientDisconnect:  # nobody is left to read the answer
            raise ProblemError("invalid", field="file") from None
        waiting += piece or b""
        if file.bytes + len(waiting) > limit:
            raise ProblemError("body_too_large", field="file", limit=limit)
        if len(waiting) >= WRITE_BYTES or piece is None:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
        if piece is None:
            return


def _take(desk: Desk, file: Upload, name: str, owner: str | None) -> tuple[Job, Inspection]:
    """Force the file onto the disk, look into it and make its job."""
    file.commit()
    with refused():
        inspection = inspect(file.path, name)
    job = desk.store.create_job(
        id=file.job_id,
        name=name,
        file_sha256=file.sha256,
        file_bytes=file.bytes,
        dialect=inspection.to_dict(),
        headings=inspection.headings,
        owner_key=owner,
    )
    return job, inspection


def _file_name(request: Request) -> str:
    """Return the name that the client states, without folders and odd characters."""
    given = request.headers.get("x-filename", "")
    if not given:
        raise ProblemError("missing_field", field="X-Filename")
    try:
        name = unquote(given, errors="strict")
    except UnicodeDecodeError:
        raise ProblemError("invalid", field="X-Filename") from None
    name = "".join(filter(str.isprintable, name.replace("\\", "/").rpartition("/")[2])).strip()
    if not name:
        raise ProblemError("invalid", field="X-Filename")
    if len(name) > MAX_NAME:
        raise ProblemError("text_too_long", field="X-Filename", limit=MAX_NAME)
    return name
