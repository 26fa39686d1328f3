"""Several systems on the same rows: what differs, how surely, and what it costs.

Every system is compared with the first. Differences of figures have paired bootstrap intervals
(whole groups are resampled); right against wrong is tested by McNemar's exact test (1947), and its
p-values are adjusted for their number by Holm (1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from training.assess import slices
from training.calibration_error import ece_if_calibrated
from training.evalrows import Truth
from training.evalsets import EvalSet, run_set
from training.intervals import Statistic, estimate_all, paired_difference, rate, ratio
from training.metrics import statistics
from training.outcome import Outcome, judge
from training.predictors import BoolArray, FloatArray, Predictions, Predictor

FIGURES = (
    "macro_f1_five",
    "macro_f1_four",
    "accuracy",
    "exact_match",
    "unlawful_recall",
    "unlawful_called_lawful",
    "oos_called_unlawful",
    "selective_error",
    "ece",
    "brier",
    "mean_cost",
)


def compare_set(
    chosen: EvalSet, systems: Sequence[Predictor], resamples: int, seed: int, batch: int = 512
) -> dict[str, Any]:
    """Return the comparison on one set, as JSON values.

    ``systems``: name -> figures, seconds. ``pairs``: other system -> ``differences`` (its figures
    less the first's), ``mcnemar`` and ``slices``. ``rows``: those on which primary labels differ,
    by harm: the cost of the worst answer less that of the best.
    """
    truths, predictions, seconds = run_set(chosen, systems, batch)
    outcomes = {name: judge(truths, found) for name, found in predictions.items()}
    all_figures = {name: _figures(outcome) for name, outcome in outcomes.items()}
    (first, *others) = outcomes
    entry: dict[str, Any] = {
        "n": len(truths),
        "source": dict(chosen.source),
        "classes": {
            name: int((outcomes[first].truth == index).sum())
            for index, name in enumerate(outcomes[first].scheme.classes)
        },
        "systems": {
            name: {
                "figures": {
                    key: estimate.to_dict()
                    for key, estimate in estimate_all(
                        all_figures[name], outcome.groups, resamples, seed
                    ).items()
                },
                "ece_if_calibrated": round(ece_if_calibrated(outcome.confidence, seed=seed), 6),
                "seconds": round(seconds[name], 2),
            }
            for name, outcome in outcomes.items()
        },
        "pairs": {
            other: {
                "differences": {
                    key: paired_difference(
                        all_figures[other][key],
                        all_figures[first][key],
                        outcomes[first].groups,
                        resamples,
                        seed,
                    ).to_dict()
                    for key in FIGURES
                    if key in all_figures[first]
                },
                "mcnemar": _tests(outcomes[first], outcomes[other]),
                "slices": _slices(outcomes[first], outcomes[other], truths, resamples, seed),
            }
            for other in others
        },
        "rows": differing_rows(outcomes, predictions),
    }
    holm([test for pair in entry["pairs"].values() for test in pair["mcnemar"].values()])
    return entry


def costs_of(outcome: Outcome) -> FloatArray:
    """Return the cost [n] of each answer by the scheme's table; ``also`` does not count."""
    table = np.array(outcome.scheme.costs, dtype=np.float64)
    found: FloatArray = table[outcome.truth, outcome.predicted]
    return found


def _cost(outcome: Outcome) -> Statistic:
    features = np.stack([costs_of(outcome), np.ones(len(outcome))], axis=1)
    return Statistic(features, ratio, len(outcome))


def _figures(outcome: Outcome) -> dict[str, Statistic]:
    found = statistics(outcome)
    return {key: found[key] for key in FIGURES if key in found} | {"mean_cost": _cost(outcome)}


def _tests(first: Outcome, other: Outcome) -> dict[str, dict[str, Any]]:
    """Return McNemar's test for each question that the rows can answer."""
    everything = np.ones(len(first), dtype=np.bool_)
    questions = {
        "primary label right": (first.correct, other.correct, everything),
        "unlawful row found": (
            first.predicted_unlawful,
            other.predicted_unlawful,
            first.truth_unlawful,
        ),
        "lawful or other row not accused": (
            ~first.predicted_unlawful,
            ~other.predicted_unlawful,
            ~first.truth_unlawful,
        ),
    }
    return {
        name: mcnemar(one[among], two[among])
        for name, (one, two, among) in questions.items()
        if among.any()
    }


def mcnemar(first: BoolArray, other: BoolArray) -> dict[str, Any]:
    """Return McNemar's exact two-sided test of two systems' rights and wrongs on the same rows.

    ``only_first``, ``only_other``: rows that only one of them has right; ``p``: the probability of
    a split at least as uneven if either were as likely.
    """
    from scipy.stats import binomtest

    only_first, only_other = int((first & ~other).sum()), int((other & ~first).sum())
    torn = only_first + only_other
    p = float(binomtest(only_first, torn, 0.5).pvalue) if torn else 1.0
    return {"n": len(first), "only_first": only_first, "only_other": only_other, "p": round(p, 6)}


def holm(tests: Sequence[dict[str, Any]]) -> None:
    """Add ``p_holm`` to each test: its p-value, adjusted for the number of tests."""
    highest = 0.0
    for rank, test in enumerate(sorted(tests, key=lambda test: test["p"])):
        highest = max(highest, min(1.0, test["p"] * (len(tests) - rank)))
        test["p_holm"] = round(highest, 6)


def _slices(
    first: Outcome, other: Outcome, truths: Sequence[Truth], resamples: int, seed: int
) -> dict[str, dict[str, Any]]:
    """Return facet -> value -> rows, both accuracies and the differences of accuracy and cost."""
    found: dict[str, dict[str, Any]] = {}
    for facet, value, rows in slices(truths):
        one, two = (outcome.take(rows) for outcome in (first, other))
        everything = np.ones(len(rows), dtype=np.bool_)
        accuracy = (rate(two.correct, everything), rate(one.correct, everything))
        cost = (_cost(two), _cost(one))
        found.setdefault(facet, {})[value] = {
            "n": len(rows),
            "first": round(float(one.correct.mean()), 6),
            "other": round(float(two.correct.mean()), 6),
            "accuracy": paired_difference(*accuracy, one.groups, resamples, seed).to_dict(),
            "mean_cost": paired_difference(*cost, one.groups, resamples, seed).to_dict(),
        }
    return found


def differing_rows(
    outcomes: Mapping[str, Outcome], predictions: Mapping[str, Predictions]
) -> list[dict[str, Any]]:
    """Return the rows whose primary label the systems do not agree on, the most harmful first.

    row: place in the set, from 1. harm: the worst answer's cost less the best one's. Rows of equal
    harm are in the order of the cost of the first system's answer, then of the set.
    """
    first = next(iter(outcomes.values()))
    classes = first.scheme.classes
    answers = np.stack([outcome.predicted for outcome in outcomes.values()])
    costs = np.stack([costs_of(outcome) for outcome in outcomes.values()])
    differ = np.flatnonzero((answers != answers[0]).any(axis=0))
    harm = costs.max(axis=0) - costs.min(axis=0)
    order = sorted(differ.tolist(), key=lambda row: (-harm[row], -costs[0, row], row))
    return [
        {
            "row": row + 1,
            "truth": classes[first.truth[row]],
            "harm": float(harm[row]),
            "answers": {
                name: {
                    "label": found.labels[row],
                    "also": found.also[row],
                    "confidence": round(float(found.confidence[row]), 4),
                    "review": found.review[row],
                    "cost": float(costs[place, row]),
                }
                for place, (name, found) in enumerate(predictions.items())
            },
        }
        for row in order
    ]
