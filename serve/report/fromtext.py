"""Messages whose fields are all text: a row of a CSV file, or the fields of an HTML form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from model.law import Facts

FACTS: Final = tuple(Facts.model_fields)
BOOLEAN: Final = ("beyond_debt", "unlawful_debt")
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "yes", "1", "是"), True),
    **dict.fromkeys(("false", "no", "0", "否"), False),
}
_SHEET_DATE = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(:\d{2})?)?")


def facts_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts among `fields`, still to be validated; a blank field states nothing."""
    stated: dict[str, Any] = {}
    for name in FACTS:
        value = (fields.get(name) or "").strip()
        if not value:
            continue
        if name in BOOLEAN:
            stated[name] = _BOOLEANS.get(value.lower(), value)
        elif name == "count_today" and value.isascii() and value.isdecimal():
            stated[name] = int(value[:9])
        else:
            stated[name] = value
    return stated


def tidy_moment(text: str) -> str:
    """Return `2026-11-20 09:05` for a spreadsheet's `2026/11/20 9:05`, other texts unchanged."""
    match = _SHEET_DATE.fullmatch(text.strip())
    if match is None:
        return text
    year, month, day, hour, minute, seconds = match.groups()
    moment = f"{year}-{int(month):02}-{int(day):02}"
    return moment if hour is None else f"{moment} {int(hour):02}:{minute}{seconds or ''}"


def message_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return a message from text fields, still to be validated as `schemas.ReportMessage`."""
    message: dict[str, Any] = {"text": fields["text"]} if "text" in fields else {}
    if sent_at := (fields.get("sent_at") or "").strip():
        message["sent_at"] = tidy_moment(sent_at)
    if sender := (fields.get("sender") or "").strip():
        message["sender"] = sender
    if facts := facts_of(fields):
        message["facts"] = facts
    return message
