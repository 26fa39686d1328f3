"""From logits to a decision: calibrated probabilities, label of least expected cost, abstention.

All numbers come from `calibration.json` in the artifact, which `training.calibrate` fits on the
development split. Nothing here is learnt or tuned.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.scheme import DEFAULT, Scheme
from model.verdict import ReviewReason, Verdict

FloatArray = NDArray[np.float64]
FORMAT = 1
FLOOR = 1e-6


def sigmoid(x: FloatArray) -> FloatArray:
    """Logistic function, stable for large |x|."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


def softmax(x: FloatArray) -> FloatArray:
    """Softmax over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def chain(scores: FloatArray, scheme: Scheme = DEFAULT) -> FloatArray:
    """Return the probability [n, classes] of each primary label from scores [n, labels].

    The scheme's order of gravity: a label is primary where it is present and no graver one is; the
    class of no label (`out_of_scope`) is what is left where none is.
    """
    scores = np.clip(scores, FLOOR, 1 - FLOOR)
    left = np.ones(len(scores))
    classes = np.empty((len(scores), len(scheme.classes)))
    for label in scheme.gravity:
        present = scores[:, scheme.labels.index(label)]
        classes[:, scheme.classes.index(label)] = left * present
        left = left * (1 - present)
    classes[:, scheme.classes.index(scheme.none)] = left
    return classes


def cheapest(classes: FloatArray, costs: list[list[float]]) -> NDArray[np.int64]:
    """Return the column [n] of least expected cost for class probabilities [n, classes]."""
    return np.asarray((classes @ np.array(costs)).argmin(axis=1))


def unlawful_mass(classes: FloatArray, scheme: Scheme = DEFAULT) -> FloatArray:
    """Return the total probability [...] of the unlawful ones among all, [..., classes]."""
    columns = [scheme.classes.index(label) for label in scheme.unlawful]
    return np.asarray(classes[..., columns].sum(axis=-1))


@dataclass(frozen=True)
class Calibration:
    """Everything between the logits, one a label, and a verdict.

    platt: per label (slope, intercept): calibrated logit = slope * logit + intercept
        (Platt 1999, "Probabilistic outputs for support vector machines").
    thresholds: per label, the calibrated probability from which it counts as present beside the
        primary label (`also`).
    temperature: divides the log probabilities of the classes before they are normalised
        (Guo et al. 2017, "On calibration of modern neural networks").
    costs [classes][classes]: cost of answering the column's class when the row's class is true.
    review_below: a verdict whose confidence is lower is marked `low_confidence`.
    review_unlawful: a verdict that accuses nobody is marked `unlawful_possible` from this total
        probability of the unlawful classes.
    scheme: the labels, in the order of the logits; saved beside, not with the numbers.
    """

    platt: dict[str, tuple[float, float]]
    thresholds: dict[str, float]
    temperature: float
    costs: list[list[float]]
    review_below: float
    review_unlawful: float
    format: int = FORMAT
    scheme: Scheme = field(default=DEFAULT, repr=False)

    def scores(self, logits: FloatArray) -> FloatArray:
        """Return calibrated probabilities [n, labels] from logits [n, labels]."""
        slope, intercept = np.array([self.platt[label] for label in self.scheme.labels]).T
        return sigmoid(logits * slope + intercept)

    def class_probabilities(self, logits: FloatArray) -> FloatArray:
        """Return probabilities [n, classes] of the primary label, in the scheme's order."""
        return softmax(np.log(chain(self.scores(logits), self.scheme)) / self.temperature)

    def decide(self, logits: FloatArray) -> list[Verdict]:
        """Return one verdict for each row of logits [n, labels]."""
        logits = np.asarray(logits, dtype=np.float64).reshape(-1, len(self.scheme.labels))
        scores, classes = self.scores(logits), self.class_probabilities(logits)
        chosen = cheapest(classes, self.costs)
        return [
            self._verdict(score, row, int(column))
            for score, row, column in zip(scores, classes, chosen, strict=True)
        ]

    def _verdict(self, scores: FloatArray, classes: FloatArray, column: int) -> Verdict:
        scheme = self.scheme
        label = scheme.classes[column]
        by_label = {name: float(score) for name, score in zip(scheme.labels, scores, strict=True)}
        also: list[str] = (
            [
                name
                for name in scheme.gravity
                if name in scheme.unlawful
                and name != label
                and by_label[name] >= self.thresholds[name]
            ]
            if label in scheme.unlawful
            else []
        )
        review: ReviewReason | None = None
        if label not in scheme.unlawful and unlawful_mass(classes, scheme) >= self.review_unlawful:
            review = "unlawful_possible"
        elif classes[column] < self.review_below:
            review = "low_confidence"
        return Verdict(label, by_label, also, review, float(classes[column]))

    def save(self, path: Path) -> None:
        """Write the calibration as JSON."""
        values = asdict(self)
        del values["scheme"]
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path, scheme: Scheme = DEFAULT) -> Calibration:
        """Read a calibration for the labels of `scheme`.

        Raises ValueError where its format is not the one known here or its labels are others.
        """
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.get("format") != FORMAT:
            raise ValueError(f"{path}: format {values.get('format')!r}, expected {FORMAT}")
        if set(values["platt"]) != set(scheme.labels):
            raise ValueError(f"{path}: is not for the labels {', '.join(scheme.labels)}")
        values["platt"] = {label: tuple(pair) for label, pair in values["platt"].items()}
        return cls(**values, scheme=scheme)
