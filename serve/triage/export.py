"""Files out: the original cells first, untouched, then verdicts and corrections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO, Final, Protocol

XLSX_MAX_ROWS: Final = 1_048_576
"""Rows in one sheet, heading included (Excel's limit)."""


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
    def cluster(self) -> int | None: ...
    @property
    def current_label(self) -> str: ...
    @property
    def current_also(self) -> Sequence[str]: ...


def export_csv(
    rows: Iterable[tuple[ExportRow, str]], headings: Sequence[str], out: BinaryIO
) -> int:
    """Write (row, last reviewer's note) pairs as UTF-8 CSV with BOM; return how many.

    headings: `Inspection.original_headings`. Cells that we add never start a formula.
    """
    raise NotImplementedError


def export_xlsx(
    rows: Iterable[tuple[ExportRow, str]], headings: Sequence[str], out: BinaryIO
) -> int:
    """Write the same as XLSX, every cell typed as text or number, none as a formula.

    Raises IntakeError `too_many_rows` where a sheet cannot hold them (`XLSX_MAX_ROWS`).
    """
    raise NotImplementedError
