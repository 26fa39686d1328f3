"""Uncertainty: percentile bootstrap, Wilson intervals, paired differences. numpy only.

A figure is described as a `Statistic`: a matrix of per-row numbers and a function of its column
sums. One definition thereby gives the value and, with the rows reweighted, every resample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from training.predictors import BoolArray, FloatArray, IntArray

RESAMPLES = 1000
LEVEL = 0.95
Z = 1.959963984540054  # 97.5 % point of the normal distribution, for LEVEL
WEIGHTS = 8_000_000  # of a block of resamples, 64 MB


@dataclass(frozen=True)
class Statistic:
    """A figure that depends on n rows through sums alone.

    features: float [n, d]. finish: maps sums [r, d] to r values, NaN where undefined.
    n: rows (or contrast sets) that the figure is about, not always all rows of the set.
    rate: the figure is column 0 over column 1, both counts.
    noisy: resampling adds to the figure on average (an ECE), which the interval must not show.
    """

    features: FloatArray
    finish: Callable[[FloatArray], FloatArray]
    n: int
    rate: bool = False
    noisy: bool = False


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; all None where the figure is undefined (n = 0)."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: Literal["bootstrap", "wilson", "none"]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, rounded to six decimals."""
        return {k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(self).items()}


@dataclass(frozen=True)
class Difference:
    """First minus second on the same rows; ``not_above`` is the share of resamples <= 0."""

    value: float | None
    low: float | None
    high: float | None
    not_above: float | None
    n: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, rounded to six decimals."""
        return {k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(self).items()}


def ratio(sums: FloatArray) -> FloatArray:
    """Return column 0 over column 1, NaN where that is 0."""
    below = sums[:, 1]
    result: FloatArray = np.divide(
        sums[:, 0], below, out=np.full(len(sums), np.nan), where=below > 0
    )
    return result


def rate(hit: BoolArray, among: BoolArray) -> Statistic:
    """Return the share of the rows ``among`` (bool [n]) that are also ``hit``."""
    features = np.stack([hit & among, among], axis=1).astype(np.float64)
    return Statistic(features, ratio, int(among.sum()), rate=True)


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a proportion. Raises ValueError without trials."""
    if trials <= 0:
        raise ValueError("a proportion of no trials has no interval")
    share, spread = successes / trials, Z * Z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = np.sqrt(spread * share * (1 - share) + spread * spread / 4) / (1 + spread)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def resample_sums(
    features: FloatArray, groups: IntArray, resamples: int = RESAMPLES, seed: int = 0
) -> FloatArray:
    """Return the column sums [resamples, d] of bootstrap samples of the rows.

    Whole groups (int [n]) are drawn with replacement, as many as there are, because rows of one
    contrast set or near-duplicates are not independent. Equal groups and seed give equal samples.
    """
    names, index = np.unique(groups, return_inverse=True)
    by_group = np.zeros((len(names), features.shape[1]))
    np.add.at(by_group, index, features)
    rng = np.random.default_rng(seed)
    sums = np.empty((resamples, features.shape[1]))
    block = max(1, WEIGHTS // max(1, len(names)))
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        weights = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=size)
        sums[start : start + size] = weights.astype(np.float64) @ by_group
    return sums


def estimate_all(
    statistics: dict[str, Statistic],
    groups: IntArray,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Return every statistic with its interval, all from the same resamples.

    A rate of exactly 0 or 1 gets the Wilson interval, since all its resamples would agree.
    """
    if not statistics:
        return {}
    parts = list(statistics.values())
    together = np.concatenate([part.features for part in parts], axis=1)
    drawn = resample_sums(together, groups, resamples, seed)
    ends = np.cumsum([part.features.shape[1] for part in parts])
    return {
        name: _estimate(part, drawn[:, end - part.features.shape[1] : end])
        for (name, part), end in zip(statistics.items(), ends, strict=True)
    }


def _estimate(statistic: Statistic, drawn: FloatArray) -> Estimate:
    sums = statistic.features.sum(axis=0, keepdims=True)
    value = float(statistic.finish(sums)[0])
    if np.isnan(value):
        return Estimate(None, None, None, statistic.n, "none")
    if statistic.rate and value in (0.0, 1.0):
        return Estimate(value, *wilson(sums[0, 0], sums[0, 1]), statistic.n, "wilson")
    replicates = statistic.finish(drawn)
    if statistic.noisy:
        replicates = np.maximum(0, replicates - (np.nanmean(replicates) - value))
    low, high = _percentiles(replicates)
    return Estimate(value, low, high, statistic.n, "bootstrap")


def paired_difference(
    first: Statistic,
    second: Statistic,
    groups: IntArray,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Difference:
    """Return first minus second, two systems' statistics over the same n rows.

    Both are computed on the same resamples, so that what the systems share cancels out.
    Raises ValueError where they do not cover the same number of rows.
    """
    if len(first.features) != len(second.features):
        raise ValueError("a paired difference needs the same rows")
    parts: Sequence[Statistic] = (first, second)
    ones = [part.finish(part.features.sum(axis=0, keepdims=True))[0] for part in parts]
    if np.isnan(ones).any():
        return Difference(None, None, None, None, first.n)
    drawn = [part.finish(resample_sums(part.features, groups, resamples, seed)) for part in parts]
    differences = drawn[0] - drawn[1]
    low, high = _percentiles(differences)
    known = differences[~np.isnan(differences)]
    return Difference(float(ones[0] - ones[1]), low, high, float((known <= 0).mean()), first.n)


def _percentiles(values: FloatArray) -> tuple[float, float]:
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.nanpercentile(values, [tail, 100 - tail])
    return float(low), float(high)
