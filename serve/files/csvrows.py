"""The rows of a CSV stream, one at a time; one that cannot be parsed costs its first line only."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from serve.files.lines import BOM, Line
from serve.limits import MAX_CELL_CHARS, MAX_LINE_BYTES


class CsvRow(NamedTuple):
    """A row with the lines it stands on; `cells` is None where `error` says what is wrong."""

    lines: list[Line]
    cells: list[str] | None
    error: str | None = None


class _Feed:
    """Hands lines to `csv.reader`, remembers those of the present row, and takes lines back."""

    def __init__(self, lines: Iterator[Line], max_chars: int) -> None:
        self._lines = lines
        self._again: deque[Line] = deque()
        self._max_chars = max_chars
        self._chars = 0
        self.row: list[Line] = []
        self.bom = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        if line.number == 1 and line.text.startswith(BOM):
            self.bom = True
            line = line._replace(text=line.text.removeprefix(BOM))
        self.row.append(line)
        self._chars += len(line.text)
        if self._chars > self._max_chars and len(self.row) > 1:
            raise csv.Error(f"row larger than limit ({self._max_chars})")
        return line.text

    def begin_row(self) -> None:
        self.row, self._chars = [], 0

    def retry_after_first(self) -> None:
        """Give back all lines of the present row but its first."""
        self._again.extendleft(reversed(self.row[1:]))


class CsvRows:
    """Iterates over the rows; an empty line is a row without cells."""

    def __init__(
        self, lines: Iterator[Line], delimiter: str = ",", max_chars: int = MAX_LINE_BYTES
    ) -> None:
        csv.field_size_limit(MAX_CELL_CHARS)
        self._feed = _Feed(lines, max_chars)
        # strict: a broken quotation is reported instead of read as something else
        self._rows = csv.reader(self._feed, delimiter=delimiter, strict=True)

    @property
    def bom(self) -> bool:
        """Whether the stream began with a byte order mark, once the first row is read."""
        return self._feed.bom

    def __iter__(self) -> Iterator[CsvRow]:
        return self

    def __next__(self) -> CsvRow:
        self._feed.begin_row()
        try:
            return CsvRow(self._feed.row, next(self._rows))
        except csv.Error as error:
            # Often a quotation mark that is never closed: only its first line is lost.
            self._feed.retry_after_first()
            return CsvRow(self._feed.row[:1], None, str(error))
