from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.build_disguises import (
    KNOWN,
    NUMBERS,
    OBFUSCATED,
    ORDINARY,
    Evidence,
    choose,
    disguises,
)
from data.corpus import CorpusRow, load_corpus
from data.repair import TABLE, find_disguised, find_separators
from data.text import fold, normalise

LINES = [line.split(" ") for line in TABLE.read_text(encoding="utf-8").splitlines()]
FORMS = [form for _, *forms in LINES for form in forms]
WORDS = [word for word, *_ in LINES]
# Words, disguises and what may stand around them, so that they meet in every way.
MIXTURE = st.lists(
    st.sampled_from([*WORDS[::40], *FORMS[::400]]) | st.sampled_from(list("还钱催收cq.-*·~ 1，")),
    max_size=12,
).map("".join)


@cache
def changed_rows() -> list[CorpusRow]:
    return [row for row in load_corpus() if normalise(row.text).text != fold(row.text).text]


def test_ordinary_rows_of_the_corpus_stay_as_they_are() -> None:
    """Where a new row fails here, run `python -m data.build_disguises`."""
    ordinary = [row for row in changed_rows() if row.label in ORDINARY and row.file != OBFUSCATED]
    assert [row.text for row in ordinary if row.label == "lawful_reminder"] == []
    # The others are spam, which disguises too: "贷.款", "发*票".
    assert all(find_separators(fold(row.text).text) for row in ordinary)
    assert len(ordinary) <= 2


def test_rows_with_disguises_are_put_right() -> None:
    rows = [row for row in changed_rows() if row.label not in ORDINARY]
    assert sum(row.file == OBFUSCATED for row in rows) > 30
    # Elsewhere what is put right is a symbol, or a form that somebody has read and found to be one.
    for row in rows:
        folded = fold(row.text).text
        forms = {folded[one.start : one.end].lower() for one in find_disguised(folded)}
        assert row.file == OBFUSCATED or forms <= KNOWN


@settings(max_examples=300, deadline=None)
@given(MIXTURE)
def test_properties_hold_where_words_and_disguises_meet(text: str) -> None:
    result = normalise(text)
    assert len(result.offsets) == len(result.text)
    assert all(0 <= at < len(text) for at in result.offsets)
    assert list(result.offsets) == sorted(result.offsets)
    assert normalise(result.text).text == result.text
    low, high = result.original_span(0, len(result.text))
    assert 0 <= low <= high <= len(text)


def test_disguises_of_the_table_are_put_right() -> None:
    for word, *forms in LINES[::7]:
        for form in forms[::3]:
            assert fold(form).text == form
            # but where the form holds another word of the table ("门口题" for 问题)
            assert normalise(form).text == word or any(form[i : i + 2] in WORDS for i in (0, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("马上崔收你", "马上催收你"),
        ("爆你通迅录", "爆你通讯录"),
        ("爆你通Xun录", "爆你通讯录"),
        ("催.收", "催收"),
        ("发你通讯-录里", "发你通讯录里"),
        ("拘*留", "拘留"),
        ("欠·款", "欠款"),
        # and what only looks like them
        ("怎么还,钱不是我的", "怎么还,钱不是我的"),
        ("欠小**贷款", "欠小**贷款"),
        ("每日/次,还款提醒~您", "每日/次,还款提醒~您"),
        ("宏达-信贷", "宏达-信贷"),
        ("xxx录音", "xxx录音"),
        ("朋友全部知道", "朋友全部知道"),
    ],
)
def test_words_and_what_only_looks_like_them(text: str, expected: str) -> None:
    assert normalise(text).text == expected


def test_a_word_that_stands_is_not_torn() -> None:
    # 款项 within the first and 还款 across the symbol: 款项 stands as it is.
    assert "款项" in WORDS
    assert "还款" in WORDS
    assert normalise("尽快还.款项").text == "尽快还.款项"


def test_offsets_of_a_syllable_lead_to_all_of_it() -> None:
    text = "再来Cui收就报警"
    result = normalise(text)
    assert result.text == "再来催收就报警"
    assert text[slice(*result.original_span(2, 3))] == "Cui"
    assert text[slice(*result.original_span(2, 4))] == "Cui收"
    assert text[slice(*result.original_span(0, 2))] == "再来"


EVIDENCE = Evidence(
    words=Counter({"催收": 90, "通讯录": 80, "法院": 10}),
    texts=["催受了崔家通知录音法院", "收到通知受到"] * 200,
    ordinary={"摧收"},
    dictionary={"催收", "通讯录", "法院", "通讯", "法园"},
)


def test_ordinary_text_is_never_taken_for_a_disguise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.build_disguises.CHANCE", 1.0)  # these texts are few
    chosen = choose(EVIDENCE)
    assert chosen["通迅录"] == chosen["通xun录"] == chosen["通x录"] == "通讯录"
    assert chosen["cui收"] == "催收"
    assert chosen["讯通录"] == "通讯录"
    assert "c收" not in chosen  # an initial says too little in a short word
    assert "摧收" not in chosen  # stands in ordinary text
    assert "法园" not in chosen  # is a word
    assert not set(chosen) & (EVIDENCE.ordinary | EVIDENCE.dictionary)


def test_what_chance_brings_together_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.build_disguises.CHANCE", 2e-4)
    chosen = choose(EVIDENCE)
    assert "催寿" in chosen  # 寿 never stands in these texts
    assert "催受" not in chosen  # 受 does, in every one
    monkeypatch.setattr("data.build_disguises.CHANCE", 1e-9)
    assert set(choose(EVIDENCE)) <= KNOWN  # those were read, and need no chance


def test_ambiguous_disguises_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.build_disguises.CHANCE", 1.0)
    both = Evidence(Counter({"还钱的": 50, "花钱的": 40}), ["别的话" * 1000], set(), set())
    assert "h钱的" not in choose(both)
    assert choose(both)["hai钱的"] == "还钱的"
    clear = Evidence(Counter({"还钱的": 500, "花钱的": 40}), ["别的话" * 1000], set(), set())
    assert choose(clear)["h钱的"] == "还钱的"


def test_no_word_of_the_table_holds_a_number() -> None:
    assert all(NUMBERS.isdisjoint(word) for word in WORDS)
    assert len(WORDS) == len(set(WORDS))
    assert len(FORMS) == len(set(FORMS))
    assert not set(FORMS) & set(WORDS)


def test_disguises_change_one_character_or_swap_two() -> None:
    found = set(disguises("通讯录"))
    assert {"通xun录", "通x录", "讯通录", "通录讯", "通讯📒"} <= found
    assert "录讯通" not in found
