"""The two calls: `inspect` a file, then `read_records` from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from serve.triage.intake.model import BadRow, Inspection, Mapping, Record


def inspect(path: Path, filename: str, sheet: str | None = None) -> Inspection:
    """Return the shape of a file with a guess at its mapping, from a bounded sample.

    filename: as the user named it; its ending is a hint only. sheet: of an XLSX file, by name.
    Raises IntakeError where the file cannot be used.
    """
    raise NotImplementedError


def read_records(
    path: Path, inspection: Inspection, mapping: Mapping, start: int = 0
) -> Iterator[Record | BadRow]:
    """Yield the rows after number `start` in order, in constant memory; numbers have no gaps.

    Raises IntakeError at once where the mapping names a column that the file does not have.
    """
    raise NotImplementedError


def count_records(path: Path, inspection: Inspection) -> int:
    """Return how many rows `read_records` yields; reads the whole file."""
    raise NotImplementedError
