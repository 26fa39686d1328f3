"""Bounds on a screenshot. A telephone's is 1080 x 2400 pixels; a long one is many of them."""

from __future__ import annotations

from typing import Final

MAX_IMAGE_BYTES: Final = 12 * 2**20
"""Of the file; fits into one request body."""

MAX_PIXELS: Final = 24_000_000
"""Of the decoded picture, 72 MB as RGB: nine screens of 1080 x 2400."""

MAX_SIDE: Final = 30_000
"""Pixels of the longer side."""

MIN_SIDE: Final = 16
"""Pixels of the shorter side; no character fits into less."""

MAX_LINES: Final = 2000
"""Lines of text in one picture; comparing all with all stays cheap."""
