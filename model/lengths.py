"""Texts of one length together, so that nothing is padded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence


def equal_lengths(lengths: Sequence[int], budget: int, threads: int) -> list[list[int]]:
    """Return groups of indices of equal length, the longest first.

    budget: tokens of a group, unless one text alone has more. A group also holds at most a
    thread's share of all texts of its length, so that no thread is left without work.
    """
    by_length: dict[int, list[int]] = defaultdict(list)
    for index, length in enumerate(lengths):
        by_length[length].append(index)
    groups = []
    for length in sorted(by_length, reverse=True):
        found = by_length[length]
        most = max(1, min(budget // max(1, length), -(-len(found) // threads)))
        groups += [found[start : start + most] for start in range(0, len(found), most)]
    return groups
