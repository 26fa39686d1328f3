"""Group-wise, stratified and stable splits, and the files that fix them."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

Split = Literal["train", "dev", "test"]
SPLITS: Final[tuple[Split, ...]] = ("train", "dev", "test")
SHARES: Final[dict[Split, float]] = {"train": 0.8, "dev": 0.1, "test": 0.1}


def assign(
    ids: Sequence[str],
    groups: Sequence[str],
    cells: Sequence[Hashable],
    seed: int,
    previous: Mapping[str, Split],
) -> dict[str, Split]:
    """Give every id a split; ids of one group share it, and each cell nears the SHARES.

    A group that has a split in ``previous`` keeps it (the most held-out one, where its members
    differ). The others come in an order drawn from the seed, and each goes where its cells lack
    most rows. The order of the arguments' rows does not matter.
    """
    members: dict[str, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        members[group].append(index)
    wanted = Counter(cells)
    have: Counter[tuple[Split, Hashable]] = Counter()
    chosen: dict[str, Split] = {}

    def lack(split: Split, group: str) -> float:
        return sum(
            SHARES[split] * wanted[cells[index]] - have[split, cells[index]]
            for index in members[group]
        )

    def put(group: str, split: Split) -> None:
        for index in members[group]:
            chosen[ids[index]] = split
            have[split, cells[index]] += 1

    old = {
        group: {previous[ids[index]] for index in indices if ids[index] in previous}
        for group, indices in members.items()
    }
    for group in sorted(members):
        if old[group]:
            put(group, max(old[group], key=SPLITS.index))
    for group in sorted(members, key=lambda name: _draw(seed, name)):
        if not old[group]:
            put(group, max(SPLITS, key=lambda s: (round(lack(s, group), 6), _draw(seed, group, s))))
    return chosen


def _draw(seed: int, *names: str) -> str:
    """Return a pseudo-random sort key that depends on nothing but the arguments."""
    return hashlib.sha256(":".join((str(seed), *names)).encode()).hexdigest()


def read_splits(directory: str | Path) -> dict[str, Split]:
    """Read ``train.txt``, ``dev.txt`` and ``test.txt`` (one row id a line; absent means empty).

    Raises ValueError for an id that stands in two files.
    """
    found: dict[str, Split] = {}
    for split in SPLITS:
        path = Path(directory) / f"{split}.txt"
        for key in path.read_text().split() if path.exists() else ():
            if found.setdefault(key, split) != split:
                raise ValueError(f"{path}: {key} is also in {found[key]}.txt")
    return found


def write_splits(split_of: Mapping[str, Split], directory: str | Path) -> None:
    """Write the three files, ids sorted."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for split in SPLITS:
        keys = sorted(key for key, value in split_of.items() if value == split)
        (directory / f"{split}.txt").write_text("".join(f"{key}\n" for key in keys))
