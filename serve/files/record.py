"""One row of an input file, and what can be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from serve.limits import MAX_CHARS

ERROR_KEY: Final = "verdict_error"
"""Key or column for what was wrong with a row; a row may have an `error` of its own."""


class FileError(ValueError):
    """The whole file cannot be used; the message says why, Chinese first."""


@dataclass
class Record:
    """A row as it was read.

    line: number of its first line in the file, from 1.
    data: the row (a dict from JSON Lines, a list of cells from CSV); None where unparseable.
    raw: the beginning of its text in the file where `data` is None.
    text: what to classify; None where `error` is set.
    error: what is wrong, without quoting any content.
    """

    line: int
    data: Any = None
    raw: str | None = None
    text: str | None = None
    error: str | None = None


def check_text(value: object, field: str) -> tuple[str | None, str | None]:
    """Return (text, None) for a text that can be classified, else (None, error)."""
    if value is None:
        return None, f"缺少字段 {field} (field {field} is missing)"
    if not isinstance(value, str):
        return None, f"字段 {field} 不是字符串 (field {field} is not a string)"
    if not value.strip():
        return None, f"字段 {field} 为空白 (field {field} is blank)"
    if len(value) > MAX_CHARS:
        return None, (
            f"字段 {field} 有 {len(value)} 个字符，上限 {MAX_CHARS} "
            f"(field {field} has {len(value)} characters, limit {MAX_CHARS})"
        )
    return value, None
