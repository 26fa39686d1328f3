"""Splits of a user's own rows: by group, stratified by label, the same for the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from data.corpus import SEED, row_id
from data.rows import RowErrors
from data.scheme import Scheme
from data.splits import SPLITS, Split, assign
from data.table import Example

NEEDED: tuple[Split, ...] = ("train", "dev")


def split_examples(
    examples: Sequence[Example], scheme: Scheme, seed: int = SEED
) -> dict[Split, list[Example]]:
    """Return the rows of train, dev and test (80/10/10 within each label), in their order.

    A row's own split is kept. The others are drawn by group: equal and nearly equal texts, and
    rows of one group of the user's, stay together, with the most held-out of them that has a split
    of its own. Raises RowErrors where a label then has no row
    to learn from, or none to choose thresholds with.
    """
    groups = example_groups(examples)
    given: dict[str, Split] = {}
    for group, row in zip(groups, examples, strict=True):
        if row.split is not None:
            given[group] = max(row.split, given.get(group, row.split), key=SPLITS.index)
    free = [(group, row) for group, row in zip(groups, examples, strict=True) if group not in given]
    drawn = assign(
        ids=[row_id(row.text) for _, row in free],
        groups=[group for group, _ in free],
        cells=[row.label for _, row in free],
        seed=seed,
        previous={},
    )
    found: dict[Split, list[Example]] = {name: [] for name in SPLITS}
    for group, row in zip(groups, examples, strict=True):
        found[row.split or given.get(group) or drawn[row_id(row.text)]].append(row)
    if problems := _lacking(found, scheme):
        raise RowErrors(problems)
    return found


def example_groups(examples: Sequence[Example]) -> list[str]:
    """Return each row's group: the smallest row id among all that must stay in one split."""
    from data.duplicates import DisjointSets, near_duplicate_groups

    sets = DisjointSets(len(examples))
    first: dict[str, int] = {}
    for index, row in enumerate(examples):
        if row.group is not None:
            sets.join(first.setdefault(row.group, index), index)
    for group in near_duplicate_groups([row.text for row in examples]):
        for index in group[1:]:
            sets.join(group[0], index)
    names = [""] * len(examples)
    for group in sets.groups():
        name = min(row_id(examples[index].text) for index in group)
        for index in group:
            names[index] = name
    return names


def _lacking(found: dict[Split, list[Example]], scheme: Scheme) -> list[str]:
    counts = {
        name: Counter(one for row in rows for one in {row.label, *row.also})
        for name, rows in found.items()
    }
    return [
        f"{name} split: {label}: no row ({sum(c[label] for c in counts.values())} rows in all); "
        "add rows with this label, take it out of the label map, or give the rows' splits in a "
        "column `split`"
        for name in NEEDED
        for label in scheme.labels
        if not counts[name][label]
    ]
