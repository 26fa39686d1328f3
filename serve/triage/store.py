"""The store: all that triage keeps, in one database."""

from __future__ import annotations

from pathlib import Path

from serve.settings import Settings
from serve.triage.database import DatabaseError
from serve.triage.jobstore import JobStore
from serve.triage.keys import KeyStore
from serve.triage.migrate import upgrade
from serve.triage.reviewstore import ReviewStore
from serve.triage.rowstore import RowStore


class Store(JobStore, RowStore, ReviewStore, KeyStore):
    """Jobs, rows, reviews and keys. Safe to use from several threads."""

    def __init__(self, url: str | Path, retention_days: float = 30) -> None:
        """Open the database and bring its tables up to date. Raises DatabaseError or OSError."""
        super().__init__(url)
        self.retention_days = retention_days
        try:
            upgrade(self)
        except DatabaseError:
            self.close()
            raise


def open_store(settings: Settings) -> Store:
    """Return the store that the settings name. Raises DatabaseError or OSError."""
    return Store(settings.database, settings.retention_days)
