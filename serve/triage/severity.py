"""How urgent a row is, 0..100: a sum of parts, each of which says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One reason; `points` may be negative (low confidence)."""

    code: str
    points: float
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Severity:
    """score: 0..100, the sum of the parts' points, capped; parts: gravest first."""

    score: float
    parts: list[Part]


def severity(
    label: str,
    also: Sequence[str],
    confidence: float,
    scores: Mapping[str, float],
    text: str,
    sent_at: datetime | None,
    cluster_size: int = 1,
) -> Severity:
    """Return the score of one row. Adding an unlawful label never lowers it."""
    raise NotImplementedError
