"""The runner: one thread that works on all jobs in turn, a chunk at a time.

While the model classifies one chunk, the one before it is stored; both together are lost upon a
kill and done again after it. What is stored is stored whole, with its place in the file.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError

from model.verdict import Verdict
from serve.triage.intake import BadRow, IntakeError, Record
from serve.triage.jobwork import JobWork, StoppedError, text_of
from serve.triage.lock import RunnerLock
from serve.triage.pace import Pace, Progress
from serve.triage.records import Job
from serve.triage.retention import Retention
from serve.triage.store import Store
from serve.triage.uploads import Uploads

log = logging.getLogger("dunlens.triage")

CHUNK: Final = 256
"""Rows between two checkpoints."""
IDLE_S: Final = 1.0
"""Longest time until new work is noticed that nobody has told of."""
RETRY_S: Final = 5.0
"""Pause after the database, or the disk, has failed."""

Classify = Callable[[Sequence[str], threading.Event], list[Verdict] | None]
"""Verdicts of texts; None where the event was set before the end."""


@dataclass
class Chunk:
    """Records under way; none at all stand for the end of the file."""

    work: JobWork
    records: list[Record | BadRow]
    verdicts: Future[list[Verdict] | None]


class Runner:
    """Works on queued jobs until it is closed."""

    def __init__(
        self,
        store: Store,
        uploads: Uploads,
        classify: Classify,
        model: Callable[[], str],
        retention: Retention,
        chunk: int = CHUNK,
    ) -> None:
        """classify, model: called from threads of the runner, once `start` has been called."""
        self._store, self._uploads, self._retention = store, uploads, retention
        self._classify, self._model, self._chunk = classify, model, chunk
        self._lock = RunnerLock(store, uploads.folder)
        self._open: dict[str, JobWork] = {}
        self._last: str | None = None
        self._pace = Pace()
        self._stop, self._wake = threading.Event(), threading.Event()
        self._model_thread = ThreadPoolExecutor(1, thread_name_prefix="dunlens-triage-model")
        self._thread = threading.Thread(target=self._run, name="dunlens-triage", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Tell that there is new work."""
        self._wake.set()

    def close(self) -> None:
        """Stop between two parts; what is not stored will be done again."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._model_thread.shutdown(wait=True, cancel_futures=True)
        self._lock.release()

    def progress(self, job: Job) -> Progress | None:
        """Return how fast a running job moves; None before its first rows and after its end."""
        return self._pace.progress(job)

    def _run(self) -> None:
        before: Chunk | None = None
        while not self._stop.is_set():
            try:
                if not self._lock.acquire():
                    self._pause(IDLE_S)
                    continue
                current = self._begin()
                if before is not None and not before.work.void:
                    self._complete(before)
                before = current
                self._retention.sweep_if_due()
                if current is None:
                    self._pause(IDLE_S)
            except Exception as error:  # noqa: BLE001  the disk is full, PostgreSQL restarts: not
                # the job's fault, and no reason for this thread to end and with it all work
                cause = error.orig if isinstance(error, DBAPIError) else error
                log.error("work interrupted: %s", type(cause).__name__)
                self._open.clear()
                before = None
                self._pause(RETRY_S)

    def _pause(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _begin(self) -> Chunk | None:
        """Read the next chunk of the job whose turn it is, and have it classified."""
        active = self._store.active_ids()
        for gone in self._open.keys() - active:
            self._drop(gone)
        job = self._store.claim_next(self._last) if active else None
        if job is None:
            return None
        self._last = job.id
        try:
            work = self._open.get(job.id)
            if work is None:
                path = self._uploads.path(job.id)
                work = self._open[job.id] = JobWork(self._store, job, path, self._stop)
                self._pace.note(job.id, work.done)
            records = work.read(self._chunk)
        except StoppedError:
            return None
        except Exception as error:  # noqa: BLE001  one job's file must not stop the others
            self._fail(job.id, error)
            return None if len(active) == 1 else self._begin()
        texts = [text_of(record) for record in records if isinstance(record, Record)]
        return Chunk(work, records, self._model_thread.submit(self._classify, texts, self._stop))

    def _complete(self, chunk: Chunk) -> None:
        """Wait for the verdicts of a chunk and store it; or end the job."""
        work = chunk.work
        try:
            verdicts = chunk.verdicts.result()
            if verdicts is None:  # we stop
                return
            if chunk.records:
                kept = work.store(chunk.records, verdicts, self._model())
                if not kept:  # cancelled, deleted, or taken over
                    self._drop(work.job_id)
                    return
                self._pace.note(work.job_id, work.done)
                work.count()
            elif not work.rank_on():
                self._store.finish(work.job_id)
                self._drop(work.job_id)
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001
            self._fail(work.job_id, error)

    def _fail(self, job_id: str, error: Exception) -> None:
        """End a job with a code; the message of an error could quote a text."""
        if isinstance(error, DBAPIError):
            raise error
        code = error.code if isinstance(error, IntakeError) else "internal"
        if isinstance(error, OSError):
            code = "file_unreadable"
        log.error("job failed: %s: %s", code, type(error).__name__)
        self._store.fail(job_id, code)
        self._drop(job_id)

    def _drop(self, job_id: str) -> None:
        work = self._open.pop(job_id, None)
        if work is not None:
            work.void = True
        self._pace.forget(job_id)
