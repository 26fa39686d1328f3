"""Reviews: an audit trail that only grows, and how far reviewers agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from data.labels import CLASSES, GRAVITY, OUT_OF_SCOPE, UNLAWFUL
from serve.triage.database import Database
from serve.triage.jobstore import now
from serve.triage.records import Agreement, Review, Row
from serve.triage.rowstore import ROW_COLUMNS, NoSuchRowError
from serve.triage.tables import jobs, reviews, rows

MAX_NOTE = 2_000
"""Characters of a note."""


class ReviewError(ValueError):
    """A review that cannot be; `field` and `limit` say what is wrong."""

    def __init__(self, field: str, limit: str) -> None:
        super().__init__(f"{field}: {limit}")
        self.field, self.limit = field, limit


class NothingToUndoError(LookupError):
    """This reviewer has no review of the row left, or another person has reviewed it since."""


class ReviewStore(Database):
    """The part of the store that holds reviews."""

    def add_review(
        self,
        job_id: str,
        number: int,
        *,
        reviewer: str,
        label: str,
        also: Sequence[str] = (),
        note: str = "",
    ) -> Row:
        """Confirm or correct a row; return it as it is now.

        Raises ReviewError for labels that cannot stand together, NoSuchRowError.
        """
        check_labels(label, also)
        if len(note) > MAX_NOTE:
            raise ReviewError("note", str(MAX_NOTE))
        ordered = [name for name in GRAVITY if name in also]
        with self.write() as connection:
            row = _locked(connection, job_id, number)
            values = {"to_label": label, "to_also": ordered, "note": note}
            _append(connection, row, values | {"reviewer": reviewer})
            return _set_current(connection, row, label, ordered, row.reviewed + 1)

    def undo_review(self, job_id: str, number: int, *, reviewer: str) -> Row:
        """Take back the reviewer's last review of a row by appending its inverse.

        Raises NothingToUndoError, NoSuchRowError.
        """
        with self.write() as connection:
            row = _locked(connection, job_id, number)
            standing = effective(_trail(connection, job_id, number))
            if not standing or standing[-1].reviewer != reviewer:
                raise NothingToUndoError
            last = standing[-1]
            values = {"to_label": last.from_label, "to_also": last.from_also, "note": ""}
            _append(connection, row, values | {"reviewer": reviewer, "undoes": last.id})
            left = len(standing) - 1
            return _set_current(connection, row, last.from_label, last.from_also, left)

    def reviews(self, job_id: str, number: int | None = None) -> list[Review]:
        """Return the audit trail of a row or of a whole job, the oldest entry first."""
        with self.read() as connection:
            return _trail(connection, job_id, number)

    def agreement(self, job_id: str) -> list[Agreement]:
        """Return the agreement of each two reviewers who have rows in common."""
        chosen: dict[str, dict[int, str]] = defaultdict(dict)
        for review in effective(self.reviews(job_id)):
            chosen[review.reviewer][review.number] = review.to_label
        found = []
        for one, other in combinations(sorted(chosen), 2):
            shared = sorted(chosen[one].keys() & chosen[other].keys())
            if shared:
                pairs = [(chosen[one][number], chosen[other][number]) for number in shared]
                agreed = sum(a == b for a, b in pairs) / len(pairs)
                found.append(Agreement((one, other), len(pairs), agreed, cohen_kappa(pairs)))
        return found

    def reviewed_rows(self, job_id: str | None = None) -> Iterator[Row]:
        """Yield the rows with a review that stands, of one job or of all."""
        query = select(*ROW_COLUMNS).join(jobs, jobs.c.id == rows.c.job_id)
        query = query.where(rows.c.reviewed > 0, jobs.c.state != "deleting")
        if job_id is not None:
            query = query.where(rows.c.job_id == job_id)
        query = query.order_by(rows.c.job_id, rows.c.number)
        with self.read() as connection:
            for found in connection.execution_options(yield_per=1_000).execute(query).mappings():
                yield Row(**found)


def check_labels(label: str, also: Sequence[str]) -> None:
    """Raise ReviewError unless the labels can stand together (see data/LABELLING.md)."""
    if label not in CLASSES:
        raise ReviewError("label", " | ".join(CLASSES))
    if (
        set(also) - set(UNLAWFUL)
        or len(set(also)) != len(also)
        or label in also
        or (label == OUT_OF_SCOPE and also)
    ):
        allowed = [] if label == OUT_OF_SCOPE else [name for name in UNLAWFUL if name != label]
        raise ReviewError("also", " | ".join(allowed) or "[]")


def effective(trail: Iterable[Review]) -> list[Review]:
    """Return the reviews of a trail that have not been undone, in order."""
    entries = list(trail)
    undone = {review.undoes for review in entries}
    return [r for r in entries if r.undoes is None and r.id not in undone]


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return Cohen's kappa of label pairs; None where chance alone would agree on all."""
    n = len(pairs)
    observed = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(first[label] * second[label] for label in first) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def _locked(connection: Connection, job_id: str, number: int) -> Row:
    """Return a row that nobody else changes until the transaction ends."""
    query = select(*ROW_COLUMNS).where(rows.c.job_id == job_id, rows.c.number == number)
    found = connection.execute(query.with_for_update()).mappings().one_or_none()
    if found is None:
        raise NoSuchRowError(number)
    return Row(**found)


def _trail(connection: Connection, job_id: str, number: int | None) -> list[Review]:
    columns = [reviews.c[field.name] for field in fields(Review)]
    query = select(*columns).where(reviews.c.job_id == job_id).order_by(reviews.c.id)
    if number is not None:
        query = query.where(reviews.c.number == number)
    found: Iterable[RowMapping] = connection.execute(query).mappings()
    return [Review(**entry) for entry in found]


def _append(connection: Connection, row: Row, values: dict[str, Any]) -> None:
    model = select(jobs.c.model).where(jobs.c.id == row.job_id).scalar_subquery()
    entry = {
        "job_id": row.job_id,
        "number": row.number,
        "at": now(),
        "from_label": row.current_label,
        "from_also": row.current_also,
        "model": model,
    }
    connection.execute(insert(reviews).values(entry | values))


def _set_current(
    connection: Connection, row: Row, label: str, also: Sequence[str], reviewed: int
) -> Row:
    of_row = (rows.c.job_id == row.job_id, rows.c.number == row.number)
    changed = {"current_label": label, "current_also": also, "reviewed": reviewed}
    connection.execute(update(rows).where(*of_row).values(changed))
    return Row(**vars(row) | changed)
