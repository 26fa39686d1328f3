"""Fit what stands between logits and verdicts, on the development split.

Every number is fitted on development rows; the cost table is fixed here. How rule and costs were
chosen is told in training/README.md. The test split is never looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from data.scheme import DEFAULT, Scheme
from model.calibration import Calibration, chain, cheapest, softmax, unlawful_mass
from training.gravity import gravest
from training.material import Labelled

FloatArray = NDArray[np.float64]

# What a wrong answer costs under the default labels; rows: the truth, columns: the answer, order of
# CLASSES. `data.scheme.default_costs` has the rule and its reasons; a label map may state others.
COSTS: list[list[float]] = [list(row) for row in DEFAULT.costs]
SELECTIVE_ERROR = 0.05  # of the verdicts that are not marked for review
MISSED_UNLAWFUL = 0.03  # of the unmarked verdicts "lawful" and "out of scope"
REGULARISATION = 1.0
FOLDS = 5


def fit(
    logits: NDArray[np.float32],
    rows: Sequence[Labelled],
    groups: Sequence[str],
    scheme: Scheme = DEFAULT,
) -> tuple[Calibration, dict[str, Any]]:
    """Return the calibration fitted to logits [n, labels] of n rows, and a report on the choices.

    groups: rows of one group (near-duplicates, contrast set) share a fold where rules are compared.
    """
    x = np.asarray(logits, dtype=np.float64)
    truth = np.array([scheme.classes.index(row.label) for row in rows])
    present = np.array([scheme.targets(row.label, row.also) for row in rows])
    costs = [list(row) for row in scheme.costs]
    scores, classes, regression = _out_of_fold(x, truth, present, groups, scheme)
    thresholds = {
        label: _best_threshold(scores[:, i], present[:, i]) for i, label in enumerate(scheme.labels)
    }
    answers = cheapest(classes, costs)
    below, unlawful = _review_thresholds(classes, answers, truth, scheme)
    calibration = replace(
        _fit_probabilities(x, truth, present, scheme),
        thresholds=thresholds,
        review_below=below,
        review_unlawful=unlawful,
    )
    report = {
        "rows": len(rows),
        "cost_table": {"classes": list(scheme.classes), "costs": costs},
        "mean_cost": {
            "least expected cost": mean_cost(answers, truth, costs),
            "most probable class": mean_cost(classes.argmax(axis=1), truth, costs),
            "gravest over its threshold": mean_cost(
                _by_order(scores, thresholds, scheme), truth, costs
            ),
            "logistic regression on the logits, least cost": mean_cost(
                cheapest(regression, costs), truth, costs
            ),
        },
        "review": _review_report(classes, answers, truth, below, unlawful, scheme),
    }
    return calibration, report


def _fit_probabilities(
    x: FloatArray, truth: NDArray[np.int64], present: NDArray[np.int64], scheme: Scheme
) -> Calibration:
    """Return a calibration whose probabilities are fitted and whose thresholds are not yet."""
    platt = [_platt(x[:, column], present[:, column]) for column in range(len(scheme.labels))]
    draft = Calibration(
        platt=dict(zip(scheme.labels, platt, strict=True)),
        thresholds=dict.fromkeys(scheme.labels, 0.5),
        temperature=1.0,
        costs=[list(row) for row in scheme.costs],
        review_below=0.0,
        review_unlawful=1.0,
        scheme=scheme,
    )
    return replace(draft, temperature=_temperature(chain(draft.scores(x), scheme), truth))


def _out_of_fold(
    x: FloatArray,
    truth: NDArray[np.int64],
    present: NDArray[np.int64],
    groups: Sequence[str],
    scheme: Scheme,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return scores [n, labels], class probabilities [n, classes], and a plain regression's.

    Each row's come from a fit on the other folds, so that rules and thresholds are judged fairly.
    The regression learns the classes from the logits and knows nothing of the order of gravity.
    """
    scores, classes, regression = np.zeros(x.shape), *np.zeros((2, len(x), len(scheme.classes)))
    count = int(min(FOLDS, np.bincount(truth).max(), len(set(groups))))
    if count < 2:
        raise ValueError(f"{len(x)} development rows are too few to calibrate with; add rows")
    folds = StratifiedGroupKFold(count, shuffle=True, random_state=0)
    for train, held in folds.split(x, truth, groups):
        fitted = _fit_probabilities(x[train], truth[train], present[train], scheme)
        scores[held], classes[held] = fitted.scores(x[held]), fitted.class_probabilities(x[held])
        plain = LogisticRegression(C=REGULARISATION, max_iter=1000).fit(x[train], truth[train])
        regression[np.ix_(held, plain.classes_)] = plain.predict_proba(x[held])
    return scores, classes, regression


def _platt(logit: FloatArray, present: NDArray[np.int64]) -> tuple[float, float]:
    if present.all() or not present.any():  # nothing to fit: few rows, all of one kind
        return 1.0, 0.0
    found = LogisticRegression(C=1e3).fit(logit[:, None], present)
    return float(found.coef_[0, 0]), float(found.intercept_[0])


def _temperature(classes: FloatArray, truth: NDArray[np.int64]) -> float:
    """Return the temperature of the best likelihood for class probabilities [n, classes]."""
    grid = np.arange(0.5, 3.01, 0.05)

    def loss(temperature: float) -> float:
        found = softmax(np.log(classes) / temperature)
        return float(-np.log(found[np.arange(len(truth)), truth]).mean())

    return round(float(min(grid, key=loss)), 2)


def _best_threshold(score: FloatArray, present: NDArray[np.int64]) -> float:
    """Return the threshold of the best F1 for the label's presence."""
    grid = np.arange(0.2, 0.81, 0.02)

    def f1(threshold: float) -> float:
        found = score >= threshold
        return float(2 * (found & (present == 1)).sum() / max(1, found.sum() + present.sum()))

    return round(float(max(grid, key=f1)), 2)


def _by_order(
    scores: FloatArray, thresholds: dict[str, float], scheme: Scheme
) -> NDArray[np.int64]:
    """Answer by the scheme's order of gravity over the labels above their thresholds."""
    over = scores >= np.array([thresholds[name] for name in scheme.labels])
    return gravest(over, scheme)


def mean_cost(
    answers: NDArray[np.int64], truth: NDArray[np.int64], costs: Sequence[Sequence[float]]
) -> float:
    """Return the mean cost of answers [n] for truths [n], both columns of the cost table."""
    return round(float(np.array(costs)[truth, answers].mean()), 4)


def _review_thresholds(
    probabilities: FloatArray,
    answers: NDArray[np.int64],
    truth: NDArray[np.int64],
    scheme: Scheme,
) -> tuple[float, float]:
    """Return the least strict thresholds that keep the two error rates of unmarked verdicts."""
    unlawful = [scheme.classes.index(label) for label in scheme.unlawful]
    mass = unlawful_mass(probabilities, scheme)
    silent = ~np.isin(answers, unlawful)
    missed = silent & np.isin(truth, unlawful)
    quiet = _laxest(
        np.arange(0.5, 0.0, -0.01),
        lambda t: _rate(missed & (mass < t), silent & (mass < t)) <= MISSED_UNLAWFUL,
    )
    confidence = probabilities[np.arange(len(answers)), answers]
    marked = silent & (mass >= quiet)
    wrong = answers != truth
    sure = _laxest(
        np.arange(0.3, 0.995, 0.005),
        lambda t: (
            _rate(wrong & ~marked & (confidence >= t), ~marked & (confidence >= t))
            <= SELECTIVE_ERROR
        ),
    )
    return round(sure, 3), round(quiet, 3)


def _laxest(grid: FloatArray, good: Any) -> float:
    """Return the first value of the grid, ordered from lax to strict, that is good, or the last."""
    return float(next((value for value in grid if good(value)), grid[-1]))


def _rate(hits: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(hits.sum() / max(1, among.sum()))


def _review_report(
    probabilities: FloatArray,
    answers: NDArray[np.int64],
    truth: NDArray[np.int64],
    below: float,
    unlawful: float,
    scheme: Scheme,
) -> dict[str, float]:
    confidence = probabilities[np.arange(len(answers)), answers]
    silent = ~np.isin(answers, [scheme.classes.index(label) for label in scheme.unlawful])
    marked = (confidence < below) | (silent & (unlawful_mass(probabilities, scheme) >= unlawful))
    return {
        "review_below": below,
        "review_unlawful": unlawful,
        "coverage": round(float((~marked).mean()), 4),
        "error_of_unmarked": round(_rate((answers != truth) & ~marked, ~marked), 4),
    }
