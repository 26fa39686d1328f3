"""Texts without labels: a pool to choose from, or one side of a leakage check."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.corpus import SPLITS_DIR, row_id
from data.rows import RowErrors
from data.splits import read_splits
from data.table import JSON_LINES
from training.datawork.source import corpus_files, is_corpus


@dataclass(frozen=True)
class Text:
    """A text, where it stands, and the whole record that it came with."""

    path: str
    line: int
    text: str
    record: dict[str, Any]


def read_texts(source: str, column: str = "text", encoding: str = "utf-8") -> list[Text]:
    """Read the texts of a file or of a part of the corpus; labels are neither needed nor checked.

    CSV and JSON Lines have their text in `column`; any other file holds one text a line. Blank
    texts are left out. Raises RowErrors listing every bad line, OSError where the file cannot be
    read.
    """
    if not is_corpus(source):
        return _of_file(Path(source), column, encoding)
    encoding = "utf-8"
    paths, wanted = corpus_files(source)
    split_of = read_splits(SPLITS_DIR)
    return [
        one
        for path in paths
        for one in _of_file(path, "text", encoding)
        if wanted is None or split_of.get(row_id(one.text)) == wanted
    ]


def _of_file(path: Path, column: str, encoding: str) -> list[Text]:
    found: list[Text] = []
    problems: list[str] = []
    try:
        for line, record in _records(path, column, encoding):
            text = record if isinstance(record, str) else record.get(column)
            if not isinstance(text, str):
                problems.append(f"{path}:{line}: {column}: must be a string; see --text-column")
            elif text.strip():
                whole = {column: text} if isinstance(record, str) else record
                found.append(Text(str(path), line, text, whole))
    except UnicodeDecodeError as error:
        problems.append(
            f"{path}: line: not {encoding} ({error.reason}); save the file as UTF-8, or name its "
            "encoding under [data] in the label map or by --encoding"
        )
    except (ValueError, LookupError, csv.Error) as error:
        problems.append(f"{path}: {error}")
    if not found and not problems:
        problems.append(f"{path}:1: line: the file has no texts")
    if problems:
        raise RowErrors(problems)
    return found


def _records(path: Path, column: str, encoding: str) -> Iterator[tuple[int, Any]]:
    """Yield line number and record: an object of JSON Lines, a CSV row, or a line of text."""
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    with path.open(encoding=encoding, newline="") as stream:
        if path.suffix.lower() in JSON_LINES:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    record = json.loads(line)
                    yield number, record if isinstance(record, dict) else {}
        elif path.suffix.lower() == ".csv":
            rows = csv.DictReader(stream, strict=True)
            if column not in (rows.fieldnames or ()):
                raise ValueError(f"{column}: no such column; see --text-column")
            end = rows.line_num
            for row in rows:
                start, end = end + 1, rows.line_num
                yield start, row
        else:
            for number, line in enumerate(stream, 1):
                yield number, line.rstrip("\r\n")
