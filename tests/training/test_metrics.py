"""Metrics against cases counted by hand and against scikit-learn."""

from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from data.labels import CLASSES, LABELS
from training.evalrows import Truth
from training.metrics import confusion, macro_f1, macro_f1_outputs, measure, statistics
from training.outcome import Outcome, judge
from training.predictors import Predictions

SHORT = {"L": "lawful_reminder", "H": "harassment", "T": "threat_extortion"} | {
    "P": "privacy_disclosure",
    "O": "out_of_scope",
}


def outcome_of(
    truth: str,
    predicted: str,
    confidence: Sequence[float] | None = None,
    review: Sequence[bool] | None = None,
    sets: Sequence[str | None] | None = None,
) -> Outcome:
    """Build an outcome from words such as "T HP": primary label, then ``also``."""
    rows, answers = truth.split(), predicted.split()
    names = list(sets or [None] * len(rows))
    truths = [
        Truth(SHORT[row[0]], tuple(SHORT[c] for c in row[1:]), group=name, contrast=name)
        for row, name in zip(rows, names, strict=True)
    ]
    return judge(
        truths,
        Predictions(
            labels=[SHORT[answer[0]] for answer in answers],
            also=[[SHORT[c] for c in answer[1:]] for answer in answers],
            confidence=np.array(confidence or [0.9] * len(rows)),
            scores=np.full((len(rows), 4), 0.5),
            review=["low_confidence" if flag else None for flag in review or [False] * len(rows)],
        ),
    )


def figure(outcome: Outcome, name: str) -> float | None:
    value = measure(outcome, resamples=50)["figures"][name]["value"]
    assert value is None or isinstance(value, float)
    return value


def random_outcome(seed: int, n: int = 300) -> Outcome:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 5, n)
    predicted = np.where(rng.random(n) < 0.6, truth, rng.integers(0, 5, n))
    also = rng.random((n, 4)) < 0.1
    return Outcome(
        truth=truth,
        truth_set=np.eye(5, dtype=bool)[truth][:, :4] | also,
        predicted=predicted,
        predicted_set=np.eye(5, dtype=bool)[predicted][:, :4] | (rng.random((n, 4)) < 0.1),
        confidence=rng.random(n),
        scores=rng.random((n, 4)),
        reviewed=rng.random(n) < 0.2,
        groups=np.arange(n),
        contrast=np.full(n, -1),
    )


def test_confusion_counts_truth_by_row() -> None:
    table = confusion(outcome_of("L L T O", "L T T L"))
    assert table[CLASSES.index("lawful_reminder")].tolist() == [1, 0, 1, 0, 0]
    assert table[CLASSES.index("out_of_scope")].tolist() == [1, 0, 0, 0, 0]
    assert table.sum() == 4


def test_macro_f1_by_hand_leaves_out_absent_classes() -> None:
    # L: 2 right of 3 true and 2 called: 4/5. T: 1 of 1 true, 2 called: 2/3. Nothing else occurs.
    outcome = outcome_of("L L L T", "L L T T")
    assert figure(outcome, "macro_f1_five") == pytest.approx((4 / 5 + 2 / 3) / 2, abs=1e-6)
    # One O called L: L 4/6, and O, which is now there, has an F1 of 0.
    with_out = outcome_of("L L L T O", "L L T T L")
    five, four = figure(with_out, "macro_f1_five"), figure(with_out, "macro_f1_four")
    assert five == pytest.approx((4 / 6 + 2 / 3 + 0) / 3, abs=1e-6)
    assert four == pytest.approx((4 / 6 + 2 / 3) / 2, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_scores_agree_with_sklearn(seed: int) -> None:
    outcome = random_outcome(seed)
    found = measure(outcome, resamples=20)
    figures = found["figures"]
    truth, predicted = outcome.truth, outcome.predicted
    expected = f1_score(truth, predicted, average="macro")
    assert figures["macro_f1_five"]["value"] == pytest.approx(expected, abs=1e-6)
    expected = f1_score(truth, predicted, average="macro", labels=range(4))
    assert figures["macro_f1_four"]["value"] == pytest.approx(expected, abs=1e-6)
    expected = f1_score(outcome.truth_set, outcome.predicted_set, average="macro")
    assert figures["macro_f1_outputs"]["value"] == pytest.approx(expected, abs=1e-6)
    for table, names, pair in (
        ("classes", CLASSES, (truth, predicted)),
        ("outputs", LABELS, (outcome.truth_set, outcome.predicted_set)),
    ):
        columns = precision_recall_fscore_support(*pair)
        for index, name in enumerate(names):
            row = found[table][name]
            values = [row[key]["value"] for key in ("precision", "recall", "f1")]
            assert [*values, row["support"]] == pytest.approx(
                [column[index] for column in columns], abs=1e-6
            )


def test_macro_f1_resamples_agree_with_sklearn_on_the_repeated_rows() -> None:
    outcome = random_outcome(1, n=40)
    weights = np.random.default_rng(0).multinomial(40, np.full(40, 1 / 40), size=10)
    statistic = macro_f1(outcome)
    found = statistic.finish(weights @ statistic.features)
    for value, weight in zip(found, weights, strict=True):
        rows = np.repeat(np.arange(40), weight)
        expected = f1_score(outcome.truth[rows], outcome.predicted[rows], average="macro")
        assert value == pytest.approx(expected)
    assert macro_f1_outputs(outcome).features.shape == (40, 12)


def test_exact_match_needs_the_whole_label_set() -> None:
    assert figure(outcome_of("TP TP T PT", "TP T TP TP"), "exact_match") == 0.25
    assert figure(outcome_of("TP TP T PT", "TP T TP TP"), "accuracy") == 0.75


def test_errors_on_unlawful_rows_by_hand() -> None:
    #                     found by also | lawful | out | right | wrong kind; then a lawful row
    outcome = outcome_of("T  T  P  H  T  L", "LH L  O  H  P  L")
    assert figure(outcome, "unlawful_recall") == pytest.approx(3 / 5)
    assert figure(outcome, "unlawful_called_lawful") == pytest.approx(2 / 5)
    assert figure(outcome, "unlawful_missed_as_lawful") == pytest.approx(1 / 5)
    assert figure(outcome, "unlawful_missed_as_out_of_scope") == pytest.approx(1 / 5)
    assert measure(outcome, 20)["figures"]["unlawful_recall"]["n"] == 5


def test_false_alarms_by_hand() -> None:
    outcome = outcome_of("L L L L O O O O O", "L T LH O O L T O O")
    assert figure(outcome, "lawful_false_alarm") == pytest.approx(2 / 4)
    assert figure(outcome, "oos_called_unlawful") == pytest.approx(1 / 5)
    assert figure(outcome, "oos_called_any") == pytest.approx(2 / 5)


def test_figures_without_their_rows_are_undefined() -> None:
    outcome = outcome_of("T H", "T L")
    assert figure(outcome, "lawful_false_alarm") is None
    assert figure(outcome, "oos_called_any") is None
    assert figure(outcome, "contrast_sets_right") is None


def test_out_of_scope_sets_have_false_alarms_only() -> None:
    found = measure(outcome_of("O O O O", "O T L O", review=[True, False, False, False]), 20)
    assert set(found["figures"]) == {"oos_called_unlawful", "oos_called_any", "unreviewed_share"}
    assert found["figures"]["oos_called_unlawful"]["value"] == 0.25
    assert found["figures"]["unreviewed_share"]["value"] == 0.75
    assert "classes" not in found


def test_a_contrast_set_counts_only_as_a_whole() -> None:
    outcome = outcome_of(
        "L T L T P H L",
        "L T L L P H T",
        sets=["a", "a", "b", "b", "c", "c", None],
    )
    found = measure(outcome, resamples=50)["figures"]["contrast_sets_right"]
    assert found["value"] == pytest.approx(2 / 3, abs=1e-6)
    assert found["n"] == 3


def test_rows_of_a_contrast_set_need_not_be_neighbours_and_single_rows_are_none() -> None:
    outcome = outcome_of("L T L T", "L T T T", sets=["b", "a", "c", "b"])
    found = measure(outcome, resamples=50)["figures"]["contrast_sets_right"]
    assert (found["value"], found["n"]) == (1, 1)


def test_review_splits_coverage_and_error() -> None:
    outcome = outcome_of("L T L T", "L L L T", review=[False, True, False, False])
    assert figure(outcome, "unreviewed_share") == 0.75
    assert figure(outcome, "unreviewed_error") == 0


def test_statistics_are_all_over_the_same_rows() -> None:
    outcome = random_outcome(0)
    assert {len(s.features) for s in statistics(outcome).values()} == {300}


def test_no_rows_and_unequal_numbers_are_errors() -> None:
    with pytest.raises(ValueError, match="no rows"):
        measure(outcome_of("", ""))
    with pytest.raises(ValueError, match="1 rows but 0 predictions"):
        judge([Truth("harassment")], Predictions.join([]))


def test_unknown_predicted_labels_are_errors() -> None:
    answer = Predictions(["spam"], [[]], np.ones(1), np.zeros((1, 4)), [None])
    with pytest.raises(ValueError, match="spam"):
        judge([Truth("harassment")], answer)


def test_predictions_must_line_up() -> None:
    with pytest.raises(ValueError, match="mismatched"):
        Predictions(["harassment"], [[]], np.ones(2), np.zeros((1, 4)), [None])
