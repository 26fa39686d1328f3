"""Where lines of mixed Chinese and Latin text may break.

A few rules of UAX #14 and of Chinese typesetting (GB/T 15834) are enough: no break within a Latin
word or number, none before closing and none after opening punctuation; what is wider than a line
breaks anywhere. The full algorithm in Python (uniseg 0.10) reads 4,000 characters a second here,
this one some 500,000. ReportLab's own breaking for Chinese lets lines begin with 「，」, and adds
spaces where a paragraph runs over a page, which evidence must not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

OPENING: Final = "([{‘“〈《「『【〔〖（［｛¥￥"
CLOSING: Final = "!),.:;?]}'\"’”、。〉》」』】〕〗！％），．：；？］｝～…—·%‰℃"
CLOSING_ONLY: Final = "".join(char for char in CLOSING if not char.isascii())  # no part of a word
JOINING: Final = "\u0300-\u036f\u200d\ufe0e\ufe0f\u20e3"
WORD: Final = "0-9A-Za-z\u00b5-\u024f\u0370-\u052f!-/:-@\\[-`{-~×"

_UNIT = re.compile(
    rf"[{re.escape(OPENING)}]*(?:[{WORD}]+|.[{JOINING}]*(?:\u200d.[{JOINING}]*)*)?"
    rf"[{re.escape(CLOSING)}]*(?: +[{re.escape(CLOSING_ONLY)}][{re.escape(CLOSING)}]*)* *",
    re.DOTALL,
)


def units(text: str) -> Iterator[str]:
    """Yield the parts of `text` that stay together, in order; joined, they are `text`."""
    return (match[0] for match in _UNIT.finditer(text) if match[0])


def break_lines(text: str, widths: Sequence[float], room: float) -> list[tuple[int, int]]:
    """Return (start, end) of each line, half-open; line feeds belong to no line.

    widths: of each character of `text`. room: the width of a line. Spaces may hang over its end;
    a character wider than the room gets a line of its own.
    """
    lines: list[tuple[int, int]] = []
    start = 0
    for part in text.split("\n"):
        lines += _broken(part, start, widths, room)
        start += len(part) + 1
    return lines


def _broken(part: str, start: int, widths: Sequence[float], room: float) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    first = at = start
    used = 0.0
    for unit in units(part):
        end = at + len(unit)
        ink = sum(widths[at : at + len(unit.rstrip(" "))])
        if used + ink > room and at > start:
            lines.append((start, at))
            start, used = at, 0.0
        if ink <= room:
            used += sum(widths[at:end])
        else:
            for index in range(at, end):
                if used + widths[index] > room and index > start:
                    cut = start + _cut(part[start - first : index - first + 1])
                    lines.append((start, cut))
                    start, used = cut, sum(widths[cut:index])
                used += widths[index]
        at = end
    return [*lines, (start, at)]


def _cut(line: str) -> int:
    """Return where to break before the line's last character, or earlier to keep it from a start.

    Closing punctuation takes the character before it along, unless there is nothing else.
    """
    last = len(line) - 1
    if line[last] not in CLOSING:
        return last
    return max(0, len(line.rstrip(CLOSING + " ")) - 1) or last
