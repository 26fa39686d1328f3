"""``/healthz`` (the process lives) and ``/readyz`` (the model has answered)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from serve.schemas import Health, ProblemBody, Ready

router = APIRouter(tags=["health"])

NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {"model": ProblemBody, "description": "The model is loading or did not load."}
}


@router.get("/healthz", summary="存活 · Alive")
async def healthz() -> Health:
    """Answers as soon as the process listens, and while the model works."""
    return Health()


@router.get("/readyz", responses=NOT_READY, summary="就绪 · Ready")
async def readyz(request: Request) -> Ready:
    """503 until the model has answered once."""
    classifier = request.app.state.worker.ready()
    return Ready(model=classifier.version, backend=classifier.backend)
