"""Requests that wait at the same time share a call of the model, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes import FakeClassifier, verdict
from waiting import MakeClient, wait_until

from model.verdict import Verdict
from serve.together import Together

TEXTS = ["请还款", "你不要脸", "在门口等你", "告诉同事", "晚上吃饭"]


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_waiting_requests_share_a_call_and_each_gets_its_own_answer(
    make_client: MakeClient, gate: threading.Event
) -> None:
    classifier = FakeClassifier(gate)
    client = make_client(classifier)
    worker = client.app.state.worker  # type: ignore[attr-defined]

    def ask(number: int) -> list[str]:
        texts = [f"{TEXTS[(number + i) % 5]}{number}" for i in range(1 + number % 3)]
        answer = client.post("/v1/classify", json={"texts": texts})
        expected = [verdict(text).label for text in texts]
        assert [one["label"] for one in answer.json()["verdicts"]] == expected
        return texts

    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(ask, 99)
        wait_until(lambda: worker._pending == 1 and len(classifier.calls) == 2)
        others = [pool.submit(ask, number) for number in range(15)]
        wait_until(lambda: worker._pending == 16)
        gate.set()
        asked = [text for future in [first, *others] for text in future.result(10)]
    calls = classifier.calls[1:]
    assert sorted(text for call in calls for text in call) == sorted(asked), "each text once"
    assert len(calls) == 2, "those that waited were one call"


def test_a_call_is_bounded_and_goes_in_order() -> None:
    together, classifier = Together(texts=4, chars=100), FakeClassifier()
    requests = [["a"], ["b", "c"], ["d", "e"], ["f"], ["g" * 99], ["h"]]
    held = [together.waiting(texts) for texts in requests]
    steps = [one.__enter__() for one in held]
    for step, texts in zip(steps, requests, strict=True):
        assert step(classifier, texts) == [verdict(text) for text in texts]
    assert classifier.calls == [["a", "b", "c"], ["d", "e", "f"], ["g" * 99, "h"]]


def test_an_abandoned_request_is_not_taken_along() -> None:
    together, classifier = Together(texts=4, chars=100), FakeClassifier()
    with together.waiting(["a"]) as step:
        with together.waiting(["nobody waits for this"]):
            pass
        assert step(classifier, ["a"]) == [verdict("a")]
    assert classifier.calls == [["a"]]


def test_the_text_at_fault_fails_its_own_request_only() -> None:
    class Picky(FakeClassifier):
        def classify(self, texts: Sequence[str]) -> list[Verdict]:
            if "bad" in texts:
                raise RuntimeError("bad text")
            return super().classify(texts)

    together, classifier = Together(texts=8, chars=100), Picky()
    with (
        together.waiting(["a"]) as one,
        together.waiting(["bad"]) as two,
        together.waiting(["c"]) as three,
    ):
        assert one(classifier, ["a"]) == [verdict("a")]
        with pytest.raises(RuntimeError):
            two(classifier, ["bad"])
        assert three(classifier, ["c"]) == [verdict("c")]
