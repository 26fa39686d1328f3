"""From a baseline's raw scores to a verdict, all learned on the development split.

Each output is calibrated on its own (Platt), like the model's. Unlike the model, which answers by
least expected cost over the chain of gravity, a baseline has a threshold for each output and takes
its primary label among the outputs over theirs. Thresholds and order are those with the best
macro-F1 over five classes, the figure on which baselines and model are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from data.scheme import DEFAULT, Scheme
from training.gravity import gravest
from training.predictors import BoolArray, FloatArray, IntArray, Predictions

Order = Literal["gravest", "likeliest"]
ORDERS: tuple[Order, ...] = ("gravest", "likeliest")
GRID = np.round(np.arange(0.05, 0.96, 0.05), 2)
PASSES = 2


@dataclass(frozen=True)
class BaselineRule:
    """outputs: a calibrator a label; certainty: one for the confidence; thresholds [labels]."""

    outputs: Sequence[Platt]
    certainty: Platt
    thresholds: FloatArray
    order: Order
    scheme: Scheme = DEFAULT

    @staticmethod
    def fit(
        raw: FloatArray, truth: IntArray, truth_set: BoolArray, scheme: Scheme = DEFAULT
    ) -> BaselineRule:
        """Learn from raw scores [n, labels] in 0..1, true classes [n] and label sets."""
        outputs = [Platt.fit(raw[:, k], truth_set[:, k]) for k in range(len(scheme.labels))]
        scores = _calibrate(outputs, raw)
        thresholds, order = _best_thresholds(scores, truth, scheme)
        primary = primary_labels(scores, thresholds, order, scheme)
        certainty = Platt.fit(_certainty(scores, primary), primary == truth)
        return BaselineRule(outputs, certainty, thresholds, order, scheme)

    def decide(self, raw: FloatArray) -> Predictions:
        """Return the predictions for raw scores [n, labels]."""
        scores = _calibrate(self.outputs, raw)
        over = scores > self.thresholds
        scheme = self.scheme
        primary = primary_labels(scores, self.thresholds, self.order, scheme)
        unlawful = [scheme.labels.index(label) for label in scheme.unlawful]
        return Predictions(
            labels=[scheme.classes[index] for index in primary],
            also=[
                [scheme.labels[k] for k in unlawful if over[row, k] and k != index]
                for row, index in enumerate(primary)
            ],
            confidence=self.certainty(_certainty(scores, primary)),
            scores=scores,
            review=[None] * len(raw),
            scheme=scheme,
        )


@dataclass(frozen=True)
class Platt:
    """Calibration p -> sigmoid(slope * logit(p) + shift)."""

    slope: float = 1.0
    shift: float = 0.0

    @staticmethod
    def fit(probability: FloatArray, happened: BoolArray) -> Platt:
        """Fit by maximum likelihood; the identity where all outcomes are the same."""
        from sklearn.linear_model import LogisticRegression

        if happened.all() or not happened.any():
            return Platt()
        # C=100: a whisper of regularisation, so that separable outcomes keep a finite slope.
        fitted: Any = LogisticRegression(C=100).fit(_logit(probability)[:, None], happened)
        return Platt(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]))

    def __call__(self, probability: FloatArray) -> FloatArray:
        """Return calibrated probabilities."""
        result: FloatArray = 1 / (1 + np.exp(-(self.slope * _logit(probability) + self.shift)))
        return result


def primary_labels(
    scores: FloatArray, thresholds: FloatArray, order: Order, scheme: Scheme = DEFAULT
) -> IntArray:
    """Return the class index [n]: the first label, by ``order``, of those over their thresholds."""
    over = scores > thresholds
    if order == "gravest":
        return gravest(over, scheme)
    likeliest = np.where(over, scores, -np.inf).argmax(axis=1)
    primary: IntArray = np.where(over.any(axis=1), likeliest, len(scheme.labels))
    return primary


def macro_f1_five(truth: IntArray, predicted: IntArray, size: int = len(DEFAULT.classes)) -> float:
    """Return the macro-F1 over the classes present, quickly: the search calls it often."""
    table = np.bincount(truth * size + predicted, minlength=size * size).reshape(size, size)
    seen = table.sum(axis=0) + table.sum(axis=1)
    return float((2 * np.diag(table)[seen > 0] / seen[seen > 0]).mean())


def _best_thresholds(
    scores: FloatArray, truth: IntArray, scheme: Scheme
) -> tuple[FloatArray, Order]:
    """Climb one threshold at a time from 0.5, for either order, and return the better end."""
    count = len(scheme.labels)

    def value_of(thresholds: FloatArray, order: Order) -> float:
        predicted = primary_labels(scores, thresholds, order, scheme)
        return macro_f1_five(truth, predicted, len(scheme.classes))

    best: tuple[float, FloatArray, Order] = (-1.0, np.full(count, 0.5), ORDERS[0])
    for order in ORDERS:
        thresholds = np.full(count, 0.5)
        value = value_of(thresholds, order)
        for output in list(range(count)) * PASSES:
            for candidate in GRID:
                trial = thresholds.copy()
                trial[output] = candidate
                found = value_of(trial, order)
                if found > value:
                    value, thresholds = found, trial
        if value > best[0]:
            best = value, thresholds, order
    return best[1], best[2]


def _calibrate(outputs: Sequence[Platt], raw: FloatArray) -> FloatArray:
    return np.stack([calibrate(raw[:, k]) for k, calibrate in enumerate(outputs)], axis=1)


def _certainty(scores: FloatArray, primary: IntArray) -> FloatArray:
    """float [n]: the primary label's score, or what no label leaves."""
    padded = np.concatenate([scores, 1 - scores.max(axis=1, keepdims=True)], axis=1)
    chosen: FloatArray = padded[np.arange(len(scores)), primary]
    return chosen


def _logit(probability: FloatArray) -> FloatArray:
    clipped = np.clip(probability, 1e-6, 1 - 1e-6)
    result: FloatArray = np.log(clipped) - np.log1p(-clipped)
    return result
