"""What is measured, each figure as a `Statistic` of an `Outcome`. numpy only.

Right means that the primary label is right. Macro averages leave out a class that is absent in
both truth and prediction. "Unlawful" rows are those with any unlawful label, primary or ``also``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from training.calibration_error import COVERAGE, calibration_statistics, threshold_for_coverage
from training.intervals import RESAMPLES, Statistic, estimate_all, rate, ratio
from training.outcome import Outcome
from training.predictors import BoolArray, FloatArray, IntArray


def confusion(outcome: Outcome) -> IntArray:
    """Return counts [classes, classes]: true class by row, predicted class by column."""
    k = len(outcome.scheme.classes)
    counts: IntArray = _cells(outcome).sum(axis=0).reshape(k, k).astype(np.int64)
    return counts


def macro_f1(outcome: Outcome, classes: int | None = None) -> Statistic:
    """Return the macro-F1 of the primary label over the first so many classes, or over all."""
    k = len(outcome.scheme.classes)

    def finish(sums: FloatArray) -> FloatArray:
        table = sums.reshape(-1, k, k)
        hits = np.diagonal(table, axis1=1, axis2=2)
        seen = table.sum(axis=2) + table.sum(axis=1)
        return _mean_of_known(_divide(2 * hits, seen)[:, :classes])

    return Statistic(_cells(outcome), finish, len(outcome))


def macro_f1_outputs(outcome: Outcome) -> Statistic:
    """Return the mean F1 of the outputs, each label present or absent (``also`` counts)."""
    features = np.stack(
        [outcome.truth_set & outcome.predicted_set, outcome.truth_set, outcome.predicted_set], 1
    ).astype(np.float64)

    def finish(sums: FloatArray) -> FloatArray:
        both, truth, predicted = np.moveaxis(sums.reshape(-1, 3, len(outcome.scheme.labels)), 1, 0)
        return _mean_of_known(_divide(2 * both, truth + predicted))

    return Statistic(features.reshape(len(outcome), -1), finish, len(outcome))


def contrast_sets(outcome: Outcome) -> Statistic:
    """Return the share of contrast sets in which every row's primary label is right."""
    # The numbers of a set stand on its first row; sets are resampled whole, so none is torn.
    _, first, index = np.unique(outcome.contrast, return_index=True, return_inverse=True)
    wrong = np.bincount(index, weights=~outcome.correct)
    features = np.zeros((len(outcome), 2))
    features[first] = np.stack([wrong == 0, np.ones(len(first))], axis=1)
    features[outcome.contrast < 0] = 0
    return Statistic(features, ratio, int(features[:, 1].sum()), rate=True)


def alarm_statistics(outcome: Outcome) -> dict[str, Statistic]:
    """Return the figures that are defined even where every row is out of scope."""
    out = outcome.truth_none
    return {
        "oos_called_unlawful": rate(outcome.predicted_unlawful, out),
        "oos_called_any": rate(~outcome.predicted_none, out),
        "unreviewed_share": rate(~outcome.reviewed, np.ones(len(outcome), dtype=np.bool_)),
    }


def error_statistics(outcome: Outcome) -> dict[str, Statistic]:
    """Return the rates of the errors that matter: unlawful conduct missed, false alarms."""
    unlawful, found = outcome.truth_unlawful, outcome.predicted_unlawful
    as_lawful, as_out = outcome.predicted_lawful, outcome.predicted_none
    return {
        "unlawful_recall": rate(found, unlawful),
        "unlawful_called_lawful": rate(as_lawful, unlawful),
        "unlawful_missed_as_lawful": rate(~found & as_lawful, unlawful),
        "unlawful_missed_as_out_of_scope": rate(~found & as_out, unlawful),
        "lawful_false_alarm": rate(found, outcome.truth_lawful),
        "contrast_sets_right": contrast_sets(outcome),
    }


def selective_statistics(outcome: Outcome) -> dict[str, Statistic]:
    """Return the errors among rows that are acted on.

    ``selective_error``: among the most confident 85 % (the threshold is found on these very rows
    and then held fixed in resampling; ties at it are all kept). ``unreviewed_error``: among the
    rows that the system itself does not flag for review.
    """
    everything = np.ones(len(outcome), dtype=np.bool_)
    kept = outcome.confidence >= threshold_for_coverage(outcome.confidence, COVERAGE)
    return {
        "selective_error": rate(~outcome.correct, kept),
        "selective_coverage": rate(kept, everything),
        "unreviewed_error": rate(~outcome.correct, ~outcome.reviewed),
    }


def statistics(outcome: Outcome) -> dict[str, Statistic]:
    """Return every figure that the set of rows supports, by name."""
    if outcome.only_out_of_scope:
        return alarm_statistics(outcome)
    everything = np.ones(len(outcome), dtype=np.bool_)
    exact = (outcome.truth_set == outcome.predicted_set).all(axis=1) & outcome.correct
    return {
        # over all classes and all labels: five and four under the default scheme
        "macro_f1_five": macro_f1(outcome),
        "macro_f1_four": macro_f1(outcome, len(outcome.scheme.labels)),
        "macro_f1_outputs": macro_f1_outputs(outcome),
        "accuracy": rate(outcome.correct, everything),
        "exact_match": rate(exact, everything),
        **error_statistics(outcome),
        **alarm_statistics(outcome),
        **selective_statistics(outcome),
        **calibration_statistics(outcome),
    }


def measure(outcome: Outcome, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, Any]:
    """Return all figures of one system on one set, as JSON values.

    ``figures``: name -> Estimate; ``classes``: per primary class, and ``outputs``: per label with
    ``also`` counted, each {precision, recall, f1: Estimate, support}; ``confusion``: counts.
    The last three have no ``classes`` and ``outputs`` where all rows are out of scope.
    """
    if not len(outcome):
        raise ValueError("no rows to measure")
    tables = (
        {}
        if outcome.only_out_of_scope
        else {"classes": _per_class(outcome), "outputs": _per_output(outcome)}
    )
    wanted = statistics(outcome)
    for table, rows in tables.items():
        for name, (truth, predicted) in rows.items():
            for figure, statistic in _scores(truth, predicted).items():
                wanted[f"{table}/{name}/{figure}"] = statistic
    found = estimate_all(wanted, outcome.groups, resamples, seed)
    result: dict[str, Any] = {
        "figures": {name: e.to_dict() for name, e in found.items() if "/" not in name},
        "confusion": confusion(outcome).tolist(),
    }
    for table, rows in tables.items():
        result[table] = {
            name: {
                figure: found[f"{table}/{name}/{figure}"].to_dict()
                for figure in ("precision", "recall", "f1")
            }
            | {"support": int(truth.sum())}
            for name, (truth, _) in rows.items()
        }
    return result


def _per_class(outcome: Outcome) -> dict[str, tuple[BoolArray, BoolArray]]:
    return {
        name: (outcome.truth == index, outcome.predicted == index)
        for index, name in enumerate(outcome.scheme.classes)
    }


def _per_output(outcome: Outcome) -> dict[str, tuple[BoolArray, BoolArray]]:
    return {
        name: (outcome.truth_set[:, index], outcome.predicted_set[:, index])
        for index, name in enumerate(outcome.scheme.labels)
    }


def _scores(truth: BoolArray, predicted: BoolArray) -> dict[str, Statistic]:
    both = truth & predicted
    doubled = np.stack([2.0 * both, 1.0 * truth + predicted], axis=1)
    return {
        "precision": rate(both, predicted),
        "recall": rate(both, truth),
        "f1": Statistic(doubled, ratio, int(truth.sum())),
    }


def _cells(outcome: Outcome) -> FloatArray:
    """float [n, classes²]: one-hot cell of the confusion matrix."""
    k = len(outcome.scheme.classes)
    cells: FloatArray = np.eye(k * k)[outcome.truth * k + outcome.predicted]
    return cells


def _divide(above: FloatArray, below: FloatArray) -> FloatArray:
    result: FloatArray = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return result


def _mean_of_known(values: FloatArray) -> FloatArray:
    """Row means [r] of values [r, k] without the NaN, NaN for a row of nothing else."""
    known = ~np.isnan(values)
    return _divide(np.where(known, values, 0).sum(axis=1), known.sum(axis=1).astype(np.float64))
