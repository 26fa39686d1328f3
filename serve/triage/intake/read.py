"""The rows of a file that was inspected, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from serve.limits import MAX_CHARS
from serve.triage.intake import limits
from serve.triage.intake.model import ROLES, BadRow, Inspection, Mapping, Record
from serve.triage.intake.problems import (
    BLANK,
    ROWS_OVER,
    Problem,
    refusal,
    too_long,
    too_many_cells,
)
from serve.triage.intake.rows import RawRow
from serve.triage.intake.table import Dialect, is_blank, raw_rows
from serve.triage.intake.when import parse_when


def read_records(
    path: Path, inspection: Inspection, mapping: Mapping, start: int = 0
) -> Iterator[Record | BadRow]:
    """Yield the rows after number `start` in order, in constant memory; numbers have no gaps.

    Raises IntakeError at once where the mapping names a column that the file does not have.
    """
    places = places_of(inspection, mapping)
    return _records(path, inspection, mapping, places, start)


def count_records(path: Path, inspection: Inspection) -> int:
    """Return how many rows `read_records` yields; reads the whole file unless it is small."""
    if inspection.rows_exact:
        return inspection.rows
    count = 0
    for _ in _data_rows(path, inspection):
        count += 1
        if count > limits.MAX_ROWS:
            break
    return count


def places_of(inspection: Inspection, mapping: Mapping) -> dict[str, int]:
    """Return the column of each role. Raises IntakeError for a column that there is not."""
    places: dict[str, int] = {}
    for role in ROLES:
        name = getattr(mapping, role)
        if name is None:
            continue
        if name not in inspection.headings:
            raise refusal("unknown_column", f"mapping.{role}")
        places[role] = inspection.headings.index(name)
    return places


def _data_rows(path: Path, inspection: Inspection) -> Iterator[RawRow]:
    """Yield the rows below the headings that are not blank."""
    keys = inspection.original_headings
    dialect = Dialect(
        inspection.kind, inspection.encoding, inspection.delimiter, inspection.sheet, keys
    )
    for row in raw_rows(path, dialect):
        if row.line > inspection.heading_row and not is_blank(row):
            yield row


def _records(
    path: Path, inspection: Inspection, mapping: Mapping, places: dict[str, int], start: int
) -> Iterator[Record | BadRow]:
    for number, row in enumerate(_data_rows(path, inspection), 1):
        if number > limits.MAX_ROWS:
            yield _bad(number, row, ROWS_OVER)
            return
        if number > start:
            yield record_of(number, row, inspection, mapping, places)


def record_of(
    number: int, row: RawRow, inspection: Inspection, mapping: Mapping, places: dict[str, int]
) -> Record | BadRow:
    """Return a row as it can be classified, or why it cannot be."""
    if row.problem is not None:
        return _bad(number, row, row.problem)
    width = len(inspection.headings)
    cells = row.cells + [""] * (width - len(row.cells))
    if inspection.kind == "csv" and len(cells) > width:
        if any(cell.strip() for cell in cells[width:]):
            return _bad(number, row, too_many_cells(len(cells), width))
        cells = cells[:width]
    text = cells[places["text"]]
    if not text.strip():
        return _bad(number, row, BLANK._replace(column=mapping.text))
    if len(text) > MAX_CHARS:
        return _bad(number, row, too_long(len(text))._replace(column=mapping.text))
    when = parse_when(cells[places["sent_at"]]) if "sent_at" in places else None
    sender = _party(cells[places["sender"]]) if "sender" in places else None
    return Record(number, row.line, text, when, sender, cells)


def _bad(number: int, row: RawRow, problem: Problem) -> BadRow:
    zh, en = f"文件第 {row.line} 行：{problem.zh}", f"line {row.line} of the file: {problem.en}"
    return BadRow(number, row.line, zh, en, problem.column)


def _party(cell: str) -> str | None:
    """Return a number or name as it is grouped by: without the tricks that keep it a text."""
    bare = cell.strip()
    if bare.startswith('="') and bare.endswith('"'):
        bare = bare[2:-1]
    return bare.lstrip("'").strip()[: limits.MAX_SENDER_CHARS] or None
