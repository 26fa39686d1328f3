"""The rows of any kind of file, by one call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from serve.triage.intake.csvtext import csv_rows
from serve.triage.intake.jsonl import jsonl_rows
from serve.triage.intake.model import Kind
from serve.triage.intake.plain import plain_rows
from serve.triage.intake.rows import RawRow
from serve.triage.intake.sheet import xlsx_rows


@dataclass(frozen=True)
class Dialect:
    """How to read a file; keys are those of JSONL objects that become columns."""

    kind: Kind
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str | None = None
    keys: Sequence[str] = field(default=())


def raw_rows(path: Path, dialect: Dialect) -> Iterator[RawRow]:
    """Yield all rows of a file in constant memory, those of its headings too."""
    if dialect.kind == "csv":
        return csv_rows(path, dialect.encoding, dialect.delimiter)
    if dialect.kind == "jsonl":
        return jsonl_rows(path, dialect.encoding, dialect.keys)
    if dialect.kind == "xlsx":
        return xlsx_rows(path, dialect.sheet)
    return plain_rows(path, dialect.encoding)


def is_blank(row: RawRow) -> bool:
    """Tell a row that is not one: nothing in any cell, and nothing wrong with it."""
    return row.problem is None and not any(cell.strip() for cell in row.cells)
