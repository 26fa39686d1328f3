"""Measure what data work promises, on the corpus; prints Markdown.

``python -m training.datawork.measure suspects``: labels are flipped on purpose; how many of them
stand near the top of the ranking?
``python -m training.datawork.measure selection``: rows are chosen from the train split by active
selection and at random; how many labels does each need for the same quality on the dev split?
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.labelmap import LabelMap
from data.scheme import DEFAULT, Scheme
from training.datawork.curve import sample_sizes
from training.datawork.curve_command import macro_f1
from training.datawork.fastmodel import (
    KINDS,
    STRENGTH,
    FastModel,
    Kind,
    class_numbers,
    fitted_features,
    shares,
)
from training.datawork.outoffold import FOLDS, split_folds
from training.datawork.selection import RULES, Rule, reduce_features, select
from training.datawork.source import groups_of, read_items
from training.intervals import wilson
from training.predictors import FloatArray, IntArray
from training.tables import table

FLIPPED = 0.05
DEPTHS = (0.05, 0.10, 0.15, 0.20)
FOUND_GOAL = (0.15, 0.80)
LABELS_GOAL = 0.60


@dataclass(frozen=True)
class RowSet:
    """features: [n, d]; truth: int [n], index in the scheme's classes; groups: n names."""

    features: Any
    truth: IntArray
    groups: Sequence[str]
    classes: int

    def beliefs(self, labels: IntArray, seed: int, strength: float) -> FloatArray:
        """Return out-of-fold class probabilities [n, k] under the labels given."""
        wanted = np.eye(self.classes, dtype=np.int64)[labels]
        found = np.zeros(wanted.shape)
        for rest, fold in split_folds(labels, self.groups, FOLDS, seed):
            model = FastModel.fit(self.features[rest], wanted[rest], strength)
            found[fold] = model(self.features[fold])
        return shares(found)


def flip(
    truth: IntArray, classes: int, share: float, seed: int, beliefs: FloatArray | None = None
) -> tuple[IntArray, IntArray]:
    """Return labels of which a share is wrong, and the indices of those.

    A wrong label is any other one, all alike; given `beliefs` [n, k], it is drawn by what a model
    thinks possible for the row, as people err.
    """
    rng = np.random.default_rng(seed)
    at: IntArray = rng.choice(len(truth), round(share * len(truth)), replace=False)
    labels = truth.copy()
    if beliefs is None:
        labels[at] = (truth[at] + rng.integers(1, classes, len(at))) % classes
    else:
        odds = beliefs[at].copy()
        odds[np.arange(len(at)), truth[at]] = 0
        labels[at] = [rng.choice(classes, p=row) for row in shares_of(odds)]
    return labels, at


def shares_of(odds: FloatArray) -> FloatArray:
    """Return rows brought to a sum of 1, zeros kept."""
    result: FloatArray = odds / odds.sum(axis=1, keepdims=True)
    return result


def found_at(scores: FloatArray, flipped: IntArray, depths: Sequence[float]) -> list[int]:
    """Return how many of the flipped rows stand within each depth of the ranking."""
    rank = np.empty(len(scores), dtype=np.int64)
    rank[np.argsort(scores, kind="stable")] = np.arange(len(scores))
    return [int((rank[flipped] < round(depth * len(scores))).sum()) for depth in depths]


def measure_suspects(rows: RowSet, kind: Kind, seeds: int) -> str:
    """Return how many flipped labels the ranking finds, by how they were flipped, as Markdown."""
    from cleanlab.rank import get_label_quality_scores

    strength = STRENGTH[kind]
    plain = rows.beliefs(rows.truth, 0, strength)
    lines = []
    for title, odds in (("any other label", None), ("a label that looks possible", plain)):
        found, flipped = np.zeros(len(DEPTHS), dtype=np.int64), 0
        goal: list[float] = []
        for seed in range(seeds):
            labels, at = flip(rows.truth, rows.classes, FLIPPED, seed, odds)
            beliefs = rows.beliefs(labels, seed, strength)
            scores = get_label_quality_scores(labels, beliefs, method="normalized_margin")
            here = found_at(np.asarray(scores), at, DEPTHS)
            found, flipped = found + here, flipped + len(at)
            goal.append(here[DEPTHS.index(FOUND_GOAL[0])] / len(at))
            print(f"{title}, seed {seed}: {goal[-1]:.3f}", file=sys.stderr)
        cells = []
        for count in map(int, found):
            low, high = wilson(count, flipped)
            cells.append(f"{count / flipped:.1%} ({low:.1%}–{high:.1%})")
        lines.append([title, str(seeds), str(flipped), *cells, f"{min(goal):.1%}"])
    header = [f"flipped to ({FLIPPED:.0%} of the rows)", "seeds", "flips"]
    header += [f"found in the top {depth:.0%}" for depth in DEPTHS]
    return table([*header, f"worst seed at {FOUND_GOAL[0]:.0%}"], lines) + (
        f"\nTarget: at least {FOUND_GOAL[1]:.0%} within the top {FOUND_GOAL[0]:.0%}. "
        f"{len(rows.truth)} rows; features: {kind}; a ranking by chance finds the depth itself."
    )


def selection_curve(
    pool: RowSet,
    test: RowSet,
    places: FloatArray,
    rule: Rule,
    sizes: Sequence[int],
    kind: Kind,
    seed: int,
) -> list[float]:
    """Return macro-F1 on the test rows after each size of labelled rows, chosen round by round."""
    rng = np.random.default_rng(seed)
    chosen: IntArray = rng.choice(len(pool.truth), sizes[0], replace=False)
    found = []
    for size, bigger in zip(sizes, [*sizes[1:], sizes[-1]], strict=True):
        wanted = np.eye(pool.classes, dtype=np.int64)[pool.truth[chosen]]
        model = FastModel.fit(pool.features[chosen], wanted, STRENGTH[kind])
        found.append(macro_f1(test.truth, model(test.features).argmax(axis=1)))
        if bigger > size:
            rest = np.setdiff1d(np.arange(len(pool.truth)), chosen)
            if rule == "random":
                more = rng.choice(rest, bigger - size, replace=False)
            else:
                beliefs = shares(model(pool.features[rest]))
                more = rest[select(beliefs, places[rest], bigger - size, rule, seed)]
            chosen = np.concatenate([chosen, more])
    return found


def labels_needed(sizes: Sequence[int], curve: FloatArray, goal: float) -> float | None:
    """Return the labels at which a curve first reaches a goal, between sizes by a line; or None."""
    for at, value in enumerate(curve):
        if value >= goal:
            if at == 0:
                return float(sizes[0])
            share = (goal - curve[at - 1]) / (value - curve[at - 1])
            return float(sizes[at - 1] + share * (sizes[at] - sizes[at - 1]))
    return None


def measure_selection(
    pool: RowSet, test: RowSet, kind: Kind, seeds: Sequence[int], sizes: Sequence[int]
) -> str:
    """Return the curves of every rule, and the labels each needs for the random curve's end."""
    places = reduce_features(pool.features)
    curves: dict[Rule, FloatArray] = {}
    for rule in RULES:
        runs = []
        for seed in seeds:
            runs.append(selection_curve(pool, test, places, rule, sizes, kind, seed))
            print(f"{rule}, seed {seed}: {runs[-1][-1]:.4f}", file=sys.stderr)
        curves[rule] = np.array(runs)
    rows = [
        [f"{size:,}", *(_spread(curves[rule][:, at]) for rule in RULES)]
        for at, size in enumerate(sizes)
    ]
    ends = [_end(size, at, sizes, curves) for at, size in enumerate(sizes) if at >= 3]
    return "\n".join(
        [
            table(["labels", *(f"macro-F1, {rule}: mean (s.d.)" for rule in RULES)], rows),
            table(
                [
                    "end of the random curve",
                    "macro-F1",
                    *(f"labels needed, {r}" for r in RULES[:2]),
                ],
                ends,
            ),
            f"Target: at most {LABELS_GOAL:.0%} of the labels. Pool: {len(pool.truth)} rows; "
            f"tested on {len(test.truth)} rows held back; {len(seeds)} seeds; features: {kind}; "
            f"every rule starts from the same {sizes[0]} rows drawn at random. In brackets: share "
            "of the labels, then its range over single seeds against the mean random curve.",
        ]
    )


def _spread(values: FloatArray) -> str:
    spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return f"{float(values.mean()):.4f} ({spread:.4f})"


def _end(size: int, at: int, sizes: Sequence[int], curves: dict[Rule, FloatArray]) -> list[str]:
    goal = float(curves["random"][:, at].mean())
    cells = []
    for rule in RULES[:2]:
        mean = labels_needed(sizes, curves[rule].mean(axis=0), goal)
        single = [labels_needed(sizes, run, goal) for run in curves[rule]]
        worst = None if None in single else max(one for one in single if one is not None)
        best = min((one for one in single if one is not None), default=None)
        if mean is None:
            cells.append("not reached")
            continue
        high = "not reached" if worst is None else f"{worst / size:.0%}"
        low = "–" if best is None else f"{best / size:.0%}"
        cells.append(f"{mean:,.0f} ({mean / size:.0%}; {low} to {high})")
    return [f"{size:,}", f"{goal:.4f}", *cells]


def corpus_rows(kind: Kind, grouped: bool) -> tuple[RowSet, RowSet]:
    """Return the train and the dev split, the features fitted on train alone."""
    scheme: Scheme = DEFAULT
    train, dev = (read_items([f"corpus:{name}"], LabelMap()) for name in ("train", "dev"))
    texts = [[item.row.text for item in items] for items in (train, dev)]
    features = fitted_features(texts[0], texts[1], kind)
    truths = [class_numbers([item.row.label for item in items], scheme) for items in (train, dev)]
    groups = groups_of(train) if grouped else []
    k = len(scheme.classes)
    return RowSet(features[0], truths[0], groups, k), RowSet(features[1], truths[1], [], k)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0."""
    made = argparse.ArgumentParser(
        prog="python -m training.datawork.measure",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("what", choices=("suspects", "selection"))
    made.add_argument("--features", choices=KINDS, default=KINDS[0])
    made.add_argument("--seeds", type=int, default=5)
    made.add_argument("--first-seed", type=int, default=0, help="of a selection")
    made.add_argument("--start", type=int, default=500, help="labels before the first selection")
    made.add_argument("--most", type=int, help="labels at the end (default: the whole pool)")
    made.add_argument("--rounds", type=int, default=11, help="sizes at which quality is measured")
    args = made.parse_args(argv)
    pool, test = corpus_rows(args.features, grouped=args.what == "suspects")
    work: Callable[[], str] = (
        (lambda: measure_suspects(pool, args.features, args.seeds))
        if args.what == "suspects"
        else (
            lambda: measure_selection(
                pool,
                test,
                args.features,
                range(args.first_seed, args.first_seed + args.seeds),
                sample_sizes(args.most or len(pool.truth), args.rounds, args.start),
            )
        )
    )
    print(work())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
