"""Times in the many notations of spreadsheets, as local time without zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from data.text import normalise

CHINA: Final = timezone(timedelta(hours=8))
"""China Standard Time, the local time meant throughout; it has no summer time."""

_CLOCK: Final = (
    r"(?:\s*T?\s*(?:(?:星期|周)[一二三四五六日天])?\s*(?P<half>凌晨|早上|上午|中午|下午|晚上|AM|PM)?\s*"
    r"(?P<h>\d{1,2})\s*[:时点]\s*(?:(?P<mi>\d{1,2})\s*(?:[:分]\s*(?:(?P<s>\d{1,2})(?:[.,]\d+)?秒?)?)?)?"
    r"\s*(?P<half2>AM|PM)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_FORMS: Final = tuple(
    re.compile(date + _CLOCK, re.IGNORECASE)
    for date in (
        r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*[日号]?",
        r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})",  # as US spreadsheets write it
        r"(?P<y>(?:19|20)\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)",
    )
)
_COMPACT: Final = re.compile(r"((?:19|20)\d{2})([01]\d)([0-3]\d)([0-2]\d)([0-5]\d)([0-5]\d)?")
_NUMBER: Final = re.compile(r"\d{1,13}(?:\.\d{1,12})?")
_SERIALS: Final = (29221.0, 73051.0)  # 1980-01-01 to 2100-01-01 as spreadsheet day numbers
_EPOCHS: Final = (315532800.0, 4102444800.0)  # the same days in seconds since 1970
_SPREADSHEET_ZERO: Final = datetime(1899, 12, 30)
_AFTERNOON: Final = frozenset(["下午", "晚上", "PM"])


def parse_when(cell: str) -> datetime | None:
    """Return the time that a cell states, to the second; None where it states none.

    Takes ISO 8601, `2026/11/25`, `2026年11月25日 8:03`, `20261125080300`, `11/25/2026 8:03 PM`,
    spreadsheet day numbers, and seconds or milliseconds since 1970. A zone is converted.
    """
    if not cell or len(cell) > 60:
        return None
    text = normalise(cell).text
    try:
        if match := _COMPACT.fullmatch(text):
            return datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]
        for form in _FORMS:
            if match := form.fullmatch(text):
                return _from_match(match)
        return _from_number(text)
    except (ValueError, OverflowError):  # 2026-13-45
        return None


def _from_match(match: re.Match[str]) -> datetime:
    hour = int(match["h"] or 0)
    half = match["half"] or (match["half2"] or "").upper()
    half = half.upper() if half.isascii() else half
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half in ("AM", "凌晨") and hour == 12:
        hour = 0
    found = datetime(
        int(match["y"]), int(match["m"]), int(match["d"]), 0, int(match["mi"] or 0)
    ) + timedelta(hours=_checked_hour(hour), seconds=int(match["s"] or 0))
    zone = match["zone"]
    return found if zone is None else _to_china(found, zone)


def _checked_hour(hour: int) -> int:
    if hour > 24:
        raise ValueError("hour")
    return hour


def _to_china(moment: datetime, zone: str) -> datetime:
    if zone in "Zz":
        offset = timedelta()
    else:
        sign = -1 if zone[0] == "-" else 1
        digits = zone[1:].replace(":", "")
        offset = sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return (moment - offset).replace(tzinfo=UTC).astimezone(CHINA).replace(tzinfo=None)


def _from_number(text: str) -> datetime | None:
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    if _SERIALS[0] <= value < _SERIALS[1]:
        return _SPREADSHEET_ZERO + timedelta(seconds=round(value * 86400))
    if value >= 1e11:
        value /= 1000  # milliseconds
    if _EPOCHS[0] <= value < _EPOCHS[1]:
        return datetime.fromtimestamp(int(value), CHINA).replace(tzinfo=None)
    return None
