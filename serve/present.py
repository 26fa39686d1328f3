"""A verdict in words, for the page and the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from data.labels import LABELS as MODEL_LABELS
from data.labels import UNLAWFUL
from model.verdict import Verdict
from serve.wording import (
    ADVICE,
    CALL_110,
    DEBT_STAYS,
    LABELS,
    NO_ADVICE,
    REVIEWS,
    Advice,
    Language,
    confidence_word,
)


@dataclass(frozen=True)
class Score:
    """One of the four outputs: its name for people and its probability in whole per cent."""

    name: str
    percent: int


@dataclass(frozen=True)
class View:
    """Everything that is shown of one verdict, in one language."""

    label: str
    name: str
    confidence: str
    confidence_percent: int
    scores: tuple[Score, ...]
    also: tuple[str, ...]
    review: str | None
    call_110: str | None
    debt_stays: str | None
    advice: Advice


def view(verdict: Verdict, language: Language) -> View:
    """Return the view of a verdict in "zh" or "en"."""
    names = LABELS[language]
    threat = "threat_extortion" in (verdict.label, *verdict.also)
    return View(
        label=verdict.label,
        name=names[verdict.label],
        confidence=confidence_word(verdict.confidence, language),
        confidence_percent=_percent(verdict.confidence),
        scores=tuple(Score(names[x], _percent(verdict.scores[x])) for x in MODEL_LABELS),
        also=tuple(names[x] for x in verdict.also),
        review=None if verdict.review is None else REVIEWS[language][verdict.review],
        call_110=CALL_110[language] if threat else None,
        debt_stays=DEBT_STAYS[language] if verdict.label in UNLAWFUL else None,
        advice=ADVICE[language][verdict.label],
    )


def _percent(probability: float) -> int:
    """Round to whole per cent, but never to a certainty that the model does not claim."""
    return min(max(round(100 * probability), 1), 99)


def terminal_lines(verdict: Verdict) -> list[str]:
    """Return a verdict as lines for a terminal, Chinese first, English in brackets."""
    zh, en = view(verdict, "zh"), view(verdict, "en")
    scores = "  ".join(f"{score.name} {score.percent}%" for score in zh.scores)
    lines = [
        f"类别：{zh.name}  ({en.name})",
        f"把握：{zh.confidence}，约 {zh.confidence_percent}%  (confidence: {en.confidence})",
        f"得分：{scores}",
    ]
    if zh.also:
        lines.append(f"另有：{'；'.join(zh.also)}  (also: {'; '.join(en.also)})")
    if zh.review:
        lines.append(f"复核：{zh.review}  (review: {en.review})")
    if zh.call_110:
        lines.append(f"提示：{zh.call_110}  ({en.call_110})")
    lines.append(f"{NO_ADVICE['zh']}  ({NO_ADVICE['en']})")
    return lines
