"""The one thread that reads screenshots, and the bounded queue before it.

Reading never runs on the event loop. The recogniser is loaded at the first screenshot, so that a
service that gets none does not hold its models.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from serve.problems import ProblemError

if TYPE_CHECKING:
    from serve.ocr.engine import LineReader
    from serve.ocr.reader import Reading

log = logging.getLogger("dunlens.ocr")

QUEUE_SIZE: Final = 4
"""Screenshots that may wait or be read at one time. Only the one being read is decoded."""


class ScreenshotWorker:
    """Reads one screenshot at a time."""

    def __init__(
        self,
        load: Callable[[], LineReader],
        *,
        timeout_s: float,
        queue_size: int = QUEUE_SIZE,
    ) -> None:
        self._load, self._timeout_s, self._queue_size = load, timeout_s, queue_size
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dunlens-ocr")
        self._reader: LineReader | None = None  # touched in the thread only
        self._pending = 0  # touched on the event loop only

    async def read(self, data: bytes) -> Reading:
        """Read the file in the thread.

        Raises ProblemError: 4xx where the picture is refused, 501 where the extra is missing, 503
        where too many wait or the deadline passes (the thread then stops after the tile at hand),
        and 500 where the recogniser fails.
        """
        if self._pending >= self._queue_size:
            raise ProblemError("busy", field="screenshots", limit=self._queue_size, retry_after=5)
        abandoned = threading.Event()
        loop = asyncio.get_running_loop()
        job = loop.run_in_executor(self._executor, self._run, data, abandoned)
        self._pending += 1
        job.add_done_callback(self._finished)
        try:
            # Shielded: a job in a thread cannot be cancelled, and counts until it has ended.
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.shield(job)
        except TimeoutError:
            raise ProblemError("deadline", limit=self._timeout_s, retry_after=5) from None
        finally:
            abandoned.set()

    def _run(self, data: bytes, abandoned: threading.Event) -> Reading:
        from serve.ocr.reader import read  # needs the extra

        try:
            self._reader = self._reader or self._load()
            return read(data, self._reader, abandoned.is_set)
        except ProblemError:
            raise
        except Exception as error:  # noqa: BLE001  only its type: a message could quote a text
            log.error("screenshot not read: %s", type(error).__name__)
            raise ProblemError("internal") from None

    def _finished(self, job: asyncio.Future[Reading]) -> None:
        self._pending -= 1
        if not job.cancelled():
            job.exception()  # seen: nobody may wait for it any more

    def close(self) -> None:
        """Drop the screenshots that wait and finish the one under way."""
        self._executor.shutdown(wait=True, cancel_futures=True)


def load_engine(threads: int | None = None) -> LineReader:
    """Load the recogniser; raise ProblemError (501) where the extra is not installed."""
    from serve.ocr.available import available

    if not available():
        raise ProblemError("ocr_missing")
    from serve.ocr.engine import Engine

    return Engine(threads)
