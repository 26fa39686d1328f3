"""What the classifier answers for one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

ReviewReason = Literal["low_confidence", "unlawful_possible"]

REVIEW_ZH: dict[str, str] = {
    "low_confidence": "置信度不足，请人工复核",
    "unlawful_possible": "不能排除违法催收行为，请人工复核",
}
REVIEW_EN: dict[str, str] = {
    "low_confidence": "confidence too low to act on; have a person check it",
    "unlawful_possible": "unlawful conduct cannot be ruled out; have a person check it",
}


class VerdictDict(TypedDict):
    """JSON form of a verdict, the same in the API, the command line and exported files."""

    label: str
    scores: dict[str, float]
    also: list[str]
    review: str | None
    confidence: float


@dataclass(frozen=True)
class Verdict:
    """The category of one text.

    label: one of `data.labels.CLASSES`.
    scores: calibrated probability of each of the four labels, in the order of `data.labels.LABELS`.
        They are independent: several kinds of conduct can be present, so they need not sum to 1.
    also: further unlawful labels that are present, gravest first.
    review: why a person should look before anybody acts on the label, or None.
    confidence: calibrated probability, 0..1, that `label` is right.
    """

    label: str
    scores: dict[str, float]
    also: list[str]
    review: ReviewReason | None
    confidence: float

    def to_dict(self) -> VerdictDict:
        """Return the JSON form, probabilities rounded to four decimals."""
        return {
            "label": self.label,
            "scores": {label: round(score, 4) for label, score in self.scores.items()},
            "also": list(self.also),
            "review": self.review,
            "confidence": round(self.confidence, 4),
        }
