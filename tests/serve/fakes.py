"""A classifier without weights: keywords decide, so that tests know every answer."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence

from fastapi import FastAPI

from data.labels import GRAVITY, LABELS, OUT_OF_SCOPE
from model.evidence import Evidence, Span
from model.verdict import ReviewReason, Verdict
from serve.app import create_app
from serve.settings import Settings

KEYWORDS = {
    "lawful_reminder": "还款",
    "harassment": "不要脸",
    "threat_extortion": "门口等你",
    "privacy_disclosure": "同事",
}
UNSURE = "也许"


class FakeClassifier:
    """Answers by keyword. Records its calls; can wait on an event, sleep, or fail."""

    version, backend = "fake-1", "fake"

    def __init__(
        self,
        gate: threading.Event | None = None,
        delay_s: float = 0,
        error: Exception | None = None,
    ) -> None:
        self.calls: list[list[str]] = []
        self.gate, self.delay_s, self.error = gate, delay_s, error

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        assert not isinstance(texts, str)
        warming_up = not self.calls
        self.calls.append(list(texts))
        if not warming_up:
            if self.gate:
                self.gate.wait(20)
            time.sleep(self.delay_s)
            if self.error:
                raise self.error
        return [verdict(text) for text in texts]

    def explain(self, text: str, verdict: Verdict) -> tuple[Evidence, ...]:
        """Name every place of the keyword of each reported label."""
        if verdict.label == OUT_OF_SCOPE:
            return ()
        reported = [verdict.label, *verdict.also]
        return tuple(
            Evidence(label, _places(text, KEYWORDS[label]), without=0.04, alone=0.93)
            for label in GRAVITY
            if label in reported
        )


def _places(text: str, word: str) -> tuple[Span, ...]:
    starts = [match.start() for match in re.finditer(re.escape(word), text)]
    return tuple(Span(start, start + len(word)) for start in starts)


def verdict(text: str) -> Verdict:
    """Return the verdict that the fake gives to a text."""
    found = [label for label in GRAVITY if KEYWORDS[label] in text]
    label = found[0] if found else OUT_OF_SCOPE
    review: ReviewReason | None = "low_confidence" if UNSURE in text else None
    return Verdict(
        label=label,
        scores={name: 0.96 if name in found else 0.02 for name in LABELS},
        also=[name for name in found[1:] if name != "lawful_reminder"],
        review=review,
        confidence=0.55 if review else 0.9512,
    )


def app() -> FastAPI:
    """Application factory for a real uvicorn process: ``uvicorn --factory tests...``."""
    return create_app(Settings(), FakeClassifier())
