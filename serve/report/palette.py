"""Colours that both renderers share, as ``#rrggbb``."""

from __future__ import annotations

from typing import Final

INK: Final = "#22292e"
SOFT: Final = "#59646b"
LINE: Final = "#c9c7c0"
ACCENT: Final = "#245a6d"
NOTICE_PAPER: Final = "#fdf3d8"
URGENT_PAPER: Final = "#fbe3df"

MARKS: Final = {
    "lawful_reminder": "#d6efdd",
    "harassment": "#fde6b8",
    "threat_extortion": "#fbd3cc",
    "privacy_disclosure": "#e5d8f7",
}
"""Background of the words that a label rests on; light, so that a copy in grey stays legible."""
