"""One set's part of an evaluation: figures of every system, comparisons, curves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from data.slices import FACETS as TEXT_FACETS
from training.calibration_error import (
    coverage_curve,
    ece_if_calibrated,
    precision_recall_curve,
    reliability,
)
from training.evalrows import FACETS, Truth
from training.evalsets import EvalSet
from training.goals import MODEL
from training.intervals import estimate_all, paired_difference, rate
from training.metrics import measure, statistics
from training.outcome import Outcome, judge
from training.predictors import IntArray, Predictions

COMPARED = ("macro_f1_five", "macro_f1_four", "exact_match", "oos_called_unlawful")
SMALLEST_SLICE = 10


def assess(
    chosen: EvalSet,
    truths: Sequence[Truth],
    predictions: Mapping[str, Predictions],
    resamples: int,
    seed: int,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a set's figures and its curves, both as JSON values.

    figures: ``n``, ``kind`` (``out_of_scope`` where no row is in scope), ``source``, ``classes``
    (rows of each), ``contrast_sets``, ``systems`` (name -> `measure` with ``slices``) and
    ``differences`` (baseline -> figure -> the model's less the baseline's).
    curves: system -> ``coverage``, ``reliability``, ``precision_recall`` by label.
    """
    outcomes = {name: judge(truths, found) for name, found in predictions.items()}
    first = next(iter(outcomes.values()))
    counts = Counter(row.label for row in truths)
    entry: dict[str, Any] = {
        "n": len(truths),
        "kind": "out_of_scope" if first.only_out_of_scope else chosen.kind,
        "obfuscated": chosen.obfuscated,
        "source": dict(chosen.source),
        "classes": {name: counts[name] for name in first.scheme.classes},
        "contrast_sets": len(set(first.contrast[first.contrast >= 0].tolist())),
        "systems": {
            name: measure(outcome, resamples, seed)
            | {"slices": _slices(outcome, truths, resamples, seed)}
            for name, outcome in outcomes.items()
        },
        "differences": _differences(outcomes, resamples, seed),
    }
    if first.only_out_of_scope:
        return entry, {}
    for name, outcome in outcomes.items():
        entry["systems"][name]["ece_if_calibrated"] = round(
            ece_if_calibrated(outcome.confidence, seed=seed), 6
        )
    return entry, {name: _curves(outcome) for name, outcome in outcomes.items()}


def _differences(
    outcomes: Mapping[str, Outcome], resamples: int, seed: int
) -> dict[str, dict[str, Any]]:
    if MODEL not in outcomes:
        return {}
    ours = statistics(outcomes[MODEL])
    found: dict[str, dict[str, Any]] = {}
    for name, outcome in outcomes.items():
        if name != MODEL:
            theirs = statistics(outcome)
            found[name] = {
                figure: paired_difference(
                    ours[figure], theirs[figure], outcome.groups, resamples, seed
                ).to_dict()
                for figure in COMPARED
                if figure in ours
            }
    return found


def _slices(
    outcome: Outcome, truths: Sequence[Truth], resamples: int, seed: int
) -> dict[str, dict[str, Any]]:
    """Return facet -> value -> figure, on ten rows or more.

    Figures: accuracy, unlawful recall, unlawful called lawful, lawful called unlawful.
    """
    found: dict[str, dict[str, Any]] = {}
    for facet, value, rows in slices(truths):
        part = outcome.take(rows)
        figures = {
            "accuracy": rate(part.correct, np.ones(len(part), dtype=np.bool_)),
            "unlawful_recall": rate(part.predicted_unlawful, part.truth_unlawful),
            "unlawful_called_lawful": rate(part.predicted_lawful, part.truth_unlawful),
            "lawful_false_alarm": rate(part.predicted_unlawful, part.truth_lawful),
        }
        estimates = estimate_all(figures, part.groups, resamples, seed)
        found.setdefault(facet, {})[value] = {k: e.to_dict() for k, e in estimates.items()}
    return found


def slices(truths: Sequence[Truth]) -> Iterator[tuple[str, str, IntArray]]:
    """Yield facet, value and its rows (int [n]), of facets with two values; ten rows or more."""
    members: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, truth in enumerate(truths):
        for facet, value in truth.facets.items():
            members[facet][value].append(index)
    for facet in sorted(members, key=facet_order):
        for value, rows in sorted(members[facet].items()):
            if len(rows) >= SMALLEST_SLICE and len(members[facet]) > 1:
                yield facet, value, np.array(rows)


def facet_order(facet: str) -> tuple[int, str]:
    """Order facets as FACETS has them, then what texts show, then a user's own."""
    known = (*FACETS, *TEXT_FACETS)
    return (known.index(facet) if facet in known else len(known), facet)


def _curves(outcome: Outcome) -> dict[str, Any]:
    pairs = {
        label: (outcome.scores[:, index], outcome.truth_set[:, index])
        for index, label in enumerate(outcome.scheme.labels)
    }
    found = {
        "coverage": coverage_curve(outcome.confidence, outcome.correct),
        "reliability": reliability(outcome.confidence, outcome.correct),
        "precision_recall": {label: precision_recall_curve(*pair) for label, pair in pairs.items()},
        "operating_points": {label: _operating_point(outcome, label) for label in pairs},
    }
    return {name: _rounded(value) for name, value in found.items()}


def _rounded(value: Any) -> Any:
    """Round all floats in a JSON value to five decimals, enough to draw."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, 5) if isinstance(value, float) else value


def _operating_point(outcome: Outcome, label: str) -> list[float] | None:
    """[recall, precision] of the label sets as decided, None where undefined."""
    index = outcome.scheme.labels.index(label)
    truth, predicted = outcome.truth_set[:, index], outcome.predicted_set[:, index]
    if not truth.any() or not predicted.any():
        return None
    both = float((truth & predicted).sum())
    return [both / float(truth.sum()), both / float(predicted.sum())]
