"""``POST /v1/classify``: a list of texts in, a list of verdicts out."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from serve.bodies import BoundedRoute
from serve.schemas import ClassifyRequest, ClassifyResponse, ProblemBody
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


@router.post("/classify", responses=PROBLEMS, summary="给文本分类 · Classify texts")
async def classify(body: ClassifyRequest, request: Request) -> ClassifyResponse:
    """1–256 texts of 1–4,000 characters each. Nothing is stored."""
    worker: Worker = request.app.state.worker
    version = worker.ready().version
    verdicts = await worker.classify(body.texts)
    return ClassifyResponse.model_validate(
        {"model": version, "verdicts": [verdict.to_dict() for verdict in verdicts]}
    )
