"""Cutting a text along its evidence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.evidence import Evidence, Span
from serve.highlight import Segment, segments


def evidence(label: str, *spans: tuple[int, int]) -> Evidence:
    return Evidence(label, tuple(Span(*span) for span in spans), without=0.1, alone=0.9)


def test_a_text_without_evidence_is_one_part() -> None:
    assert segments("请还款", ()) == (Segment("请还款"),)
    assert segments("", ()) == ()


def test_overlapping_labels_share_a_part_and_end_where_they_end() -> None:
    parts = segments("甲乙丙丁戊", [evidence("a", (0, 3)), evidence("b", (2, 4))])
    assert parts == (
        Segment("甲乙", ("a",)),
        Segment("丙", ("a", "b"), ("a",)),
        Segment("丁", ("b",), ("b",)),
        Segment("戊"),
    )


def test_spans_that_touch_are_one_highlight_with_one_name() -> None:
    parts = segments("甲乙丙", [evidence("a", (0, 1), (1, 2))])
    assert [part.ends for part in parts] == [(), ("a",), ()]


def test_offsets_are_code_points() -> None:
    assert segments("😀死全家😀", [evidence("a", (1, 4))])[1] == Segment("死全家", ("a",), ("a",))


SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 5)), max_size=4)


@given(st.text(min_size=17, max_size=20), SPANS, SPANS)
def test_the_parts_make_up_the_text_and_mark_exactly_the_spans(
    text: str, first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    spans = {
        label: [(start, start + length) for start, length in chosen]
        for label, chosen in (("a", first), ("b", second))
    }
    parts = segments(text, [evidence(label, *where) for label, where in spans.items()])
    assert "".join(part.text for part in parts) == text
    marked = [part.labels for part in parts for _ in part.text]
    for position, labels in enumerate(marked):
        for label, where in spans.items():
            assert (label in labels) == any(a <= position < b for a, b in where)
