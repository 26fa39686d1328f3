"""Short ways to put bytes into a file and read it as the desk does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from serve.triage.intake import (
    BadRow,
    Inspection,
    IntakeError,
    Mapping,
    Record,
    count_records,
    inspect,
    read_records,
)


def put(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read(
    path: Path, mapping: Mapping | None = None, start: int = 0
) -> tuple[Inspection, list[Record], list[BadRow]]:
    """Return the inspection, the good and the bad rows of a file."""
    inspection = inspect(path, path.name)
    rows = list(read_records(path, inspection, mapping or inspection.mapping, start))
    good = [row for row in rows if isinstance(row, Record)]
    bad = [row for row in rows if isinstance(row, BadRow)]
    assert [row.number for row in rows] == list(range(start + 1, start + len(rows) + 1))
    return inspection, good, bad


def take(path: Path, name: str) -> None:
    """Read a file as a job does; anything but a refusal fails."""
    try:
        inspection = inspect(path, name)
    except IntakeError:
        return
    assert Inspection.from_dict(inspection.to_dict()) == inspection
    assert len(set(inspection.headings)) == len(inspection.headings)
    assert all(len(row) == len(inspection.headings) for row in inspection.preview)
    rows = list(read_records(path, inspection, inspection.mapping))
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert count_records(path, inspection) == len(rows)
    for row in rows:
        assert isinstance(row, Record | BadRow)
        if isinstance(row, Record):
            assert row.text.strip()
            assert len(row.original) >= len(inspection.headings)


def refused(path: Path) -> IntakeError:
    """Return the refusal of a file that must be refused, its words checked."""
    with pytest.raises(IntakeError) as caught:
        read(path)
    error = caught.value
    assert error.zh
    assert error.en
    assert error.zh != error.en
    assert "{" not in error.zh + error.en
    return error


def workbook(path: Path, rows: list[list[Any]], **sheets: list[list[Any]]) -> Path:
    """Write an XLSX file with shared strings, as spreadsheet programs do; further sheets by name.

    A text that starts with `=` is a formula without a result.
    """
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm:ss"})
    book.set_properties({"created": datetime(2026, 11, 25)})  # the same bytes each time
    for name, lines in {"Sheet": rows, **sheets}.items():
        sheet = book.add_worksheet(name)
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                if isinstance(cell, str) and not cell.startswith("="):
                    sheet.write_string(number, column, cell)
                elif isinstance(cell, str):
                    sheet.write_formula(number, column, cell, None, "")
                elif cell is not None:
                    sheet.write(number, column, cell)
    book.close()
    return path
