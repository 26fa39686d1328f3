"""The threads that run the model: one for requests, and those of the jobs.

Inference never runs on the event loop, so that health answers while it does.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from model.evidence import Evidence
from model.verdict import Verdict
from serve.classifier import TextClassifier
from serve.onethread import OneThread
from serve.problems import ProblemError
from serve.together import Together

log = logging.getLogger("dunlens.worker")

WARM_UP = "您的借款已到期，请按时还款。"
CHUNK_TEXTS, CHUNK_CHARS = 64, 32_000
"""Work done at most between two looks at whether anybody still waits for the answer."""
BACKGROUND_TEXTS, BACKGROUND_CHARS = 256, 16_000
"""Work done at most for a job between two looks at whether it should stop."""

T = TypeVar("T")
Step = Callable[[TextClassifier, list[str]], list[T]]
"""What is done with one part of a request."""


class Worker(OneThread):
    """Loads the classifier in its thread, warms it up, then answers what waits."""

    def __init__(
        self, load: Callable[[], TextClassifier], *, queue_size: int, timeout_s: float
    ) -> None:
        super().__init__(
            "dunlens-model",
            queue="queue_size",
            queue_size=queue_size,
            retry_after=1,
            timeout_s=timeout_s,
        )
        self._load = load
        self._classifier: TextClassifier | None = None
        self._together = Together(CHUNK_TEXTS, CHUNK_CHARS)
        self._failed = self._closed = False

    def start(self, on_failure: Callable[[], None] = lambda: None) -> None:
        """Begin to load; `on_failure` is called from the worker's thread if that fails."""
        self._executor.submit(self._prepare, on_failure)

    def _prepare(self, on_failure: Callable[[], None]) -> None:
        try:
            classifier = self._load()
            _explain(classifier, [WARM_UP])  # both, so that the first request waits for neither
        except Exception as error:  # noqa: BLE001  whatever it is, readiness must tell
            log.error("模型加载失败 model did not load: %s: %s", type(error).__name__, error)
            self._failed = True
            on_failure()
        else:
            self._classifier = classifier
            log.info("模型就绪 model ready: %s", classifier.version)

    def ready(self) -> TextClassifier:
        """Return the classifier; raise ProblemError (503) before it can answer."""
        if self._failed:
            raise ProblemError("model_failed")
        if self._classifier is None:
            raise ProblemError("not_ready", retry_after=1)
        return self._classifier

    async def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """Classify in the worker's thread, with what else waits. Raises as `_work` does."""
        parts = list(chunks(texts))
        if len(parts) != 1:
            return await self._work(_classify, parts)
        with self._together.waiting(parts[0]) as step:
            return await self._work(step, parts)

    async def explain(self, texts: Sequence[str]) -> list[tuple[Verdict, tuple[Evidence, ...]]]:
        """Classify and find the words that decided, one text at a time. Raises as `_work` does."""
        return await self._work(_explain, [[text] for text in texts])

    async def _work(self, step: Step[T], parts: Sequence[list[str]]) -> list[T]:
        """Run `step` over parts of a request in the thread, until nobody waits for it any more.

        Raises ProblemError (503) where the model is not ready, the queue is full or the deadline
        passes, and (500) where the classifier fails.
        """
        classifier = self.ready()
        results = await self._run(partial(_steps, step, classifier, parts))
        if results is None:
            raise ProblemError("internal")
        return results

    def background(self, texts: Sequence[str], stop: threading.Event) -> list[Verdict] | None:
        """Classify for a job, from its own thread; None once `stop` is set or we are closed.

        Requests go on beside it: the backend shares the processors between callers.
        Raises whatever the classifier raises.
        """
        verdicts: list[Verdict] = []
        while self._classifier is None:
            if stop.wait(0.1):
                return None
        for part in chunks(texts, BACKGROUND_TEXTS, BACKGROUND_CHARS):
            if stop.is_set() or self._closed:
                return None
            verdicts += self._classifier.classify(part)
        return verdicts

    def close(self) -> None:
        """Finish the running job and drop those that wait."""
        self._closed = True
        super().close()


def _steps(
    step: Step[T],
    classifier: TextClassifier,
    parts: Sequence[list[str]],
    abandoned: threading.Event,
) -> list[T] | None:
    """Return what `step` gives for all parts; None where it failed or nobody waits any more."""
    results: list[T] = []
    try:
        for part in parts:
            if abandoned.is_set():
                return None
            results += step(classifier, part)
    except Exception as error:  # noqa: BLE001  only its type: a message could quote a text
        log.error("classifier failed: %s", type(error).__name__)
        return None
    return results


def _classify(classifier: TextClassifier, texts: list[str]) -> list[Verdict]:
    return classifier.classify(texts)


def _explain(
    classifier: TextClassifier, texts: list[str]
) -> list[tuple[Verdict, tuple[Evidence, ...]]]:
    verdicts = classifier.classify(texts)
    return [
        (verdict, classifier.explain(text, verdict))
        for text, verdict in zip(texts, verdicts, strict=True)
    ]


def chunks(
    texts: Sequence[str], most: int = CHUNK_TEXTS, chars: int = CHUNK_CHARS
) -> Iterator[list[str]]:
    """Yield the texts in order, in lists of `most` at most and, if possible, `chars` characters."""
    chunk: list[str] = []
    size = 0
    for text in texts:
        if chunk and (len(chunk) == most or size + len(text) > chars):
            yield chunk
            chunk, size = [], 0
        chunk.append(text)
        size += len(text)
    if chunk:
        yield chunk
