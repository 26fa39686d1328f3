from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.attacks import MIXED, SHORTEST, STRENGTH, allowed, kept, legible, suite
from data.corpus import load_corpus
from data.obfuscate import KINDS
from data.text import fold, normalise

TEXT = "再不还钱我就把你欠款的事发到你通讯录每个人手机里，ID 4471，今天18点前不处理后果自负！"
TEXTS = [row.text for row in Random(3).sample(load_corpus(), 150)]


def test_the_suite_has_every_kind_and_their_mixture() -> None:
    attacks = suite()
    assert set(attacks) == {*KINDS, MIXED}
    assert len(attacks) >= 15
    weaker = {name for name, attack in attacks.items() if attack.strength != STRENGTH}
    assert weaker == {"deletion"}
    assert attacks["deletion"].strength == STRENGTH / 2
    assert suite(0.3)["pinyin"].strength == 0.3


@pytest.mark.parametrize("name", suite())
def test_an_attack_repeats_for_one_seed_and_differs_between_seeds(name: str) -> None:
    attack = suite()[name]
    assert attack(TEXT, 5) == attack(TEXT, 5)
    assert len({attack(TEXT + "abcdefgh", seed) for seed in range(6)}) > 1


@pytest.mark.parametrize("name", suite())
@pytest.mark.parametrize("strength", [STRENGTH, 0.5])
def test_every_attack_keeps_the_bound_on_the_corpus(name: str, strength: float) -> None:
    attack = suite(strength)[name]
    for text in TEXTS:
        disguised = attack(text)
        assert legible(text, disguised, strength) or len(text) < SHORTEST
        assert kept(text, disguised) >= 1 - ceil(strength * len(text)) / len(text) - 1e-9


@pytest.mark.parametrize("name", ["zero_width", "combining", "insert_symbols", "spaces"])
def test_what_stands_between_characters_changes_none(name: str) -> None:
    assert suite()[name](TEXT) != TEXT
    assert kept(TEXT, suite()[name](TEXT)) == 1


@pytest.mark.parametrize(
    ("original", "disguised", "share"),
    [
        ("还钱", "还钱", 1),
        ("还钱", "还.钱", 1),
        ("还钱", "钱还", 0.5),
        ("还钱不还", "huan钱不换", 0.5),
        ("还钱", "", 0),
        ("", "随便", 1),
        ("aab", "ba", 1 / 3),
    ],
)
def test_share_of_characters_kept(original: str, disguised: str, share: float) -> None:
    assert kept(original, disguised) == pytest.approx(share)


def longest_common(first: str, second: str) -> int:
    """By the textbook's table."""
    row = [0] * (len(second) + 1)
    for one in first:
        above = row.copy()
        for index, other in enumerate(second):
            row[index + 1] = above[index] + 1 if one == other else max(above[index + 1], row[index])
    return row[-1]


@given(st.text("abc", max_size=12), st.text("abc", max_size=12))
def test_kept_is_the_longest_common_subsequence(first: str, second: str) -> None:
    found = kept(first, second) * len(first) if first else 0
    assert round(found) == longest_common(first, second)


def test_a_text_with_too_much_changed_is_not_legible() -> None:
    assert not legible(TEXT, suite(0.4)["homophone"](TEXT))
    assert not legible("还钱还钱还钱还钱还钱", "浣前浣前浣钱还钱还钱")


@pytest.mark.parametrize(("length", "most"), [(0, 0), (3, 0), (4, 1), (40, 6), (41, 7)])
def test_how_many_characters_may_change(length: int, most: int) -> None:
    text = "".join(chr(0x4E00 + index) for index in range(length))
    assert allowed(text) == most
    assert legible(text, "一" * most + text[most:])
    if length:
        assert not legible(text, text[most + 1 :])


def test_normalisation_undoes_part_of_what_is_disguised() -> None:
    """More than folding width and script does, by every kind that the table of words knows."""
    for name in ("homophone", "lookalike", "split", "pinyin", "emoji"):
        shares = []
        for put_right in (fold, normalise):
            disguised = [put_right(suite()[name](text)).text for text in TEXTS]
            pairs = zip((fold(text).text for text in TEXTS), disguised, strict=True)
            shares.append(sum(kept(*pair) for pair in pairs) / len(TEXTS))
        assert 1 - shares[1] < 0.9 * (1 - shares[0]), (name, shares)
