"""Long screenshots are read in tiles, so that memory does not grow with their length.

Neighbouring tiles overlap by more than a line of text, so that one of them sees it whole. What
touches the edge where a picture was cut is dropped; of what both saw, the fuller reading stays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image

from serve.ocr.engine import LineReader
from serve.ocr.geometry import Box, Line, shared_height, shared_width
from serve.ocr.image import Pixels
from serve.ocr.limits import MAX_LINES
from serve.problems import ProblemError

TILE_PIXELS: Final = 1_000_000
"""Of one tile. Peak and processor time measured for a screenshot of 1080 x 2035: 398 MiB, 2.3 s
with 600,000; 473 MiB, 1.8 s with a million; 550 MiB, 1.7 s with 1,600,000."""
MIN_WIDTH, MAX_WIDTH = 720, 2160
"""Narrower images are enlarged (at most twice) and wider ones reduced before they are read."""
OVERLAP: Final = 0.18
"""Of the width: three to four lines of a telephone's text."""
CUT: Final = 0.005
"""Of the width: a line as near as this to the edge of a tile may go on beyond it."""


def tile_spans(width: int, height: int) -> list[tuple[int, int]]:
    """Return (top, bottom) of tiles of about equal height that cover the image and overlap."""
    overlap = round(OVERLAP * width)
    tallest = max(round(TILE_PIXELS / (width * _factor(width) ** 2)), 2 * overlap + 1)
    if height <= tallest:
        return [(0, height)]
    count = math.ceil((height - overlap) / (tallest - overlap))
    step = (height - overlap) / count
    return [(round(i * step), round(i * step + step + overlap)) for i in range(count)]


def read_lines(pixels: Pixels, reader: LineReader, stop: Callable[[], bool]) -> list[Line]:
    """Return the lines of an image of any height; [] as soon as `stop()` is true.

    Raises ProblemError (422) where there are more than any conversation has.
    """
    height, width = pixels.shape[:2]
    spans, factor = tile_spans(width, height), _factor(width)
    cut = CUT * width
    found: list[Line] = []
    for top, bottom in spans:
        if stop():
            return []
        upper = top + cut if top else -math.inf
        lower = bottom - cut if bottom < height else math.inf
        for line in reader.lines(_resized(pixels[top:bottom], factor)):
            box = line.box.scaled(1 / factor).moved(top)
            if box.top >= upper and box.bottom <= lower:
                found.append(Line(line.text, box, line.score))
        if len(found) > MAX_LINES:
            raise ProblemError("too_many_lines", field="image", limit=MAX_LINES)
    return without_repeats(found)


def without_repeats(lines: list[Line]) -> list[Line]:
    """Return the lines without those that another covers; the longer, then the surer one stays."""
    kept: list[Line] = []
    for line in sorted(lines, key=lambda x: (-len(x.text), -x.score)):
        if not any(_same(line.box, other.box) for other in kept):
            kept.append(line)
    return sorted(kept, key=lambda x: (x.box.top, x.box.left))


def _same(a: Box, b: Box) -> bool:
    return shared_height(a, b) > 0.6 and shared_width(a, b) > 0.6


def _factor(width: int) -> float:
    if width < MIN_WIDTH:
        return min(2.0, MIN_WIDTH / width)
    return min(1.0, MAX_WIDTH / width)


def _resized(tile: Pixels, factor: float) -> Pixels:
    if factor == 1:
        return tile
    height, width = tile.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(tile).resize(size, Image.Resampling.LANCZOS))
