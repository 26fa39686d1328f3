"""Drift of made-up samples in which it is known what has shifted."""

from dataclasses import replace

import numpy as np
import pytest

from model.drift import FEWEST, GRAMS, Sample, compare, gram_features, rows_to_label

WORDS = "催收还款逾期账单贷借钱信用卡平台通讯录家人朋友单位上门起诉法院今天明天马上处理"


def made(n: int, seed: int, words: str = WORDS, **means: float) -> Sample:
    """Return n texts' worth of numbers; means: of confidence, reviewed, lengths, unknown."""
    rng = np.random.default_rng(seed)
    at = {"confidence": 0.9, "reviewed": 0.2, "lengths": 40.0, "unknown": 0.002} | means
    texts = ["".join(rng.choice(list(words), size=30)) for _ in range(n)]
    return Sample(
        labels=rng.integers(0, 5, n),
        scores=rng.beta(1, 3, (n, 4)),
        confidence=np.clip(rng.normal(at["confidence"], 0.05, n), 0, 1),
        reviewed=(rng.random(n) < at["reviewed"]).astype(float),
        lengths=rng.poisson(at["lengths"], n).astype(float),
        unknown=rng.exponential(at["unknown"], n),
        grams=gram_features(texts),
    )


REFERENCE = made(300, 0)


def levels(batch: Sample, reference: Sample = REFERENCE) -> dict[str, str]:
    found = compare(reference, batch, permutations=299)
    return {one.name: one.level for one in found.measures if one.level != "stable"}


def test_batches_like_the_reference_hardly_ever_raise_an_alarm() -> None:
    advice = [compare(REFERENCE, made(100, seed), 199).advice for seed in range(1, 21)]
    assert advice.count("stable") >= 17
    assert "relabel" not in advice


@pytest.mark.parametrize(
    ("batch", "name"),
    [
        (made(150, 1, words="天气公园孩子晚饭电影周末爬山医院快递妈妈做菜跑步"), "words"),
        (made(150, 1, confidence=0.75), "confidence"),
        (made(150, 1, reviewed=0.6), "review"),
        (made(150, 1, unknown=0.1), "unknown"),
    ],
)
def test_what_the_model_was_not_made_for_asks_for_labels(batch: Sample, name: str) -> None:
    assert levels(batch) == {name: "shifted"}
    found = compare(REFERENCE, batch, 199)
    assert found.advice == "relabel"
    assert 0 < found.rows <= 150


@pytest.mark.parametrize(
    ("batch", "name"),
    [
        (replace(made(150, 1), labels=np.zeros(150, dtype=np.int64)), "labels"),
        (replace(made(150, 1), scores=np.full((150, 4), 0.9)), "scores"),
        (made(150, 1, lengths=90), "length"),
        (made(150, 1, confidence=0.99), "confidence"),  # surer than before
        (made(150, 1, reviewed=0.0), "review"),
    ],
)
def test_another_mixture_of_known_texts_is_only_told(batch: Sample, name: str) -> None:
    assert levels(batch) == {name: "shifted"}
    assert compare(REFERENCE, batch, 199).advice == "watch"


def test_a_size_that_chance_gives_is_no_shift() -> None:
    few = compare(made(40, 5), made(30, 6), 299)
    sizes = {one.name: one for one in few.measures}
    # With few texts every size is large, and the permutations say so.
    assert sizes["scores"].size > sizes["scores"].watch
    assert sizes["scores"].level == "stable"
    assert sizes["scores"].chance > sizes["scores"].watch
    assert few.advice == "stable"


def test_plain_means_are_shown_beside_each_other() -> None:
    batch = made(150, 1, reviewed=0.6)
    found = {one.name: one for one in compare(REFERENCE, batch, 99).measures}
    assert found["review"].reference == pytest.approx(REFERENCE.reviewed.mean())
    assert found["review"].batch == pytest.approx(batch.reviewed.mean())
    assert found["review"].size == pytest.approx(batch.reviewed.mean() - REFERENCE.reviewed.mean())
    assert found["words"].reference is None
    assert found["words"].to_dict()["level"] == "stable"


def test_results_repeat_for_a_seed_and_equal_samples_do_not_differ() -> None:
    batch = made(100, 9)
    assert compare(REFERENCE, batch, 99, seed=1) == compare(REFERENCE, batch, 99, seed=1)
    same = compare(REFERENCE, REFERENCE, 99)
    assert same.advice == "stable"
    assert all(one.size == pytest.approx(0, abs=1e-9) and one.p == 1 for one in same.measures)


def test_few_texts_are_refused() -> None:
    with pytest.raises(ValueError, match=f"batch has {FEWEST - 1} texts; {FEWEST}"):
        compare(REFERENCE, made(FEWEST - 1, 1), 9)
    with pytest.raises(ValueError, match="reference"):
        compare(made(3, 1), REFERENCE, 9)


def test_rows_to_label() -> None:
    assert [rows_to_label(size) for size in (30, 100, 1000, 10**7)] == [28, 80, 278, 385]


def test_features_of_texts() -> None:
    found = gram_features(["还钱还钱", "还钱", "", "😀\ud800"])
    assert found.shape == (4, GRAMS)
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1, 0, 1])
    assert found[0] @ found[1] > 0.8
    assert found[0] @ found[3] < 0.3
