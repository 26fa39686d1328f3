"""The power law finds the law that made the points, and its interval holds the truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from words import word_rows, write_jsonl

from training.datawork.curve import Point, fit_law, forecast, sample_sizes
from training.datawork.curve_command import main

SIZES = (100, 200, 400, 800, 1600, 3200)


def law(rows: float, scale: float = 3.0, exponent: float = 0.4, floor: float = 0.05) -> float:
    return 1 - (scale * rows**-exponent + floor)


def test_the_law_that_made_the_points_is_found() -> None:
    found = fit_law([Point(n, law(n)) for n in SIZES])
    assert found.exponent == pytest.approx(0.4, abs=0.01)
    assert found.floor == pytest.approx(0.05, abs=0.01)
    assert found.value(6400) == pytest.approx(law(6400), abs=1e-3)


def test_the_interval_mostly_holds_the_truth() -> None:
    held = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        points = [Point(n, law(n) + rng.normal(0, 0.01)) for n in SIZES for _ in range(3)]
        one = forecast(points, 1000, resamples=50, seed=seed)
        assert one.gain_low <= one.gain_high
        held += one.gain_low <= law(4200) - law(3200) <= one.gain_high
    assert held >= 9


def test_a_flat_curve_promises_nothing() -> None:
    rng = np.random.default_rng(0)
    points = [Point(n, 0.8 + rng.normal(0, 0.002)) for n in SIZES]
    assert forecast(points, 1000, resamples=50).gain < 0.003


def test_too_few_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="4 different"):
        fit_law([Point(100, 0.5), Point(100, 0.6), Point(200, 0.7), Point(300, 0.7)])


def test_sizes_grow_to_all_rows() -> None:
    assert sample_sizes(1000, 4) == [100, 215, 464, 1000]
    assert sample_sizes(50, 4) == [50]


def test_the_command_measures_rows_and_reads_points(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", word_rows(400))
    assert main([str(path), "--sizes", "4", "--seeds", "2", "--more", "100", "1000"]) == 0
    said = capsys.readouterr().out
    assert "100 more on 320" in said
    assert "1,000 more on 320" in said

    points = [{"rows": n, "set": "dev", "macro_f1_five": law(n)} for n in SIZES]
    curve = tmp_path / "learning_curve.json"
    curve.write_text(json.dumps({"points": points}))
    assert main(["--points", str(curve)]) == 0
    assert f"{law(4200):.3f}" in capsys.readouterr().out
    curve.write_text(json.dumps({"points": [*points, points[0] | {"set": "real"}]}))
    assert main(["--points", str(curve)]) == 2
    assert "--set" in capsys.readouterr().err
    assert main([]) == 2
