"""The worker between jobs and requests: neither waits for the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes import FakeClassifier, verdict
from waiting import MakeClient, wait_until

from model.verdict import Verdict
from serve.worker import BACKGROUND_TEXTS, Worker


@pytest.fixture
def never() -> threading.Event:
    return threading.Event()


def worker_of(classifier: FakeClassifier) -> Worker:
    worker = Worker(lambda: classifier, queue_size=8, timeout_s=20)
    worker.start()
    return worker


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


def test_all_texts_in_their_order(never: threading.Event) -> None:
    worker = worker_of(FakeClassifier())
    texts = [f"还款{i}" if i % 3 else "不要脸" for i in range(100)] + ["长" * 4000]
    assert worker.background(texts, never) == [verdict(text) for text in texts]
    assert worker.background([], never) == []
    worker.close()


def test_a_request_does_not_wait_for_a_part_of_a_job(
    make_client: MakeClient, never: threading.Event, pool: ThreadPoolExecutor
) -> None:
    gate = threading.Event()

    class Slow(FakeClassifier):
        def classify(self, texts: Sequence[str]) -> list[Verdict]:
            if len(texts) == BACKGROUND_TEXTS:
                gate.wait(20)
            return super().classify(texts)

    client = make_client(Slow())
    worker: Worker = client.app.state.worker  # type: ignore[attr-defined]
    job = pool.submit(worker.background, ["还款"] * BACKGROUND_TEXTS, never)
    assert client.post("/v1/classify", json={"texts": ["单条"]}).status_code == 200
    assert not job.done()
    gate.set()
    assert len(job.result(5) or []) == BACKGROUND_TEXTS


def test_a_stop_is_seen_between_two_parts(never: threading.Event, pool: ThreadPoolExecutor) -> None:
    classifier = FakeClassifier(delay_s=0.02)
    worker = worker_of(classifier)
    job = pool.submit(worker.background, ["还款"] * (BACKGROUND_TEXTS * 500), never)
    wait_until(lambda: len(classifier.calls) > 1)
    never.set()
    assert job.result(5) is None
    assert all(len(call) <= BACKGROUND_TEXTS for call in classifier.calls)
    worker.close()


def test_stop_and_close_end_the_wait(never: threading.Event, pool: ThreadPoolExecutor) -> None:
    gate = threading.Event()
    worker = Worker(lambda: gate.wait(20) and FakeClassifier(), queue_size=8, timeout_s=20)  # type: ignore[arg-type,return-value]
    worker.start()
    for texts in (["还款"], []):
        stop = threading.Event()
        waiting = pool.submit(worker.background, texts, stop)
        time.sleep(0.05)
        assert not waiting.done()
        stop.set()
        assert waiting.result(5) is None
    gate.set()
    assert worker.background(["还款"], never) == [verdict("还款")]
    worker.close()
    assert worker.background(["还款"], never) is None


def test_what_the_classifier_raises_is_raised(never: threading.Event) -> None:
    classifier = FakeClassifier(error=RuntimeError("broken"))
    worker = worker_of(classifier)
    with pytest.raises(RuntimeError, match="broken"):
        worker.background(["还款"], never)
    worker.close()
