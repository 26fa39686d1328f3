"""Truth and predictions of one system on one set of rows, as aligned arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from data.scheme import DEFAULT, Scheme
from training.evalrows import Truth
from training.predictors import BoolArray, FloatArray, IntArray, Predictions


@dataclass(frozen=True)
class Outcome:
    """All that the metrics need; n rows, none of their texts.

    truth, predicted: int [n], index of the primary label in the scheme's classes.
    truth_set, predicted_set: bool [n, labels], primary label and ``also`` over its labels.
    confidence: float [n]; scores: float [n, labels]; reviewed: bool [n].
    groups: int [n], rows that are resampled together (a contrast set, near-duplicates).
    contrast: int [n], number of the row's contrast set, -1 where it has none.
    """

    truth: IntArray
    truth_set: BoolArray
    predicted: IntArray
    predicted_set: BoolArray
    confidence: FloatArray
    scores: FloatArray
    reviewed: BoolArray
    groups: IntArray
    contrast: IntArray
    scheme: Scheme = DEFAULT

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def correct(self) -> BoolArray:
        """bool [n]: the primary label is right."""
        return np.equal(self.truth, self.predicted)

    @property
    def truth_unlawful(self) -> BoolArray:
        """bool [n]: an unlawful label is truly present."""
        return np.asarray(self.truth_set[:, self._unlawful_at].any(axis=1))

    @property
    def predicted_unlawful(self) -> BoolArray:
        """bool [n]: an unlawful label is predicted, as primary or in ``also``."""
        return np.asarray(self.predicted_set[:, self._unlawful_at].any(axis=1))

    @property
    def truth_lawful(self) -> BoolArray:
        """bool [n]: the primary label is truly one of the lawful ones."""
        return np.isin(self.truth, self._lawful_at)

    @property
    def predicted_lawful(self) -> BoolArray:
        """bool [n]: the primary label is predicted to be a lawful one."""
        return np.isin(self.predicted, self._lawful_at)

    @property
    def truth_none(self) -> BoolArray:
        """bool [n]: truly no label is present (out of scope)."""
        return np.equal(self.truth, len(self.scheme.labels))

    @property
    def predicted_none(self) -> BoolArray:
        """bool [n]: none is predicted."""
        return np.equal(self.predicted, len(self.scheme.labels))

    @property
    def _unlawful_at(self) -> list[int]:
        return [self.scheme.labels.index(label) for label in self.scheme.unlawful]

    @property
    def _lawful_at(self) -> list[int]:
        forbidden = set(self.scheme.unlawful)
        return [i for i, label in enumerate(self.scheme.labels) if label not in forbidden]

    @property
    def only_out_of_scope(self) -> bool:
        """Whether no row is about debt collection, so that only false alarms can be measured."""
        return bool(self.truth_none.all())

    def take(self, rows: IntArray | BoolArray) -> Outcome:
        """Return the outcome on some of the rows."""
        arrays = {name: value for name, value in vars(self).items() if name != "scheme"}
        return Outcome(**{name: value[rows] for name, value in arrays.items()}, scheme=self.scheme)


def judge(truths: Sequence[Truth], predictions: Predictions) -> Outcome:
    """Line the truth of n rows up with the predictions for them.

    Raises ValueError where their numbers differ or a predicted label is unknown.
    """
    if len(truths) != len(predictions):
        raise ValueError(f"{len(truths)} rows but {len(predictions)} predictions")
    # Rows without a group are each a group of their own: key them by position.
    groups = [row.group or index for index, row in enumerate(truths)]
    scheme = predictions.scheme
    sets = [
        scheme.targets(label, also)
        for label, also in zip(predictions.labels, predictions.also, strict=True)
    ]
    return Outcome(
        truth=_indices((row.label for row in truths), scheme),
        truth_set=_sets([scheme.targets(row.label, row.also) for row in truths], scheme),
        predicted=_indices(predictions.labels, scheme),
        predicted_set=_sets(sets, scheme),
        confidence=predictions.confidence,
        scores=predictions.scores,
        reviewed=np.array([reason is not None for reason in predictions.review], dtype=np.bool_),
        groups=_numbers(groups),
        contrast=_contrast_numbers(truths),
        scheme=scheme,
    )


def _indices(labels: Iterable[str], scheme: Scheme) -> IntArray:
    return np.array([scheme.classes.index(label) for label in labels], dtype=np.int64)


def _sets(rows: Sequence[tuple[int, ...]], scheme: Scheme) -> BoolArray:
    return np.array(rows, dtype=np.bool_).reshape(len(rows), len(scheme.labels))


def _numbers(keys: Sequence[object]) -> IntArray:
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.int64)


def _contrast_numbers(truths: Sequence[Truth]) -> IntArray:
    """Number the contrast sets; a set of which only one row is here is none."""
    names = [row.contrast for row in truths]
    counts = Counter(name for name in names if name is not None)
    whole = (name for name, count in counts.items() if count > 1)
    numbers = {name: number for number, name in enumerate(whole)}
    return np.array([numbers.get(name, -1) if name else -1 for name in names], dtype=np.int64)
