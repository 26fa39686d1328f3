"""What evaluation asks of a system: texts in, aligned predictions out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from data.scheme import DEFAULT, Scheme

if TYPE_CHECKING:
    from model.verdict import Verdict

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Predictions:
    """The answers of one system for n texts, in the order of the texts.

    labels: n names out of the scheme's classes.
    also: n lists of further labels that are present.
    confidence: float [n], probability that the label is right.
    scores: float [n, labels], probability of each of the scheme's labels.
    review: n reasons for a person to look, or None.
    Raises ValueError where the five disagree on n.
    """

    labels: list[str]
    also: list[list[str]]
    confidence: FloatArray
    scores: FloatArray
    review: list[str | None]
    scheme: Scheme = DEFAULT

    def __post_init__(self) -> None:
        n = len(self.labels)
        shapes = (len(self.also), len(self.review), *self.confidence.shape, *self.scores.shape)
        if shapes != (n, n, n, n, len(self.scheme.labels)):
            raise ValueError(f"predictions for {n} texts have mismatched shapes {shapes}")

    def __len__(self) -> int:
        return len(self.labels)

    @staticmethod
    def join(parts: Iterable[Predictions], scheme: Scheme = DEFAULT) -> Predictions:
        """Return the predictions of consecutive batches as one; of no batches, `scheme`'s none."""
        found = list(parts)
        scheme = found[0].scheme if found else scheme
        width = len(scheme.labels)
        return Predictions(
            labels=[label for part in found for label in part.labels],
            also=[also for part in found for also in part.also],
            confidence=np.concatenate([np.empty(0), *(part.confidence for part in found)]),
            scores=np.concatenate([np.empty((0, width)), *(part.scores for part in found)]),
            review=[reason for part in found for reason in part.review],
            scheme=scheme,
        )


class Predictor(Protocol):
    """A system under evaluation: the shipped model or a baseline."""

    @property
    def name(self) -> str:
        """Short name, unique among the systems of one report."""
        ...

    @property
    def scheme(self) -> Scheme:
        """The labels that it answers with."""
        ...

    def predict(self, texts: Sequence[str]) -> Predictions:
        """Return the predictions for the texts; an empty list gives empty predictions."""
        ...


class Verdicts(Protocol):
    """The part of `model.Classifier` that evaluation uses."""

    def classify(self, texts: Sequence[str]) -> list[Verdict]: ...


class ClassifierPredictor:
    """`model.Classifier` seen as a Predictor."""

    def __init__(self, classifier: Verdicts, name: str = "model") -> None:
        self.name = name
        self.scheme: Scheme = getattr(classifier, "scheme", DEFAULT)
        self._classifier = classifier

    def predict(self, texts: Sequence[str]) -> Predictions:
        """Classify the texts and line the verdicts up."""
        return self.of(self._classifier.classify(texts))

    def of(self, verdicts: Sequence[Verdict]) -> Predictions:
        """Line verdicts of this classifier up."""
        scheme = self.scheme
        scores = [[verdict.scores[label] for label in scheme.labels] for verdict in verdicts]
        return Predictions(
            labels=[verdict.label for verdict in verdicts],
            also=[list(verdict.also) for verdict in verdicts],
            confidence=np.array([verdict.confidence for verdict in verdicts], dtype=np.float64),
            scores=np.array(scores, dtype=np.float64).reshape(len(verdicts), len(scheme.labels)),
            review=[verdict.review for verdict in verdicts],
            scheme=scheme,
        )
