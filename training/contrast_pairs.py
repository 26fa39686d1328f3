"""Pairs of rows of one contrast set, and the words by which the first differs from the second."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import permutations

from data.labels import OUT_OF_SCOPE
from model.segments import Cut
from training.evalrows import Truth

SHORTEST_MATCH = 3  # characters: two texts share shorter runs by chance
MOST_EDITED = 0.5  # of a text; beyond that it is another text, and no words are known to matter


@dataclass(frozen=True)
class Pair:
    """A text whose edited spans give it the labels, which its counterpart lacks.

    edited: in code points of the text, ascending, disjoint. contrast: name of the set.
    """

    text: str
    edited: tuple[Cut, ...]
    labels: frozenset[str]
    contrast: str

    @property
    def share(self) -> float:
        """Share of the text's characters that are edited."""
        return sum(end - start for start, end in self.edited) / len(self.text)


def edited_spans(text: str, other: str) -> tuple[Cut, ...]:
    """Return the spans of `text` outside its runs of characters in common with `other`."""
    found: list[Cut] = []
    at = 0
    for match in SequenceMatcher(None, text, other, autojunk=False).get_matching_blocks():
        if match.size >= SHORTEST_MATCH or not match.size:  # the last block is empty: the end
            if match.a > at:
                found.append((at, match.a))
            at = match.a + match.size
    return tuple(found)


def contrast_pairs(rows: Sequence[tuple[str, Truth]]) -> list[Pair]:
    """Return all ordered pairs of one set where the first has words and a label of its own."""
    sets: dict[str, list[tuple[str, Truth]]] = defaultdict(list)
    for text, truth in rows:
        if truth.contrast is not None:
            sets[truth.contrast].append((text, truth))
    found = []
    for name, members in sorted(sets.items()):
        for (text, truth), (other_text, other) in permutations(members, 2):
            labels = {truth.label, *truth.also} - {OUT_OF_SCOPE, other.label, *other.also}
            spans = edited_spans(text, other_text)
            if labels and spans:
                found.append(Pair(text, spans, frozenset(labels), name))
    return found


def common(spans: Sequence[Cut], edited: Sequence[Cut]) -> int:
    """Return how many characters two lists of disjoint spans have in common."""
    return sum(
        max(0, min(end, stop) - max(start, begin)) for start, end in spans for begin, stop in edited
    )
