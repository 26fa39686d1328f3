"""The work on one job: its file read on, its rows ranked, its near-duplicates found."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from model.verdict import Verdict
from serve.triage.clusters import Clusterer, text_key
from serve.triage.columns import storable
from serve.triage.intake import BadRow, Inspection, Mapping, Record, read_records
from serve.triage.records import Job, NewBad, NewRow
from serve.triage.severity import severity
from serve.triage.signature import signature
from serve.triage.store import Store

T = TypeVar("T")

COUNT_AT_ONCE: Final = 20_000
"""Rows counted ahead in one turn, so that the total is known soon but holds nobody up."""
RANK_AT_ONCE: Final = 2_000


class StoppedError(Exception):
    """The server is closing."""


class JobWork:
    """An open job."""

    def __init__(
        self, store: Store, job: Job, path: Path, stop: threading.Event | None = None
    ) -> None:
        """Open the file after the rows that are done, and find their clusters again.

        Raises IntakeError or OSError where the file cannot be read, StoppedError once `stop` is
        set.
        """
        self.job_id, self.done = job.id, job.rows_done
        self.void = False  # set where others have changed the job: what is under way is no use
        self._store = store
        inspection = Inspection.from_dict(job.dialect)
        mapping = Mapping.from_dict(job.mapping or {})
        self._records = read_records(path, inspection, mapping, start=job.rows_done)
        self._count: Iterator[Record | BadRow] | None = None
        self._counted = 0
        if job.rows_total is None and inspection.rows_exact:
            store.set_total(job.id, inspection.rows)
        elif job.rows_total is None:
            self._count = read_records(path, inspection, mapping)
        self._clusterer = Clusterer()
        if job.rows_done:
            self._clusterer.rebuild(_until(stop, store.cluster_firsts(job.id)))
        self._ranked = 0

    def read(self, count: int) -> list[Record | BadRow]:
        """Return the next records; none at the end of the file."""
        return list(islice(self._records, count))

    def store(
        self, records: Sequence[Record | BadRow], verdicts: Sequence[Verdict], model: str
    ) -> bool:
        """Store records with the verdicts of the good ones; False where the work is void."""
        start, self.done = self.done, records[-1].number
        found = iter(verdicts)
        good: list[NewRow] = []
        bad: list[NewBad] = []
        for record in records:
            if isinstance(record, BadRow):
                bad.append(NewBad(record.number, record.reason_zh, record.reason_en, record.column))
            else:
                good.append(self._row(record, next(found)))
        return self._store.append_chunk(self.job_id, start, good, bad, self.done, model)

    def count(self) -> None:
        """Count on, and note the total once it is known."""
        if self._count is not None:
            seen = sum(1 for _ in islice(self._count, COUNT_AT_ONCE))
            self._counted += seen
            if seen < COUNT_AT_ONCE:
                self._store.set_total(self.job_id, self._counted)
                self._count = None

    def rank_on(self) -> bool:
        """Bring the severity of some rows up to the final size of their clusters.

        Returns whether there are more. Doing it again changes nothing, so it need not be noted
        how far it has come.
        """
        upto = self._ranked + RANK_AT_ONCE
        found = self._store.rows_in_clusters(self.job_id, self._ranked, upto)
        changed = []
        for row, size in found:
            score, parts = rank(row, size)
            if score != row.severity or parts != row.severity_parts:
                changed.append((row.number, score, parts))
        self._store.set_severity(self.job_id, changed)
        self._ranked = upto
        return upto < self.done

    def _row(self, record: Record, verdict: Verdict) -> NewRow:
        text = text_of(record)
        sender = None if record.sender is None else storable(record.sender)
        cluster = self._clusterer.add(record.number, text, sender, record.sent_at)
        return new_row(record, verdict, cluster, self._clusterer.size(cluster))


def _until(stop: threading.Event | None, items: Iterator[T]) -> Iterator[T]:
    """Yield the items; raise StoppedError once `stop` is set."""
    for item in items:
        if stop is not None and stop.is_set():
            raise StoppedError
        yield item


def text_of(record: Record) -> str:
    """Return the text of a record as it is classified and stored."""
    return storable(record.text)


def new_row(record: Record, verdict: Verdict, cluster: int | None, cluster_size: int) -> NewRow:
    """Return the row of a record with its verdict and severity."""
    text = text_of(record)
    found = severity(
        verdict.label,
        verdict.also,
        verdict.confidence,
        verdict.scores,
        text,
        record.sent_at,
        cluster_size,
    )
    return NewRow(
        number=record.number,
        text=text,
        text_key=text_key(text),
        sent_at=record.sent_at,
        sender=None if record.sender is None else storable(record.sender),
        signature=signature(text),
        original=record.original,
        label=verdict.label,
        also=verdict.also,
        confidence=verdict.confidence,
        scores=verdict.scores,
        review=verdict.review,
        severity=found.score,
        severity_parts=[asdict(part) for part in found.parts],
        cluster=cluster,
    )


def rank(row: NewRow, cluster_size: int) -> tuple[float, list[dict[str, Any]]]:
    """Return the severity of a stored row and its parts."""
    sent_at: datetime | None = row.sent_at
    found = severity(
        row.label, row.also, row.confidence, row.scores, row.text, sent_at, cluster_size
    )
    return found.score, [asdict(part) for part in found.parts]
