"""Where the headings of a table are, and a name for each column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from serve.triage.intake.cells import is_data
from serve.triage.intake.limits import MAX_HEADING_CHARS
from serve.triage.intake.mapping import is_known
from serve.triage.intake.rows import RawRow

_LOOK: Final = 10
_HEADING_CHARS: Final = 30


def find_headings(rows: Sequence[RawRow]) -> int:
    """Return the index in `rows` of the row with the headings, or -1 where there is none.

    A row with a well-known heading decides, be it the first or, below a title, one of the next.
    Else the first row of several cells is one if its cells are short, all different, and neither
    a number, nor a time, nor a message.
    """
    usable = [index for index, row in enumerate(rows[:_LOOK]) if row.problem is None]
    for index in usable:
        cells = _filled(rows[index])
        if any(map(is_known, cells)) and not any(map(_is_no_heading, cells)):
            return index
    widths = [len(_filled(row)) for row in rows if row.problem is None]
    usual = max(set(widths), key=widths.count) if widths else 0
    for index in usable:
        cells = _filled(rows[index])
        if len(cells) < usual:  # a title
            continue
        return index if usual > 1 and _look_like_headings(cells) else -1
    return -1


def _filled(row: RawRow) -> list[str]:
    return [cell.strip() for cell in row.cells if cell.strip()]


def _look_like_headings(cells: list[str]) -> bool:
    return len(set(cells)) == len(cells) and not any(
        _is_no_heading(cell) or re.search(r"[。！？!?]", cell) for cell in cells
    )


def _is_no_heading(cell: str) -> bool:
    return len(cell) > _HEADING_CHARS or is_data(cell)


def column_names(headings: Sequence[str]) -> list[str]:
    """Return a name for each heading: the heading in one line, or its place; no two alike."""
    names: list[str] = []
    taken: set[str] = set()
    for place, heading in enumerate(headings, 1):
        base = " ".join(heading.split())[:MAX_HEADING_CHARS] or f"第{place}列"
        name, copy = base, 1
        while name in taken:
            copy += 1
            name = f"{base} ({copy})"
        names.append(name)
        taken.add(name)
    return names
