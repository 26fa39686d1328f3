"""Small pictures and readers that the tests know every answer of."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from serve.ocr.geometry import Box, Line
from serve.ocr.image import Pixels

PAGE, WHITE, GREEN = (237, 237, 237), (255, 255, 255), (149, 236, 105)


def line(text: str, left: float, top: float, width: float = 200, height: float = 24) -> Line:
    return Line(text, Box(left, top, left + width, top + height), 0.99)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def blank(width: int = 360, height: int = 640, kind: str = "PNG") -> bytes:
    return encoded(Image.new("RGB", (width, height), PAGE), kind)


def chat(
    bubbles: Sequence[tuple[tuple[int, int, int, int], tuple[int, int, int]]],
    size: tuple[int, int] = (720, 1200),
    page: tuple[int, int, int] = PAGE,
) -> Pixels:
    """Return a picture with rectangles (left, top, right, bottom) of a colour on a page."""
    image = Image.new("RGB", size, page)
    pen = ImageDraw.Draw(image)
    for box, colour in bubbles:
        pen.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=colour)
    return np.asarray(image)


class FixedReader:
    """Finds the same lines in every picture; can wait on a gate or fail."""

    def __init__(
        self,
        lines: Sequence[Line] = (),
        gate: threading.Event | None = None,
        error: Exception | None = None,
    ) -> None:
        self.found, self.gate, self.error = list(lines), gate, error
        self.tiles = 0

    def lines(self, pixels: Pixels) -> list[Line]:
        self.tiles += 1
        if self.gate:
            self.gate.wait(20)
        if self.error:
            raise self.error
        return self.found
