"""Near-duplicates: one script sent to many people, with other names and amounts, is one cluster."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def text_key(text: str) -> str:
    """Return the same 32 hexadecimal digits for texts that the model reads as the same."""
    raise NotImplementedError


class Clusterer:
    """Gives each text the id of its cluster (from 1, in order of first appearance).

    The same texts in the same order give the same ids. Not thread-safe: one for each job.
    """

    def add(
        self, number: int, text: str, sender: str | None = None, sent_at: datetime | None = None
    ) -> int:
        """Return the cluster of this text: that of its nearest script, or a new one."""
        raise NotImplementedError

    def size(self, cluster: int) -> int:
        """Return how many texts the cluster has so far."""
        raise NotImplementedError

    def rebuild(self, firsts: Iterable[tuple[int, str, int]]) -> None:
        """Restore the state from (id, text of its first row, size) of all clusters, by id."""
        raise NotImplementedError
