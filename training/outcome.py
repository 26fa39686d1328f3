"""Truth and predictions of one system on one set of rows, as aligned arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from data.labels import CLASSES, LABELS, OUT_OF_SCOPE, UNLAWFUL, targets
from training.evalrows import Truth
from training.predictors import BoolArray, FloatArray, IntArray, Predictions

LAWFUL_AT = CLASSES.index("lawful_reminder")
OUT_OF_SCOPE_AT = CLASSES.index(OUT_OF_SCOPE)
UNLAWFUL_AT = [LABELS.index(label) for label in UNLAWFUL]


@dataclass(frozen=True)
class Outcome:
    """All that the metrics need; n rows, none of their texts.

    truth, predicted: int [n], index of the primary label in `CLASSES`.
    truth_set, predicted_set: bool [n, 4], primary label and ``also`` over `LABELS`.
    confidence: float [n]; scores: float [n, 4]; reviewed: bool [n].
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

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def correct(self) -> BoolArray:
        """bool [n]: the primary label is right."""
        return np.equal(self.truth, self.predicted)

    @property
    def truth_unlawful(self) -> BoolArray:
        """bool [n]: an unlawful label is truly present."""
        return np.asarray(self.truth_set[:, UNLAWFUL_AT].any(axis=1))

    @property
    def predicted_unlawful(self) -> BoolArray:
        """bool [n]: an unlawful label is predicted, as primary or in ``also``."""
        return np.asarray(self.predicted_set[:, UNLAWFUL_AT].any(axis=1))

    @property
    def only_out_of_scope(self) -> bool:
        """Whether no row is about debt collection, so that only false alarms can be measured."""
        return bool((self.truth == OUT_OF_SCOPE_AT).all())

    def take(self, rows: IntArray | BoolArray) -> Outcome:
        """Return the outcome on some of the rows."""
        return Outcome(**{name: value[rows] for name, value in vars(self).items()})


def judge(truths: Sequence[Truth], predictions: Predictions) -> Outcome:
    """Line the truth of n rows up with the predictions for them.

    Raises ValueError where their numbers differ or a predicted label is unknown.
    """
    if len(truths) != len(predictions):
        raise ValueError(f"{len(truths)} rows but {len(predictions)} predictions")
    # Rows without a group are each a group of their own: key them by position.
    groups = [row.group or index for index, row in enumerate(truths)]
    sets = [
        targets(label, also)
        for label, also in zip(predictions.labels, predictions.also, strict=True)
    ]
    return Outcome(
        truth=_indices(row.label for row in truths),
        truth_set=_sets([targets(row.label, row.also) for row in truths]),
        predicted=_indices(predictions.labels),
        predicted_set=_sets(sets),
        confidence=predictions.confidence,
        scores=predictions.scores,
        reviewed=np.array([reason is not None for reason in predictions.review], dtype=np.bool_),
        groups=_numbers(groups),
        contrast=_contrast_numbers(truths),
    )


def _indices(labels: Iterable[str]) -> IntArray:
    return np.array([CLASSES.index(label) for label in labels], dtype=np.int64)


def _sets(rows: Sequence[tuple[int, ...]]) -> BoolArray:
    return np.array(rows, dtype=np.bool_).reshape(len(rows), len(LABELS))


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
