"""Draw a learning curve of your rows, and say what 1,000 more would buy.

A fast model learns from growing samples and is tested on rows held back; a power law is fitted to
its errors. Points of other systems can be given instead (--points), such as `learning_curve.json`
of `python -m training.ablate` or of runs with different ``limit``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from data.labelmap import LabelMapError
from data.rows import RowErrors
from data.scheme import Scheme
from model.e5_file import BaseEncoderError
from training.datawork.curve import (
    Point,
    fit_law,
    forecast,
    nested_sample,
    sample_sizes,
)
from training.datawork.fastmodel import (
    KINDS,
    STRENGTH,
    FastModel,
    Kind,
    class_numbers,
    one_hot,
    text_features,
)
from training.datawork.outoffold import split_folds
from training.datawork.source import (
    Item,
    add_sources,
    chosen_labels,
    groups_of,
    read_items,
)
from training.predictors import IntArray
from training.problems import shortened
from training.tables import number, table

HELD_BACK = 5  # one part in so many


def measure_curve(
    items: Sequence[Item],
    scheme: Scheme,
    kind: Kind = "characters",
    points: int = 6,
    seeds: int = 3,
    test: Sequence[Item] | None = None,
) -> list[Point]:
    """Return macro-F1 at growing samples, `seeds` points at each of `points` sizes.

    Without rows to `test` on, each seed holds a fifth of the groups back.
    """
    everything = [*items, *(test or ())]
    features = text_features([item.row.text for item in everything], kind)
    labels = [item.row.label for item in everything]
    truth, wanted = class_numbers(labels, scheme), one_hot(labels, scheme)
    groups = groups_of(items) if test is None else []
    found = []
    for seed in range(seeds):
        if test is None:
            rest, held = next(split_folds(truth, groups, HELD_BACK, seed))
        else:
            rest, held = np.arange(len(items)), np.arange(len(items), len(everything))
        order: IntArray = np.random.default_rng(seed).permutation(rest)
        for size in sample_sizes(len(order), points):
            chosen = nested_sample(order, size)
            model = FastModel.fit(features[chosen], wanted[chosen], STRENGTH[kind])
            guess = model(features[held]).argmax(axis=1)
            found.append(Point(size, macro_f1(truth[held], guess)))
    return found


def macro_f1(truth: IntArray, guess: IntArray) -> float:
    """Return macro-F1 over the classes that occur."""
    from sklearn.metrics import f1_score

    return float(f1_score(truth, guess, average="macro", zero_division=0))


def read_points(path: Path, name: str | None) -> list[Point]:
    """Read points of one set. Raises ValueError where the file holds none, or several sets."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))["points"]
        by_set: dict[str, list[Point]] = defaultdict(list)
        for value in values:
            point = Point(int(value["rows"]), float(value["macro_f1_five"]))
            by_set[value.get("set", "dev")].append(point)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: not a learning curve: {error!r}") from error
    if name is None and len(by_set) != 1:
        raise ValueError(f"{path}: --set: name one of {', '.join(by_set) or 'none'}")
    chosen = name or next(iter(by_set))
    if chosen not in by_set:
        raise ValueError(f"--set {chosen}: not in {path}, which has {', '.join(by_set)}")
    return by_set[chosen]


def render(points: Sequence[Point], more: Iterable[int], seed: int = 0) -> str:
    """Return the points, the law and the forecasts as Markdown."""
    by_size: dict[int, list[float]] = defaultdict(list)
    for point in points:
        by_size[point.rows].append(point.value)
    law = fit_law(points)
    curve = [
        [
            f"{rows:,}",
            number(float(np.mean(values))),
            f"{number(min(values))}–{number(max(values))}" if len(values) > 1 else "–",
            number(float(law.value(rows))),
        ]
        for rows, values in sorted(by_size.items())
    ]
    futures = []
    for extra in more:
        one = forecast(points, extra, seed=seed)
        dash = " to " if one.gain_low < 0 else "–"
        futures.append(
            [
                f"{extra:,} more on {one.rows:,}",
                number(float(law.value(one.rows + extra))),
                f"{one.gain:+.4f} ({one.gain_low:.4f}{dash}{one.gain_high:.4f})",
            ]
        )
    law_text = (
        f"Error = {law.scale:.3g} · n^−{law.exponent:.3f} + {law.floor:.3f}. The law speaks of "
        "more rows of the same kind, and of the range it was fitted on better than far beyond it."
    )
    return "\n".join(
        [
            table(["training rows", "macro-F1, mean", "range", "law"], curve),
            law_text + "\n",
            table(["rows", "macro-F1 expected", "gain (95 % interval)"], futures),
        ]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    args = parser().parse_args(argv)
    try:
        if args.points is not None:
            points = read_points(args.points, args.set)
        elif args.sources:
            labels = chosen_labels(args)
            items = read_items(args.sources, labels)
            test = read_items(args.test, labels) if args.test else None
            points = measure_curve(
                items, labels.scheme, args.features, args.sizes, args.seeds, test
            )
        else:
            raise ValueError("give rows to measure a curve on, or --points")
        print(render(points, args.more), end="")
    except (LabelMapError, RowErrors, BaseEncoderError, OSError, ValueError) as error:
        print(shortened(error), file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    made = argparse.ArgumentParser(prog="dunlens curve", description=__doc__)
    add_sources(made, "labelled rows", required=False)
    made.add_argument(
        "--test", nargs="+", metavar="ROWS", help="rows to test on (default: a fifth)"
    )
    made.add_argument("--points", type=Path, help="learning_curve.json instead of rows")
    made.add_argument("--set", help="of the points, where they are about several sets")
    made.add_argument("--more", nargs="+", type=int, default=[1000], help="rows to foretell")
    made.add_argument("--features", choices=KINDS, default=KINDS[0])
    made.add_argument("--sizes", type=int, default=6, help="different sample sizes, 4 or more")
    made.add_argument("--seeds", type=int, default=3, help="samples of each size")
    return made


if __name__ == "__main__":
    raise SystemExit(main())
