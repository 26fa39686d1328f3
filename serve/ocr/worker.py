"""The one thread that reads screenshots.

Reading never runs on the event loop. The recogniser is loaded at the first screenshot, so that a
service that gets none does not hold its models.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from serve.onethread import OneThread
from serve.problems import ProblemError

if TYPE_CHECKING:
    from serve.ocr.engine import LineReader
    from serve.ocr.reader import Reading

log = logging.getLogger("dunlens.ocr")

QUEUE_SIZE: Final = 4
"""Screenshots that may wait or be read at one time. Only the one being read is decoded."""


class ScreenshotWorker(OneThread):
    """Reads one screenshot at a time."""

    def __init__(
        self,
        load: Callable[[], LineReader],
        *,
        timeout_s: float,
        queue_size: int = QUEUE_SIZE,
    ) -> None:
        super().__init__(
            "dunlens-ocr",
            queue="screenshots",
            queue_size=queue_size,
            retry_after=5,
            timeout_s=timeout_s,
        )
        self._load = load
        self._reader: LineReader | None = None  # touched in the thread only

    async def read(self, data: bytes) -> Reading:
        """Read the file in the thread.

        Raises ProblemError: 4xx where the picture is refused, 501 where the extra is missing, 503
        where too many wait or the deadline passes (the thread then stops after the tile at hand),
        and 500 where the recogniser fails.
        """
        return await self._run(partial(self._read, data))

    def _read(self, data: bytes, abandoned: threading.Event) -> Reading:
        from serve.ocr.reader import read  # needs the extra

        try:
            self._reader = self._reader or self._load()
            return read(data, self._reader, abandoned.is_set)
        except ProblemError:
            raise
        except Exception as error:  # noqa: BLE001  only its type: a message could quote a text
            log.error("screenshot not read: %s", type(error).__name__)
            raise ProblemError("internal") from None


def load_engine(threads: int | None = None) -> LineReader:
    """Load the recogniser; raise ProblemError (501) where the extra is not installed."""
    from serve.ocr.available import available

    if not available():
        raise ProblemError("ocr_missing")
    from serve.ocr.engine import Engine

    return Engine(threads)
