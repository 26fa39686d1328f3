"""How far confidences can be believed: ECE, Brier score, coverage against error. numpy only.

The expected calibration error uses `BINS` bins of equal mass: edges at the quantiles of the
probabilities, equal probabilities never parted. In resampling the bins stay as they are.
"""

from __future__ import annotations

import numpy as np

from training.intervals import Statistic
from training.outcome import Outcome
from training.predictors import BoolArray, FloatArray, IntArray

BINS = 10
COVERAGE = 0.85


def equal_mass_bins(probability: FloatArray, bins: int = BINS) -> IntArray:
    """Return the bin [n], 0..bins-1, of each probability; some bins may be empty."""
    edges = np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, probability).astype(np.int64)


def calibration_error(probability: FloatArray, happened: BoolArray, bins: int = BINS) -> Statistic:
    """Return the ECE: mean over rows of |mean probability - frequency| in the row's bin."""
    gaps = np.zeros((len(probability), bins + 1))
    rows = np.arange(len(probability))
    gaps[rows, equal_mass_bins(probability, bins)] = probability - happened
    gaps[:, bins] = 1
    return Statistic(gaps, _mean_gap, len(probability), noisy=True)


def _mean_gap(sums: FloatArray) -> FloatArray:
    result: FloatArray = np.abs(sums[:, :-1]).sum(axis=1) / sums[:, -1]
    return result


def brier(probability: FloatArray, happened: BoolArray) -> Statistic:
    """Return the mean squared error of the probabilities."""
    squares = np.stack([(probability - happened) ** 2, np.ones(len(probability))], axis=1)
    return Statistic(squares, _mean_gap, len(probability))


def calibration_statistics(outcome: Outcome) -> dict[str, Statistic]:
    """Return ECE and Brier score of the top label and of the outputs."""
    found = {
        "ece": calibration_error(outcome.confidence, outcome.correct),
        "brier": brier(outcome.confidence, outcome.correct),
    }
    outputs = {
        label: (outcome.scores[:, index], outcome.truth_set[:, index])
        for index, label in enumerate(outcome.scheme.labels)
    }
    found |= {f"ece_{label}": calibration_error(*pair) for label, pair in outputs.items()}
    found["ece_outputs"] = _mean_of([found[f"ece_{label}"] for label in outputs])
    found["brier_outputs"] = _mean_of([brier(*pair) for pair in outputs.values()])
    return found


def _mean_of(parts: list[Statistic]) -> Statistic:
    """Return the mean of several statistics that have equally many features."""
    features = np.concatenate([part.features for part in parts], axis=1)

    def finish(sums: FloatArray) -> FloatArray:
        pieces = np.split(sums, len(parts), axis=1)
        done = [part.finish(piece) for part, piece in zip(parts, pieces, strict=True)]
        return np.asarray(np.mean(done, axis=0))

    return Statistic(features, finish, parts[0].n, noisy=parts[0].noisy)


def ece_if_calibrated(
    probability: FloatArray, bins: int = BINS, draws: int = 200, seed: int = 0
) -> float:
    """Return the mean ECE that perfect calibration would show on this many rows.

    Chance alone keeps the ECE of a small set above 0: a measured ECE near this value is no sign
    of miscalibration.
    """
    rng = np.random.default_rng(seed)
    members = np.eye(bins)[equal_mass_bins(probability, bins)]
    gaps = (rng.random((draws, len(probability))) < probability) - probability
    return float(np.abs(gaps @ members).sum(axis=1).mean() / len(probability))


def reliability(
    probability: FloatArray, happened: BoolArray, bins: int = BINS
) -> list[list[float]]:
    """Return [mean probability, frequency, rows] of each bin that is not empty."""
    index = equal_mass_bins(probability, bins)
    return [
        [float(probability[index == b].mean()), float(happened[index == b].mean()), int(count)]
        for b, count in enumerate(np.bincount(index, minlength=bins))
        if count
    ]


def threshold_for_coverage(confidence: FloatArray, coverage: float = COVERAGE) -> float:
    """Return the highest confidence at or above which at least this share of the rows lies.

    Raises ValueError for no rows or a coverage outside (0, 1].
    """
    if not len(confidence) or not 0 < coverage <= 1:
        raise ValueError("coverage must be in (0, 1] and of at least one row")
    kept = int(np.ceil(round(coverage * len(confidence), 9)))
    return float(np.sort(confidence)[len(confidence) - kept])


def coverage_curve(
    confidence: FloatArray, correct: BoolArray, points: int = 120
) -> list[list[float]]:
    """Return [coverage, error, threshold], one for each distinct confidence, from high to low.

    Rows of equal confidence enter together. At most about ``points`` are kept, evenly spread.
    """
    order = np.argsort(-confidence, kind="stable")
    ordered, wrong = confidence[order], np.cumsum(~correct[order])
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, True))
    last = last[:: max(1, len(last) // points)] if len(last) > points else last
    if last[-1] != len(ordered) - 1:
        last = np.append(last, len(ordered) - 1)
    return [
        [(end + 1) / len(ordered), float(wrong[end] / (end + 1)), float(ordered[end])]
        for end in map(int, last)
    ]


def precision_recall_curve(
    score: FloatArray, present: BoolArray, points: int = 120
) -> list[list[float]]:
    """Return [recall, precision, threshold] for falling thresholds; empty if never present."""
    total = int(present.sum())
    if not total:
        return []
    return [
        [coverage * len(score) * (1 - error) / total, 1 - error, threshold]
        for coverage, error, threshold in coverage_curve(score, present, points)
    ]
