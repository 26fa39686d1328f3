"""The rows of a Parquet file, as text: what is classified and stored is the same for every kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from serve.triage.intake import BadRow, Inspection, Record
from serve.triage.intake.headings import column_names
from serve.triage.intake.limits import MAX_COLUMNS, SAMPLE_ROWS
from serve.triage.intake.mapping import guess_mapping
from serve.triage.intake.problems import refusal
from serve.triage.intake.read import places_of, record_of
from serve.triage.intake.rows import RawRow

_AT_ONCE: Final = 1_024
"""Rows that are turned into text at once."""


class ParquetSource:
    """A Parquet file: a row that is empty is a bad row here, since each row has its number."""

    def __init__(self, path: Path, column: str | None) -> None:
        """Raises IntakeError where the file is no Parquet, has no rows or no texts."""
        self._path = path
        with _whole(), pq.ParquetFile(path) as file:
            about = file.metadata
            groups = [about.row_group(index).num_rows for index in range(about.num_row_groups)]
            self._rows = int(sum(groups))
            if self._rows != about.num_rows or min(groups, default=0) < 0:
                raise refusal("broken_parquet")  # or rows could be lost unseen
            names = [str(name) for name in file.schema_arrow.names]
        if len(names) > MAX_COLUMNS:
            raise refusal("too_many_columns", "columns", MAX_COLUMNS)
        if not self._rows:
            raise refusal("no_rows")
        self.headings: Sequence[str] = column_names(names)
        sample = [row.cells for row in islice(self._cells(0), SAMPLE_ROWS)]
        guess = guess_mapping(self.headings, sample)
        if guess is None:
            raise refusal("no_text_column", "mapping.text")
        self._mapping = guess.with_text(column)
        self._inspection = Inspection(
            kind="jsonl",  # of the kinds of an upload the one whose rows have keys as well
            headings=list(self.headings),
            preview=[],
            mapping=self._mapping,
        )
        self._places = places_of(self._inspection, self._mapping)

    def count(self) -> int:
        """Return how many rows the file states."""
        return self._rows

    def records(self, start: int, stop: int) -> Iterator[Record | BadRow]:
        """Yield rows start+1..stop; row groups before them are not read."""
        for row in islice(self._cells(start), stop - start):
            yield record_of(row.line, row, self._inspection, self._mapping, self._places)

    def _cells(self, start: int) -> Iterator[RawRow]:
        """Yield the rows after number `start`. Raises IntakeError where the file is damaged."""
        with _whole(), pq.ParquetFile(self._path) as file:
            sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
            first = before = 0
            while first < len(sizes) and before + sizes[first] <= start:
                before += sizes[first]
                first += 1
            groups = list(range(first, len(sizes)))
            number = before
            for batch in file.iter_batches(_AT_ONCE, row_groups=groups) if groups else ():
                columns = [column.to_pylist() for column in batch.columns]
                for values in zip(*columns, strict=True):
                    number += 1
                    if number > start:
                        yield RawRow(number, [_cell(value) for value in values])
            if number != self._rows:
                raise refusal("broken_parquet")


@contextmanager
def _whole() -> Iterator[None]:
    """Refuse a file that cannot be decoded; what the disk reports stays an OSError."""
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise refusal("broken_parquet") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise refusal("broken_parquet") from error  # pyarrow's word for damaged pages


def _cell(value: Any) -> str:
    """Return a value as text; an absent one is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_cell)
    return str(value)
