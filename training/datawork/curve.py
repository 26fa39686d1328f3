"""Learning curves, and what more rows would buy: a power law with its interval.

Error against training rows tends to fall as a * n^-b + c (Hestness et al. 2017, "Deep learning
scaling is predictable, empirically"), c being what no number of rows of this kind would mend. The
law is fitted to the error (1 - macro-F1) at growing samples of the rows; its interval comes from
fitting it anew to resampled points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.intervals import LEVEL, RESAMPLES
from training.predictors import FloatArray, IntArray

LEAST_POINTS = 4
"""Different sample sizes that three parameters need, with one to spare."""


@dataclass(frozen=True)
class Point:
    """A model of `rows` training rows reached `value` (macro-F1) on rows held back."""

    rows: int
    value: float


@dataclass(frozen=True)
class PowerLaw:
    """Error at n rows: scale * n^-exponent + floor."""

    scale: float
    exponent: float
    floor: float

    def value(self, rows: float | FloatArray) -> Any:
        """Return the macro-F1 that the law expects at so many rows."""
        return 1 - (self.scale * np.power(rows, -self.exponent) + self.floor)


@dataclass(frozen=True)
class Forecast:
    """What the law expects at `rows` rows, and of `more` on top; with 95 % intervals."""

    rows: int
    more: int
    expected: float
    expected_low: float
    expected_high: float
    gain: float
    gain_low: float
    gain_high: float


def fit_law(points: Sequence[Point]) -> PowerLaw:
    """Fit the law by least squares, all parameters non-negative and exponent and floor at most 1.

    Raises ValueError where there are fewer than four different sample sizes.
    """
    rows = np.array([point.rows for point in points], dtype=np.float64)
    if len(set(rows)) < LEAST_POINTS:
        raise ValueError(f"a power law needs {LEAST_POINTS} different numbers of rows or more")
    return _fit(rows, np.array([1 - point.value for point in points]))


def _fit(rows: FloatArray, errors: FloatArray) -> PowerLaw:
    from scipy.optimize import least_squares

    # The scale is that at the middle of the samples, so that the three are of one magnitude.
    middle = float(np.exp(np.log(rows).mean()))

    def residuals(given: FloatArray) -> FloatArray:
        at_middle, exponent, floor = given
        found: FloatArray = at_middle * (rows / middle) ** -exponent + floor - errors
        return found

    start = (max(float(errors.mean()) / 2, 1e-3), 0.5, max(float(errors.min()) / 2, 1e-3))
    done = least_squares(residuals, start, bounds=([0, 0, 0], [10, 1, 1]))
    at_middle, exponent, floor = map(float, done.x)
    return PowerLaw(at_middle * middle**exponent, exponent, floor)


def forecast(
    points: Sequence[Point], more: int, resamples: int = RESAMPLES // 2, seed: int = 0
) -> Forecast:
    """Return what the law expects of `more` rows on top of the largest sample.

    The points of each sample size are resampled among themselves, and their noise is taken from
    the residuals, so that a single run at each size gives an interval as well. Raises ValueError
    where there are fewer than four different sample sizes.
    """
    law = fit_law(points)
    rows = np.array([point.rows for point in points], dtype=np.float64)
    expected: FloatArray = law.value(rows)
    residuals = np.array([point.value for point in points]) - expected
    residuals *= np.sqrt(len(points) / max(1, len(points) - 3))  # three parameters were fitted
    rng = np.random.default_rng(seed)
    top = int(rows.max())
    drawn = []
    for _ in range(resamples):
        values = expected + rng.choice(residuals, len(points))
        again = _fit(rows, 1 - values)
        drawn.append((again.value(top), again.value(top + more)))
    now, later = np.array(drawn).T
    tail = 100 * (1 - LEVEL) / 2
    at_low, at_high = np.percentile(now, [tail, 100 - tail])
    low, high = np.percentile(later - now, [tail, 100 - tail])
    at, then = float(law.value(top)), float(law.value(top + more))
    return Forecast(
        *(top, more, at, float(at_low), float(at_high)), then - at, float(low), float(high)
    )


def sample_sizes(rows: int, points: int, least: int = 100) -> list[int]:
    """Return growing sample sizes, each the same factor above the last, up to all rows."""
    least = min(least, rows)
    return sorted({round(n) for n in np.geomspace(least, rows, points)})


def nested_sample(order: IntArray, size: int) -> IntArray:
    """Return the first `size` of a shuffled order: a larger sample holds every smaller one."""
    return order[:size]
