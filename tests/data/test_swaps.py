from difflib import SequenceMatcher
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.corpus import load_corpus
from data.swaps import KINDS, Pair, counterfactual


def pair(text: str, kind: str, seed: int = 0) -> Pair:
    return counterfactual(text, kind, Random(seed))


@pytest.mark.parametrize(
    ("kind", "text", "stays"),
    [
        ("names", "张先生您好,鲁大勇是您的担保人吗", "{}先生您好,{}是您的担保人吗"),
        ("names", "何俊杰,何俊杰,还钱", "{},{},还钱"),
        ("province", "人在河南,户口在成都", "人在{},户口在{}"),
        ("lender", "【恒远小贷】您在恒远的借呗逾期", "【{}小贷】您在{}的{}逾期"),
        ("lender", "招商银行提醒您", "{}提醒您"),
    ],
)
def test_what_a_text_names_is_swapped_and_the_rest_stays(kind: str, text: str, stays: str) -> None:
    for seed in range(5):
        found = pair(text, kind, seed)
        assert found.found
        assert found.first == text
        changed = found.second
        assert changed != text
        start = 0
        for piece in stays.split("{}"):
            start = changed.index(piece, start) + len(piece)
        for old in ("张", "鲁大勇", "何俊杰", "河南", "成都", "恒远", "借呗", "招商"):
            assert old not in changed or old not in text


def test_one_person_stays_one_person() -> None:
    changed = pair("何俊杰欠钱,转告何俊杰", "names").second
    name, _, other = changed.partition("欠钱,转告")
    assert name == other


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("李女士,您老公欠钱", "李先生,您老婆欠钱"),
        ("他儿子在上学", "她女儿在上学"),
        ("大哥您行行好,其他人他妈的不还", "大姐您行行好,其他人他妈的不还"),
        ("找你爸妈要", "找你爸妈要"),
        ("找你爸要", "找你妈要"),
        ("奶奶的,小姐", "奶奶的,小姐"),
    ],
)
def test_sexes_change_places_but_not_in_insults_and_set_phrases(text: str, changed: str) -> None:
    found = pair(text, "sex")
    if changed == text:
        assert not found.found
    else:
        assert (found.first, found.second) == (text, changed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_names_nothing_gets_something_before_it(kind: str) -> None:
    text = "再不还就等着"
    found = pair(text, kind)
    assert not found.found
    assert found.first.endswith(text)
    assert found.second.endswith(text)
    assert found.first != found.second
    assert len(found.first) <= len(text) + 14


@pytest.mark.parametrize("kind", KINDS)
def test_pairs_repeat_and_hold_on_the_corpus(kind: str) -> None:
    inside = 0
    for row in Random(1).sample(load_corpus(), 120):
        found = pair(row.text, kind, 3)
        assert found == pair(row.text, kind, 3)
        assert found.first != found.second
        same = SequenceMatcher(None, found.first, found.second, autojunk=False).ratio()
        assert same > 0.5 or len(row.text) < 20
        inside += found.found
    assert inside < 80  # most texts name neither


def test_titles_of_nobody_are_left_alone() -> None:
    for text in ("任何先生都行", "我们老师说了", "赖总是欠钱"):
        assert "names" in KINDS
        assert not pair(text, "names").found or text == "赖总是欠钱"


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.sampled_from("张先生女士他她妈的河南【】银行借呗恒远,。a1 "), max_size=20),
    st.sampled_from(KINDS),
)
def test_never_raises(text: str, kind: str) -> None:
    pair(text, kind)


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="age"):
        pair("还钱", "age")
