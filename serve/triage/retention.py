"""Deletion: of jobs that have expired, and of one at once, with all their texts and files."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from serve.triage.jobstore import now
from serve.triage.store import Store
from serve.triage.uploads import Uploads

log = logging.getLogger("dunlens.triage")

EVERY_S: Final = 600
"""Pause between two sweeps."""


class Retention:
    """Deletes what has had its time."""

    def __init__(self, store: Store, uploads: Uploads, clock: Callable[[], datetime] = now) -> None:
        self._store, self._uploads, self._clock = store, uploads, clock
        self._next = 0.0
        self._clean = False  # unknown: the last process may have been killed before it scrubbed

    def delete(self, job_id: str) -> None:
        """Delete a job, its file and every trace of its texts. Raises NoSuchJobError."""
        self._store.job(job_id)
        self._delete(job_id)
        self._clean = self._store.scrub()

    def sweep(self) -> int:
        """Delete expired jobs, finish interrupted deletions; return how many jobs went."""
        due = {*self._store.unfinished_deletions(), *self._store.expired(self._clock())}
        for job_id in due:
            self._delete(job_id)
        orphans = self._uploads.delete_orphans(self._store.job_ids())
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
