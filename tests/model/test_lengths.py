"""Groups of equal length."""

from hypothesis import given
from hypothesis import strategies as st

from model.ahead import ahead
from model.lengths import equal_lengths


@given(st.lists(st.integers(1, 40), max_size=200), st.integers(1, 300), st.integers(1, 4))
def test_every_text_is_in_one_group_of_its_length_within_the_budget(
    lengths: list[int], budget: int, threads: int
) -> None:
    groups = equal_lengths(lengths, budget, threads)
    assert sorted(i for group in groups for i in group) == list(range(len(lengths)))
    for group in groups:
        (length,) = {lengths[i] for i in group}
        assert len(group) == 1 or len(group) * length <= budget
        assert len(group).bit_count() == 1  # a power of two: few shapes
    longest = [lengths[group[0]] for group in groups]
    assert longest == sorted(longest, reverse=True)


def test_a_budget_is_filled_and_threads_share() -> None:
    assert [len(group) for group in equal_lengths([10] * 21, 100, 1)] == [8, 8, 4, 1]
    assert [len(group) for group in equal_lengths([10] * 8, 100, 2)] == [4, 4]


def test_parts_come_prepared_and_in_order() -> None:
    for count in range(5):
        assert list(ahead(lambda n: n * n, range(count))) == [n * n for n in range(count)]
