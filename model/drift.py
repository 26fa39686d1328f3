"""Whether a batch of texts is like the texts that the model was made for.

Seven measures compare a batch with a reference: what the model says of the texts (labels, scores,
confidence, review) and the texts themselves (words, length, unknown tokens). Each has a size, which
decides, and a p-value from one permutation test for all: who is in the batch is drawn anew, and the
size counts only where chance hardly ever gives as much. The population stability index and its
customary bounds 0.1 and 0.25 are from credit scoring (Siddiqi, Credit Risk Scorecards, 2006).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Level = Literal["stable", "watch", "shifted"]
Advice = Literal["stable", "watch", "relabel"]

PERMUTATIONS: Final = 499
SIGNIFICANT: Final = 0.01
FEWEST: Final = 30
BINS: Final = 10
GRAMS: Final = 2048
EPSILON: Final = 0.5  # added to each bin's count, so that an empty one does not make it infinite


@dataclass(frozen=True)
class Sample:
    """What is known of n texts.

    labels: index of the primary label [n]; scores: float [n, labels]; confidence, reviewed (0 or
    1), lengths (characters), unknown (share of tokens): float [n]; grams: float [n, GRAMS].
    """

    labels: NDArray[np.int64]
    scores: Floats
    confidence: Floats
    reviewed: Floats
    lengths: Floats
    unknown: Floats
    grams: Floats

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Measure:
    """One comparison.

    size: of the difference; chance: its 95 % quantile under permutation; p: share of permutations
    that reach it. reference, batch: the two values, where there is one number for each.
    """

    name: str
    size: float
    chance: float
    p: float
    watch: float
    shifted: float
    level: Level
    reference: float | None = None
    batch: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, rounded to six decimals."""
        return {k: round(v, 6) if isinstance(v, float) else v for k, v in vars(self).items()}


@dataclass(frozen=True)
class Drift:
    """All measures and what they advise; ``rows`` to label anew for 5 points of precision."""

    measures: tuple[Measure, ...]
    advice: Advice
    rows: int


@dataclass(frozen=True)
class _Kind:
    """How something is compared: features [n, d] of both samples, and a size of their sums.

    size: (sums of the batch [r, d], its n, sums of the reference [r, d], its n) -> r sizes.
    asks: whether a shift of it asks for new labels.
    plain: whether it is one number for each text, so that the two means can be shown.
    """

    name: str
    features: Floats
    size: Callable[[Floats, int, Floats, int], Floats]
    watch: float
    shifted: float
    asks: bool = True
    plain: bool = False


def compare(
    reference: Sample, batch: Sample, permutations: int = PERMUTATIONS, seed: int = 0
) -> Drift:
    """Compare a batch with the reference. Raises ValueError for fewer than FEWEST texts of either.

    Advice: `relabel` where words or unknown tokens have shifted, or the model is less sure of the
    batch (lower confidence, more sent to review) by as much; `watch` where something else has
    shifted, or anything differs by less; else `stable`. Labels and scores ask for nothing by
    themselves: their shares may differ anywhere.
    """
    for name, sample in (("reference", reference), ("batch", batch)):
        if len(sample) < FEWEST:
            raise ValueError(f"the {name} has {len(sample)} texts; {FEWEST} are needed")
    kinds = _kinds(reference, batch)
    members = _memberships(len(batch), len(reference), permutations, seed)
    measures = tuple(_measure(kind, members, len(batch), len(reference)) for kind in kinds)
    asking = {kind.name for kind in kinds if kind.asks}
    if batch.confidence.mean() >= reference.confidence.mean():
        asking.discard("confidence")
    if batch.reviewed.mean() <= reference.reviewed.mean():
        asking.discard("review")
    levels = {measure.name: measure.level for measure in measures}
    advice: Advice = "stable" if set(levels.values()) == {"stable"} else "watch"
    if any(levels[name] == "shifted" for name in asking):
        advice = "relabel"
    return Drift(measures, advice, rows_to_label(len(batch)))


def rows_to_label(size: int, precision: float = 0.05) -> int:
    """Return how many rows of a batch of this size give an accuracy to within ±5 points (95 %)."""
    needed = 1.959964**2 * 0.25 / precision**2
    return int(np.ceil(size * needed / (size + needed - 1)))


def gram_features(texts: Sequence[str]) -> Floats:
    """Return the characters and pairs of each text [n, GRAMS]: hashed counts of unit length."""
    found = np.zeros((len(texts), GRAMS))
    for row, text in enumerate(texts):
        codes = np.fromiter(map(ord, text), dtype=np.int64, count=len(text))
        pairs = codes[:-1] * 1_000_003 + codes[1:]
        np.add.at(found[row], np.concatenate([codes * 2_654_435_761, pairs]) % 65_521 % GRAMS, 1.0)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    normed: Floats = np.divide(found, lengths, out=found, where=lengths > 0)
    return normed


def _kinds(reference: Sample, batch: Sample) -> list[_Kind]:
    def both(name: str) -> Any:
        return np.concatenate([getattr(batch, name), getattr(reference, name)])

    start = len(batch)  # of the reference's rows
    scores = both("scores")
    score_bins = np.concatenate([_binned(one, start) for one in scores.T], axis=1)
    labels = np.eye(reference.scores.shape[1] + 1)[both("labels")]
    return [
        _Kind("words", both("grams"), _cosine_distance, 0.05, 0.15),
        _Kind("scores", score_bins, _worst_psi, 0.1, 0.25, asks=False),
        _Kind("confidence", _binned(both("confidence"), start), _worst_psi, 0.1, 0.25),
        _Kind("review", both("reviewed")[:, None], _difference, 0.05, 0.15, plain=True),
        _Kind("labels", labels, _total_variation, 0.1, 0.25, asks=False),
        _Kind("length", _binned(both("lengths"), start), _worst_psi, 0.1, 0.25, asks=False),
        _Kind("unknown", both("unknown")[:, None], _difference, 0.01, 0.03, plain=True),
    ]


def _binned(values: Floats, start: int) -> Floats:
    """Return one-hot bins [n, BINS], of like mass in the reference; ties are never parted."""
    edges = np.quantile(values[start:], np.linspace(0, 1, BINS + 1)[1:-1])
    bins: Floats = np.eye(BINS)[np.searchsorted(edges, values, side="left")]
    return bins


def _memberships(batch: int, reference: int, permutations: int, seed: int) -> Floats:
    """Return who is in the batch [permutations + 1, n], the true answer first."""
    rng = np.random.default_rng(seed)
    members = np.zeros((permutations + 1, batch + reference))
    members[:, :batch] = 1.0
    members[1:] = rng.permuted(members[1:], axis=1)
    return members


def _measure(kind: _Kind, members: Floats, batch: int, reference: int) -> Measure:
    inside = members @ kind.features
    outside = kind.features.sum(axis=0) - inside
    sizes = kind.size(inside, batch, outside, reference)
    size = float(sizes[0])
    # Not "or more" to the last digit: equal draws may differ by rounding.
    p = float((sizes >= size - 1e-12).mean())
    level: Level = "stable"
    if p <= SIGNIFICANT and size >= kind.watch:
        level = "shifted" if size >= kind.shifted else "watch"
    means = (float(outside[0, 0]) / reference, float(inside[0, 0]) / batch)
    return Measure(
        name=kind.name,
        size=size,
        chance=float(np.quantile(sizes[1:], 0.95)),
        p=p,
        watch=kind.watch,
        shifted=kind.shifted,
        level=level,
        reference=means[0] if kind.plain else None,
        batch=means[1] if kind.plain else None,
    )


def _cosine_distance(first: Floats, n: int, second: Floats, m: int) -> Floats:
    """One less the cosine of the mean texts: 0 for the same use of characters, 1 for none shared.

    What chance alone gives is higher the fewer texts there are; the p-value tells.
    """
    product = (first * second).sum(axis=1)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    cosine: Floats = np.divide(product, lengths, out=np.ones(len(first)), where=lengths > 0)
    return 1 - cosine


def _worst_psi(first: Floats, n: int, second: Floats, m: int) -> Floats:
    """The population stability index of each group of BINS columns; the highest counts."""
    one, other = (
        ((sums + EPSILON) / (count + BINS * EPSILON)).reshape(len(sums), -1, BINS)
        for sums, count in ((first, n), (second, m))
    )
    found: Floats = ((one - other) * np.log(one / other)).sum(axis=2).max(axis=1)
    return found


def _difference(first: Floats, n: int, second: Floats, m: int) -> Floats:
    """How much the two means differ."""
    found: Floats = np.abs(first[:, 0] / n - second[:, 0] / m)
    return found


def _total_variation(first: Floats, n: int, second: Floats, m: int) -> Floats:
    """Half the sum of the differences of the shares."""
    found: Floats = np.abs(first / n - second / m).sum(axis=1) / 2
    return found
