"""Agreement figures are those of worked examples, and their intervals hold them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from words import items_of, word_rows, write_jsonl

from training.datawork.agreement import (
    MISSING,
    cohen_kappa,
    figures,
    label_alpha,
    main,
    masi,
    pair,
    raw_agreement,
    with_interval,
)


def test_cohen_kappa_of_a_worked_example() -> None:
    # 50 proposals read by two: both yes 20, both no 15, 5 and 10 apart; kappa 0.4
    given = np.array([[1, 1]] * 20 + [[1, 0]] * 5 + [[0, 1]] * 10 + [[0, 0]] * 15)
    assert cohen_kappa(given) == pytest.approx(0.4)
    assert raw_agreement(given) == pytest.approx(0.7)


def test_krippendorff_alpha_of_a_worked_example_with_gaps() -> None:
    # Krippendorff 2011, "Computing Krippendorff's alpha-reliability", example C: alpha 0.743
    gap = MISSING
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, gap, gap, gap],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, gap, 3],
        [gap, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, gap],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, gap],
    ]
    assert label_alpha(np.array(rows).T) == pytest.approx(0.743, abs=5e-4)


def test_sets_differ_by_how_much_they_share() -> None:
    one, two, both = frozenset("a"), frozenset("b"), frozenset("ab")
    assert masi(one, one) == 0
    assert masi(one, two) == 1
    assert masi(one, both) == pytest.approx(1 - 2 / 3 * 1 / 2)
    assert masi(frozenset("ab"), frozenset("bc")) == pytest.approx(1 - 1 / 3 * 1 / 3)


def test_a_difference_in_further_labels_counts_for_the_set_alone() -> None:
    first = word_rows(100)
    second = [row | {"also": []} for row in first]
    found = figures(pair([items_of(first), items_of(second)]), resamples=200)
    assert found["label: Cohen's kappa"].value == 1
    alpha = found["label set: Krippendorff's alpha (MASI)"]
    assert found["label set: Cohen's kappa"].value < alpha.value < 1
    assert alpha.low <= alpha.value <= alpha.high
    assert alpha.low < 1


def test_an_interval_narrows_with_texts() -> None:
    rng = np.random.default_rng(0)

    def width(size: int) -> float:
        truth = rng.integers(0, 3, size)
        other = np.where(rng.random(size) < 0.8, truth, rng.integers(0, 3, size))
        found = with_interval(cohen_kappa, np.stack([truth, other], axis=1), 200)
        assert found.low < found.value < found.high
        return found.high - found.low

    assert width(1000) < width(60)


def test_all_the_same_is_undefined_not_perfect(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row for row in word_rows(50) if row["label"] == "harassment"]
    files = [str(write_jsonl(tmp_path / f"{name}.jsonl", rows)) for name in "ab"]
    assert main([*files, "--resamples", "20"]) == 0
    said = capsys.readouterr().out
    assert "undefined" in said
    assert "| label: raw agreement | 1.000" in said


def test_files_without_a_common_text_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(write_jsonl(tmp_path / f"{s}.jsonl", word_rows(5, s))) for s in (1, 2)]
    assert main(files) == 2
    assert "no text stands in two" in capsys.readouterr().err
    assert main(files[:1]) == 2
