"""Lines of one message joined again: a wrapped line goes on, a short one ends a paragraph."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import Final

from serve.ocr.geometry import Line, reading_order

SHORT_BY: Final = 2.5
"""Line heights (one is about a character) that a line must lack of the full width to end one."""


def joined(lines: list[Line]) -> str:
    """Return the text of a message from its lines; "" for none."""
    rows = reading_order(lines)
    if not rows:
        return ""
    right = max(line.box.right for line in lines)
    height = median(line.box.height for line in lines)
    text = _row(rows[0])
    for above, row in pairwise(rows):
        more = _row(row)
        if right - above[-1].box.right > SHORT_BY * height:
            text += "\n" + more
        else:  # Chinese is wrapped anywhere, other scripts between words
            text += (" " if _latin(text[-1:]) and _latin(more[:1]) else "") + more
    return text


def _row(row: list[Line]) -> str:
    text = row[0].text
    for before, line in pairwise(row):
        apart = line.box.left - before.box.right > 0.5 * before.box.height
        text += (" " if apart else "") + line.text
    return text


def _latin(character: str) -> bool:
    return character.isascii() and character.isalpha()
