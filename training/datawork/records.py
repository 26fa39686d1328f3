"""The records of a file as they stand, all of their fields, and a copy with other labels."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.labelmap import Columns
from data.rows import RowErrors
from data.table import JSON_LINES
from training.datawork.review import Correction


@dataclass(frozen=True)
class Records:
    """A row file: its records by line number; headings (CSV only) in their order."""

    path: Path
    records: Mapping[int, dict[str, Any]]
    headings: tuple[str, ...] | None

    def to_text(self) -> str:
        """Return the file's text, in its own format."""
        if self.headings is None:
            return "".join(
                json.dumps(one, ensure_ascii=False) + "\n" for one in self.records.values()
            )
        out = io.StringIO()
        writer = csv.DictWriter(out, self.headings, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.records.values())
        return out.getvalue()


def read_records(path: Path, columns: Columns) -> Records:
    """Read a file that `data.table.read_examples` accepts; blank lines are left out."""
    if path.suffix.lower() in JSON_LINES:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
        rows = {n: json.loads(line) for n, line in enumerate(lines, 1) if line.strip()}
        return Records(path, rows, None)
    encoding = "utf-8-sig" if columns.encoding == "utf-8" else columns.encoding
    with path.open(encoding=encoding, newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        headings, end = tuple(reader.fieldnames or ()), reader.line_num
        found: dict[int, dict[str, Any]] = {}
        for row in reader:
            found[end + 1], end = row, reader.line_num
    return Records(path, found, headings)


def corrected(records: Records, corrections: Sequence[Correction], columns: Columns) -> Records:
    """Return the records with the decided labels.

    Raises RowErrors where a decision is about a line that now holds another text.
    """
    changed = dict(records.records)
    headings = records.headings
    problems = []
    for one in corrections:
        row = changed.get(one.line)
        if row is None or row.get(columns.text) != one.text:
            problems.append(
                f"{records.path}:{one.line}: {columns.text}: the file has changed since the review"
            )
        elif one.changed:
            also: Any = list(one.also)
            if headings is not None:
                also = columns.separator.join(one.also)
            keeps = one.also or columns.also in row
            extra = {columns.also: also} if keeps else {}
            changed[one.line] = row | {columns.label: one.label} | extra
    if problems:
        raise RowErrors(problems)
    added = any(columns.also in row for row in changed.values())
    if headings is not None and columns.also not in headings and added:
        headings = (*headings, columns.also)
        changed = {n: {columns.also: ""} | row for n, row in changed.items()}
    return Records(records.path, changed, headings)
