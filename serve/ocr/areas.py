"""Areas of one colour around lines of text: speech bubbles, cards, the page behind them.

From each line's background colour the area is filled in a small copy of the image, in which noise
and the traces of compression have been averaged away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from serve.ocr.geometry import Box, Line
from serve.ocr.image import Pixels

SMALL_WIDTH: Final = 360
"""Width of the copy in pixels; a bubble's padding is still three of them or more."""
MAX_FACTOR: Final = 0.5
"""A small image is made smaller too: it is the averaging that takes the noise away."""
SMOOTHING: Final = 5
"""Pixels of the median filter; a padding survives it, noise does not."""
BILATERAL: Final = (7, 16, 4)
"""Diameter, spread in colour and in space of the filter after it, which keeps the edges."""
TOLERANCE: Final = 6
"""Of 255 in each channel: bubbles differ from the page by 16 and more in the styles we know."""
EDGE: Final = 0.15
"""Of a line's height: how far around its upper and lower edge the background is sampled."""
AVATAR: Final = 40
"""Height in the small copy within which a sender's picture begins."""
BIN: Final = 8
"""Colours are counted in steps of this."""


@dataclass(frozen=True)
class Area:
    """A filled area: its box in pixels of the image, and its mean colour (red, green, blue).

    beside: how much there is to see left and right of its upper end (mean deviation, 0..255):
        apps put the sender's picture there.
    """

    box: Box
    colour: tuple[float, float, float]
    beside: tuple[float, float] = (0.0, 0.0)

    @property
    def saturation(self) -> float:
        """Return the spread of the channels, 0 (grey) to 255."""
        return max(self.colour) - min(self.colour)


def areas_of(pixels: Pixels, lines: list[Line]) -> list[Area]:
    """Return each line's area, the same object for lines on the same one.

    An area inside another line's area that is no page (a quotation, a link) is taken for that one.
    """
    height, width = pixels.shape[:2]
    factor = min(MAX_FACTOR, SMALL_WIDTH / width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    resized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    small: Pixels = np.asarray(
        cv2.bilateralFilter(cv2.medianBlur(resized, SMOOTHING), *BILATERAL), np.uint8
    )
    labels = np.zeros(small.shape[:2], np.int32)
    areas: list[Area] = []
    chosen: list[int] = []
    for line in lines:
        row, column = _seed(small, line.box.scaled(factor))
        if not labels[row, column]:
            areas.append(_filled(small, labels, row, column, len(areas) + 1, 1 / factor))
        chosen.append(int(labels[row, column]) - 1)
    outer = [_outermost(area, areas, width) for area in areas]
    return [outer[index] for index in chosen]


def is_page(area: Area, width: int) -> bool:
    """Return whether the area reaches from one edge of the image to the other."""
    return area.box.width >= 0.95 * width


def _seed(small: Pixels, box: Box) -> tuple[int, int]:
    """Return row and column of a pixel with the colour behind the text.

    It is looked for along the upper and lower edge of the line, where there is little ink. The
    pixel is set to the edge's usual colour: the fill compares with it, so it must not be noisy.
    """
    height, width = small.shape[:2]
    reach = max(1.0, EDGE * box.height)
    rows = [
        row
        for edge in (box.top, box.bottom)
        for row in range(int(edge - reach), int(edge + reach) + 1)
    ]
    inside = sorted({min(max(row, 0), height - 1) for row in rows})
    left = min(int(box.left), width - 1)
    patch = small[inside, left : max(left + 1, int(box.right))]
    flat = patch.reshape(-1, 3).astype(np.int32)
    bins = flat // BIN
    keys = (bins[:, 0] << 16) + (bins[:, 1] << 8) + bins[:, 2]
    values, counts = np.unique(keys, return_counts=True)
    usual = flat[keys == values[counts.argmax()]].mean(axis=0)
    for _ in range(3):  # the colour may lie across two bins: move to the middle of its cluster
        close = np.abs(flat - usual).max(axis=1) <= BIN
        usual = flat[close].mean(axis=0) if close.any() else usual
    nearest = int(np.abs(flat - usual).sum(axis=1).argmin())
    row, column = inside[nearest // patch.shape[1]], left + nearest % patch.shape[1]
    small[row, column] = usual
    return row, column


def _filled(
    small: Pixels, labels: npt.NDArray[np.int32], row: int, column: int, label: int, factor: float
) -> Area:
    """Fill from a pixel, mark the area in `labels` and return it in pixels of the image."""
    mask = np.zeros((small.shape[0] + 2, small.shape[1] + 2), np.uint8)
    spread = (TOLERANCE,) * 3
    flags = 4 | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY | (1 << 8)
    _, _, _, (x, y, width, height) = cv2.floodFill(
        small, mask, (column, row), (0, 0, 0), spread, spread, flags
    )
    part = slice(y, y + height), slice(x, x + width)
    inside = mask[1:-1, 1:-1][part].astype(np.bool_)
    red, green, blue = small[part][inside].mean(axis=0)
    labels[part][inside & (labels[part] == 0)] = label
    upper = small[y : y + min(height, AVATAR)].mean(axis=2)
    return Area(
        Box(x, y, x + width, y + height).scaled(factor),
        (float(red), float(green), float(blue)),
        (_deviation(upper[:, :x]), _deviation(upper[:, x + width :])),
    )


def _deviation(strip: npt.NDArray[np.floating]) -> float:
    """Return the mean distance from the strip's usual brightness; 0 where it is empty."""
    return float(np.abs(strip - np.median(strip)).mean()) if strip.size else 0.0


def _outermost(area: Area, areas: list[Area], width: int) -> Area:
    holding = [
        other
        for other in areas
        if other is not area and not is_page(other, width) and other.box.holds(area.box)
    ]
    return max([area, *holding], key=lambda x: x.box.width * x.box.height)
