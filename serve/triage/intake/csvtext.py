"""CSV in any encoding that `sniff` knows, and which delimiter a file uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from serve.files.csvrows import CsvRow, CsvRows
from serve.files.lines import read_lines
from serve.triage.intake.limits import MAX_ROW_BYTES
from serve.triage.intake.mapping import is_known
from serve.triage.intake.problems import bad_csv
from serve.triage.intake.rows import RawRow, line_problem
from serve.triage.intake.transcode import open_text

DELIMITERS: Final = (",", "\t", ";")
_ROWS_TO_JUDGE: Final = 60
_SHARE: Final = 0.8
"""Rows that must have the same number of cells; half of them where a heading is well known."""


def csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[RawRow]:
    """Yield all rows, headings included, in constant memory."""
    for row in _parse(path, encoding, delimiter):
        line = row.lines[0].number
        if row.cells is None:
            yield RawRow(line, [], line_problem(row.lines, encoding) or bad_csv(row.error or ""))
        else:
            yield RawRow(line, row.cells, line_problem(row.lines, encoding))


def _parse(path: Path, encoding: str, delimiter: str) -> Iterator[CsvRow]:
    stream, line_encoding = open_text(str(path), encoding)
    with closing(stream):
        lines = read_lines(stream, MAX_ROW_BYTES, line_encoding)
        yield from CsvRows(lines, delimiter, max_chars=MAX_ROW_BYTES)


def guess_delimiter(path: Path, encoding: str, ending: str) -> str | None:
    """Return the delimiter that cuts most of the first rows into the same number of cells.

    None where none makes more than one: then each line is one cell. The ending .tsv decides between
    equals.
    """
    order = ("\t", ",", ";") if ending in ("tsv", "tab") else DELIMITERS
    best, best_score = None, (0.0, 0)
    for delimiter in order:
        rows = list(islice(csv_rows(path, encoding, delimiter), _ROWS_TO_JUDGE))
        widths = Counter(len(row.cells) for row in rows if row.cells and row.problem is None)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        score = (round(count / len(rows), 1), width)
        headed = any(is_known(cell) for row in rows[:3] for cell in row.cells)
        share = 0.5 if headed else _SHARE
        if width > 1 and count >= len(rows) * share and score > best_score:
            best, best_score = delimiter, score
    return best
