"""Calibration error, reliability, coverage and error: known answers."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, precision_recall_curve

from training.calibration_error import (
    brier,
    calibration_error,
    calibration_statistics,
    coverage_curve,
    ece_if_calibrated,
    equal_mass_bins,
    reliability,
    threshold_for_coverage,
)
from training.calibration_error import precision_recall_curve as our_curve
from training.intervals import Statistic
from training.metrics import selective_statistics
from training.outcome import Outcome


def value(statistic: Statistic) -> float:
    return float(statistic.finish(statistic.features.sum(axis=0, keepdims=True))[0])


def outcome_with(confidence: np.ndarray, correct: np.ndarray) -> Outcome:
    n = len(correct)
    truth = np.zeros(n, dtype=np.int64)
    predicted = np.where(correct, 0, 4)
    return Outcome(
        truth=truth,
        truth_set=np.eye(5, dtype=bool)[truth][:, :4],
        predicted=predicted,
        predicted_set=np.eye(5, dtype=bool)[predicted][:, :4],
        confidence=confidence,
        scores=np.tile([0.9, 0.2, 0.1, 0.0], (n, 1)),
        reviewed=np.zeros(n, dtype=bool),
        groups=np.arange(n),
        contrast=np.full(n, -1),
    )


def test_ece_of_two_bins_by_hand() -> None:
    # Low half: mean 0.55, half right. High half: mean 0.95, all right. Both are off by 0.05.
    probability = np.array([0.5, 0.6, 0.9, 1.0])
    happened = np.array([True, False, True, True])
    assert value(calibration_error(probability, happened, bins=2)) == pytest.approx(0.05)


def test_ece_is_the_plain_gap_where_all_confidences_are_equal() -> None:
    happened = np.arange(100) < 80
    assert value(calibration_error(np.full(100, 0.9), happened)) == pytest.approx(0.1)
    assert value(calibration_error(np.full(100, 0.8), happened)) == pytest.approx(0)


def test_opposite_errors_in_different_bins_do_not_cancel() -> None:
    probability = np.repeat([0.2, 0.8], 50)
    happened = np.repeat([True, False], 50)
    assert value(calibration_error(probability, happened, bins=2)) == pytest.approx(0.8)


def test_bins_are_those_of_sklearn_and_hold_equal_mass() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(1000) ** 2
    happened = rng.random(1000) < probability
    counts = np.bincount(equal_mass_bins(probability))
    assert counts.tolist() == [100] * 10
    share, mean = calibration_curve(happened, probability, n_bins=10, strategy="quantile")
    ours = np.array(reliability(probability, happened))
    assert ours[:, 0] == pytest.approx(mean)
    assert ours[:, 1] == pytest.approx(share)
    expected = np.abs(share - mean).mean()
    assert value(calibration_error(probability, happened)) == pytest.approx(expected)


def test_order_of_rows_does_not_matter_even_with_ties() -> None:
    rng = np.random.default_rng(1)
    probability = np.round(rng.random(200), 1)
    happened = rng.random(200) < 0.5
    order = rng.permutation(200)
    one = value(calibration_error(probability, happened))
    assert one == pytest.approx(value(calibration_error(probability[order], happened[order])))


def test_brier_agrees_with_sklearn() -> None:
    rng = np.random.default_rng(0)
    probability, happened = rng.random(50), rng.random(50) < 0.5
    assert value(brier(probability, happened)) == pytest.approx(
        brier_score_loss(happened, probability)
    )


def test_calibrated_confidences_measure_as_chance_alone_would() -> None:
    rng = np.random.default_rng(2)
    probability = rng.uniform(0.6, 1, 400)
    expected = ece_if_calibrated(probability)
    drawn = [
        value(calibration_error(probability, rng.random(400) < probability)) for _ in range(100)
    ]
    assert expected == pytest.approx(np.mean(drawn), rel=0.1)
    assert 0.02 < expected < 0.06


def test_outputs_are_calibrated_against_presence() -> None:
    found = calibration_statistics(outcome_with(np.full(10, 0.9), np.ones(10, dtype=bool)))
    parts = {name: value(found[f"ece_{name}"]) for name in ("lawful_reminder", "harassment")}
    assert parts == pytest.approx({"lawful_reminder": 0.1, "harassment": 0.2})
    assert value(found["ece_outputs"]) == pytest.approx((0.1 + 0.2 + 0.1 + 0) / 4)
    assert value(found["brier_outputs"]) == pytest.approx((0.01 + 0.04 + 0.01 + 0) / 4)


@pytest.mark.parametrize(
    ("coverage", "expected"), [(1, 0.1), (0.85, 0.2), (0.8, 0.3), (0.1, 1.0), (0.05, 1.0)]
)
def test_threshold_keeps_at_least_the_coverage(coverage: float, expected: float) -> None:
    confidence = np.arange(1, 11) / 10
    assert threshold_for_coverage(confidence, coverage) == pytest.approx(expected)


def test_threshold_refuses_what_cannot_be_covered() -> None:
    for confidence, coverage in ((np.empty(0), 0.85), (np.ones(3), 0.0), (np.ones(3), 1.5)):
        with pytest.raises(ValueError, match="coverage"):
            threshold_for_coverage(confidence, coverage)


def test_selective_error_by_hand() -> None:
    confidence = np.arange(1, 21) / 20
    correct = np.ones(20, dtype=bool)
    correct[[0, 1, 10]] = False  # the two least confident fall outside 85 % (17 rows)
    found = selective_statistics(outcome_with(confidence, correct))
    assert value(found["selective_error"]) == pytest.approx(1 / 17)
    assert value(found["selective_coverage"]) == pytest.approx(17 / 20)


def test_ties_at_the_threshold_are_all_kept() -> None:
    correct = np.array([True] * 9 + [False])
    found = selective_statistics(outcome_with(np.full(10, 0.7), correct))
    assert value(found["selective_coverage"]) == 1
    assert value(found["selective_error"]) == pytest.approx(0.1)


def test_coverage_curve_by_hand() -> None:
    confidence = np.array([0.6, 0.9, 0.8, 0.8])
    correct = np.array([False, True, True, False])
    assert coverage_curve(confidence, correct) == [
        [0.25, 0.0, 0.9],
        [0.75, pytest.approx(1 / 3), 0.8],
        [1.0, 0.5, 0.6],
    ]


def test_coverage_curve_is_thinned_but_reaches_the_end() -> None:
    rng = np.random.default_rng(0)
    curve = coverage_curve(rng.random(5000), rng.random(5000) < 0.5, points=100)
    assert 90 <= len(curve) <= 130
    assert curve[-1][0] == 1


def test_precision_recall_curve_agrees_with_sklearn() -> None:
    rng = np.random.default_rng(0)
    score, present = rng.random(60), rng.random(60) < 0.4
    precision, recall, _ = precision_recall_curve(present, score)
    expected = {(round(r, 9), round(p, 9)) for r, p in zip(recall, precision, strict=True)}
    ours = {(round(r, 9), round(p, 9)) for r, p, _ in our_curve(score, present)}
    assert ours <= expected
    assert len(our_curve(score, present)) == 60
    assert our_curve(score, np.zeros(60, dtype=bool)) == []
