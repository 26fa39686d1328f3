"""Requests that wait at the same time are answered by one call of the model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from model.verdict import Verdict
from serve.classifier import TextClassifier

Step = Callable[[TextClassifier, list[str]], list[Verdict]]


@dataclass(eq=False)
class _Request:
    texts: list[str]
    verdicts: list[Verdict] | None = None
    alone: bool = False


class Together:
    """What waits for the model: short requests, in the order in which they came.

    The model reads several texts side by side, on all its threads; a text's verdict does not
    depend on its neighbours. Whoever's turn it is takes along those that wait behind, as many as
    one call may hold; at their own turn they find their answer.
    """

    def __init__(self, texts: int, chars: int) -> None:
        """Bound one call to so many texts and characters."""
        self._texts, self._chars = texts, chars
        self._waiting: list[_Request] = []
        self._lock = threading.Lock()

    @contextmanager
    def waiting(self, texts: Sequence[str]) -> Iterator[Step]:
        """Let a request wait; yield the step that answers it, to be run in the model's thread.

        Outside of the `with` nobody waits for the answer, and the request is not taken along.
        """
        request = _Request(list(texts))
        with self._lock:
            self._waiting.append(request)
        try:
            yield partial(self._answer, request)
        finally:
            self._leave([request])

    def _answer(
        self, request: _Request, classifier: TextClassifier, _texts: list[str]
    ) -> list[Verdict]:
        """Return the request's verdicts. Raises what the classifier raises for these texts."""
        if request.verdicts is None:
            taken = self._take(request)
            try:
                verdicts = iter(classifier.classify([text for one in taken for text in one.texts]))
            except Exception:
                if len(taken) == 1:
                    raise
                for one in taken:  # one of them is at fault: each for itself
                    one.alone = True
                return self._answer(request, classifier, _texts)
            for one in taken:
                one.verdicts = [next(verdicts) for _ in one.texts]
        return request.verdicts or []

    def _take(self, first: _Request) -> list[_Request]:
        """Return `first` and those that fit into one call with it; they wait no more."""
        taken = [first]
        texts, chars = len(first.texts), sum(map(len, first.texts))
        with self._lock:
            for other in self._waiting if not first.alone else ():
                size = sum(map(len, other.texts))
                if other is first or other.alone:
                    continue
                if texts + len(other.texts) > self._texts or chars + size > self._chars:
                    break
                taken.append(other)
                texts, chars = texts + len(other.texts), chars + size
        self._leave(taken)
        return taken

    def _leave(self, requests: Sequence[_Request]) -> None:
        with self._lock:
            self._waiting = [one for one in self._waiting if one not in requests]
