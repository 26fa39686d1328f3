"""Active learning: which rows of an unlabelled pool to label next.

Uncertainty: the margin between the two likeliest classes (Scheffer et al. 2001). Diversity: among
the most uncertain texts, as many clusters as rows are wanted are found and the most uncertain text
of each is taken (Zhdanov 2019, "Diverse mini-batch active learning"), so that a batch does not ask
the same question fifty times.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np

from training.predictors import FloatArray, IntArray

Rule = Literal["diverse", "margin", "random"]
RULES: Final[tuple[Rule, ...]] = ("diverse", "margin", "random")
WIDER: Final = 3
"""The most uncertain texts considered for each row wanted."""
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
    return _one_a_cluster(order[: WIDER * wanted], doubt, places, wanted, seed)


def _one_a_cluster(
    candidates: IntArray, doubt: FloatArray, places: FloatArray, wanted: int, seed: int
) -> IntArray:
    """Return the first candidate of each cluster, filled up in their order."""
    if len(candidates) <= wanted:
        return candidates
    from sklearn.cluster import MiniBatchKMeans

    clusters = MiniBatchKMeans(
        wanted, random_state=seed, n_init=1, init="random", batch_size=4096, max_iter=10
    ).fit_predict(places[candidates], sample_weight=doubt[candidates])
    _, first = np.unique(clusters, return_index=True)  # candidates come most uncertain first
    chosen = np.zeros(len(candidates), dtype=np.bool_)
    chosen[first] = True
    chosen[np.flatnonzero(~chosen)[: wanted - len(first)]] = True
    return candidates[chosen]
