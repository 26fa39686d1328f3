"""Scores of what was read against what was shown.

Characters are compared after NFKC (full-width forms count as their plain ones), straightened
quotation marks, and without any white space. Letter case and everything else count.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from serve.ocr.blocks import Block
from serve.ocr.geometry import Box, shared_height, shared_width
from serve.ocr.measure.screens import Bubble
from serve.ocr.reader import Reading

QUOTES: Final = str.maketrans("“”‘’「」", '""\'\'""')
RESAMPLES: Final = 2000
Z: Final = 1.959963984540054
"""97.5 % point of the normal distribution."""


@dataclass(frozen=True)
class Read:
    """One bubble of a screen and what was read of it: "" and None where nothing was."""

    bubble: Bubble
    text: str
    side: str | None


@dataclass(frozen=True)
class Score:
    """Of one picture: edits and true characters over all messages; sides right, bubbles."""

    edits: int
    characters: int
    sides_right: int
    bubbles: int
    reads: tuple[Read, ...]


def normalised(text: str) -> str:
    """Return the text as it is compared."""
    return "".join(unicodedata.normalize("NFKC", text.translate(QUOTES)).split())


def score(bubbles: Sequence[Bubble], boxes: Sequence[tuple[float, ...]], reading: Reading) -> Score:
    """Score one reading; `boxes` are the bubbles' true ones in pixels of the picture read.

    Edits are counted over all messages in order, joined: what was missed, read twice, put in the
    wrong order or taken from the interface counts.
    """
    messages = [block for block in reading.blocks if block.kind == "message"]
    truth = normalised("".join(bubble.text for bubble in bubbles))
    found = normalised("".join(block.text for block in messages))
    reads = tuple(
        _read(bubble, Box(*box), messages) for bubble, box in zip(bubbles, boxes, strict=True)
    )
    return Score(
        edits=Levenshtein.distance(truth, found),
        characters=len(truth),
        sides_right=sum(read.side == read.bubble.side for read in reads),
        bubbles=len(bubbles),
        reads=reads,
    )


def _read(bubble: Bubble, box: Box, messages: list[Block]) -> Read:
    own = [
        x for x in messages if shared_height(x.box, box) > 0.5 and shared_width(x.box, box) > 0.5
    ]
    sides = {block.side for block in own}
    return Read(bubble, "\n".join(x.text for x in own), sides.pop() if len(sides) == 1 else None)


def ratio_with_interval(
    parts: npt.NDArray[np.float64], wholes: npt.NDArray[np.float64], seed: int = 0
) -> tuple[float, float, float]:
    """Return sum(parts) / sum(wholes) with its 95 % interval.

    parts, wholes: float [n], of one picture each. The interval is the percentile bootstrap over
    pictures (Efron & Tibshirani 1993, chapter 13); where all resamples would agree, at exactly 0
    or 1, it is Wilson's (1927) for sum(wholes) trials.
    """
    value, trials = float(parts.sum() / max(wholes.sum(), 1e-9)), max(float(wholes.sum()), 1.0)
    if value in (0.0, 1.0):
        spread = Z * Z / trials
        near = spread / (1 + spread)
        return (value, 0.0, near) if value == 0 else (value, 1 - near, 1.0)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(parts), (RESAMPLES, len(parts)))
    below = np.maximum(wholes[drawn].sum(axis=1), 1e-9)
    low, high = np.percentile(parts[drawn].sum(axis=1) / below, [2.5, 97.5])
    return value, float(low), float(high)
