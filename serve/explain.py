"""A verdict with its reasons: the words that decided, and what the law says about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from model.evidence import Evidence
from model.law import Answer, Facts, answer
from model.verdict import Verdict


@dataclass(frozen=True)
class Explained:
    """All that is known about one text; `evidence` counts code points of exactly this `text`."""

    text: str
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    answer: Answer

    def fields(self) -> dict[str, Any]:
        """Return the fields of `serve.schemas.ExplainedVerdictOut`."""
        return {
            **self.verdict.to_dict(),
            "evidence": [_evidence(item) for item in self.evidence],
            "answer": self.answer,
        }


def explained(
    text: str, verdict: Verdict, evidence: Sequence[Evidence], facts: Facts | None = None
) -> Explained:
    """Add what the law says to a verdict and its evidence."""
    found = answer(verdict.label, verdict.also, facts=facts, text=text)
    return Explained(text, verdict, tuple(evidence), found)


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "label": item.label,
        "spans": [{"start": span.start, "end": span.end} for span in item.spans],
        "without": round(item.without, 4),
        "alone": round(item.alone, 4),
    }
