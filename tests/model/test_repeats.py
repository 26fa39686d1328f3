"""Logits that are remembered are those that would be computed."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.repeats import Repeats


class Counting:
    """Computes [length, first code point] of each text, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: list[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[len(t), ord(t[0]) if t else -1] for t in texts], dtype=np.float32)


@given(st.lists(st.lists(st.text(alphabet="欠债还钱", max_size=2), min_size=1), max_size=8))
def test_whatever_was_asked_before_the_answer_is_the_computed_one(calls: list[list[str]]) -> None:
    repeats = Repeats(capacity=3)
    for texts in calls:
        assert (repeats.look_up(texts, Counting()) == Counting()(texts)).all()


def test_a_repeat_is_computed_once_within_a_call_and_over_calls() -> None:
    repeats, compute = Repeats(), Counting()
    repeats.look_up(["a", "b", "a"], compute)
    repeats.look_up(["b", "c"], compute)
    assert compute.asked == ["a", "b", "c"]


def test_the_longest_unused_is_forgotten_first() -> None:
    repeats, compute = Repeats(capacity=2), Counting()
    for texts in (["a"], ["b"], ["a"], ["c"]):  # b goes
        repeats.look_up(texts, compute)
    compute.asked.clear()
    repeats.look_up(["a", "c"], compute)
    assert compute.asked == []
    repeats.look_up(["b"], compute)
    assert compute.asked == ["b"]


def test_more_texts_than_it_can_hold_are_answered_all_the_same() -> None:
    texts = [chr(0x4E00 + i) for i in range(50)]
    assert (Repeats(capacity=2).look_up(texts, Counting()) == Counting()(texts)).all()


def test_what_a_caller_does_with_its_answer_changes_nothing() -> None:
    repeats = Repeats()
    repeats.look_up(["a"], Counting())[:] = 99
    assert repeats.look_up(["a"], Counting())[0, 0] == 1


def test_a_failure_is_not_remembered() -> None:
    repeats = Repeats()

    def fail(texts: list[str]) -> np.ndarray:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        repeats.look_up(["a"], fail)
    assert repeats.look_up(["a"], Counting())[0, 0] == 1


def test_no_text_is_kept() -> None:
    repeats = Repeats()
    repeats.look_up(["欠债还钱"], Counting())
    assert not any("欠债还钱".encode() in key for key in repeats._known)


def test_threads_may_share_it() -> None:
    repeats, wrong = Repeats(capacity=5), []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(200):
            texts = ["x" * int(n) for n in rng.integers(1, 12, size=4)]
            if not (repeats.look_up(texts, Counting()) == Counting()(texts)).all():
                wrong.append(texts)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
