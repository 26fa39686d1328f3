"""A verdict with its reasons in words, for the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from data.labels import LABELS as MODEL_LABELS
from model.evidence import Evidence
from model.law import Answer, Channel, Provision, Words
from serve.explain import Explained
from serve.highlight import Segment, segments
from serve.wording import LABELS, MEANINGS, REVIEWS, TAGS, TIERS, Language, confidence_word

FIRST_LAW: Final = 3
"""Provisions in sight; there can be thirty, and somebody in distress reads three."""


@dataclass(frozen=True)
class Score:
    """One of the four outputs: its name for people and its probability in whole per cent."""

    name: str
    percent: int


@dataclass(frozen=True)
class Reason:
    """The words that decided for one label, and its probability with all words, without these
    and with these alone, in whole per cent."""

    label: str
    name: str
    tag: str
    words: tuple[str, ...]
    full: int
    without: int
    alone: int


@dataclass(frozen=True)
class View:
    """Everything that is shown of one text, in one language.

    meaning: what the label says of the text; None where the answer's note says it.
    channels: those that the steps name, each once.
    first_law, more_law: the first provisions, and the others by their tier in words.
    sources: what each source mark of the answer means.
    """

    label: str
    name: str
    meaning: str | None
    confidence: str
    confidence_percent: int
    scores: tuple[Score, ...]
    also: tuple[str, ...]
    review: str | None
    segments: tuple[Segment, ...]
    reasons: tuple[Reason, ...]
    answer: Answer
    channels: tuple[Channel, ...]
    first_law: tuple[Provision, ...]
    more_law: tuple[tuple[str, tuple[Provision, ...]], ...]
    sources: dict[str, str]


def view(explained: Explained, language: Language) -> View:
    """Return the view of a text in "zh" or "en"."""
    names, verdict, say = LABELS[language], explained.verdict, speaker(language)
    steps = explained.answer.steps
    return View(
        label=verdict.label,
        name=names[verdict.label],
        meaning=MEANINGS[language].get(verdict.label),
        confidence=confidence_word(verdict.confidence, language),
        confidence_percent=percent(verdict.confidence),
        scores=tuple(Score(names[x], percent(verdict.scores[x])) for x in MODEL_LABELS),
        also=tuple(names[x] for x in verdict.also),
        review=None if verdict.review is None else REVIEWS[language][verdict.review],
        segments=segments(explained.text, explained.evidence),
        reasons=tuple(_reason(explained, item, language) for item in explained.evidence),
        answer=explained.answer,
        channels=tuple({s.channel.id: s.channel for s in steps if s.channel}.values()),
        first_law=explained.answer.provisions[:FIRST_LAW],
        more_law=_by_tier(explained.answer.provisions[FIRST_LAW:], language),
        sources={note.mark: say(note.text) for note in explained.answer.sources},
    )


def _reason(explained: Explained, evidence: Evidence, language: Language) -> Reason:
    return Reason(
        label=evidence.label,
        name=LABELS[language][evidence.label],
        tag=TAGS[language][evidence.label],
        words=tuple(explained.text[span.start : span.end] for span in evidence.spans),
        full=percent(explained.verdict.scores[evidence.label]),
        without=percent(evidence.without),
        alone=percent(evidence.alone),
    )


def _by_tier(
    provisions: Sequence[Provision], language: Language
) -> tuple[tuple[str, tuple[Provision, ...]], ...]:
    groups = (
        (words, tuple(each for each in provisions if each.tier == tier))
        for tier, words in TIERS[language].items()
    )
    return tuple((words, group) for words, group in groups if group)


def percent(probability: float) -> int:
    """Round to whole per cent, but never to a certainty that the model does not claim."""
    return min(max(round(100 * probability), 1), 99)


def speaker(language: Language) -> Callable[[Words], str]:
    """Return the function that picks the words of one language."""
    return lambda words: words.en if language == "en" else words.zh
