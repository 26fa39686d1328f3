import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.corpus import load_corpus
from data.obfuscate import KINDS, Disguise, obfuscate
from data.text import normalise

TEXT = "再不还钱我就把你欠款的事发到你通讯录每个人手机里，ID 4471，今天18点前不处理后果自负！"
ONE_TO_ONE = ("homophone", "lookalike", "traditional", "full_width")
UNDONE = ("traditional", "zero_width", "combining", "full_width")


def run(kind: str, seed: int, strength: float = 0.2) -> str:
    return obfuscate(TEXT, Random(seed), strength, [kind])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_changes_a_text_and_is_repeatable(kind: str) -> None:
    results = [run(kind, seed) for seed in range(5)]
    assert results == [run(kind, seed) for seed in range(5)]
    assert all(result != TEXT for result in results)


def test_seeds_give_different_results() -> None:
    assert len({obfuscate(TEXT, Random(seed)) for seed in range(20)}) > 15


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strength", [0.05, 0.3, 1.0])
def test_edits_are_bounded_by_strength(kind: str, strength: float) -> None:
    budget = math.ceil(strength * len(TEXT))
    result = run(kind, 1, strength)
    growth = len(result) - len(TEXT)
    if kind in ONE_TO_ONE:
        assert growth == 0
        assert sum(a != b for a, b in zip(TEXT, result, strict=True)) <= budget
    elif kind in {"zero_width", "combining", "insert_symbols", "spaces"}:
        assert 0 < growth <= budget
    elif kind == "deletion":
        assert 0 < -growth <= budget
    elif kind == "swap":
        assert sorted(result) == sorted(TEXT)
        assert sum(a != b for a, b in zip(TEXT, result, strict=True)) <= 2 * budget
    elif kind == "emoji":  # one for a word or a character, some with a variation selector
        assert -2 * budget <= growth <= 2 * budget
        assert sum(char in result for char in TEXT) >= len(TEXT) - budget
    else:  # one character becomes at most six ("zhuang")
        assert 0 <= growth <= 5 * budget


@pytest.mark.parametrize("kind", UNDONE)
def test_normalisation_undoes_what_it_promises_to(kind: str) -> None:
    assert normalise(run(kind, 2, 1.0)).text == normalise(TEXT).text


def test_deletion_spares_negations_and_sensitive_words() -> None:
    result = run("deletion", 3, 1.0)
    for char in "不还钱欠款通讯录":
        assert TEXT.count(char) == result.count(char)


def test_an_emoji_stands_for_a_whole_word() -> None:
    result = run("emoji", 0, 1.0)
    assert "📒" in result
    assert "通讯录" not in result
    assert "📱" in result
    assert "手" not in result
    assert "机" not in result


def test_a_copy_goes_its_own_way() -> None:
    disguise = Disguise(TEXT)
    other = disguise.copy()
    assert other.edit("homophone", range(len(TEXT)), 3, Random(0)) == 3
    assert (disguise.text, len(disguise.free)) == (TEXT, len(TEXT))
    assert disguise.edit("homophone", [], 3, Random(0)) == 0
    # what is edited once is not edited again
    assert other.edit("pinyin", set(range(len(TEXT))) - other.free, 3, Random(0)) == 0


def test_numbers_survive_every_kind_but_a_change_of_width() -> None:
    for kind in set(KINDS) - {"full_width"}:
        result = run(kind, 4, 1.0)
        assert "4471" in result
        assert "18" in result


def test_length_stays_sane_on_the_corpus() -> None:
    rng = Random(0)
    texts = [row.text for row in load_corpus()[::9]]
    results = [obfuscate(text, rng) for text in texts]
    for text, result in zip(texts, results, strict=True):
        assert 0.7 * len(text) - 1 <= len(result) <= 2 * len(text) + 6
        assert result.strip()
    changed = sum(text != result for text, result in zip(texts, results, strict=True))
    assert changed > 0.9 * len(texts)


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(codec=None, categories=None), max_size=30), st.integers(), st.floats(0, 1)
)
def test_never_raises(text: str, seed: int, strength: float) -> None:
    obfuscate(text, Random(seed), strength)


def test_strength_zero_or_no_kind_changes_nothing() -> None:
    assert obfuscate(TEXT, Random(0), 0) == TEXT
    assert obfuscate(TEXT, Random(0), kinds=[]) == TEXT


def test_characters_of_greater_weight_are_disguised_first() -> None:
    text = "今晚之前必须处理好这件事情否则我们直接上门去你单位"
    heavy = set(range(18, 24))
    weights = [1.0 if index in heavy else 0.0 for index in range(len(text))]
    hits = edits = 0
    for seed in range(200):
        disguised = obfuscate(text, Random(seed), 0.2, ["homophone"], weights)
        changed = {i for i, (a, b) in enumerate(zip(text, disguised, strict=True)) if a != b}
        hits, edits = hits + len(changed & heavy), edits + len(changed)
    assert hits / edits > 0.85  # a quarter of the characters, and not always all others left alone


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="2 weights for"):
        obfuscate(TEXT, Random(0), weights=[1.0, 2.0])
    with pytest.raises(ValueError, match="no kind"):
        obfuscate(TEXT, Random(0), kinds=["rot13"])
    with pytest.raises(ValueError, match="between 0 and 1"):
        obfuscate(TEXT, Random(0), strength=15)
