"""A row as any of the readers gives it."""

from __future__ import annotations

from typing import NamedTuple

from serve.files.lines import Line
from serve.triage.intake.problems import Problem, bad_bytes, row_over_bytes


class RawRow(NamedTuple):
    """line: where it begins in the file, from 1. cells: as the file has them; blank rows have none
    that is not empty. problem: why the row cannot be used; its cells are then of no use either."""

    line: int
    cells: list[str]
    problem: Problem | None = None


def line_problem(lines: list[Line], encoding: str) -> Problem | None:
    """Return what is wrong with the bytes of a row's lines, if anything is."""
    if any(line.too_long for line in lines):
        return row_over_bytes()
    return bad_bytes(encoding.upper()) if any(line.error for line in lines) else None
