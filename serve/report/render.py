"""From a document to a file: one thread that renders, with a bounded queue and a deadline."""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, cast

from serve.problems import ProblemError
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


class Renderer:
    """Renders off the event loop, one report at a time."""

    def __init__(self, *, timeout_s: float, queue_size: int = QUEUE_SIZE) -> None:
        self._timeout_s, self._queue_size = timeout_s, queue_size
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dunlens-report")
        self._pending = 0  # touched on the event loop only

    async def render(self, make: Callable[[], Document], format: Format) -> bytes:
        """Build the document with `make` and render it, both in the thread.

        Raises ProblemError (503) where too many wait or the deadline passes; the thread then
        stops at the next block.
        """
        if self._pending >= self._queue_size:
            raise ProblemError("busy", field="reports", limit=self._queue_size, retry_after=5)
        given_up = threading.Event()

        def check() -> None:
            if given_up.is_set():
                raise GivenUpError

        def work() -> bytes:
            check()
            return render(make(), format, check)

        job = asyncio.get_running_loop().run_in_executor(self._executor, work)
        self._pending += 1
        job.add_done_callback(self._finished)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.shield(job)
        except TimeoutError:
            raise ProblemError("deadline", limit=self._timeout_s, retry_after=5) from None
        finally:
            given_up.set()

    def _finished(self, job: asyncio.Future[bytes]) -> None:
        self._pending -= 1
        if not job.cancelled():
            job.exception()  # seen: one that nobody waits for must not be logged with its text

    def close(self) -> None:
        """Drop the reports that wait and finish the one under way."""
        self._executor.shutdown(wait=True, cancel_futures=True)
