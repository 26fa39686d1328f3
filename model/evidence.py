"""The words that decided: for each reported label, the shortest spans found that carry it.

Occlusion on the model itself, in few runs. Each clause is kept alone, and the best few are deleted
from the text; clauses are added, best first, until they hold the label's probability by themselves
and the text without them loses it; then each is trimmed to its deciding phrases, if these still
hold it. Judged by sufficiency and comprehensiveness (DeYoung et al. 2020, "ERASER: a benchmark to
evaluate rationalized NLP models"); `python -m training.faithfulness` measures both.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data.text import Normalised, normalise
from model.segments import (
    Cut,
    alone,
    blocks,
    boundaries,
    joined,
    phrases,
    segments,
    stripped,
    without,
)

if TYPE_CHECKING:
    from model.classifier import Classifier
    from model.verdict import Verdict

SUFFICIENT = 0.9  # of the full probability, from the spans alone
GONE = 0.5  # of the full probability, left in the text without them
DELETED = 3  # best clauses by themselves that are also deleted from the text: the costly half
CLAUSES = 3  # clauses in a label's evidence at most
MOST = 0.6  # of the text, where evidence has several clauses
KEEP_WHOLE = 0.7  # a clause that loses less than the rest of this share is not trimmed at all
WEAK = 0.2  # of a clause's weightiest phrase: phrases below it are trimmed off
LONG, BLOCK = 250, 120  # characters: a longer text is searched in blocks of a message's length
BLOCKS = 3  # of them at most, the ones that carry the label
FLOOR = 1e-4  # probabilities are compared on the logit scale within [FLOOR, 1 - FLOOR]


@dataclass(frozen=True)
class Span:
    """Code points start..end of the original text, half-open, never empty."""

    start: int
    end: int


@dataclass(frozen=True)
class Evidence:
    """The spans of one label: ascending, disjoint, at least one.

    without: the label's calibrated probability for the text with the spans deleted.
    alone: its probability for the spans, one after the other, and nothing else.
    """

    label: str
    spans: tuple[Span, ...]
    without: float
    alone: float


def explain(classifier: Classifier, text: str, verdict: Verdict) -> tuple[Evidence, ...]:
    """Return the evidence of each label that `classifier` reported for the text, gravest first.

    Nothing where no label is, or where there is nothing to read. Costs about nine verdicts' time.
    """
    labels = [
        name for name in classifier.scheme.gravity if name == verdict.label or name in verdict.also
    ]
    read = normalise(text)
    if not labels or not read.text:
        return ()
    cuts = boundaries(read.text, classifier._tokenizer)
    probe = _Probe(classifier)
    return tuple(
        _evidence(probe, label, read, _spans(probe, label, read.text, cuts, verdict.scores[label]))
        for label in labels
    )


class _Probe:
    """Calibrated probabilities of texts; each text goes through the model once."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._scores: dict[str, dict[str, float]] = {}

    def scores(self, label: str, texts: Sequence[str]) -> list[float]:
        """Return the label's probability for each text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._scores]
        for text, verdict in zip(new, self._classifier.classify(new), strict=True):
            self._scores[text] = verdict.scores
        return [self._scores[text][label] for text in texts]

    def logits(self, label: str, texts: Sequence[str]) -> np.ndarray:
        """Return their logits [n], within what FLOOR allows."""
        p = np.clip(self.scores(label, texts), FLOOR, 1 - FLOOR)
        return np.asarray(np.log(p / (1 - p)))


def _evidence(probe: _Probe, label: str, read: Normalised, spans: Sequence[Cut]) -> Evidence:
    """Map spans of the normalised text to the original and measure them there."""
    text = read.original
    found = joined(_uncut(text, *read.original_span(*span)) for span in spans)
    # The probe knows normalised texts; a text and its normalised form have the same scores.
    texts = [normalise(part(text, found)).text for part in (without, alone)]
    left, held = probe.scores(label, texts)
    return Evidence(label, tuple(Span(*span) for span in found), left, held)


def _uncut(text: str, start: int, end: int) -> Cut:
    """Widen a span until it cuts through nothing that is drawn as one character."""
    while start > 0 and _one(text[start - 1], text[start]):
        start -= 1
    while end < len(text) and _one(text[end - 1], text[end]):
        end += 1
    return start, end


def _one(left: str, right: str) -> bool:
    """Tell whether two neighbours are one: base and mark, joined emoji, halves of a surrogate."""
    return (
        unicodedata.combining(right) != 0
        or right in "\u200d\ufe0e\ufe0f"
        or left == "\u200d"
        or "\U0001f3fb" <= right <= "\U0001f3ff"
        or ("\ud800" <= left <= "\udbff" and "\udc00" <= right <= "\udfff")
    )


def _spans(probe: _Probe, label: str, text: str, cuts: Sequence[int], full: float) -> Sequence[Cut]:
    """Return the deciding spans of a normalised text; of a long one those of its best blocks."""
    found = segments(text, cuts)
    if len(text) <= LONG:
        return _search(probe, label, text, cuts, found, full)
    groups = blocks(found, BLOCK)
    texts = [text[group[0][0] : group[-1][1]] for group in groups]
    scores = np.array(probe.scores(label, texts))
    best = [
        i for i in np.argsort(-scores, kind="stable")[:BLOCKS] if scores[i] >= GONE * scores.max()
    ]
    spans: list[Cut] = []
    for index in best:
        offset = groups[index][0][0]
        inner = [(start - offset, end - offset) for start, end in groups[index]]
        at = [cut - offset for cut in cuts]
        part = _search(probe, label, texts[index], at, inner, float(scores[index]))
        spans += [(start + offset, end + offset) for start, end in part]
    return joined(spans)


@dataclass(frozen=True)
class _Candidate:
    """Spans with the shares of the full probability that are left without them and held alone."""

    spans: Sequence[Cut]
    without: float
    alone: float
    share: float

    @property
    def worth(self) -> tuple[bool, float]:
        """Order candidates: sufficient ones first, then what they hold, drop and spare."""
        held = min(self.alone, SUFFICIENT) / SUFFICIENT
        return self.alone >= SUFFICIENT, held - self.without - self.share


def _search(
    probe: _Probe,
    label: str,
    text: str,
    cuts: Sequence[int],
    found: Sequence[Cut],
    full: float,
) -> Sequence[Cut]:
    """Return the best spans of a text among few candidates. found: its segments."""

    def judge(spans: Sequence[Cut]) -> _Candidate:
        spans = joined(stripped(text, span) for span in spans)
        left, held = probe.scores(label, [without(text, spans), alone(text, spans)])
        share = sum(end - start for start, end in spans) / len(text)
        return _Candidate(spans, left / full, held / full, share)

    full = max(full, FLOOR)
    candidates: list[_Candidate] = []
    chosen: list[Cut] = []
    for segment in _ranked(probe, label, text, found):
        more = [*chosen, segment]
        if chosen and sum(end - start for start, end in more) > MOST * len(text):
            break
        chosen = more
        candidates.append(judge(chosen))
        if candidates[-1].alone >= SUFFICIENT and candidates[-1].without <= GONE:
            break
    candidates.append(judge([_trimmed(probe, label, text, segment, cuts) for segment in chosen]))
    return max(candidates, key=lambda candidate: candidate.worth).spans


def _ranked(probe: _Probe, label: str, text: str, found: Sequence[Cut]) -> list[Cut]:
    """Return the best segments, by the logit that they hold alone and take away when deleted."""
    if len(found) == 1:
        return list(found)
    held = probe.logits(label, [text[start:end] for start, end in found])
    best = np.argsort(-held, kind="stable")[:DELETED]
    left = probe.logits(label, [without(text, [found[index]]) for index in best])
    order = best[np.argsort(left - held[best], kind="stable")]
    return [found[index] for index in order[:CLAUSES]]


def _trimmed(probe: _Probe, label: str, text: str, segment: Cut, cuts: Sequence[int]) -> Cut:
    """Return the run of a segment's phrases that weighs most, each less WEAK of the weightiest.

    A phrase weighs the logit that it takes from the segment by itself. All of the segment where
    trimming would spare little.
    """
    start, end = segment
    found = phrases(segment, cuts)
    if len(found) == 1:
        return segment
    rest = [text[start:first] + text[last:end] for first, last in found]
    logits = probe.logits(label, [text[start:end], *rest])
    weights = logits[0] - logits[1:]
    first, last = _heaviest(weights - WEAK * max(float(weights.max()), 0.5))
    run = found[first][0], found[last][1]
    return segment if run[1] - run[0] > KEEP_WHOLE * (end - start) else run


def _heaviest(values: np.ndarray) -> tuple[int, int]:
    """Return the first and last index of the run with the highest sum (Kadane's algorithm)."""
    best, total, first = (-np.inf, 0, 0), 0.0, 0
    for index, value in enumerate(values.tolist()):
        if total <= 0:
            total, first = 0.0, index
        total += value
        best = max(best, (total, first, index), key=lambda run: run[0])
    return best[1], best[2]
