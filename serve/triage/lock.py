"""Only one server works on the jobs of a database at a time; another waits to take over."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from serve.triage.database import Database

RUNNER_LOCK = 0x44554E52
"""Number of PostgreSQL's advisory lock."""


class RunnerLock:
    """A lock that ends with its process: of the file system, or of a PostgreSQL session."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._path = database, folder / "runner.lock"
        self._file: int | None = None
        self._session: Connection | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free; return whether it is held."""
        return self._in_session() if self._database.is_postgres else self._in_file()

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
        if self._session is not None:
            self._session.invalidate()  # closes the session, which holds the lock
            self._session.close()
        self._file = self._session = None

    def _in_file(self) -> bool:
        if self._file is None:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            self._file = descriptor
        return True

    def _in_session(self) -> bool:
        try:
            if self._session is None:
                session = self._database.engine.connect()
                session = session.execution_options(isolation_level="AUTOCOMMIT")
                query = text("SELECT pg_try_advisory_lock(:lock)")
                if not session.scalar(query, {"lock": RUNNER_LOCK}):
                    session.close()
                    return False
                self._session = session
            self._session.scalar(
                text("SELECT 1")
            )  # the session may have died, and the lock with it
        except OperationalError:
            self._session = None
            return False
        return True
