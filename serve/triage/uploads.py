"""Uploaded files: on disk for good before anybody is told that they were taken."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from serve.triage.jobstore import new_id

ORPHAN_AFTER_S: Final = 3600
"""Age at which a file without a job is no upload under way but left over from a crash."""


class Uploads:
    """The folder of uploaded files, each named after its job."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.under_way: set[str] = set()
        """Ids of jobs that are being made here; their files may look old once the clock is set."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, job_id: str) -> Path:
        """Return where the file of a job is."""
        return self.folder / f"{job_id}.bin"

    def begin(self) -> Upload:
        """Return a new upload, to be used in a `with` block."""
        return Upload(self)

    def delete(self, job_id: str) -> None:
        """Delete the file of a job, if it is there."""
        self.path(job_id).unlink(missing_ok=True)
        sync_folder(self.folder)

    def delete_orphans(self, known: set[str]) -> int:
        """Delete files without a job that no upload is writing any more; return how many."""
        oldest, count = time.time() - ORPHAN_AFTER_S, 0
        for file in [*self.folder.glob("*.bin"), *self.folder.glob("*.part")]:
            with contextlib.suppress(FileNotFoundError):  # an upload that was broken off just now
                if file.stem not in known and file.stat().st_mtime < oldest:
                    file.unlink()
                    count += 1
        return count


class Upload:
    """One file on its way in; it vanishes unless `commit` is reached.

    job_id: of the job to make for it; path: where it can be read after `commit`.
    """

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads
        self.job_id = new_id()
        self.path = uploads.path(self.job_id)
        self.bytes = 0
        self._part = self.path.with_suffix(".part")
        self._digest = hashlib.sha256()
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._stream = os.fdopen(descriptor, "wb")
        uploads.under_way.add(self.job_id)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def __enter__(self) -> Self:
        return self

    def write(self, chunk: bytes) -> None:
        """Append a piece of the file. Raises OSError where the disk is full."""
        self._stream.write(chunk)
        self._digest.update(chunk)
        self.bytes += len(chunk)

    def commit(self) -> None:
        """Force the file and its name onto the disk; after this it outlives a power cut."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        os.replace(self._part, self.path)
        sync_folder(self.path.parent)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        self._part.unlink(missing_ok=True)
        if kind is not None:  # after `commit`, but the job was not made
            self.path.unlink(missing_ok=True)
        self._uploads.under_way.discard(self.job_id)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
