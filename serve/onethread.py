"""Slow work in one thread of its own, off the event loop: a bounded queue before it, a deadline."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from serve.problems import ProblemError

T = TypeVar("T")


class OneThread:
    """Runs one piece of work at a time.

    name: of the thread; queue: what a refusal calls the queue; retry_after: seconds that it names.
    """

    def __init__(
        self, name: str, *, queue: str, queue_size: int, retry_after: int, timeout_s: float
    ) -> None:
        self._queue, self._queue_size, self._retry_after = queue, queue_size, retry_after
        self._timeout_s = timeout_s
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._pending = 0  # pieces waiting or running; touched on the event loop only

    async def _run(self, work: Callable[[threading.Event], T]) -> T:
        """Return what `work` returns; the event it is given is set once nobody waits for it.

        Raises ProblemError (503) where the queue is full or the deadline passes, and whatever
        `work` raises.
        """
        if self._pending >= self._queue_size:
            raise ProblemError(
                "busy", field=self._queue, limit=self._queue_size, retry_after=self._retry_after
            )
        abandoned = threading.Event()
        job = asyncio.get_running_loop().run_in_executor(self._executor, work, abandoned)
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

    def _finished(self, job: asyncio.Future[Any]) -> None:
        self._pending -= 1
        if not job.cancelled():
            job.exception()  # seen: one that nobody waits for must not be logged with its text

    def close(self) -> None:
        """Drop the work that waits and finish the piece under way."""
        self._executor.shutdown(wait=True, cancel_futures=True)
