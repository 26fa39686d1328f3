"""From a document to a file: one thread that renders."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from typing import Final, cast

from serve.onethread import OneThread
from serve.report.document import Document
from serve.report.schemas import Format

MEDIA_TYPES: Final[dict[Format, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
QUEUE_SIZE: Final = 4
"""Reports that may wait or be rendered at one time; each can hold some hundred MiB."""

Check = Callable[[], None]
_LOCK = threading.Lock()  # ReportLab keeps its fonts in one registry for all documents


class GivenUpError(Exception):
    """Nobody waits for the report any more, or its time is over."""


def render(document: Document, format: Format, check: Check = lambda: None) -> bytes:
    """Return the file. `check` is called between blocks and may raise to give up."""
    # imported when needed: they take a moment, and the command line has other commands
    module = importlib.import_module(f"serve.report.{format}")
    with _LOCK:
        return cast(bytes, getattr(module, f"to_{format}")(document, check))


class Renderer(OneThread):
    """Renders off the event loop, one report at a time."""

    def __init__(self, *, timeout_s: float, queue_size: int = QUEUE_SIZE) -> None:
        super().__init__(
            "dunlens-report",
            queue="reports",
            queue_size=queue_size,
            retry_after=5,
            timeout_s=timeout_s,
        )

    async def render(self, make: Callable[[], Document], format: Format) -> bytes:
        """Build the document with `make` and render it, both in the thread.

        Raises ProblemError (503) where too many wait or the deadline passes; the thread then
        stops at the next block.
        """

        def work(given_up: threading.Event) -> bytes:
            def check() -> None:
                if given_up.is_set():
                    raise GivenUpError

            check()
            return render(make(), format, check)

        return await self._run(work)
