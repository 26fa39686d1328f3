"""Active learning: which rows of an unlabelled pool to label next.

Uncertainty: the margin between the two likeliest classes (Scheffer et al. 2001). Diversity: going
down by uncertainty, a text much like one already taken is passed over, so that a batch does not ask
the same question fifty times (the redundancy that maximal marginal relevance avoids; Carbonell and
Goldstein 1998). One text from each of as many clusters as rows are wanted (Zhdanov 2019) was tried
and was worse than no diversity on our corpus, which hardly repeats itself.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np

from training.predictors import FloatArray, IntArray

Rule = Literal["diverse", "margin", "random"]
RULES: Final[tuple[Rule, ...]] = ("diverse", "margin", "random")
LIKE: Final = 0.9
"""Cosine above which two texts ask the same question."""
DIMENSIONS: Final = 64


def uncertainty(classes: FloatArray) -> FloatArray:
    """Return 1 less the margin of the two likeliest classes, float [n]; classes: [n, k]."""
    top = np.sort(classes, axis=1)
    found: FloatArray = 1 - (top[:, -1] - top[:, -2])
    return found


def reduce_features(features: Any, seed: int = 0) -> FloatArray:
    """Return features [n, at most 64] of unit length, in which texts are compared."""
    from sklearn.decomposition import TruncatedSVD

    size = min(DIMENSIONS, features.shape[1] - 1, max(1, features.shape[0] - 1))
    found = TruncatedSVD(size, n_iter=3, random_state=seed).fit_transform(features)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    result: FloatArray = found / np.maximum(lengths, 1e-9)
    return result


def select(
    classes: FloatArray, places: FloatArray, wanted: int, rule: Rule = "diverse", seed: int = 0
) -> IntArray:
    """Return the indices of at most `wanted` rows of the pool, the most telling first.

    classes: float [n, k], what a model believes of each; places: float [n, d], from
    `reduce_features`. Raises ValueError for an unknown rule.
    """
    wanted = min(wanted, len(classes))
    if rule == "random":
        drawn: IntArray = np.random.default_rng(seed).permutation(len(classes))[:wanted]
        return drawn
    doubt = uncertainty(classes)
    order: IntArray = np.argsort(-doubt, kind="stable")
    if rule == "margin":
        return order[:wanted]
    if rule != "diverse":
        raise ValueError(f"rule {rule!r} is not one of {', '.join(RULES)}")
    return _unlike(order, places, wanted)


def _unlike(order: IntArray, places: FloatArray, wanted: int) -> IntArray:
    """Return the first of the order that are unlike each other, filled up by those passed over."""
    chosen: list[int] = []
    passed: list[int] = []
    taken = np.empty((wanted, places.shape[1]))
    for index in order.tolist():
        if len(chosen) == wanted:
            break
        near = taken[: len(chosen)] @ places[index]
        if near.size and near.max() > LIKE:
            passed.append(index)
        else:
            taken[len(chosen)] = places[index]
            chosen.append(index)
    return np.array([*chosen, *passed[: wanted - len(chosen)]], dtype=np.int64)
