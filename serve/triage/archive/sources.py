"""The files of an archive and their rows, read by the rules of an upload.

Text files go through `intake`; Parquet, which an upload cannot be, is turned into the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from serve.triage.intake import BadRow, Inspection, Record, inspect, read_records
from serve.triage.intake.limits import MAX_ROWS
from serve.triage.intake.problems import refusal
from serve.triage.intake.read import count_records, places_of

PARQUET: Final = ".parquet"
ENDINGS: Final = frozenset([".csv", ".tsv", ".jsonl", ".ndjson", PARQUET])


class ArchiveError(Exception):
    """The archive cannot be worked on as asked; the message says why, Chinese first."""


class Source(Protocol):
    """A file of an archive. headings: names of its columns, none twice."""

    @property
    def headings(self) -> Sequence[str]: ...

    def count(self) -> int:
        """Return how many rows there are, good and bad."""
        ...

    def records(self, start: int, stop: int) -> Iterator[Record | BadRow]:
        """Yield rows start+1..stop in order, in constant memory."""
        ...


def find_files(inputs: Iterable[Path]) -> list[Path]:
    """Return the files to read, absolute and in order: those given, and those below folders.

    Raises ArchiveError for what does not exist or is given by name but of no known kind.
    """
    found: set[Path] = set()
    for given in inputs:
        path = given.resolve()
        if path.is_dir():
            found |= {p for p in path.rglob("*") if _is_input(p.relative_to(path)) and p.is_file()}
        elif not path.is_file():
            raise ArchiveError(f"{given}：没有这个文件 (there is no such file)")
        elif path.suffix.lower() not in ENDINGS:
            raise ArchiveError(
                f"{given}：只能是 Parquet、JSONL、CSV (only Parquet, JSONL and CSV can be read)"
            )
        else:
            found.add(path)
    return sorted(found)


def _is_input(below: Path) -> bool:
    hidden = any(part.startswith(".") for part in below.parts)
    return not hidden and below.suffix.lower() in ENDINGS


def open_source(path: Path, column: str | None = None) -> Source:
    """Look into a file. column: that holds the texts, else it is guessed.

    Raises IntakeError where the file or the column cannot be used, OSError.
    """
    if path.suffix.lower() == PARQUET:
        from serve.triage.archive.parquet import ParquetSource  # it brings pyarrow

        return ParquetSource(path, column)
    return TextSource(path, column)


class TextSource:
    """A CSV or JSONL file."""

    def __init__(self, path: Path, column: str | None) -> None:
        self._path = path
        self._inspection: Inspection = inspect(path, path.name)
        self._mapping = self._inspection.mapping.with_text(column)
        places_of(self._inspection, self._mapping)  # so that a wrong column is told at once
        self.headings: Sequence[str] = self._inspection.headings

    def count(self) -> int:
        """Return how many rows there are. Raises IntakeError where there are too many."""
        count = count_records(self._path, self._inspection)
        if count > MAX_ROWS:  # the rest would not be read, and so be lost
            raise refusal("too_many_rows_in_file", limit=MAX_ROWS)
        return count

    def records(self, start: int, stop: int) -> Iterator[Record | BadRow]:
        """Yield rows start+1..stop; those before them are read and passed over."""
        records = read_records(self._path, self._inspection, self._mapping, start)
        return islice(records, stop - start)
