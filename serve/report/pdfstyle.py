"""Sizes and spacing of the PDF, in points unless they say otherwise."""

from __future__ import annotations

from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm

from serve.report.flow import Style
from serve.report.palette import ACCENT, LINE, NOTICE_PAPER, SOFT, URGENT_PAPER
from serve.report.typefaces import TEXT

FOOT: Final = 8
ROOM: Final = {1: 45 * mm, 2: 38 * mm}
"""Space that a heading of a level needs below it, or it begins the next page."""

TITLE: Final = Style(21, 30, ACCENT)
SUBTITLE: Final = Style(10, 15, SOFT, after=10)
BODY: Final = Style(10.5, 17, after=6)
SMALL: Final = Style(9, 14, SOFT, after=6)
BULLET: Final = Style(10.5, 16.5, after=3, indent=13)
CELL: Final = Style(9.5, 14.5)
NAME_CELL: Final = Style(9.5, 14.5, SOFT)
HEAD_CELL: Final = Style(9.5, 14.5, ACCENT)
HEADINGS: Final = {
    1: Style(14.5, 20, ACCENT, before=16, after=7),
    2: Style(11.5, 17, before=13, after=5),
}
NOTICE: Final = Style(10.5, 17, before=6, after=8, padding=8, paper=NOTICE_PAPER)
URGENT: Final = Style(10.5, 17, before=6, after=8, padding=8, paper=URGENT_PAPER)
QUOTE: Final = Style(11, 18, before=2, after=6, padding=8, border=LINE)

# Cells hold flowables, but a table sets its font all the same, and the default is not embedded.
_FONT: Final = ("FONTNAME", (0, 0), (-1, -1), TEXT)
PAIRS: Final[list[tuple[Any, ...]]] = [
    _FONT,
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(LINE)),
    ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]
GRID: Final[list[tuple[Any, ...]]] = [
    _FONT,
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, 0), 0.9, HexColor(ACCENT)),
    ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(LINE)),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]
SIGNATURE: Final[list[tuple[Any, ...]]] = [
    _FONT,
    ("LINEBELOW", (1, 0), (1, -1), 0.6, HexColor(SOFT)),
    ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
]
