"""The primary label by a scheme's order: the gravest of those that are present."""

from __future__ import annotations

import numpy as np

from data.scheme import DEFAULT, Scheme
from training.predictors import BoolArray, IntArray


def gravest(present: BoolArray, scheme: Scheme = DEFAULT) -> IntArray:
    """Return the index in `scheme.classes` [n] of the gravest label present, of the last if none.

    present: bool [n, labels], columns as in `scheme.labels`. What counts as present (above a
    threshold, or at it) is the caller's.
    """
    order = np.array([scheme.labels.index(name) for name in scheme.gravity])
    first: IntArray = present[:, order].argmax(axis=1)
    found: IntArray = np.where(present.any(axis=1), order[first], len(scheme.labels))
    return found
