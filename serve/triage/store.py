"""The store: all that triage keeps, in one database."""

from __future__ import annotations

from pathlib import Path

from serve.triage.jobstore import JobStore
from serve.triage.keys import KeyStore
from serve.triage.migrate import upgrade
from serve.triage.reviewstore import ReviewStore
from serve.triage.rowstore import RowStore


class Store(JobStore, RowStore, ReviewStore, KeyStore):
    """Jobs, rows, reviews and keys. Safe to use from several threads."""

    def __init__(self, url: str | Path) -> None:
        """Open the database and bring its tables up to date. Raises DatabaseError."""
        super().__init__(url)
        upgrade(self)
