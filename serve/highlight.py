"""Cutting a text into the parts that decided and those that did not, for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from model.evidence import Evidence


@dataclass(frozen=True)
class Segment:
    """A part of a text.

    labels: the labels that it is evidence for, in the order of the evidence; () for plain text.
    ends: those of `labels` whose highlight ends with it, so that each is named once, at its end.
    """

    text: str
    labels: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


def segments(text: str, evidence: Sequence[Evidence]) -> tuple[Segment, ...]:
    """Return the parts of `text` in order; joined, they are `text` again. () for an empty text."""
    spans = [(item.label, span.start, span.end) for item in evidence for span in item.spans]
    edges = sorted({0, len(text), *(edge for _, *ends in spans for edge in ends)})
    parts = []
    covered = [_covering(spans, start) for start in edges]
    for (start, end), here, after in zip(pairwise(edges), covered, covered[1:], strict=False):
        ends = tuple(label for label in here if label not in after)
        parts.append(Segment(text[start:end], here, ends))
    return tuple(parts)


def _covering(spans: Sequence[tuple[str, int, int]], position: int) -> tuple[str, ...]:
    """Return the labels of the spans that cover the character at `position`, each once."""
    return tuple(dict.fromkeys(label for label, start, end in spans if start <= position < end))
