import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.corpus import load_corpus
from data.text import _ONE_TO_ONE, normalise

# Any code points, lone surrogates included, and mixtures of what the steps look for.
ANY = st.text(st.characters(codec=None, categories=None), max_size=60)
TRICKY = st.text(
    st.sampled_from(
        list(
            "还钱錢請死死死aX1１*＊.·-、，,~ \u3000\n\t…㎏ﬃ﷽ｶﾞé\u0301\u0336\u20dd\u200b\ufe0f"
            "\ud800\udc00😀\u1100\u1161\u11a8\uf900"
        )
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(ANY | TRICKY)
@example("死.死.死.死")
@example("\u1100\u20dd\u1161")
@example("\ud83d\ude00")
@example("x" * 5 + "\u0301")
def test_properties_hold_for_any_string(text: str) -> None:
    result = normalise(text)
    assert result.original == text
    assert len(result.offsets) == len(result.text)
    assert all(0 <= at < len(text) for at in result.offsets)
    assert list(result.offsets) == sorted(result.offsets)
    result.text.encode()  # no surrogate left, so any file or tokenizer takes it
    assert "  " not in result.text
    assert result.text == result.text.strip(" ")
    again = normalise(result.text)
    assert again.text == result.text
    assert again.offsets == tuple(range(len(result.text)))


@settings(max_examples=200, deadline=None)
@given(ANY | TRICKY, st.data())
def test_spans_lie_in_the_original_and_nest(text: str, data: st.DataObject) -> None:
    result = normalise(text)
    start = data.draw(st.integers(0, len(result.text)))
    end = data.draw(st.integers(start, len(result.text)))
    low, high = result.original_span(start, end)
    assert 0 <= low <= high <= len(text)
    assert (low < high) == (start < end)
    if start < end:
        first, last = result.original_span(0, len(result.text))
        assert first <= low
        assert high <= last


def test_the_corpus_is_stable_under_a_second_pass() -> None:
    for row in load_corpus()[::7]:
        once = normalise(row.text)
        assert normalise(once.text).text == once.text


def test_clean_text_is_returned_as_it_is() -> None:
    text = (
        "王先生您好!您尾号4471的贷款已逾期3天,应还1,284.50元。详见 example.com/a?b=1 《合同》第8条"
    )
    result = normalise(text)
    assert result.text == text
    assert result.offsets == tuple(range(len(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # width and form
        ("１３８＊＊＊＊００００，ＡＢＣ！", "138****0000,ABC!"),
        ("⑴㎏…", "(1)kg..."),
        ("ｶﾞ e\u0301", "ガ é"),
        ("⽼⾚", "老赤"),  # radicals that stand for characters
        # invisible and decorating characters
        ("还\u200b钱\u2060\ufeff", "还钱"),
        ("\u202e还\u202c钱\x00\x7f", "还钱"),
        ("还\ud800钱\udfff", "还钱"),
        ("1\ufe0f\u20e3死\u0336全\u0336家", "1死全家"),
        ("👨\u200d👩", "👨👩"),
        # traditional to simplified
        ("貸款逾期，請儘快還錢", "贷款逾期,请尽快还钱"),
        ("佘钱不还", "佘钱不还"),
        # white space
        (" \t还 \u3000\n\n钱\r\n", "还 钱"),
        ("第一行\n第二行", "第一行 第二行"),
        # repetition
        ("哈哈哈哈哈！！！！！", "哈哈哈!!!"),
        ("哈哈哈", "哈哈哈"),
        (
            "100000000 138****0000 ****** xxxx XXXXX ####",
            "100000000 138****0000 ****** xxxx XXXXX ####",
        ),
        # split words
        ("死.全.家", "死全家"),
        ("我要爆-通-讯-录了", "我要爆通讯录了"),
        ("温 馨 提 示：您好", "温馨提示:您好"),
        ("死😀全😀家", "死全家"),
        ("死\u200b.\u200b全.家", "死全家"),
        ("死．全．家", "死全家"),
        # and what only looks like them
        ("坐.歪", "坐.歪"),
        ("我们 都 知道", "我们 都 知道"),
        ("一、二、三、四", "一、二、三、四"),
        ("喂，喂，全都是", "喂,喂,全都是"),
        ("转！转！转！", "转!转!转!"),
        ("住**镇**路", "住**镇**路"),
        ("甲.乙-丙", "甲.乙-丙"),
        ("嗯...好...吧", "嗯...好...吧"),
        ("", ""),
        (" \u200b\n", ""),
    ],
)
def test_each_step(text: str, expected: str) -> None:
    assert normalise(text).text == expected


def test_offsets_lead_back_over_dropped_expanded_and_composed_characters() -> None:
    text = "\u200b 死.全.家…e\u0301!"
    result = normalise(text)
    assert result.text == "死全家...é!"
    assert result.offsets == (2, 4, 6, 7, 7, 7, 8, 10)
    assert text[slice(*result.original_span(0, 3))] == "死.全.家"
    assert text[slice(*result.original_span(3, 4))] == "…"
    assert text[slice(*result.original_span(6, 7))] == "e\u0301"
    assert result.original_span(8, 8) == (len(text), len(text))


@pytest.mark.parametrize("span", [(-1, 1), (2, 1), (0, 3)])
def test_spans_outside_the_text_are_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="outside a text of 2"):
        normalise("还钱").original_span(*span)


def test_every_control_format_and_surrogate_character_is_dropped_or_a_space() -> None:
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs"}:
            assert normalise(f"a{chr(code)}b").text in {"ab", "a b"}, hex(code)


def test_single_character_table_leads_to_final_forms() -> None:
    # Otherwise the passes would chase each other instead of ending.
    for char in _ONE_TO_ONE.values():
        assert ord(char) not in _ONE_TO_ONE
        assert unicodedata.is_normalized("NFKC", char)


@pytest.mark.parametrize(
    "text",
    [
        *("死." * 2000, "死 " * 2000, "哈" * 4000, "…" * 4000, "﷽" * 4000),
        *(" " * 4000, "a  " * 1333, "e" + "\u0301" * 3999, "\u200b死" * 2000),
    ],
)
def test_hostile_texts_of_full_length_take_no_time(text: str) -> None:
    start = time.perf_counter()
    normalise(text)
    assert time.perf_counter() - start < 0.5  # a few milliseconds; the bound only catches blow-ups
