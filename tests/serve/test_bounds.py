"""Size, time, memory and queue are bounded; health answers whatever the model does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fakes import FakeClassifier
from waiting import MakeClient, wait_until

from serve.bodies import ByteBudget
from serve.problems import ProblemError
from serve.worker import CHUNK_CHARS, CHUNK_TEXTS, Worker, chunks

JSON = {"content-type": "application/json"}
BODY = {"texts": ["请还款"]}


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """A gate that holds the fake until it is opened; opened at the end in any case."""
    event = threading.Event()
    yield event
    event.set()


def test_body_over_the_limit_gets_413(make_client: MakeClient) -> None:
    client = make_client(max_body_bytes=2000)
    declared = client.post("/v1/classify", content=b" " * 2001, headers=JSON)
    streamed = client.post("/v1/classify", content=iter([b" " * 1500] * 2), headers=JSON)
    for response in (declared, streamed):
        assert response.status_code == 413
        error = response.json()["error"]
        assert (error["code"], error["field"], error["limit"]) == ("body_too_large", "body", 2000)
    assert client.app.state.body_budget.used == 0  # type: ignore[attr-defined]
    assert client.post("/v1/classify", json=BODY).status_code == 200


def test_bodies_in_memory_are_bounded_together(make_client: MakeClient) -> None:
    client = make_client(max_buffered_bytes=1024)
    response = client.post("/v1/classify", content=b" " * 1025, headers=JSON)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert client.post("/v1/classify", json=BODY).status_code == 200


def test_byte_budget_refuses_without_taking() -> None:
    budget = ByteBudget(10)
    budget.take(8)
    with pytest.raises(ProblemError):
        budget.take(3)
    assert budget.used == 8


def test_not_ready_until_the_model_has_answered(
    make_client: MakeClient, gate: threading.Event
) -> None:
    class Loading(FakeClassifier):
        def classify(self, texts: Any) -> Any:
            gate.wait(20)
            return super().classify(texts)

    client = make_client(Loading(), ready=False)
    assert client.get("/healthz").json() == {"status": "ok"}
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "not_ready"
    assert client.post("/v1/classify", json=BODY).headers["retry-after"] == "1"
    page = client.post("/", data={"text": "请还款"})
    assert page.status_code == 503
    assert "模型正在加载" in page.text

    gate.set()
    wait_until(lambda: client.get("/readyz").status_code == 200)
    assert client.get("/readyz").json() == {
        "ready": True, "model": "fake-1", "backend": "fake"
    }  # fmt: skip
    assert client.post("/v1/classify", json=BODY).status_code == 200


def test_health_answers_and_the_queue_is_bounded_while_the_model_works(
    make_client: MakeClient, gate: threading.Event
) -> None:
    fake = FakeClassifier(gate)
    client = make_client(fake, queue_size=2)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(client.post, "/v1/classify", json=BODY) for _ in range(2)]
        wait_until(lambda: client.app.state.worker._pending == 2)  # type: ignore[attr-defined]

        started = time.perf_counter()
        assert client.get("/healthz").status_code == 200
        assert time.perf_counter() - started < 0.5

        full = client.post("/v1/classify", json=BODY)
        assert full.status_code == 503
        assert full.headers["retry-after"] == "1"
        error = full.json()["error"]
        assert (error["code"], error["field"], error["limit"]) == ("busy", "queue_size", 2)
        assert "queue_size" in error["message_zh"]
        page = client.post("/", data={"text": "请还款"}).text
        assert "服务繁忙（queue_size 上限 2）" in page

        gate.set()
        assert [f.result().status_code for f in waiting] == [200, 200]
    assert client.post("/v1/classify", json=BODY).status_code == 200


def test_a_deadline_answers_and_frees_the_worker(make_client: MakeClient) -> None:
    fake = FakeClassifier(delay_s=0.15)
    client = make_client(fake, timeout_s=0.2)
    late = client.post("/v1/classify", json={"texts": ["还款"] * 256})  # 4 chunks: 0.6 s
    assert late.status_code == 503
    assert late.json()["error"]["code"] == "deadline"
    assert int(late.headers["retry-after"]) > 0
    wait_until(lambda: client.app.state.worker._pending == 0)  # type: ignore[attr-defined]
    done = sum(len(call) for call in fake.calls[1:])
    assert done < 256, "the rest of an abandoned request is not worked on"
    assert client.post("/v1/classify", json=BODY).status_code == 200


def test_a_model_that_does_not_load_is_told_apart() -> None:
    def load() -> FakeClassifier:
        raise OSError("model.int8.onnx: no such file")

    failed = threading.Event()
    worker = Worker(load, queue_size=1, timeout_s=1)
    worker.start(on_failure=failed.set)
    assert failed.wait(5)
    with pytest.raises(ProblemError) as caught:
        asyncio.run(worker.classify(["还款"]))
    assert caught.value.code == "model_failed"
    worker.close()


def test_chunks_keep_order_and_bounds() -> None:
    texts = [str(i) for i in range(150)] + ["长" * (CHUNK_CHARS - 1)] * 2 + ["短"]
    parts = list(chunks(texts))
    assert [text for part in parts for text in part] == texts
    assert all(len(part) <= CHUNK_TEXTS for part in parts)
    assert all(sum(map(len, part)) <= CHUNK_CHARS for part in parts)
    assert list(chunks([])) == []
