"""Baselines learn a toy problem, and their decision rule does what it says."""

from collections.abc import Sequence

import numpy as np
import pytest
from toy import WORDS, toy_rows

from data.labels import CLASSES, LABELS
from training.baseline_rule import BaselineRule, Platt, macro_f1_five, primary_labels
from training.baselines import fit_baseline, fit_baselines, word_features
from training.metrics import measure
from training.outcome import judge
from training.predictors import FloatArray, Predictor


def embed(texts: Sequence[str]) -> FloatArray:
    """Stand in for the encoder: which of the toy words a text has, and some noise."""
    words = [word for group in WORDS.values() for word in group]
    rng = np.random.default_rng(0)
    found = np.array([[float(word in text) for word in words] for text in texts])
    return found + 0.01 * rng.random(found.shape)


@pytest.fixture(scope="module")
def fitted() -> list[Predictor]:
    return list(fit_baselines(toy_rows(300, 1), toy_rows(100, 2), embed))


def test_all_three_learn_the_toy_problem(fitted: list[Predictor]) -> None:
    rows = toy_rows(200, 3)
    assert [one.name for one in fitted] == ["words", "characters", "encoder"]
    for baseline in fitted:
        found = baseline.predict([text for text, _ in rows])
        figures = measure(judge([truth for _, truth in rows], found), 20)["figures"]
        assert figures["macro_f1_five"]["value"] > 0.95, baseline.name
        assert figures["macro_f1_outputs"]["value"] > 0.8, baseline.name


def test_predictions_are_well_formed(fitted: list[Predictor]) -> None:
    texts = [text for text, _ in toy_rows(20, 4)]
    for baseline in fitted:
        found = baseline.predict(texts)
        assert found.scores.shape == (20, 4)
        for values in (found.scores, found.confidence):
            assert ((values >= 0) & (values <= 1)).all()
        assert set(found.labels) <= set(CLASSES)
        for label, also in zip(found.labels, found.also, strict=True):
            assert label not in also
            assert "lawful_reminder" not in also
            assert label != "out_of_scope" or not also
        assert found.review == [None] * 20
        assert len(baseline.predict([])) == 0


def test_fitting_is_repeatable() -> None:
    rows = toy_rows(60, 5)
    texts = [text for text, _ in toy_rows(10, 6)]
    one, two = (fit_baseline("words", word_features(), rows, rows, (1.0,)) for _ in range(2))
    assert (one.predict(texts).scores == two.predict(texts).scores).all()
    assert one.choice == two.choice


def test_without_an_encoder_there_are_two() -> None:
    names = [one.name for one in fit_baselines(toy_rows(60, 1), toy_rows(60, 2))]
    assert names == ["words", "characters"]


def test_an_empty_grid_is_an_error() -> None:
    with pytest.raises(ValueError, match="grid"):
        fit_baseline("words", word_features(), toy_rows(20, 1), toy_rows(20, 1), ())


def test_disguised_words_are_normalised_first() -> None:
    rows = toy_rows(100, 1)
    baseline = fit_baseline("words", word_features(), rows, rows, (10.0,))
    plain, wide = baseline.predict(["你好砍死你今天", "你好\u200b砍死\u200b你今天"]).scores
    assert plain == pytest.approx(wide)


def test_primary_label_is_the_gravest_or_the_likeliest_over_its_threshold() -> None:
    #                 lawful, harassment, threat, privacy
    scores = np.array([[0.9, 0.6, 0.55, 0.1], [0.4, 0.3, 0.2, 0.1], [0.1, 0.6, 0.1, 0.7]])
    half = np.full(4, 0.5)
    named = {
        order: [CLASSES[index] for index in primary_labels(scores, half, order)]
        for order in ("gravest", "likeliest")
    }
    assert named["gravest"] == ["threat_extortion", "out_of_scope", "privacy_disclosure"]
    assert named["likeliest"] == ["lawful_reminder", "out_of_scope", "privacy_disclosure"]


def test_rule_finds_thresholds_that_separate_shifted_scores() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 400)
    truth_set = np.eye(5, dtype=bool)[truth][:, :4]
    raw = np.where(truth_set, 0.3, 0.1) + rng.uniform(-0.05, 0.05, (400, 4))
    rule = BaselineRule.fit(raw, truth, truth_set)
    found = rule.decide(raw)
    assert [CLASSES[index] for index in truth] == found.labels
    assert found.confidence.min() > 0.9


def test_platt_recovers_a_known_distortion() -> None:
    rng = np.random.default_rng(0)
    true = rng.uniform(0.05, 0.95, 20_000)
    happened = rng.random(20_000) < true
    logits = np.log(true / (1 - true))
    calibrate = Platt.fit(1 / (1 + np.exp(-(2 * logits + 1))), happened)
    assert (calibrate.slope, calibrate.shift) == pytest.approx((0.5, -0.5), abs=0.05)


def test_platt_is_the_identity_where_nothing_can_be_learnt() -> None:
    probability = np.array([0.2, 0.7])
    assert Platt.fit(probability, np.array([True, True]))(probability) == pytest.approx(probability)


def test_quick_macro_f1_leaves_out_absent_classes() -> None:
    assert macro_f1_five(np.array([0, 0, 0, 2]), np.array([0, 0, 2, 2])) == pytest.approx(
        (4 / 5 + 2 / 3) / 2
    )
    assert len(LABELS) == 4
