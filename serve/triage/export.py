"""Files out: the original cells first, untouched, then verdicts and corrections.

In CSV, only the cells that we add are kept from starting a formula: the file's own must stay what
they are, since they are evidence. In XLSX every cell is typed, so that none can be a formula.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final, Protocol

import xlsxwriter

from data.labels import LABEL_ZH
from model.verdict import REVIEW_ZH
from serve.files.csvfile import neutral
from serve.files.lines import BOM
from serve.triage.intake.problems import refusal
from serve.wording import Language

XLSX_MAX_ROWS: Final = 1_048_576
"""Rows in one sheet, heading included (Excel's limit)."""
XLSX_MAX_CHARS: Final = 32_767
"""Characters in one cell (Excel's limit, in UTF-16 units); what is longer is cut and says so."""
XLSX_MAX_COLUMNS: Final = 16_384
_CUT: Final = "…（XLSX 单元格上限 32767 字符，已截断 cut）"
_CSV_CHARS: Final = 2**16

ADDED: Final[dict[Language, tuple[str, ...]]] = {
    "zh": (
        "判定",
        "其他判定",
        "置信度",
        "复核原因",
        "严重度",
        "严重度构成",
        "话术组",
        "现判定",
        "现其他判定",
        "复核备注",
    ),
    "en": (
        "label",
        "also",
        "confidence",
        "review",
        "severity",
        "severity_parts",
        "cluster",
        "current_label",
        "current_also",
        "note",
    ),
}
"""The columns after the file's own. In Chinese with Chinese values, in English with our codes."""


class ExportRow(Protocol):
    """What a row needs to be exported: `records.Row` has it."""

    @property
    def original(self) -> Sequence[str]: ...
    @property
    def label(self) -> str: ...
    @property
    def also(self) -> Sequence[str]: ...
    @property
    def confidence(self) -> float: ...
    @property
    def review(self) -> str | None: ...
    @property
    def severity(self) -> float: ...
    @property
    def severity_parts(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def cluster(self) -> int | None: ...
    @property
    def current_label(self) -> str: ...
    @property
    def current_also(self) -> Sequence[str]: ...


Rows = Iterable[tuple[ExportRow, str]]
"""Each row with the last reviewer's note, "" where there is none."""
Value = str | float | None


def export_csv(
    rows: Rows, headings: Sequence[str], out: BinaryIO, language: Language = "zh"
) -> int:
    """Write rows as UTF-8 CSV with a byte order mark, as spreadsheets need it; return how many.

    headings: `Inspection.original_headings`. Cells beyond these follow our columns.
    """
    count = 0
    buffer = io.StringIO(BOM, newline="")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    writer.writerow([*headings, *ADDED[language]])
    for own, added, surplus in _lines(rows, len(headings), language):
        writer.writerow([*own, *(neutral(_as_text(value)) for value in added), *surplus])
        count += 1
        if buffer.tell() > _CSV_CHARS:
            _flush(buffer, out)
    _flush(buffer, out)
    return count


def export_xlsx(
    rows: Rows, headings: Sequence[str], out: BinaryIO, language: Language = "zh"
) -> int:
    """Write the same as XLSX; return how many rows.

    out need not be seekable; nothing is written to it before all rows are known. Raises IntakeError
    `too_many_rows` where one sheet cannot hold them (`XLSX_MAX_ROWS`).
    """
    # a folder of our own: what is written there goes away even where a row cannot be had
    with tempfile.TemporaryDirectory(prefix="dunlens-export-") as folder:
        book = xlsxwriter.Workbook(
            out, {"constant_memory": True, "tmpdir": folder, "use_zip64": True}
        )
        sheet = book.add_worksheet("dunlens")
        sheet.freeze_panes(1, 0)
        try:
            count = _fill(sheet, book.add_format({"bold": True}), rows, headings, language)
        except BaseException:
            sheet.row_data_fh.close()
            raise
        book.close()
    return count


def _fill(sheet: Any, bold: Any, rows: Rows, headings: Sequence[str], language: Language) -> int:
    """Write the headings and all rows into a sheet; return how many rows."""
    count = 0
    for column, name in enumerate([*headings, *ADDED[language]]):
        sheet.write_string(0, column, _fitting(name), bold)
    for own, added, surplus in _lines(rows, len(headings), language):
        count += 1
        if count >= XLSX_MAX_ROWS:
            raise refusal("too_many_rows", "format", XLSX_MAX_ROWS)
        for column, value in enumerate([*own, *added, *surplus][:XLSX_MAX_COLUMNS]):
            if isinstance(value, str):
                if value:
                    sheet.write_string(count, column, _fitting(value))
            elif value is not None:
                sheet.write_number(count, column, value)
    return count


def _lines(
    rows: Rows, width: int, language: Language
) -> Iterator[tuple[list[str], list[Value], list[str]]]:
    """Yield (the file's cells under its headings, ours, the file's cells beyond its headings)."""
    for row, note in rows:
        own = [*row.original[:width], *[""] * (width - len(row.original))]
        yield own, _added(row, note, language), list(row.original[width:])


def _added(row: ExportRow, note: str, language: Language) -> list[Value]:
    names = LABEL_ZH if language == "zh" else {}
    reviews = REVIEW_ZH if language == "zh" else {}
    parts = "; ".join(f"{part[language]} {part['points']:+g}" for part in row.severity_parts)
    review = row.review or ""
    return [
        names.get(row.label, row.label),
        ";".join(names.get(label, label) for label in row.also),
        round(row.confidence, 4),
        reviews.get(review, review),
        round(row.severity, 1),
        parts,
        row.cluster,
        names.get(row.current_label, row.current_label),
        ";".join(names.get(label, label) for label in row.current_also),
        note,
    ]


def _as_text(value: Value) -> str:
    return "" if value is None else str(value)


def _flush(buffer: io.StringIO, out: BinaryIO) -> None:
    out.write(buffer.getvalue().encode("utf-8", "replace"))
    buffer.seek(0)
    buffer.truncate()


def _fitting(text: str) -> str:
    """Return a text that a cell can hold: no lone surrogates, not too long."""
    clean = text.encode("utf-8", "replace").decode()
    if len(clean) * 2 <= XLSX_MAX_CHARS or len(clean.encode("utf-16-le")) <= 2 * XLSX_MAX_CHARS:
        return clean
    return clean[: (XLSX_MAX_CHARS - len(_CUT)) // 2] + _CUT
