"""How urgent a row is, 0..100: a sum of parts, each of which says why.

The points and the words are data: `severity.toml`. Adding an unlawful label never lowers a score.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import log10
from pathlib import Path
from typing import Any, Final

from data.labels import GRAVITY, LABEL_EN, LABEL_ZH, OUT_OF_SCOPE, UNLAWFUL
from data.text import normalise

_TABLE: Final[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "severity.toml").read_text(encoding="utf-8")
)
_FACTS: Final = [
    (fact, re.compile(fact["pattern"], re.IGNORECASE)) for fact in _TABLE["facts"]["list"]
]


@dataclass(frozen=True, slots=True)
class Part:
    """One reason; `points` is negative where the label is uncertain or a bound is met."""

    code: str
    points: float
    zh: str
    en: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Severity:
    """score: 0..100, the sum of the parts' points; parts: in the order of counting."""

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
    """Return the score of one row.

    scores: probability of each label. sent_at: local time; None gives no points for the night.
    cluster_size: rows with the same script, this one included.
    """
    found = [name for name in GRAVITY if name in UNLAWFUL and name in {label, *also}]
    parts = _label_parts(found, confidence) if found else _possible(scores)
    parts += _fact_parts(normalise(text).text, bool(found))
    if label != OUT_OF_SCOPE or found:
        parts += _night(sent_at)
    if found:
        parts += _cluster(cluster_size)
    total = sum(part.points for part in parts)
    if total > 100:
        parts.append(Part("bound", round(100 - total, 1), "满分 100", "100 at most"))
    return Severity(round(min(total, 100.0), 1), parts)


def _label_parts(found: Sequence[str], confidence: float) -> list[Part]:
    """Return a part for each unlawful label, and one for the doubt about them."""
    points: dict[str, float] = _TABLE["labels"]
    ranked = sorted(found, key=lambda name: -points[name])
    parts = []
    for place, name in enumerate(ranked):
        worth = points[name] * (1 if place == 0 else points["share"])
        parts.append(Part(name, round(worth, 1), LABEL_ZH[name], LABEL_EN[name]))
    doubt = _TABLE["confidence"]["doubt"] * (1 - min(max(confidence, 0.0), 1.0))
    loss = round(-doubt * sum(part.points for part in parts), 1)
    return parts + _part("confidence", loss, confidence)


def _possible(scores: Mapping[str, float]) -> list[Part]:
    highest = max((scores.get(name, 0.0) for name in UNLAWFUL), default=0.0)
    return _part("possible", _TABLE["possible"]["points"] * highest, highest)


def _fact_parts(text: str, unlawful: bool) -> list[Part]:
    parts = [
        Part(fact["code"], float(fact["points"]), fact["zh"], fact["en"])
        for fact, pattern in _FACTS
        if (unlawful or fact.get("always")) and pattern.search(text)
    ]
    most = _TABLE["facts"]["most"]
    total = sum(part.points for part in parts)
    if total > most:
        zh, en = f"情节合计最多 {most} 分", f"facts count {most} points at most"
        parts.append(Part("facts_bound", most - total, zh, en))
    return parts


def _night(sent_at: datetime | None) -> list[Part]:
    rule = _TABLE["night"]
    if sent_at is None or rule["until"] <= sent_at.hour < rule["from"]:
        return []
    if (sent_at.hour, sent_at.minute, sent_at.second) == (0, 0, 0):
        return []  # a date without a time
    return _part("night", rule["points"], None)


def _cluster(size: int) -> list[Part]:
    rule = _TABLE["cluster"]
    points = min(rule["most"], rule["points"] * log10(max(size, 1)))
    return _part("cluster", points, size)


def _part(code: str, points: float, value: float | None) -> list[Part]:
    """Return the part in the words of its table, or none where it is worth nothing."""
    rounded = round(points, 1)
    if not rounded:
        return []
    words = _TABLE[code]
    return [Part(code, rounded, words["zh"].format(value=value), words["en"].format(value=value))]
