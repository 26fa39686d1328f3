"""CSV with a header: each row is copied and gets the columns of `ADDED` after its own.

Cells that we add never start a spreadsheet formula; the file's own cells are copied untouched.
Of a row that does not fit the header, the surplus (or the raw line) follows the added columns.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import BinaryIO, Final

from model.verdict import Verdict
from serve.files.csvrows import CsvRow, CsvRows
from serve.files.lines import BOM, Line, read_lines
from serve.files.record import ERROR_KEY, FileError, Record, check_text

ADDED: Final = ("verdict", "verdict_label", "verdict_also", "verdict_review", ERROR_KEY)


class CsvReader:
    """Iterates over the rows of a stream; raises FileError where the header is of no use."""

    def __init__(self, stream: BinaryIO, field: str) -> None:
        self._rows = CsvRows(read_lines(stream))
        first = next(self._rows, CsvRow([], []))
        if first.cells is None:
            raise FileError(f"CSV 表头无法解析 (the header cannot be parsed: {first.error})")
        self.header = first.cells
        if any(line.error for line in first.lines):
            raise FileError(
                "文件不是 UTF-8，请先转换 (not UTF-8; convert it first): "
                "iconv -f GB18030 -t UTF-8 in.csv > out.csv"
            )
        if field not in self.header:
            # without a header, this line is a message: its content is not shown
            raise FileError(
                f"没有名为 {field} 的列，第一行须为列名，现有 {len(self.header)} 列 "
                f"(no column {field}; the first line must name the columns, it has "
                f"{len(self.header)}). 见 (see) --text-field"
            )
        self._field, self._column = field, self.header.index(field)
        self.bom = self._rows.bom
        self.line_end = "\r\n" if first.lines[-1].text.endswith("\r\n") else "\n"

    def __iter__(self) -> Iterator[Record]:
        for row in self._rows:
            if row.cells is None:
                line = row.lines[0]
                problem = f"CSV 无法解析 (cannot be parsed: {row.error})"
                yield Record(line.number, raw=line.text.rstrip("\r\n"), error=problem)
            elif row.cells:  # an empty line is no row
                yield self._record(row.cells, row.lines)

    def _record(self, cells: list[str], lines: list[Line]) -> Record:
        record = Record(lines[0].number, data=cells)
        value = cells[self._column] if self._column < len(cells) else None
        record.text, record.error = check_text(value, self._field)
        if len(cells) > len(self.header):
            counts = f"{len(cells)} > {len(self.header)}"
            record.error = f"列数多于表头 (more cells than the header: {counts})"
        record.error = next((line.error for line in lines if line.error), record.error)
        if record.error:
            record.text = None
        return record


class _Rows:
    """The little of a text file that `csv.writer` needs; it gets one row a call.

    csv ends rows with \\r\\n: with another end it would leave a lone \\r in a cell unquoted.
    """

    def __init__(self, stream: BinaryIO, line_end: str) -> None:
        self._stream, self._line_end = stream, line_end

    def write(self, row: str) -> int:
        return self._stream.write((row.removesuffix("\r\n") + self._line_end).encode())


class CsvWriter:
    """Writes the header at once, then rows. Columns of `ADDED` that the file had are replaced."""

    def __init__(self, stream: BinaryIO, header: list[str], line_end: str, bom: bool) -> None:
        self._width = len(header)
        self._kept = [i for i, name in enumerate(header) if name not in ADDED]
        self._csv = csv.writer(_Rows(stream, line_end), lineterminator="\r\n")
        if bom:  # spreadsheet programs need it to read Chinese: keep it where it was
            stream.write(BOM.encode())
        self._csv.writerow([*(header[i] for i in self._kept), *ADDED])

    def write(self, record: Record, verdict: Verdict | None) -> None:
        cells: list[str] = record.data or []
        kept = [cells[i] if i < len(cells) else "" for i in self._kept]
        surplus = cells[self._width :] if record.raw is None else [neutral(record.raw)]
        added = ["", "", "", "", record.error or ""]
        if verdict is not None:
            as_json = json.dumps(verdict.to_dict(), ensure_ascii=False)
            also = ";".join(verdict.also)
            added = [as_json, verdict.label, also, verdict.review or "", ""]
        self._csv.writerow([*kept, *map(neutral, added), *surplus])


def neutral(cell: str) -> str:
    """Return a cell that a spreadsheet shows as text: one that starts a formula gets a quote."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
