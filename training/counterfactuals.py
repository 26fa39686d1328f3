"""Counterfactual swaps: ``python -m training.counterfactuals --split dev [--sets NAME=FILE ...]``.

For every row two texts that differ in names, sex, province or lender alone (`data.swaps`); a label
that flips between them goes by who somebody is and not by what is done. Prints Markdown, writes
JSON. Intervals are 95 % bootstrap over groups of related rows, Wilson where nothing flips.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from data.rows import RowErrors
from data.swaps import KINDS, counterfactual
from model import ArtifactError, Classifier
from model.shipped import ARTIFACT_HELP, artifact_folder
from training.evalsets import EvalSet, TextRow, file_set, named_file, split_set
from training.figures import save_figures
from training.intervals import RESAMPLES, estimate_all, rate
from training.outcome import judge
from training.predictors import ClassifierPredictor, Predictor
from training.robustness import predict, sample
from training.tables import interval, table

DEFAULT_OUTPUT = Path("reports/latest/counterfactuals.json")
BOUND = 0.005
WHERE = ("in the text", "put before it")


def flips(
    rows: Sequence[TextRow], system: Predictor, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Any]:
    """Return kind -> where -> n, ``label`` and ``labels`` as JSON values, and ``all`` of the kinds.

    where: whether the text itself held what was swapped. label: share of rows whose primary label
    flips; labels: whose set of labels, ``also`` included, does. ``unlawful``: whose being called
    unlawful at all does. Kinds or places without a row are left out.
    """
    found: dict[str, Any] = {}
    everything: list[Any] = []
    for kind in KINDS:
        pairs = [
            counterfactual(text, kind, Random(f"{seed}:{kind}:{text}"))  # noqa: S311, no secret
            for text, _ in rows
        ]
        truths = [truth for _, truth in rows]
        first = judge(truths, predict(system, [pair.first for pair in pairs]))
        second = judge(truths, predict(system, [pair.second for pair in pairs]))
        changed = np.stack(
            [
                first.predicted != second.predicted,
                (first.predicted_set != second.predicted_set).any(axis=1)
                | (first.predicted != second.predicted),
                first.predicted_unlawful != second.predicted_unlawful,
            ],
            axis=1,
        )
        inside = np.array([pair.found for pair in pairs])
        found[kind] = {
            where: _rates(changed[mask], first.groups[mask], seed, resamples)
            for where, mask in zip(WHERE, (inside, ~inside), strict=True)
            if mask.any()
        }
        everything.append((changed, first.groups))
    changed, groups = (np.concatenate(part) for part in zip(*everything, strict=True))
    found["all"] = {"both": _rates(changed, groups, seed, resamples)}
    return found


def _rates(changed: Any, groups: Any, seed: int, resamples: int) -> dict[str, Any]:
    everything = np.ones(len(changed), dtype=np.bool_)
    names = ("label", "labels", "unlawful")
    wanted = {name: rate(changed[:, i], everything) for i, name in enumerate(names)}
    estimates = estimate_all(wanted, groups, resamples, seed)
    return {"n": len(changed)} | {name: estimates[name].to_dict() for name in names}


def render(sets: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    rows = [
        [
            name,
            kind,
            where,
            str(one["n"]),
            *(interval(one[figure], percent=True) for figure in ("label", "labels", "unlawful")),
            "**met**" if one["label"]["value"] <= BOUND else "**missed**",
        ]
        for name, kinds in sets.items()
        for kind, places in kinds.items()
        for where, one in places.items()
    ]
    header = ["set", "swapped", "where", "pairs", "label flips", "label set flips"]
    return table([*header, "lawful or not flips", f"≤ {100 * BOUND:.1f} % of labels"], rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, 1 for a missed target under --strict, 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m training.counterfactuals", description=__doc__)
    parser.add_argument("--artifact", type=artifact_folder, help=ARTIFACT_HELP)
    parser.add_argument("--split", choices=("dev", "test", "none"), default="test")
    parser.add_argument("--sets", nargs="+", default=[], metavar="NAME=FILE", help="row files")
    parser.add_argument("--rows", type=int, metavar="N", help="rows to draw of each set")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="JSON file to write")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where one is missed")
    args = parser.parse_args(argv)
    try:
        sets: list[EvalSet] = [] if args.split == "none" else [split_set(args.split)]
        sets += [file_set(*named_file(item)) for item in args.sets]
        classifier = Classifier.load(args.artifact)
        system = ClassifierPredictor(classifier)
        found = {
            one.name: flips(
                sample(list(one.rows()), args.rows, args.seed), system, args.seed, args.resamples
            )
            for one in sets
        }
    except (RowErrors, ArtifactError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    value = {"model": classifier.version, "bound": BOUND, "seed": args.seed, "sets": found}
    save_figures(value, args.output)
    print(render(found))
    missed = any(kinds["all"]["both"]["label"]["value"] > BOUND for kinds in found.values())
    return int(args.strict and missed)


if __name__ == "__main__":
    raise SystemExit(main())
