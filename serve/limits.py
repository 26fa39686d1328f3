"""Bounds on what one request or one row may carry; design rule: everything is bounded."""

from __future__ import annotations

from typing import Final

from data.rows import MAX_TEXT

MAX_TEXTS: Final = 256
"""Texts in one request."""

MAX_EXPLAINED: Final = 32
"""Texts in one request that asks for reasons, each of which takes up to 12 verdicts' time."""

MAX_CHARS: Final = MAX_TEXT
"""Characters (Unicode code points) in one text."""

MAX_LINE_BYTES: Final = 16 * 2**20
"""One line of a file that is classified."""

MAX_CELL_CHARS: Final = 2**20
"""One cell of a CSV file; an unclosed quotation mark swallows no more than this."""
