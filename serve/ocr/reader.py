"""One screenshot read: `read` puts the steps together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from serve.ocr.areas import areas_of
from serve.ocr.blocks import Block, blocks_of
from serve.ocr.engine import LineReader
from serve.ocr.image import Pixels, decode
from serve.ocr.sides import with_sides
from serve.ocr.tiles import read_lines


@dataclass(frozen=True)
class Reading:
    """What a screenshot of width x height pixels says, in reading order."""

    width: int
    height: int
    blocks: tuple[Block, ...]

    @property
    def received(self) -> list[Block]:
        """Return the messages that came in, which are the ones to classify."""
        return [block for block in self.blocks if block.received]


def read(
    data: bytes,
    reader: LineReader,
    stop: Callable[[], bool] = lambda: False,
    field: str = "image",
) -> Reading:
    """Decode and read a file; gives up with no blocks once `stop()` is true.

    Raises ProblemError as `serve.ocr.image.decode` does.
    """
    pixels = decode(data, field)
    return read_pixels(pixels, reader, stop)


def read_pixels(
    pixels: Pixels, reader: LineReader, stop: Callable[[], bool] = lambda: False
) -> Reading:
    """Read a decoded picture."""
    height, width = pixels.shape[:2]
    lines = [line for line in read_lines(pixels, reader, stop) if line.text.strip()]
    blocks = blocks_of(lines, areas_of(pixels, lines), width, height)
    return Reading(width, height, tuple(with_sides(blocks, width)))
