"""``POST /v1/report``: the messages of a case in, PDF or DOCX out; ``POST /report`` is a form's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from model.evidence import Evidence
from model.verdict import Verdict
from serve.bodies import BoundedFormRoute, BoundedRoute
from serve.explain import explained
from serve.problems import ProblemError, problem_of
from serve.report.case import Versions
from serve.report.content import build
from serve.report.document import Document
from serve.report.fromtext import message_of
from serve.report.render import MEDIA_TYPES, Renderer
from serve.report.schemas import ReportMessage, ReportRequest
from serve.routes.classify import PROBLEMS
from serve.routes.pages import message_form, templates
from serve.toolversion import tool_version
from serve.wording import language_of
from serve.worker import Worker

FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The report. The same request gives the same bytes.",
        "content": {
            media: {"schema": {"type": "string", "format": "binary"}}
            for media in MEDIA_TYPES.values()
        },
    }
}
Known = tuple[Verdict, tuple[Evidence, ...]]

api = APIRouter(prefix="/v1", tags=["report"], route_class=BoundedRoute)
page = APIRouter(include_in_schema=False, route_class=BoundedFormRoute)


@api.post(
    "/report",
    responses=FILES | PROBLEMS,
    response_class=Response,
    summary="生成证据整理报告 · Make an evidence report",
)
async def report(body: ReportRequest, request: Request) -> Response:
    """1–200 messages of one case, 100,000 characters together. Nothing is stored.

    Each message gets its category, the words it rests on, and what the law may say about it. The
    report names no one guilty.
    """
    return await _report(body, request)


@page.post("/report")
async def report_of_one(request: Request) -> Response:
    """The report of the one message on the page, or a page that says what is wrong."""
    fields: dict[str, str] = {}
    try:
        fields = message_form(await request.body())
        return await _report(_asked(fields), request)
    except ProblemError as problem:
        language = language_of(fields.get("lang", ""))
        html = templates.get_template("report_problem.html").render(
            language=language, message=problem.message(language)
        )
        return HTMLResponse(html, problem.status_code, problem.headers)


async def _report(asked: ReportRequest, request: Request) -> Response:
    settings, worker = request.app.state.settings, request.app.state.worker
    renderer: Renderer = request.app.state.renderer
    versions = Versions(tool_version(), worker.ready().version)
    try:
        async with asyncio.timeout(settings.timeout_s):
            known = await _read(worker, asked.messages)

            def make() -> Document:
                items = [
                    explained(message.text, *known[message.text], message.stated)
                    for message in asked.messages
                ]
                return build(asked, items, versions)

            content = await renderer.render(make, asked.format)
    except TimeoutError:
        raise ProblemError("deadline", limit=settings.timeout_s, retry_after=5) from None
    return Response(
        content,
        media_type=MEDIA_TYPES[asked.format],
        headers={"Content-Disposition": f'attachment; filename="dunlens-report.{asked.format}"'},
    )


async def _read(worker: Worker, messages: Sequence[ReportMessage]) -> dict[str, Known]:
    """Return verdict and evidence of each text; one request a text, so that others get between."""
    known: dict[str, Known] = {}
    for message in messages:
        if message.text not in known:
            [known[message.text]] = await worker.explain([message.text])
    return known


def _asked(fields: dict[str, str]) -> ReportRequest:
    """Return the request of a form: one message, dated by the facts that state its date."""
    day, clock = (fields.get(name, "").strip() for name in ("received_on", "received_at"))
    message = message_of({**fields, "sent_at": f"{day} {clock}".strip() if day else ""})
    asked = {
        "format": fields.get("format") or "pdf",
        "language": language_of(fields.get("lang", "")),
    }
    try:
        return ReportRequest.model_validate({**asked, "messages": [message]})
    except ValidationError as error:
        in_message = error.errors(include_url=False)[0]["loc"][:1] == ("messages",)
        raise problem_of(error, skip=2 if in_message else 0) from None  # it is the only message


router = APIRouter()
router.include_router(api)
router.include_router(page)
