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

from data.labels import CLASSES, GRAVITY, LABELS, OUT_OF_SCOPE, UNLAWFUL, targets
from data.rows import Row
from model.calibration import Calibration, chain, cheapest, softmax, unlawful_mass

FloatArray = NDArray[np.float64]

# What a wrong answer costs. Rows: the truth; columns: the answer; order of CLASSES.
# An unlawful message called lawful leaves somebody alone with it (4); called out of scope it does
# so less plainly (3). Conduct called by a less grave name warns too little (2), by a graver one too
# much (1). An honest creditor accused costs 2. An ordinary message called unlawful costs 6: a
# service sees far more of those than the corpus holds.
COSTS: list[list[float]] = [
    # lawful, harassment, threat, privacy, out of scope
    [0, 2, 2, 2, 1],
    [4, 0, 1, 1, 3],
    [4, 2, 0, 2, 3],
    [4, 2, 1, 0, 3],
    [1, 6, 6, 6, 0],
]
SELECTIVE_ERROR = 0.05  # of the verdicts that are not marked for review
MISSED_UNLAWFUL = 0.03  # of the unmarked verdicts "lawful" and "out of scope"
REGULARISATION = 1.0
FOLDS = 5


def fit(
    logits: NDArray[np.float32], rows: Sequence[Row], groups: Sequence[str]
) -> tuple[Calibration, dict[str, Any]]:
    """Return the calibration fitted to logits [n, 4] of n rows, and a report of what was chosen.

    groups: rows of one group (near-duplicates, contrast set) share a fold where rules are compared.
    """
    x = np.asarray(logits, dtype=np.float64)
    truth = np.array([CLASSES.index(row.label) for row in rows])
    present = np.array([targets(row.label, row.also) for row in rows])
    scores, classes, regression = _out_of_fold(x, truth, present, groups)
    thresholds = {
        label: _best_threshold(scores[:, i], present[:, i]) for i, label in enumerate(LABELS)
    }
    answers = cheapest(classes, COSTS)
    below, unlawful = _review_thresholds(classes, answers, truth)
    calibration = replace(
        _fit_probabilities(x, truth, present),
        thresholds=thresholds,
        review_below=below,
        review_unlawful=unlawful,
    )
    report = {
        "rows": len(rows),
        "cost_table": {"classes": list(CLASSES), "costs": COSTS},
        "mean_cost": {
            "least expected cost": _mean_cost(answers, truth),
            "most probable class": _mean_cost(classes.argmax(axis=1), truth),
            "gravest over its threshold": _mean_cost(_by_order(scores, thresholds), truth),
            "logistic regression on the logits, least cost": _mean_cost(
                cheapest(regression, COSTS), truth
            ),
        },
        "review": _review_report(classes, answers, truth, below, unlawful),
    }
    return calibration, report


def _fit_probabilities(
    x: FloatArray, truth: NDArray[np.int64], present: NDArray[np.int64]
) -> Calibration:
    """Return a calibration whose probabilities are fitted and whose thresholds are not yet."""
    platt = [_platt(x[:, column], present[:, column]) for column in range(len(LABELS))]
    draft = Calibration(
        platt=dict(zip(LABELS, platt, strict=True)),
        thresholds=dict.fromkeys(LABELS, 0.5),
        temperature=1.0,
        costs=COSTS,
        review_below=0.0,
        review_unlawful=1.0,
    )
    return replace(draft, temperature=_temperature(chain(draft.scores(x)), truth))


def _out_of_fold(
    x: FloatArray,
    truth: NDArray[np.int64],
    present: NDArray[np.int64],
    groups: Sequence[str],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return scores [n, 4], class probabilities [n, 5], and those of a plain regression [n, 5].

    Each row's come from a fit on the other folds, so that rules and thresholds are judged fairly.
    The regression learns the five classes from the logits and knows nothing of the guide's order.
    """
    scores, classes, regression = np.zeros(x.shape), *np.zeros((2, len(x), len(CLASSES)))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for train, held in folds.split(x, truth, groups):
        fitted = _fit_probabilities(x[train], truth[train], present[train])
        scores[held], classes[held] = fitted.scores(x[held]), fitted.class_probabilities(x[held])
        plain = LogisticRegression(C=REGULARISATION, max_iter=1000).fit(x[train], truth[train])
        regression[np.ix_(held, plain.classes_)] = plain.predict_proba(x[held])
    return scores, classes, regression


def _platt(logit: FloatArray, present: NDArray[np.int64]) -> tuple[float, float]:
    found = LogisticRegression(C=1e3).fit(logit[:, None], present)
    return float(found.coef_[0, 0]), float(found.intercept_[0])


def _temperature(classes: FloatArray, truth: NDArray[np.int64]) -> float:
    """Return the temperature of the best likelihood for class probabilities [n, 5]."""
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


def _by_order(scores: FloatArray, thresholds: dict[str, float]) -> NDArray[np.int64]:
    """Answer by the labelling guide's order of gravity over the labels above their thresholds."""
    return np.array(
        [
            CLASSES.index(
                next((n for n in GRAVITY if row[LABELS.index(n)] >= thresholds[n]), OUT_OF_SCOPE)
            )
            for row in scores
        ]
    )


def _mean_cost(answers: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    return round(float(np.array(COSTS)[truth, answers].mean()), 4)


def _review_thresholds(
    probabilities: FloatArray, answers: NDArray[np.int64], truth: NDArray[np.int64]
) -> tuple[float, float]:
    """Return the least strict thresholds that keep the two error rates of unmarked verdicts."""
    unlawful = [CLASSES.index(label) for label in UNLAWFUL]
    mass = unlawful_mass(probabilities)
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
) -> dict[str, float]:
    confidence = probabilities[np.arange(len(answers)), answers]
    silent = ~np.isin(answers, [CLASSES.index(label) for label in UNLAWFUL])
    marked = (confidence < below) | (silent & (unlawful_mass(probabilities) >= unlawful))
    return {
        "review_below": below,
        "review_unlawful": unlawful,
        "coverage": round(float((~marked).mean()), 4),
        "error_of_unmarked": round(_rate((answers != truth) & ~marked, ~marked), 4),
    }
