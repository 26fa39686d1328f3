"""Figures of a measurement, each with n and a 95 % interval, as JSON and as a Markdown table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from serve.ocr.measure.score import Score, ratio_with_interval

TARGETS: Final = {"CER, clean": 0.03, "CER, disturbed": 0.08, "label agreement": 0.95}


@dataclass(frozen=True)
class Figure:
    """A share; n counts what it is a share of (characters, bubbles, messages)."""

    name: str
    pictures: int
    n: int
    value: float
    low: float
    high: float
    target: float | None = None

    @property
    def met(self) -> bool | None:
        """Return whether the target is met; character error rates must be below it."""
        if self.target is None:
            return None
        return (
            self.value <= self.target if self.name.startswith("CER") else self.value >= self.target
        )


@dataclass(frozen=True)
class Labels:
    """Of one picture, over its messages that came in: counts."""

    messages: int
    agree: int
    clean_right: int
    read_right: int


def figures(kind: str, scores: Sequence[Score], labels: Sequence[Labels]) -> list[Figure]:
    """Return the figures of the pictures of one kind ("clean", "disturbed", or one disturbance)."""
    edits, characters = _column(scores, "edits"), _column(scores, "characters")
    target = TARGETS.get(f"CER, {kind}")
    found = [_figure(f"CER, {kind}", edits, characters, target)]
    sides, bubbles = _column(scores, "sides_right"), _column(scores, "bubbles")
    messages = _column(labels, "messages")
    return [
        *found,
        _figure(f"side right, {kind}", sides, bubbles),
        _figure(
            f"label as of the clean text, {kind}",
            _column(labels, "agree"),
            messages,
            TARGETS["label agreement"],
        ),
        _figure(f"label right on the clean text, {kind}", _column(labels, "clean_right"), messages),
        _figure(f"label right on what was read, {kind}", _column(labels, "read_right"), messages),
    ]


def _column(items: Sequence[Any], name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([getattr(item, name) for item in items], np.float64)


def _figure(name: str, parts: Any, wholes: Any, target: float | None = None) -> Figure:
    value, low, high = ratio_with_interval(parts, wholes)
    return Figure(name, len(parts), int(wholes.sum()), value, low, high, target)


def as_json(found: Sequence[Figure]) -> list[dict[str, Any]]:
    """Return the figures with shares rounded to five decimals."""
    return [
        {k: round(v, 5) if isinstance(v, float) else v for k, v in asdict(figure).items()}
        | {"met": figure.met}
        for figure in found
    ]


def as_markdown(found: Sequence[Figure]) -> str:
    """Return the figures as a table."""
    lines = [
        "| figure | value (95 % interval) | n | pictures | target | |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for figure in found:
        value = f"{figure.value:.2%} ({figure.low:.2%}–{figure.high:.2%})"
        sign = "≤" if figure.name.startswith("CER") else "≥"
        target = f"{sign} {figure.target:.0%}" if figure.target is not None else ""
        met = {None: "", True: "**met**", False: "**missed**"}[figure.met]
        lines.append(
            f"| {figure.name} | {value} | {figure.n} | {figure.pictures} | {target} | {met} |"
        )
    return "\n".join(lines)
