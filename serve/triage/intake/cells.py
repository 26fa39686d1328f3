"""What a cell looks like."""

from __future__ import annotations

import re
from typing import Final

from serve.triage.intake.when import parse_when

_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_LETTER: Final = re.compile("[^\\W\\d_]")
_PHONE: Final = re.compile(r"\+?\(?\d[\d\-() *×xX]{4,20}")
_NUMBER: Final = re.compile(r"[-+]?[\d,.]+%?")


def han(cell: str) -> int:
    """Return how many Chinese characters there are."""
    return len(_HAN.findall(cell))


def letters(cell: str) -> int:
    """Return how many letters of any script there are."""
    return len(_LETTER.findall(cell))


def is_phone(cell: str) -> bool:
    """Tell a telephone or short-message number, masked ones too; 5 to 15 digits or masks."""
    bare = cell.strip()
    return 5 <= len(re.sub(r"[\s\-()+]", "", bare)) <= 15 and _PHONE.fullmatch(bare) is not None


def is_time(cell: str) -> bool:
    """Tell a time, by more than a bare number."""
    return not _NUMBER.fullmatch(cell.strip()) and parse_when(cell) is not None


def is_data(cell: str) -> bool:
    """Tell what no heading would be: a number, a telephone number, a time."""
    bare = cell.strip()
    return _NUMBER.fullmatch(bare) is not None or is_phone(bare) or is_time(bare)
