"""How far annotators agree, beyond chance: Cohen's kappa, Krippendorff's alpha, raw agreement.

``dunlens agreement a.jsonl b.jsonl`` pairs the rows of two or more files by their text and measures
the primary label and the whole set of labels. A set agrees in part: the distance of two sets is
MASI (Passonneau 2006), Jaccard weighted by whether one contains the other. Intervals are 95 %
percentile bootstraps over texts.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from data.labelmap import LabelMapError
from data.rows import RowErrors
from data.table import Example
from training.datawork.source import (
    Item,
    add_label_map,
    chosen_labels,
    read_items,
)
from training.intervals import RESAMPLES
from training.predictors import FloatArray, IntArray
from training.problems import shortened
from training.tables import number, table

MISSING = -1
Label = frozenset[str]
Figure = Callable[[IntArray], float]


@dataclass(frozen=True)
class Ratings:
    """values: the different ratings given; given: int [texts, annotators], which, or MISSING."""

    values: Sequence[tuple[str, Label]]
    given: IntArray
    texts: Sequence[str]

    @property
    def shared(self) -> IntArray:
        """int [texts with two ratings or more, annotators]."""
        found: IntArray = self.given[(self.given != MISSING).sum(axis=1) > 1]
        return found

    def by_label(self) -> IntArray:
        """Return the shared ratings with rows that differ in `also` alone taken as the same."""
        names = {label: at for at, label in enumerate(sorted({v[0] for v in self.values}))}
        number_of = np.array([names[label] for label, _ in self.values] + [MISSING])
        found: IntArray = number_of[self.shared]
        return found


@dataclass(frozen=True)
class Agreement:
    """A figure and its 95 % interval; NaN where all ratings are the same."""

    value: float
    low: float
    high: float


def pair(files: Sequence[Sequence[Item]]) -> Ratings:
    """Line the annotators' rows up by text.

    Raises ValueError where no text was rated by two of them.
    """
    values: dict[tuple[str, Label], int] = {}
    rows: dict[str, list[int]] = {}
    for annotator, items in enumerate(files):
        for item in items:
            given = rows.setdefault(item.row.text.strip(), [MISSING] * len(files))
            given[annotator] = values.setdefault(_rating(item.row), len(values))
    found = Ratings(list(values), np.array(list(rows.values())), list(rows))
    if not len(found.shared):
        raise ValueError("no text stands in two of the files: rows are paired by their text")
    return found


def _rating(row: Example) -> tuple[str, Label]:
    return row.label, frozenset({row.label, *row.also})


def raw_agreement(given: IntArray) -> float:
    """Return the share of pairs of ratings of one text that are the same."""
    same = there = 0
    for one, other in combinations(given.T, 2):
        both = (one != MISSING) & (other != MISSING)
        same, there = same + int((both & (one == other)).sum()), there + int(both.sum())
    return same / there


def cohen_kappa(given: IntArray) -> float:
    """Return Cohen's kappa, of three or more annotators the mean over pairs (Light 1971)."""
    from sklearn.metrics import cohen_kappa_score

    found = []
    for one, other in combinations(given.T, 2):
        both = (one != MISSING) & (other != MISSING)
        if len({*one[both], *other[both]}) > 1:
            found.append(float(cohen_kappa_score(one[both], other[both])))
    return float(np.mean(found)) if found else float("nan")


def label_alpha(given: IntArray) -> float:
    """Return Krippendorff's alpha of nominal ratings."""
    return _alpha(given, "nominal")


def set_alpha(values: Sequence[tuple[str, Label]]) -> Figure:
    """Return Krippendorff's alpha as a function of ratings, the distance of two sets being MASI."""
    distances = np.array([[masi(a, b) for _, b in values] for _, a in values])

    def distance(v1: Any, v2: Any, **_: Any) -> FloatArray:
        found: FloatArray = distances[v1.astype(int), v2.astype(int)]
        return found

    return lambda given: _alpha(given, distance, len(values))


def masi(one: Label, other: Label) -> float:
    """Return the distance of two sets, 0 (equal) to 1 (nothing shared)."""
    if one == other:
        return 0.0
    shared, union = len(one & other), len(one | other)
    # 1 for equal sets, 2/3 where one contains the other, 1/3 where they overlap, else 0
    monotony = 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - monotony * shared / union


def _alpha(given: IntArray, level: Any, size: int | None = None) -> float:
    import krippendorff

    size = size or int(given.max()) + 1
    counts = (given[:, :, None] == np.arange(size)).sum(axis=1)
    if (counts.sum(axis=0) > 0).sum() < 2:
        return float("nan")  # everybody always said the same: chance cannot be told from skill
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement=level))


def with_interval(
    figure: Figure, given: IntArray, resamples: int = RESAMPLES, seed: int = 0
) -> Agreement:
    """Return a figure of the ratings with its percentile interval over resampled texts."""
    rng = np.random.default_rng(seed)
    drawn = [figure(given[rng.integers(0, len(given), len(given))]) for _ in range(resamples)]
    known = [value for value in drawn if not np.isnan(value)]
    low, high = np.percentile(known, [2.5, 97.5]) if known else (float("nan"),) * 2
    return Agreement(figure(given), float(low), float(high))


def figures(ratings: Ratings, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, Agreement]:
    """Return every figure by its title."""
    label = ratings.by_label()
    # A set is compared by what it holds; which of its labels is the primary one is the other row.
    sets = sorted({rated for _, rated in ratings.values}, key=sorted)
    at = np.array([sets.index(rated) for _, rated in ratings.values] + [MISSING])
    whole: IntArray = at[ratings.shared]
    wanted: dict[str, tuple[Figure, IntArray]] = {
        "label: raw agreement": (raw_agreement, label),
        "label: Cohen's kappa": (cohen_kappa, label),
        "label: Krippendorff's alpha": (label_alpha, label),
        "label set: raw agreement": (raw_agreement, whole),
        "label set: Cohen's kappa": (cohen_kappa, whole),
        "label set: Krippendorff's alpha (MASI)": (set_alpha([("", s) for s in sets]), whole),
    }
    return {
        title: with_interval(figure, given, resamples, seed)
        for title, (figure, given) in wanted.items()
    }


def render(found: dict[str, Agreement]) -> str:
    """Return the figures as Markdown."""

    def shown(one: Agreement) -> str:
        if np.isnan(one.value):
            return "undefined: all ratings are the same"
        dash = " to " if one.low < 0 else "–"
        return f"{number(one.value)} ({number(one.low)}{dash}{number(one.high)})"

    return table(["agreement", "value (95 % interval)"], [[t, shown(a)] for t, a in found.items()])


def confusions(ratings: Ratings, most: int = 10) -> str:
    """Return the pairs of primary labels that are confused most, as Markdown; "" if none."""
    counts: Counter[tuple[str, str]] = Counter()
    names = sorted({label for label, _ in ratings.values})
    for given in ratings.by_label():
        for one, other in combinations(given[given != MISSING], 2):
            if one != other:
                first, second = sorted((names[one], names[other]))
                counts[first, second] += 1
    lines = [[f"{a} / {b}", str(count)] for (a, b), count in counts.most_common(most)]
    return table(["labels that are confused", "times"], lines) if lines else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    args = parser().parse_args(argv)
    try:
        if len(args.files) < 2:
            raise ValueError("give two files or more, one for each annotator")
        labels = chosen_labels(args)
        ratings = pair([read_items([str(path)], labels) for path in args.files])
        alone = len(ratings.given) - len(ratings.shared)
        print(f"{len(ratings.shared)} texts by two annotators or more; {alone} by one, left out\n")
        print(render(figures(ratings, args.resamples, args.seed)))
        print(confusions(ratings), end="")
    except (LabelMapError, RowErrors, OSError, ValueError) as error:
        print(shortened(error), file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    made = argparse.ArgumentParser(prog="dunlens agreement", description=__doc__)
    made.add_argument("files", nargs="+", type=Path, help="labelled rows, a file an annotator")
    add_label_map(made)
    made.add_argument("--resamples", type=int, default=RESAMPLES)
    made.add_argument("--seed", type=int, default=0)
    return made


if __name__ == "__main__":
    raise SystemExit(main())
