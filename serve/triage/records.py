"""What the store takes and gives: plain values, no database objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

State = Literal["uploaded", "queued", "running", "done", "cancelled", "failed", "deleting"]
"""`deleting`: its rows are going; no query shows the job any more."""

Sort = Literal["severity", "number", "sent_at", "confidence"]


@dataclass(frozen=True)
class Job:
    """One uploaded file and how far its rows have come."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime
    state: State
    file_sha256: str
    file_bytes: int
    dialect: dict[str, Any]
    headings: list[str]
    mapping: dict[str, Any] | None
    rows_total: int | None
    rows_done: int
    rows_bad: int
    model: str | None
    error: str | None
    started_at: datetime | None
    finished_at: datetime | None
    owner_key: str | None


@dataclass(frozen=True)
class NewRow:
    """A classified row on its way into the database."""

    number: int
    text: str
    text_key: str
    sent_at: datetime | None
    sender: str | None
    signature: str | None
    original: Sequence[str]
    label: str
    also: Sequence[str]
    confidence: float
    scores: dict[str, float]
    review: str | None
    severity: float
    severity_parts: Sequence[dict[str, Any]]
    cluster: int | None


@dataclass(frozen=True)
class Row(NewRow):
    """A stored row; `current_*` is what the last review says, else the model's verdict."""

    job_id: str = field(kw_only=True)
    current_label: str = field(kw_only=True)
    current_also: Sequence[str] = field(kw_only=True)
    reviewed: int = field(kw_only=True)


@dataclass(frozen=True)
class NewBad:
    """A record that could not be read; its content is not kept."""

    number: int
    reason_zh: str
    reason_en: str
    column: str | None = None


@dataclass(frozen=True)
class Filters:
    """Which rows of a job: those that meet all that is not None."""

    label: str | None = None
    """`current_label`"""
    review: bool | None = None
    """whether the model asks for a review"""
    reviewed: bool | None = None
    q: str | None = None
    """a part of the text, of the sender or of the signature; ASCII letters of either case"""
    sender: str | None = None
    signature: str | None = None
    cluster: int | None = None


@dataclass(frozen=True)
class Page:
    """Some rows, and how many the filters let through in all."""

    rows: list[Row]
    total: int


@dataclass(frozen=True)
class Cluster:
    """Near-duplicates: one script, with the numbers that sent it (the most frequent first)."""

    id: int
    size: int
    first_number: int
    first_seen: datetime | None
    last_seen: datetime | None
    text: str
    label: str
    senders: list[str]
    sender_count: int


@dataclass(frozen=True)
class Review:
    """One entry of the audit trail."""

    id: int
    job_id: str
    number: int
    at: datetime
    reviewer: str
    from_label: str
    from_also: list[str]
    to_label: str
    to_also: list[str]
    note: str
    model: str
    undoes: int | None


@dataclass(frozen=True)
class Counts:
    """Aggregates of a job for its plots and head line."""

    labels: dict[str, int]
    """rows by `current_label`"""
    days: list[tuple[str, dict[str, int]]]
    """(YYYY-MM-DD, rows by label) in order of time, rows with a time only"""
    senders: list[tuple[str, int, float]]
    """(sender, rows, highest severity), gravest first, the first 50"""
    signatures: list[tuple[str, int, float]]
    clusters: int
    """clusters of two rows or more"""
    reviewed: int
    to_review: int
    """rows that the model asks to review and nobody has"""


@dataclass(frozen=True)
class Agreement:
    """How far two reviewers agree on the label of the rows that both have reviewed.

    kappa: Cohen (1960), "A coefficient of agreement for nominal scales"; None where both gave one
    and the same label to every row, so that chance alone explains all.
    """

    reviewers: tuple[str, str]
    rows: int
    agreed: float
    kappa: float | None
