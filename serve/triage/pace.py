"""How fast jobs go, from what they stored of late."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from serve.triage.records import Job

WINDOW_S: Final = 20.0
"""Only what happened in the last so many seconds counts: other jobs come and go."""


@dataclass(frozen=True)
class Progress:
    """rate: rows a second of late; seconds_left: None while the total is not known."""

    rate: float
    seconds_left: float | None


class Pace:
    """Rows a second of each open job. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, deque[tuple[float, int]]] = {}
        self._lock = threading.Lock()

    def note(self, job_id: str, done: int) -> None:
        """Note that a job has come so far just now; the first note starts its clock."""
        now = self._clock()
        with self._lock:
            seen = self._seen.setdefault(job_id, deque())
            seen.append((now, done))
            while len(seen) > 2 and now - seen[1][0] > WINDOW_S:
                seen.popleft()

    def forget(self, job_id: str) -> None:
        with self._lock:
            self._seen.pop(job_id, None)

    def progress(self, job: Job) -> Progress | None:
        """Return how fast a running job moves; None before its first rows and after its end."""
        with self._lock:
            seen = self._seen.get(job.id)
            if seen is None or len(seen) < 2 or job.state != "running":
                return None
            (began, first), (ended, last) = seen[0], seen[-1]
        if last == first:
            return None
        rate = (last - first) / max(ended - began, 1e-3)
        left = None if job.rows_total is None else max(0, job.rows_total - job.rows_done) / rate
        return Progress(rate, left)
