"""Where a text may be cut, and what the cuts leave."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.text import normalise
from model import Classifier
from model.segments import (
    LONGEST_SEGMENT,
    PHRASE,
    alone,
    blocks,
    boundaries,
    joined,
    parts,
    phrases,
    segments,
    stripped,
    without,
)

MIXED = st.text(st.sampled_from(list("你我砍死不要脸,。!? 138*.aB—…🔪")), max_size=80)


def tokenizer(classifier: Classifier) -> object:
    return classifier._tokenizer


@given(st.text(max_size=60) | MIXED)
def test_segments_and_phrases_cover_the_text_without_gaps(toy: Classifier, raw: str) -> None:
    text = normalise(raw).text
    cuts = boundaries(text, tokenizer(toy))
    found = segments(text, cuts)
    assert "".join(text[start:end] for start, end in found) == text
    assert all(left[1] == right[0] for left, right in pairwise(found))
    for start, end in found:
        assert start in cuts
        assert 0 < cuts.index(end) - cuts.index(start) < LONGEST_SEGMENT + 5
        small = phrases((start, end), cuts)
        assert (small[0][0], small[-1][1]) == (start, end)
        assert all(cuts.index(last) - cuts.index(first) <= PHRASE for first, last in small)


def test_clauses_end_at_their_marks(shipped: Classifier) -> None:
    text = normalise("您的借款已经逾期三天了,请您今天之内还清!不然我们会依法向法院提起诉讼。").text
    found = segments(text, boundaries(text, tokenizer(shipped)))
    assert [text[start:end] for start, end in found] == [
        "您的借款已经逾期三天了,", "请您今天之内还清!", "不然我们会依法向法院提起诉讼。",
    ]  # fmt: skip


@pytest.mark.parametrize("whole", ["23,618.40", "138****0000", "example.com/a", "2026-01-01"])
def test_a_number_or_address_is_never_cut(whole: str, shipped: Classifier) -> None:
    text = f"请还款{whole}谢谢"
    start = text.index(whole)
    inside = range(start + 1, start + len(whole))
    assert not set(inside) & set(boundaries(text, tokenizer(shipped)))


@given(st.integers(1, 200), st.integers(1, 30))
def test_parts_are_few_and_even(pieces: int, most: int) -> None:
    found = parts(range(pieces + 1), most)
    sizes = [end - start for start, end in found]
    assert sum(sizes) == pieces
    assert max(sizes) <= most
    assert max(sizes) - min(sizes) <= 1
    assert (len(found) - 1) * most < pieces


def test_blocks_hold_consecutive_segments_up_to_their_length() -> None:
    found = blocks([(0, 40), (40, 90), (90, 130), (130, 400), (400, 410)], 100)
    assert found == [[(0, 40), (40, 90)], [(90, 130)], [(130, 400)], [(400, 410)]]


def test_joined_spans_are_sorted_and_disjoint() -> None:
    assert joined([(5, 7), (0, 2), (1, 3), (7, 9)]) == [(0, 3), (5, 9)]
    assert joined([]) == []


@pytest.mark.parametrize(
    ("span", "expected"), [("「今天,」 ", "今天"), ("🔪!", "🔪"), ("……", "……"), ("x", "x")]
)
def test_punctuation_at_the_ends_is_no_evidence(span: str, expected: str) -> None:
    start, end = stripped(f"a{span}b", (1, 1 + len(span)))
    assert f"a{span}b"[start:end] == expected


@given(st.text(max_size=30), st.lists(st.integers(0, 30), max_size=6))
def test_what_is_deleted_and_what_is_kept_make_the_text(text: str, at: list[int]) -> None:
    ends = sorted({min(i, len(text)) for i in at})
    spans = list(zip(ends[::2], ends[1::2], strict=False))
    left, held = without(text, spans), alone(text, spans)
    assert sorted(left + held) == sorted(text)
    assert len(held) == sum(end - start for start, end in spans)
