"""Rows of an XLSX sheet, parsed as a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from serve.triage.intake.limits import MAX_COLUMNS
from serve.triage.intake.package import BROKEN, Book, Sheet, open_book
from serve.triage.intake.problems import REST_LOST, refusal
from serve.triage.intake.rows import RawRow
from serve.triage.intake.strings import SharedStrings
from serve.triage.intake.xmlparser import CHUNK, PartParser

_DIMENSION: Final = re.compile(rb'dimension ref="(?:[A-Z]+\d+:)?[A-Z]+(\d+)"')
_LAST_SERIAL: Final = 2958466  # 10000-01-01


def xlsx_rows(path: Path, sheet_name: str | None) -> Iterator[RawRow]:
    """Yield the rows of a sheet in constant memory; `RawRow.line` is the row's number in it.

    Where the sheet is damaged half-way, the last row says so. Raises IntakeError where the file or
    the sheet cannot be opened.
    """
    with open_book(path) as book, closing(SharedStrings(book, path.parent)) as strings:
        sheet = find_sheet(book, sheet_name)
        reader = _SheetReader(strings, book.date_styles, book.epoch_1904)
        try:
            with book.archive.open(sheet.part) as stream:
                while data := stream.read(CHUNK):
                    reader.feed(data)
                    yield from reader.take()
                reader.feed(b"", final=True)
                yield from reader.take()
        except BROKEN:
            yield from reader.take()
            yield RawRow(reader.line + 1, [], REST_LOST)


def stated_rows(book: Book, sheet: Sheet) -> int:
    """Return the number of the last row as the file states it, 0 where it does not."""
    try:
        with book.archive.open(sheet.part) as stream:
            found = _DIMENSION.search(stream.read(4096))
    except BROKEN:
        return 0
    return int(found[1]) if found else 0


def find_sheet(book: Book, name: str | None) -> Sheet:
    """Return the sheet of this name, or the first that a reader sees."""
    if name is not None:
        found = [sheet for sheet in book.sheets if sheet.name == name]
    else:
        found = [sheet for sheet in book.sheets if sheet.visible] or book.sheets
    if not found:
        raise refusal("unknown_sheet" if name is not None else "broken_xlsx", field="sheet")
    return found[0]


class _SheetReader(PartParser):
    """Collects rows; `take` hands over those that are complete."""

    def __init__(
        self, strings: SharedStrings, date_styles: frozenset[int], epoch_1904: bool
    ) -> None:
        super().__init__()
        self._strings, self._date_styles, self._epoch_1904 = strings, date_styles, epoch_1904
        self.line = 0
        self._rows: list[RawRow] = []
        self._cells: list[str] = []
        self._column = 0
        self._type = "n"
        self._style = 0

    def take(self) -> list[RawRow]:
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            at = attributes.get("r")
            self._column = _column(at) if at else self._column + 1
            self._type = attributes.get("t", "n")
            self._style = int(attributes.get("s", "0"))
        elif name in ("v", "t"):
            self.wanted = True
        elif name == "row":
            self.line = int(attributes.get("r", self.line + 1))
            self._cells, self._column = [], 0

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self.wanted = False
        elif name == "c":
            if self.has_text:
                self._put(self._value(self.take_text()))
        elif name == "row":
            self._rows.append(RawRow(self.line, self._cells))

    def _put(self, value: str) -> None:
        # one column more than the bound, so that a row over it is seen to be
        at = min(self._column, MAX_COLUMNS + 1)
        self._cells.extend([""] * (at - len(self._cells)))
        self._cells[at - 1] = value

    def _value(self, text: str) -> str:
        if self._type == "s":
            return self._strings[int(text)]
        if self._type == "b":
            return "TRUE" if text == "1" else "FALSE"
        if self._type != "n":
            return text
        return number_as_shown(text, self._style in self._date_styles, self._epoch_1904)


def _column(reference: str) -> int:
    """Return 1 for "A7", 28 for "AB7"."""
    column = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    return max(1, column)


def number_as_shown(text: str, is_date: bool = False, epoch_1904: bool = False) -> str:
    """Return a stored number as a reader knows it: a date as ISO 8601, else without exponent."""
    if text.lstrip("-").isdigit() and not is_date:
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    if is_date and 0 <= value < _LAST_SERIAL:
        return serial_date(value, epoch_1904)
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def serial_date(value: float, epoch_1904: bool = False) -> str:
    """Return a spreadsheet's day number as date, time, or both, to the second."""
    if epoch_1904:
        start = datetime(1904, 1, 1)
    else:  # 1900 counts as a leap year there: days before its 29 February are off by one
        start = datetime(1899, 12, 31 if 1 <= value < 60 else 30)
    moment = start + timedelta(seconds=round(value * 86400))
    if value < 1:
        return f"{moment:%H:%M:%S}"
    return f"{moment:%Y-%m-%d}" if value == int(value) else f"{moment:%Y-%m-%d %H:%M:%S}"
