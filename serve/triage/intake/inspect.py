"""The shape of a file, from a bounded sample of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from serve.triage.intake import limits
from serve.triage.intake.csvtext import guess_delimiter
from serve.triage.intake.headings import column_names, find_headings
from serve.triage.intake.jsonl import jsonl_objects
from serve.triage.intake.mapping import guess_mapping, is_known
from serve.triage.intake.model import Inspection, IntakeError
from serve.triage.intake.package import open_book
from serve.triage.intake.problems import REST_LOST, refusal
from serve.triage.intake.rows import RawRow
from serve.triage.intake.sheet import find_sheet, stated_rows
from serve.triage.intake.sniff import check_size, encoding_of, ending_of, is_zip
from serve.triage.intake.table import Dialect, is_blank, raw_rows

_SAMPLE_CHARS: Final = 4 * 2**20
_PREVIEW_CHARS: Final = 500
_JSONL_ENDINGS: Final = frozenset(["jsonl", "ndjson", "json"])
_TABLE_ENDINGS: Final = frozenset(["csv", "tsv", "tab"])


def inspect(path: Path, filename: str, sheet: str | None = None) -> Inspection:
    """Return the shape of a file with a guess at its mapping, from a bounded sample.

    filename: as the user named it; its ending is a hint only. sheet: of an XLSX file, by name;
    without it, the first that is visible and holds messages. Raises IntakeError where the file
    cannot be used.
    """
    size = check_size(path)
    if is_zip(path):
        return _inspect_book(path, size, sheet)
    encoding = encoding_of(path)
    ending = ending_of(filename)
    if ending in _JSONL_ENDINGS or _starts_with_object(path, encoding):
        return _inspect_rows(path, size, _jsonl_dialect(path, encoding))
    delimiter = guess_delimiter(path, encoding, ending)
    if delimiter is None or not (ending in _TABLE_ENDINGS or _is_table(path, encoding, delimiter)):
        quoted = ending in _TABLE_ENDINGS and _any_quoted(path, encoding)
        return _inspect_rows(path, size, Dialect("csv" if quoted else "text", encoding))
    return _inspect_rows(path, size, Dialect("csv", encoding, delimiter))


def _inspect_book(path: Path, size: int, name: str | None) -> Inspection:
    with open_book(path) as book:
        chosen = [find_sheet(book, name)]
        if name is None:
            chosen += [s for s in book.sheets if s.visible and s is not chosen[0]]
        stated = {sheet.name: stated_rows(book, sheet) for sheet in chosen}
    names = [sheet.name for sheet in book.sheets if sheet.visible] or [chosen[0].name]
    failure: IntakeError | None = None
    for sheet in chosen:
        try:
            dialect = Dialect("xlsx", sheet=sheet.name)
            return _inspect_rows(path, size, dialect, names, stated[sheet.name])
        except IntakeError as error:
            failure = failure or error
    raise failure or refusal("no_rows")


def _inspect_rows(
    path: Path, size: int, dialect: Dialect, sheets: list[str] | None = None, stated: int = 0
) -> Inspection:
    sample, ended = _take_sample(raw_rows(path, dialect))
    if dialect.kind == "jsonl":
        at, headings = -1, list(dialect.keys)
    else:
        at = _headings_at(sample, dialect)
        headings = _headings(sample, at, dialect)
    if len(headings) > limits.MAX_COLUMNS:
        raise refusal("too_many_columns", "columns", limits.MAX_COLUMNS)
    rows = [row for row in sample[at + 1 :] if not is_blank(row)]
    usable = [_fitted(row.cells, len(headings)) for row in rows if row.problem is None]
    if not usable:
        raise _why_none(rows)
    names = column_names(headings)
    mapping = guess_mapping(names, usable)
    if mapping is None:
        raise refusal("no_text_column", "mapping.text")
    heading_line = sample[at].line if at >= 0 else 0
    estimate = stated - heading_line if stated else _estimate(sample, rows, size, dialect)
    return Inspection(
        kind=dialect.kind,
        headings=names,
        preview=[[_short(cell) for cell in cells] for cells in usable[: limits.PREVIEW_ROWS]],
        mapping=mapping,
        encoding=dialect.encoding,
        delimiter=dialect.delimiter,
        original_headings=headings if at >= 0 or dialect.kind == "jsonl" else names,
        heading_row=heading_line,
        sheet=dialect.sheet,
        sheets=sheets or [],
        rows=len(rows) if ended else max(len(rows), estimate),
        rows_exact=ended,
    )


def _take_sample(rows: Iterator[RawRow]) -> tuple[list[RawRow], bool]:
    """Return the first rows, bounded in number and length, and whether these are all."""
    sample: list[RawRow] = []
    chars = 0
    for row in rows:
        if len(sample) >= limits.SAMPLE_ROWS or chars >= _SAMPLE_CHARS:
            return sample, False
        sample.append(row)
        chars += sum(map(len, row.cells)) + len(row.cells)
    return sample, True


def _headings_at(sample: list[RawRow], dialect: Dialect) -> int:
    if dialect.kind == "text":  # one column: only a well-known word is no message
        first = sample[0].cells[0] if sample and sample[0].problem is None else ""
        return 0 if is_known(first) else -1
    return find_headings(sample)


def _headings(sample: list[RawRow], at: int, dialect: Dialect) -> list[str]:
    """Return the headings as the file has them; "" for columns that have none."""
    if at >= 0 and dialect.kind == "csv":
        return sample[at].cells
    widths = [_width(row.cells) for row in sample[max(at, 0) :] if row.problem is None]
    if dialect.kind == "csv":  # rows that are wider are listed as bad, as below a heading
        width = Counter(widths).most_common(1)[0][0] if widths else 0
    else:
        width = max(widths, default=0)
    return _fitted(sample[at].cells if at >= 0 else [], width)[:width]


def _width(cells: list[str]) -> int:
    return max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _fitted(cells: list[str], width: int) -> list[str]:
    return cells[:width] + [""] * (width - len(cells))


def _short(cell: str) -> str:
    return cell if len(cell) <= _PREVIEW_CHARS else cell[:_PREVIEW_CHARS] + "…"


def _why_none(rows: list[RawRow]) -> IntakeError:
    if any(row.problem == REST_LOST for row in rows):
        return refusal("broken_xlsx")
    if rows and rows[0].problem is not None:
        return refusal("row_too_long", limit=limits.MAX_ROW_BYTES)
    return refusal("no_rows")


def _estimate(sample: list[RawRow], rows: list[RawRow], size: int, dialect: Dialect) -> int:
    """Return about how many rows a file of `size` bytes has, by the mean length of some."""
    text = "".join("".join(row.cells) for row in sample)
    marks = sum(len(row.cells) + 1 for row in sample)
    width = 2 if dialect.encoding.startswith("utf-16") else 1
    taken = len(text.encode(dialect.encoding, "replace")) + marks * width
    if dialect.kind == "jsonl":
        taken += len(sample) * sum(len(key.encode()) + 5 for key in dialect.keys)
    return round(len(rows) * size / max(1, taken))


def _starts_with_object(path: Path, encoding: str) -> bool:
    first = next(jsonl_objects(path, encoding), None)
    return first is not None and first[2] is None


def _jsonl_dialect(path: Path, encoding: str) -> Dialect:
    """Return the dialect with the keys of the first objects, in order of appearance."""
    keys: dict[str, None] = {}
    found = False
    for _, values, problem in islice(jsonl_objects(path, encoding), limits.SAMPLE_ROWS):
        found = found or problem is None
        keys.update(dict.fromkeys(values))
        if len(keys) > limits.MAX_COLUMNS:
            raise refusal("too_many_columns", "columns", limits.MAX_COLUMNS)
    if not found:
        raise refusal("not_jsonl")
    return Dialect("jsonl", encoding, keys=tuple(keys))


def _is_table(path: Path, encoding: str, delimiter: str) -> bool:
    """Tell a table from lines of text in a file whose ending does not: by tabs or headings."""
    if delimiter == "\t":
        return True
    sample = list(islice(raw_rows(path, Dialect("csv", encoding, delimiter)), 20))
    at = find_headings(sample)
    return at >= 0 and any(map(is_known, sample[at].cells))


def _any_quoted(path: Path, encoding: str) -> bool:
    lines = islice(raw_rows(path, Dialect("text", encoding)), limits.SAMPLE_ROWS)
    return any(row.cells[0].startswith('"') for row in lines)
