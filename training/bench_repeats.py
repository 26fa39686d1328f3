"""What remembering repeats saves on a batch in which texts come again as complaints do."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model.classifier import Classifier


def repeated(texts: Sequence[str], count: int, seed: int) -> list[str]:
    """Return `count` texts drawn with a probability of one over the text's rank (Zipf's law).

    An assumption: a few templates are sent to many debtors, most messages are rare.
    """
    rng = np.random.default_rng(seed)
    odds = 1 / np.arange(1, len(texts) + 1)
    return [texts[i] for i in rng.choice(len(texts), size=count, p=odds / odds.sum())]


def without_repeats(batch: Sequence[str]) -> list[list[str]]:
    """Return the batch in parts none of which has a text twice: reading them saves nothing."""
    seen: Counter[str] = Counter()
    parts: dict[int, list[str]] = defaultdict(list)
    for text in batch:
        parts[seen[text]].append(text)
        seen[text] += 1
    return list(parts.values())


def saved_by_repeats(
    artifact: Path, texts: Sequence[str], threads: int, rounds: int, seed: int
) -> dict[str, Any]:
    """Return how many times faster a batch with repeats is read because they are remembered."""
    batch = repeated(texts, len(texts), seed)
    forgetful = Classifier.load(artifact, threads, remember=0)
    parts, ratios = without_repeats(batch), []
    forgetful.logits(batch[:16])
    for _ in range(rounds):
        start = time.perf_counter()
        for part in parts:
            forgetful.logits(part)
        plain = time.perf_counter() - start
        remembering = Classifier.load(artifact, threads)
        start = time.perf_counter()
        remembering.logits(batch)
        ratios.append(plain / (time.perf_counter() - start))
    return {
        "texts": len(batch),
        "repeats": 1 - len(set(batch)) / len(batch),
        "ratio": float(np.median(ratios)),
        "ratio_range": [min(ratios), max(ratios)],
    }
