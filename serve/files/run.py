"""The run over a file: read, classify in batches, write in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from model.verdict import Verdict
from serve.classifier import TextClassifier
from serve.files.csvfile import CsvReader, CsvWriter
from serve.files.jsonl import JsonlReader, JsonlWriter
from serve.files.record import FileError, Record

BATCH: Final = 256
"""Rows in memory at one time."""

FORMATS: Final = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}


@dataclass
class Outcome:
    """What became of the rows."""

    rows: int = 0
    bad: int = 0


def format_of(path: str) -> str | None:
    """Return "jsonl" or "csv" by the extension of a path, else None."""
    return FORMATS.get(Path(path).suffix.lower())


def classify_file(
    source: BinaryIO,
    target: BinaryIO,
    classifier: TextClassifier,
    *,
    format: str,
    field: str = "text",
    on_bad: Callable[[int, str], None] = lambda line, error: None,
    on_batch: Callable[[Outcome], None] = lambda outcome: None,
) -> Outcome:
    """Copy rows from `source` to `target`, each with its verdict, `BATCH` rows at a time.

    A bad row is copied with a null verdict and its error, and passed to `on_bad` with its line
    number. Raises FileError where the file as a whole cannot be read.
    """
    outcome = Outcome()
    if format == "csv":
        rows = CsvReader(source, field)
        write = CsvWriter(target, rows.header, rows.line_end, rows.bom).write
        _copy(iter(rows), write, classifier, outcome, on_bad, on_batch)
    elif format == "jsonl":
        lines, write = JsonlReader(source, field), JsonlWriter(target).write
        _copy(iter(lines), write, classifier, outcome, on_bad, on_batch)
    else:
        raise FileError(f"未知格式 (unknown format): {format}")
    return outcome


def _copy(
    records: Iterator[Record],
    write: Callable[[Record, Verdict | None], None],
    classifier: TextClassifier,
    outcome: Outcome,
    on_bad: Callable[[int, str], None],
    on_batch: Callable[[Outcome], None],
) -> None:
    while batch := list(islice(records, BATCH)):
        verdicts = iter(classifier.classify([r.text for r in batch if r.text is not None]))
        for record in batch:
            write(record, None if record.text is None else next(verdicts))
            if record.error:
                outcome.bad += 1
                on_bad(record.line, record.error)
        outcome.rows += len(batch)
        on_batch(outcome)
