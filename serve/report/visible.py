"""Texts as they can be printed: what has no glyph, or is invisible, becomes a visible code point.

Senders hide words behind zero-width and direction marks. In a report they must be seen, and must
not change the order of what stands around them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby

from serve.report.document import Run, Runs
from serve.report.typefaces import EMOJI, TEXT, glyphs

NEWLINES = re.compile(r"\r\n")
MANY_NEWLINES = 4
"""So many line feeds in a row become one stand-in: a text of them would fill a hundred pages."""

JOINERS = "\u200d\ufe0e\ufe0f"
"""Part of an emoji where they follow one; elsewhere they hide something."""

_INVISIBLE = {"Cc", "Cf", "Zl", "Zp"}


@cache
def face_of(char: str) -> str | None:
    """Return the typeface that can show a character, or None where it needs a stand-in."""
    if unicodedata.category(char) in _INVISIBLE:
        return None
    code = ord(char)
    return next((face for face in (TEXT, EMOJI) if code in glyphs(face)), None)


def runs(text: str, label: str | None = None) -> Runs:
    """Return `text` as runs that can be shown.

    Equal neighbours without a glyph share one stand-in: ``[U+200B×3]``.
    """
    found = []
    kinds = zip(_kinds(text := NEWLINES.sub("\n", text)), text, strict=True)
    for shown, group in groupby(kinds, key=lambda pair: pair[0]):
        part = "".join(char for _, char in group)
        if shown:
            found.append(Run(part, label))
            continue
        for char, same in groupby(part):
            found.append(Run(stand_in(char, len(list(same))), label, stand_in=True))
    return tuple(found)


def one_line(text: str, limit: int | None = None) -> Runs:
    """Return runs for a title or a name: spaces and line ends become one space each."""
    line = " ".join(text.split())
    return runs(line if limit is None or len(line) <= limit else line[:limit] + "…")


def stand_in(char: str, count: int = 1) -> str:
    """Return ``[U+1F600]``, or ``[U+1F600×3]`` for three in a row."""
    return f"[U+{ord(char):04X}{f'×{count}' if count > 1 else ''}]"


def unseen(texts: Iterable[str]) -> Counter[str]:
    """Return how often each character of some texts is shown as a stand-in."""
    found: Counter[str] = Counter()
    for text in texts:
        text = NEWLINES.sub("\n", text)
        found.update(char for shown, char in zip(_kinds(text), text, strict=True) if not shown)
    return found


def name_of(char: str, otherwise: str) -> str:
    """Return the Unicode name of a character; control characters have none."""
    return unicodedata.name(char, otherwise)


def _kinds(text: str) -> Iterator[bool]:
    """Yield for each character whether it is shown as it is."""
    after_emoji = False
    for char, group in groupby(text):
        count = len(list(group))
        if char == "\n":
            shown = count < MANY_NEWLINES
        elif after_emoji and char in JOINERS:
            shown = True
        else:
            face = face_of(char)
            shown, after_emoji = face is not None, face == EMOJI
        yield from [shown] * count
