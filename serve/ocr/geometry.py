"""Boxes and lines, the vocabulary of the modules here. Units: pixels of the decoded image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Box(NamedTuple):
    """An upright rectangle; right and bottom are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def moved(self, down: float) -> Box:
        return Box(self.left, self.top + down, self.right, self.bottom + down)

    def scaled(self, factor: float) -> Box:
        return Box(*(factor * side for side in self))

    def holds(self, other: Box) -> bool:
        """Return whether `other` lies inside."""
        return (
            other.left >= self.left
            and other.top >= self.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True)
class Line:
    """One recognised line of text; `score` is the recogniser's mean probability, 0..1."""

    text: str
    box: Box
    score: float


def shared_height(a: Box, b: Box) -> float:
    """Return how much of the lower box's height both share, 0..1."""
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(0.0, shared) / max(1.0, min(a.height, b.height))


def shared_width(a: Box, b: Box) -> float:
    """Return how much of the narrower box's width both share, 0..1."""
    shared = min(a.right, b.right) - max(a.left, b.left)
    return max(0.0, shared) / max(1.0, min(a.width, b.width))


def union(boxes: list[Box]) -> Box:
    """Return the smallest box around all; there must be one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def reading_order(lines: list[Line]) -> list[list[Line]]:
    """Return the lines as rows from top to bottom, each from left to right.

    Lines share a row where more than half of the lower one's height is common to both.
    """
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda x: (x.box.middle[1], x.box.left)):
        if rows and shared_height(rows[-1][-1].box, line.box) > 0.5:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda x: x.box.left) for row in rows]
