"""Fitting the decision to synthetic logits whose quality is known."""

from collections.abc import Sequence

import numpy as np
import pytest
from tiny import corpus_rows

from data.corpus import CorpusRow
from data.labels import CLASSES, LABELS, OUT_OF_SCOPE, UNLAWFUL, targets
from model.calibration import Calibration

pytest.importorskip("sklearn")

from training.calibrate import COSTS, SELECTIVE_ERROR, fit

ROWS = 1000
NOISE = 2.0
FloatArray = np.ndarray


def logits_of(rows: Sequence[CorpusRow], noise: float, seed: int = 0) -> FloatArray:
    """Return logits of 3 where a label is present and -3 where not, with Gaussian noise."""
    present = np.array([targets(row.label, row.also) for row in rows])
    noisy = 6.0 * present - 3.0 + np.random.default_rng(seed).normal(0, noise, present.shape)
    return noisy.astype(np.float32)


def fitted(noise: float) -> tuple[Calibration, dict, list[CorpusRow], FloatArray]:
    rows = corpus_rows(ROWS, seed=3)
    logits = logits_of(rows, noise)
    calibration, report = fit(logits, rows, [row.id for row in rows])
    return calibration, report, rows, logits


@pytest.fixture(scope="module")
def clean() -> tuple[Calibration, dict, list[CorpusRow], FloatArray]:
    return fitted(noise=0.5)


@pytest.fixture(scope="module")
def noisy() -> tuple[Calibration, dict, list[CorpusRow], FloatArray]:
    return fitted(noise=NOISE)


def test_the_cost_table_says_what_is_worst() -> None:
    costs = np.array(COSTS)
    lawful, scope = CLASSES.index("lawful_reminder"), CLASSES.index(OUT_OF_SCOPE)
    unlawful = [CLASSES.index(label) for label in UNLAWFUL]
    assert costs.shape == (5, 5)
    assert (np.diag(costs) == 0).all()
    assert (costs[~np.eye(5, dtype=bool)] > 0).all()
    for row in unlawful:
        # unlawful called lawful is the worst, the wrong kind of unlawful the least bad of all
        assert costs[row, lawful] == costs[row].max() > costs[row, scope]
        assert all(costs[row, other] < costs[row, scope] for other in unlawful if other != row)
    # a wrong accusation costs more than lawful against out of scope
    assert all(costs[lawful, column] > costs[lawful, scope] for column in unlawful)
    assert all(costs[scope, column] > costs[scope, lawful] for column in unlawful)


def test_numbers_are_in_their_ranges(noisy: tuple) -> None:
    calibration = noisy[0]
    assert set(calibration.platt) == set(calibration.thresholds) == set(LABELS)
    assert all(slope > 0 for slope, _ in calibration.platt.values())
    assert all(0.2 <= threshold <= 0.8 for threshold in calibration.thresholds.values())
    assert 0.5 <= calibration.temperature <= 3
    assert 0.3 <= calibration.review_below < 1
    assert 0 < calibration.review_unlawful <= 0.5
    assert calibration.costs == COSTS


def test_the_report_says_what_was_chosen_and_why(noisy: tuple) -> None:
    calibration, report, rows, _ = noisy
    assert report["rows"] == len(rows)
    assert report["cost_table"] == {"classes": list(CLASSES), "costs": COSTS}
    assert set(report["mean_cost"]) == {
        "least expected cost", "most probable class", "gravest over its threshold",
        "logistic regression on the logits, least cost",
    }  # fmt: skip
    review = report["review"]
    assert review["review_below"] == calibration.review_below
    assert review["review_unlawful"] == calibration.review_unlawful
    assert 0 <= review["error_of_unmarked"] <= 1
    assert 0 <= review["coverage"] <= 1


def test_every_rule_is_cheap_where_the_logits_are_clear_and_dear_where_not(
    clean: tuple, noisy: tuple
) -> None:
    # Which rule is cheapest depends on the logits; that is why the report compares them.
    for rule, cost in clean[1]["mean_cost"].items():
        assert cost < 0.02 < noisy[1]["mean_cost"][rule]


def test_doubt_is_settled_against_the_dearer_mistake(noisy: tuple) -> None:
    calibration, _, rows, logits = noisy
    truth = np.array([row.label for row in rows])
    answers = np.array([verdict.label for verdict in calibration.decide(logits)])
    probable = np.array(CLASSES)[calibration.class_probabilities(logits).argmax(axis=1)]
    unlawful = np.isin(truth, UNLAWFUL)
    assert (answers[unlawful] == "lawful_reminder").sum() < (
        probable[unlawful] == "lawful_reminder"
    ).sum()


def test_clean_logits_are_decided_right_and_not_reviewed(clean: tuple) -> None:
    calibration, report, rows, logits = clean
    verdicts = calibration.decide(logits)
    assert [verdict.label for verdict in verdicts] == [row.label for row in rows]
    assert [verdict.also for verdict in verdicts] == [row.also for row in rows]
    assert sum(verdict.review is None for verdict in verdicts) >= 0.99 * len(rows)
    assert report["review"]["coverage"] >= 0.99
    assert report["review"]["error_of_unmarked"] == 0


def test_noisy_logits_are_reviewed_until_the_rest_is_right(noisy: tuple, clean: tuple) -> None:
    review = noisy[1]["review"]
    assert 0.2 < review["coverage"] < clean[1]["review"]["coverage"]
    assert review["error_of_unmarked"] <= SELECTIVE_ERROR


def test_the_calibration_holds_on_fresh_rows(noisy: tuple) -> None:
    calibration = noisy[0]
    rows = corpus_rows(ROWS, seed=4)
    logits = logits_of(rows, noise=NOISE, seed=9).astype(np.float64)
    present = np.array([targets(row.label, row.also) for row in rows])
    scores = calibration.scores(logits)
    for column in range(4):
        for low, high in ((0.0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1.0)):
            bin_ = (scores[:, column] >= low) & (scores[:, column] < high)
            if bin_.sum() >= 50:
                expected, found = scores[bin_, column].mean(), present[bin_, column].mean()
                assert found == pytest.approx(expected, abs=0.12)
    verdicts = calibration.decide(logits)
    right = np.mean([v.label == row.label for v, row in zip(verdicts, rows, strict=True)])
    assert np.mean([verdict.confidence for verdict in verdicts]) == pytest.approx(right, abs=0.05)


def test_fitting_twice_gives_the_same(noisy: tuple) -> None:
    calibration, report, rows, logits = noisy
    assert fit(logits, rows, [row.id for row in rows]) == (calibration, report)


def test_rows_of_one_group_do_not_flatter_the_comparison() -> None:
    """With every row four times over, folds by group report what folds of single rows did."""
    rows = corpus_rows(200, seed=5)
    logits = logits_of(rows, noise=NOISE)
    single = fit(logits, rows, [row.id for row in rows])[1]
    copies = [row for row in rows for _ in range(4)]
    grouped = fit(np.repeat(logits, 4, axis=0), copies, [row.id for row in copies])[1]
    for rule in ("least expected cost", "most probable class"):
        assert grouped["mean_cost"][rule] == pytest.approx(single["mean_cost"][rule], abs=0.1)
