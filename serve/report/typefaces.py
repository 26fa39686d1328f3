"""The two typefaces of the report, which lie in `fonts/` with their licences."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS: Final = Path(__file__).parent / "fonts"

TEXT: Final = "DunLensText"
EMOJI: Final = "DunLensEmoji"
_FILES: Final = {TEXT: "wqy-microhei.ttc", EMOJI: "NotoEmoji-Regular.ttf"}

_ASTRAL = re.compile(r"(?<=> <)[0-9A-F]{5,6}(?=>)")


class _Typeface(TTFont):
    """A typeface whose text can be copied out of the PDF, emoji included.

    reportlab 5.1 writes the characters beyond U+FFFF into the ToUnicode table with five digits,
    where PDF wants UTF-16 (ISO 32000-1, 9.10.3): readers drop or garble them.
    """

    def addObjects(self, doc: Any) -> None:  # noqa: N802  reportlab's name
        super().addObjects(doc)
        for name, value in doc.idToObject.items():
            if str(name).startswith("toUnicodeCMap:"):
                value.content = _ASTRAL.sub(_utf16, value.content)


def _utf16(match: re.Match[str]) -> str:
    return chr(int(match[0], 16)).encode("utf-16-be").hex().upper()


@cache
def glyphs(face: str) -> frozenset[int]:
    """Return the code points that a typeface has a glyph for; registers it for rendering."""
    font = _Typeface(face, str(FONTS / _FILES[face]), subfontIndex=0)
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


def register() -> None:
    """Make both typefaces known to reportlab."""
    for face in _FILES:
        glyphs(face)
