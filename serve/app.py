"""The application: `create_app` puts settings, model and routes together."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from serve.access import Access, Tokens
from serve.bodies import ByteBudget
from serve.classifier import TextClassifier, load_classifier
from serve.middleware import Envelope
from serve.ocr.worker import ScreenshotWorker, load_engine
from serve.problems import install_handlers
from serve.report.render import Renderer
from serve.routes import (
    classify,
    desk,
    health,
    pages,
    report,
    screenshot,
    triage,
    triage_export,
    triage_rows,
    triage_upload,
)
from serve.routes.triage_common import Desk
from serve.schemas import ProblemBody
from serve.settings import Settings
from serve.triage.retention import Retention
from serve.triage.runner import Runner
from serve.triage.store import Store, open_store
from serve.triage.uploads import Uploads
from serve.worker import Worker

EVERYWHERE: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemBody, "description": "A key is needed, or this one is refused."},
    403: {"model": ProblemBody, "description": "The key lacks the role, or another site asks."},
    421: {"model": ProblemBody, "description": "Not served under this name."},
    429: {"model": ProblemBody, "description": "Too many requests; see Retry-After."},
}
"""Refusals that every route has, as they come before it."""
API_VERSION = "1.2.0"
"""Version of the HTTP interface, not of the package or the model."""


def create_app(
    settings: Settings | None = None,
    classifier: TextClassifier | None = None,
    on_model_failure: Callable[[], None] = lambda: None,
    store: Store | None = None,
) -> FastAPI:
    """Build the application.

    settings: read from the environment where None.
    classifier: used instead of the model at `settings.artifact`; tests pass a small one.
    on_model_failure: called (from another thread) where the model does not load.
    store: used, and closed at the end, instead of the one that the settings name.
    """
    settings = settings or Settings()

    def load() -> TextClassifier:
        return classifier or load_classifier(
            settings.artifact, settings.threads, backend=settings.backend
        )

    worker = Worker(load, queue_size=settings.queue_size, timeout_s=settings.timeout_s)

    renderer = Renderer(timeout_s=settings.timeout_s)
    screenshots = ScreenshotWorker(
        lambda: load_engine(settings.threads), timeout_s=settings.timeout_s
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = store or open_store(settings)
        uploads = Uploads(settings.data_dir / "uploads")
        retention = Retention(opened, uploads)
        runner = Runner(
            opened,
            uploads,
            worker.background,
            model=lambda: worker.ready().version,
            retention=retention,
        )
        app.state.desk = Desk(opened, uploads, runner, retention)
        worker.start(on_model_failure)
        runner.start()
        yield
        app.state.closing.set()
        runner.close()
        worker.close()
        renderer.close()
        screenshots.close()
        opened.close()

    app = FastAPI(
        title="DunLens 催收透镜",
        version=API_VERSION,
        description="Which legal category does a Chinese debt-collection message fall into? "
        "No text is logged, and none is stored but the rows of uploaded files.",
        lifespan=lifespan,
        docs_url=None,  # ours needs no third party
        redoc_url=None,
        responses=EVERYWHERE,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.worker = worker
    app.state.renderer = renderer
    app.state.screenshots = screenshots
    app.state.closing = threading.Event()  # set once streams of events should end
    app.state.body_budget = ByteBudget(settings.max_buffered_bytes)
    app.state.tokens = Tokens()
    app.add_middleware(Access, tokens=app.state.tokens, rates=settings.rates)
    app.add_middleware(Envelope)  # the outermost
    install_handlers(app)
    for routes in (classify, report, health, pages, desk):
        app.include_router(routes.router)
    for router in (screenshot.api, screenshot.page):
        app.include_router(router)
    for routes in (triage, triage_upload, triage_rows, triage_export):
        app.include_router(routes.router)
    return app


def configure_logging() -> None:
    """Send our log lines to stderr. None of them holds a text or a raw path."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name, level in (("dunlens", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
