"""The decision rule on hand-made probabilities."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_artifact import IDENTITY

from data.labels import CLASSES, GRAVITY, LABELS, UNLAWFUL
from model.calibration import Calibration, chain, sigmoid, softmax
from model.verdict import Verdict

LOGITS = st.lists(st.floats(-60, 60), min_size=4, max_size=4)


def decide(calibration: Calibration, *logits: list[float]) -> list[Verdict]:
    return calibration.decide(np.array(logits))


def logits_for(**probabilities: float) -> list[float]:
    """Return logits whose class probabilities under IDENTITY are the given ones (sum 1)."""
    left, logits = 1.0, dict.fromkeys(LABELS, -13.0)
    for label in GRAVITY:
        if probability := probabilities.get(label, 0.0):
            present = probability / left
            logits[label] = float(np.log(present / (1 - present)))
            left -= probability
    return [logits[label] for label in LABELS]


def test_chain_is_the_guides_order_of_gravity() -> None:
    scores = dict(zip(GRAVITY, (0.2, 0.5, 0.25, 0.9), strict=True))
    found = dict(zip(CLASSES, chain(np.array([[scores[x] for x in LABELS]]))[0], strict=True))
    expected = (0.2, 0.8 * 0.5, 0.4 * 0.25, 0.3 * 0.9)
    assert [found[label] for label in GRAVITY] == pytest.approx(list(expected))
    assert found["out_of_scope"] == pytest.approx(0.3 * 0.1)


def test_temperature_softens_confidence_but_not_the_order() -> None:
    logits = np.array([[3.0, -1.0, 0.5, -2.0]])
    sharp = IDENTITY.class_probabilities(logits)[0]
    soft = replace(IDENTITY, temperature=2.0).class_probabilities(logits)[0]
    assert soft.max() < sharp.max()
    assert (soft.argsort() == sharp.argsort()).all()


@given(LOGITS)
def test_scores_are_probabilities(logits: list[float]) -> None:
    calibration = replace(IDENTITY, platt=dict.fromkeys(LABELS, (1.7, -0.4)))
    (verdict,) = decide(calibration, logits)
    assert list(verdict.scores) == list(LABELS)
    assert all(0 <= score <= 1 for score in verdict.scores.values())
    assert 0 <= verdict.confidence <= 1
    assert calibration.class_probabilities(np.array([logits])).sum() == pytest.approx(1)


def test_scores_are_platts_scaling_of_each_logit() -> None:
    platt = {label: (slope, 0.5) for label, slope in zip(LABELS, (1, 2, 3, 4), strict=True)}
    scores = replace(IDENTITY, platt=platt).scores(np.array([[0.0, 1.0, -1.0, 0.25]]))
    expected = 1 / (1 + np.exp(-np.array([[0.5, 2.5, -2.5, 1.5]])))
    np.testing.assert_allclose(scores, expected)


def test_sigmoid_and_softmax_do_not_overflow() -> None:
    with np.errstate(all="raise"):
        np.testing.assert_allclose(sigmoid(np.array([-700.0, 0.0, 700.0])), [0, 0.5, 1])
        np.testing.assert_allclose(softmax(np.array([[1000.0, 1000.0]])), [[0.5, 0.5]])


def test_equal_costs_answer_the_most_probable_class() -> None:
    verdicts = decide(
        IDENTITY,
        logits_for(lawful_reminder=0.7, out_of_scope=0.3),
        logits_for(threat_extortion=0.5, harassment=0.4, out_of_scope=0.1),
        logits_for(privacy_disclosure=0.4, out_of_scope=0.6),
    )
    assert [v.label for v in verdicts] == ["lawful_reminder", "threat_extortion", "out_of_scope"]
    assert [v.confidence for v in verdicts] == pytest.approx([0.7, 0.5, 0.6], abs=1e-4)


def test_the_answer_is_the_one_of_least_expected_cost() -> None:
    # lawful is the likelier truth, but calling a threat lawful costs three times as much
    logits = logits_for(lawful_reminder=0.6, threat_extortion=0.39, out_of_scope=0.01)
    costs = [list(row) for row in IDENTITY.costs]
    threat, lawful = CLASSES.index("threat_extortion"), CLASSES.index("lawful_reminder")
    costs[threat][lawful] = 3.0
    # expected cost of "lawful": 0.39 * 3 + 0.01; of "threat": 0.6 + 0.01
    assert decide(IDENTITY, logits)[0].label == "lawful_reminder"
    (verdict,) = decide(replace(IDENTITY, costs=costs), logits)
    assert verdict.label == "threat_extortion"
    assert verdict.confidence == pytest.approx(0.39, abs=1e-4)


@given(LOGITS)
def test_least_expected_cost_by_enumeration(logits: list[float]) -> None:
    costs = np.random.default_rng(0).uniform(0, 3, (5, 5)).tolist()
    calibration = replace(IDENTITY, costs=costs)
    probabilities = calibration.class_probabilities(np.array([logits]))[0]
    expected = {
        answer: sum(p * costs[truth][column] for truth, p in enumerate(probabilities))
        for column, answer in enumerate(CLASSES)
    }
    (verdict,) = decide(calibration, logits)
    assert expected[verdict.label] == pytest.approx(min(expected.values()))


@given(LOGITS)
def test_also_holds_only_further_unlawful_labels_gravest_first(logits: list[float]) -> None:
    (verdict,) = decide(IDENTITY, logits)
    assert "lawful_reminder" not in verdict.also
    assert verdict.label not in verdict.also
    assert verdict.also == sorted(verdict.also, key=GRAVITY.index)
    if verdict.label in UNLAWFUL:
        over = {name for name in UNLAWFUL if verdict.scores[name] >= 0.5}
        assert set(verdict.also) == over - {verdict.label}
    else:
        assert verdict.also == []


def test_also_goes_by_each_labels_own_threshold() -> None:
    thresholds = IDENTITY.thresholds | {"harassment": 0.9, "privacy_disclosure": 0.2}
    (verdict,) = decide(replace(IDENTITY, thresholds=thresholds), [-5.0, 1.5, 5.0, -1.0])
    assert (verdict.label, verdict.also) == ("threat_extortion", ["privacy_disclosure"])


@pytest.mark.parametrize(
    ("probabilities", "label", "review"),
    [
        ({"lawful_reminder": 0.9, "out_of_scope": 0.1}, "lawful_reminder", None),
        ({"lawful_reminder": 0.55, "out_of_scope": 0.45}, "lawful_reminder", "low_confidence"),
        (
            {"lawful_reminder": 0.65, "harassment": 0.32, "out_of_scope": 0.03},
            "lawful_reminder",
            "unlawful_possible",
        ),
        (  # both reasons: the graver one is named
            {"lawful_reminder": 0.5, "harassment": 0.2, "privacy_disclosure": 0.15,
             "out_of_scope": 0.15},
            "lawful_reminder",
            "unlawful_possible",
        ),
        (  # several unlawful classes add up
            {"harassment": 0.11, "threat_extortion": 0.11, "privacy_disclosure": 0.11,
             "out_of_scope": 0.67},
            "out_of_scope",
            "unlawful_possible",
        ),
        ({"harassment": 0.59, "out_of_scope": 0.41}, "harassment", "low_confidence"),
        ({"harassment": 0.95, "out_of_scope": 0.05}, "harassment", None),
    ],
)  # fmt: skip
def test_review_says_why_a_person_should_look(
    probabilities: dict[str, float], label: str, review: str | None
) -> None:
    (verdict,) = decide(IDENTITY, logits_for(**probabilities))
    assert (verdict.label, verdict.review) == (label, review)


def test_no_rows_give_no_verdicts() -> None:
    assert IDENTITY.decide(np.empty((0, 4))) == []


def test_saved_and_loaded_it_decides_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    calibration = Calibration(
        platt={label: (float(rng.normal()), float(rng.normal())) for label in LABELS},
        thresholds={label: float(rng.uniform()) for label in LABELS},
        temperature=1.3,
        costs=rng.uniform(size=(5, 5)).tolist(),
        review_below=0.61,
        review_unlawful=0.07,
    )
    calibration.save(tmp_path / "calibration.json")
    loaded = Calibration.load(tmp_path / "calibration.json")
    assert loaded == calibration
    logits = rng.normal(size=(50, 4)) * 4
    assert loaded.decide(logits) == calibration.decide(logits)


@pytest.mark.parametrize("change", [{"format": 2}, {"format": None}, {"format": "1"}])
def test_another_format_is_refused_by_name(change: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    IDENTITY.save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match=r"calibration\.json.*format"):
        Calibration.load(path)
