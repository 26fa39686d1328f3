"""Deletion: of jobs that have expired, and of one at once, with all their texts and files."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from serve.triage.clock import steady
from serve.triage.jobstore import now
from serve.triage.store import Store
from serve.triage.uploads import Uploads

log = logging.getLogger("dunlens.triage")

EVERY_S: Final = 600
"""Pause between two sweeps."""
STEP: Final = timedelta(seconds=60)
"""A clock that goes wrong by more between two sweeps was set."""


class Deadlines:
    """When jobs have had their time, although the clock is set while they are kept.

    A deadline is set when a job is seen first, by the clock, and then kept by steady time: what the
    clock does later neither deletes a batch early nor keeps it longer. A new process, that has seen
    nothing, believes the clock.
    """

    def __init__(self, clock: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._clock, self._steady = clock, steady
        self._known: dict[str, tuple[datetime, float]] = {}  # expires_at, deadline
        self._start: datetime | None = None  # of steady time, by the clock when it was last looked

    def due(self, lifetimes: Mapping[str, tuple[datetime, datetime]]) -> set[str]:
        """Return the ids of jobs whose time has come; lifetimes: when each was made and ends."""
        at, passed = self._clock(), self._steady()
        start = at - timedelta(seconds=passed)
        was_set = self._start is not None and abs(start - self._start) > STEP
        self._start = start
        known = {}
        for job_id, (made, ends) in lifetimes.items():
            expires, deadline = self._known.get(job_id, (None, 0.0))
            if expires != ends:
                # made since the last look: before the clock was set or after, nobody knows
                left = ends - made if was_set else min(ends - at, ends - made)
                deadline = passed + left.total_seconds()
            known[job_id] = (ends, deadline)
        self._known = known
        return {job_id for job_id, (_, deadline) in known.items() if deadline <= passed}


class Retention:
    """Deletes what has had its time."""

    def __init__(
        self,
        store: Store,
        uploads: Uploads,
        clock: Callable[[], datetime] = now,
        steady: Callable[[], float] = steady,
    ) -> None:
        self._store, self._uploads = store, uploads
        self._deadlines = Deadlines(clock, steady)
        self._next = 0.0
        self._clean = False  # unknown: the last process may have been killed before it scrubbed

    def delete(self, job_id: str) -> None:
        """Delete a job, its file and every trace of its texts. Raises NoSuchJobError."""
        self._store.job(job_id)
        self._delete(job_id)
        self._clean = self._store.scrub()

    def sweep(self) -> int:
        """Delete expired jobs, finish interrupted deletions; return how many jobs went."""
        due = {*self._store.unfinished_deletions(), *self._deadlines.due(self._store.lifetimes())}
        for job_id in due:
            self._delete(job_id)
        known = {*self._uploads.under_way, *self._store.job_ids()}  # in this order: none between
        orphans = self._uploads.delete_orphans(known)
        if due or not self._clean:
            self._clean = self._store.scrub()
        if due or orphans:
            log.info("retention: %d jobs, %d files without a job deleted", len(due), orphans)
        return len(due)

    def sweep_if_due(self) -> None:
        """Sweep unless the last one was a short time ago."""
        if time.monotonic() >= self._next:
            self.sweep()
            self._next = time.monotonic() + EVERY_S

    def _delete(self, job_id: str) -> None:
        self._store.mark_deleting(job_id)  # so that a later sweep ends what a crash interrupts
        self._uploads.delete(job_id)
        self._store.delete_job(job_id)
