"""Intervals: known values, coverage of the truth, pairing, groups."""

import numpy as np
import pytest

from training.intervals import (
    Statistic,
    estimate_all,
    paired_difference,
    rate,
    ratio,
    resample_sums,
    wilson,
)


def _share(hits: list[bool] | np.ndarray) -> Statistic:
    hit = np.asarray(hits, dtype=np.bool_)
    return rate(hit, np.ones(len(hit), dtype=np.bool_))


def test_wilson_agrees_with_the_published_example() -> None:
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for successes, trials, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(successes, trials) == pytest.approx((low, high), abs=6e-5)


def test_wilson_of_no_trials_is_an_error() -> None:
    with pytest.raises(ValueError, match="no trials"):
        wilson(0, 0)


def test_a_rate_of_nothing_is_undefined() -> None:
    nothing = rate(np.array([True, False]), np.array([False, False]))
    found = estimate_all({"r": nothing}, np.arange(2))["r"]
    assert (found.value, found.low, found.high, found.n, found.method) == (
        None, None, None, 0, "none",
    )  # fmt: skip


def test_extreme_rates_have_wilson_intervals() -> None:
    found = estimate_all({"r": _share([True] * 20)}, np.arange(20))["r"]
    assert found.method == "wilson"
    assert found.value == 1
    assert found.low == pytest.approx(1 - 0.1611, abs=1e-4)
    assert found.high == 1


def test_equal_seeds_give_equal_intervals() -> None:
    hits = _share(np.arange(60) % 3 == 0)
    one, same, other = (
        estimate_all({"r": hits}, np.arange(60), seed=seed)["r"] for seed in (1, 1, 2)
    )
    assert one == same
    assert one.value == other.value
    assert (one.low, one.high) != (other.low, other.high)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for trial in range(200):
        hits = rng.random(150) < 0.3
        found = estimate_all({"r": _share(hits)}, np.arange(150), resamples=300, seed=trial)["r"]
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.3 <= found.high
    assert 0.89 <= covered / 200 <= 0.99


def test_rows_of_a_group_widen_the_interval() -> None:
    hits = np.repeat(np.arange(40) % 2 == 0, 5)  # 40 groups whose five rows agree
    alone = estimate_all({"r": _share(hits)}, np.arange(200))["r"]
    grouped = estimate_all({"r": _share(hits)}, np.repeat(np.arange(40), 5))["r"]
    assert alone.high is not None
    assert grouped.high is not None
    assert grouped.high - 0.5 > 1.8 * (alone.high - 0.5)  # sqrt(5) in theory


def test_groups_are_drawn_whole_and_as_many_as_there_are() -> None:
    groups = np.array([0, 0, 1, 2, 2, 2])
    sums = resample_sums(np.eye(3)[groups], groups, resamples=50)
    assert (sums[:, 0] % 2 == 0).all()
    assert (sums[:, 2] % 3 == 0).all()
    assert ((sums / [2, 1, 3]).sum(axis=1) == 3).all()


def test_many_rows_are_resampled_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.intervals.WEIGHTS", 200)  # two resamples of 100 groups at a time
    sums = resample_sums(np.ones((100, 1)), np.arange(100), resamples=7)
    assert sums.shape == (7, 1)
    assert (sums == 100).all()


def test_a_paired_difference_is_tighter_than_two_intervals_apart() -> None:
    rng = np.random.default_rng(3)
    second = rng.random(400) < 0.7
    first = second | (rng.random(400) < 0.1)  # never wrong where the second is right
    found = paired_difference(_share(first), _share(second), np.arange(400))
    assert found.value == pytest.approx(first.mean() - second.mean())
    assert found.low is not None
    assert found.low > 0
    assert found.not_above == 0
    unpaired = estimate_all({"a": _share(first), "b": _share(second)}, np.arange(400))
    assert unpaired["a"].low is not None
    assert unpaired["b"].high is not None
    assert unpaired["a"].low < unpaired["b"].high


def test_a_system_does_not_differ_from_itself() -> None:
    hits = _share(np.arange(50) % 4 == 0)
    found = paired_difference(hits, hits, np.arange(50))
    assert (found.value, found.low, found.high, found.not_above) == (0, 0, 0, 1)


def test_a_difference_needs_the_same_rows() -> None:
    with pytest.raises(ValueError, match="same rows"):
        paired_difference(_share([True]), _share([True, False]), np.arange(2))


def test_a_noisy_figure_lies_inside_its_interval() -> None:
    rng = np.random.default_rng(0)
    gaps = np.stack([rng.normal(0, 1, 80), np.ones(80)], axis=1)
    figure = Statistic(gaps, lambda sums: np.abs(ratio(sums)), 80, noisy=True)
    found = estimate_all({"g": figure}, np.arange(80))["g"]
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high
