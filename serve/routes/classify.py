"""``POST /v1/classify``: a list of texts in, a list of verdicts out."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from serve.bodies import BoundedRoute
from serve.explain import explained
from serve.limits import MAX_EXPLAINED
from serve.problems import ProblemError
from serve.schemas import ClassifyRequest, ClassifyResponse, ExplainedVerdictOut, ProblemBody
from serve.worker import Worker

router = APIRouter(prefix="/v1", tags=["classify"], route_class=BoundedRoute)

PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": ProblemBody, "description": "The body is not JSON."},
    408: {"model": ProblemBody, "description": "The body came too slowly."},
    413: {"model": ProblemBody, "description": "The body is too large."},
    415: {"model": ProblemBody, "description": "The body is not declared as JSON."},
    422: {"model": ProblemBody, "description": "A field is wrong; the answer names its limit."},
    503: {"model": ProblemBody, "description": "Loading, busy or too slow; see Retry-After."},
}


@router.post(
    "/classify",
    response_model=ClassifyResponse,
    responses=PROBLEMS,
    summary="给文本分类 · Classify texts",
)
async def classify(body: ClassifyRequest, request: Request) -> ClassifyResponse | Response:
    """1–256 texts of 1–4,000 characters each. Nothing is stored.

    With `explain`, at most 32 texts: each verdict then has `evidence`, the words that decided, and
    `answer`, the provisions that may apply and the next steps. `facts` add what the texts do not
    show: when they came, how many that day, who received them, for what money.
    """
    worker: Worker = request.app.state.worker
    version = worker.ready().version
    if body.explain:
        return await _explained(worker, body, version)
    if body.facts is not None:
        raise ProblemError("facts_unused", field="facts", limit="true")
    verdicts = await worker.classify(body.texts)
    return ClassifyResponse.model_validate(
        {"model": version, "verdicts": [verdict.to_dict() for verdict in verdicts]}
    )


async def _explained(worker: Worker, body: ClassifyRequest, version: str) -> Response:
    if len(body.texts) > MAX_EXPLAINED:
        raise ProblemError("too_many_explained", field="texts", limit=MAX_EXPLAINED)
    found = await worker.explain(body.texts)

    def written() -> str:
        verdicts = [
            ExplainedVerdictOut.model_validate(
                explained(text, verdict, evidence, body.facts).fields()
            )
            for text, (verdict, evidence) in zip(body.texts, found, strict=True)
        ]
        return ClassifyResponse(model=version, verdicts=verdicts).model_dump_json()

    # 32 long texts take a processor for 130 ms, which must not hold up the event loop
    return Response(await asyncio.to_thread(written), media_type="application/json")
