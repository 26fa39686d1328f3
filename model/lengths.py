"""Texts of one length together, so that nothing is padded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence


def equal_lengths(lengths: Sequence[int], budget: int, threads: int) -> list[list[int]]:
    """Return groups of indices of equal length, the longest first.

    budget: tokens of a group, unless one text alone has more. A group also holds at most a
    thread's share of all texts of its length, so that no thread is left without work, and 1, 2, 4,
    8 … texts: each other shape would have to be prepared, and kept.
    """
    by_length: dict[int, list[int]] = defaultdict(list)
    for index, length in enumerate(lengths):
        by_length[length].append(index)
    groups = []
    for length in sorted(by_length, reverse=True):
        found = by_length[length]
        most = max(1, min(budget // max(1, length), -(-len(found) // threads)))
        while found:
            size = 1 << (min(most, len(found)).bit_length() - 1)
            groups.append(found[:size])
            found = found[size:]
    return groups
