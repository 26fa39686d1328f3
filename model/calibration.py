"""From logits to a decision: calibrated probabilities, label of least expected cost, abstention.

All numbers come from `calibration.json` in the artifact, which `training.calibrate` fits on the
development split. Nothing here is learnt or tuned.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.labels import CLASSES, GRAVITY, LABELS, OUT_OF_SCOPE, UNLAWFUL
from model.verdict import ReviewReason, Verdict

FloatArray = NDArray[np.float64]
FORMAT = 1
FLOOR = 1e-6
_UNLAWFUL_COLUMNS = [CLASSES.index(label) for label in UNLAWFUL]


def sigmoid(x: FloatArray) -> FloatArray:
    """Logistic function, stable for large |x|."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


def softmax(x: FloatArray) -> FloatArray:
    """Softmax over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def chain(scores: FloatArray) -> FloatArray:
    """Return the probability [n, 5] of each primary label from independent scores [n, 4].

    The labelling guide's order of gravity: a label is primary where it is present and no graver one
    is; `out_of_scope` is what is left where none is.
    """
    scores = np.clip(scores, FLOOR, 1 - FLOOR)
    left = np.ones(len(scores))
    classes = np.empty((len(scores), len(CLASSES)))
    for label in GRAVITY:
        present = scores[:, LABELS.index(label)]
        classes[:, CLASSES.index(label)] = left * present
        left = left * (1 - present)
    classes[:, CLASSES.index(OUT_OF_SCOPE)] = left
    return classes


def cheapest(classes: FloatArray, costs: list[list[float]]) -> NDArray[np.int64]:
    """Return the column [n] of least expected cost for class probabilities [n, 5]."""
    return np.asarray((classes @ np.array(costs)).argmin(axis=1))


def unlawful_mass(classes: FloatArray) -> FloatArray:
    """Return the total probability [...] of the unlawful classes, of probabilities [..., 5]."""
    return np.asarray(classes[..., _UNLAWFUL_COLUMNS].sum(axis=-1))


@dataclass(frozen=True)
class Calibration:
    """Everything between the four logits and a verdict.

    platt: per label (slope, intercept): calibrated logit = slope * logit + intercept
        (Platt 1999, "Probabilistic outputs for support vector machines").
    thresholds: per label, the calibrated probability from which it counts as present beside the
        primary label (`also`).
    temperature: divides the log probabilities of the five classes before they are normalised
        (Guo et al. 2017, "On calibration of modern neural networks").
    costs [5][5]: cost of answering the column's class when the row's class is true.
    review_below: a verdict whose confidence is lower is marked `low_confidence`.
    review_unlawful: a verdict that accuses nobody is marked `unlawful_possible` from this total
        probability of the unlawful classes.
    """

    platt: dict[str, tuple[float, float]]
    thresholds: dict[str, float]
    temperature: float
    costs: list[list[float]]
    review_below: float
    review_unlawful: float
    format: int = FORMAT

    def scores(self, logits: FloatArray) -> FloatArray:
        """Return calibrated probabilities [n, 4] of the four labels from logits [n, 4]."""
        slope, intercept = np.array([self.platt[label] for label in LABELS]).T
        return sigmoid(logits * slope + intercept)

    def class_probabilities(self, logits: FloatArray) -> FloatArray:
        """Return probabilities [n, 5] of the primary label, in the order of `CLASSES`."""
        return softmax(np.log(chain(self.scores(logits))) / self.temperature)

    def decide(self, logits: FloatArray) -> list[Verdict]:
        """Return one verdict for each row of logits [n, 4]."""
        logits = np.asarray(logits, dtype=np.float64).reshape(-1, len(LABELS))
        scores, classes = self.scores(logits), self.class_probabilities(logits)
        chosen = cheapest(classes, self.costs)
        return [
            self._verdict(score, row, int(column))
            for score, row, column in zip(scores, classes, chosen, strict=True)
        ]

    def _verdict(self, scores: FloatArray, classes: FloatArray, column: int) -> Verdict:
        label = CLASSES[column]
        by_label = {name: float(score) for name, score in zip(LABELS, scores, strict=True)}
        also: list[str] = (
            [
                name
                for name in GRAVITY
                if name in UNLAWFUL and name != label and by_label[name] >= self.thresholds[name]
            ]
            if label in UNLAWFUL
            else []
        )
        review: ReviewReason | None = None
        if label not in UNLAWFUL and unlawful_mass(classes) >= self.review_unlawful:
            review = "unlawful_possible"
        elif classes[column] < self.review_below:
            review = "low_confidence"
        return Verdict(label, by_label, also, review, float(classes[column]))

    def save(self, path: Path) -> None:
        """Write the calibration as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read a calibration. Raises ValueError where its format is not the one known here."""
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.get("format") != FORMAT:
            raise ValueError(f"{path}: format {values.get('format')!r}, expected {FORMAT}")
        values["platt"] = {label: tuple(pair) for label, pair in values["platt"].items()}
        return cls(**values)
