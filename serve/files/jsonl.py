"""JSON Lines: each row is an object; its copy gets the key ``verdict``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, BinaryIO

from model.verdict import Verdict
from serve.files.lines import BOM, Line, read_lines
from serve.files.record import ERROR_KEY, Record, check_text


class JsonlReader:
    """Iterates over the rows of a stream. Blank lines are no rows."""

    def __init__(self, stream: BinaryIO, field: str) -> None:
        self._lines = read_lines(stream)
        self._field = field

    def __iter__(self) -> Iterator[Record]:
        for line in self._lines:
            if line.number == 1:
                line = line._replace(text=line.text.removeprefix(BOM))
            if line.text.strip():
                yield self._record(line)

    def _record(self, line: Line) -> Record:
        raw = line.text.rstrip("\r\n")
        if line.error:
            return Record(line.number, raw=raw, error=line.error)
        try:
            data = json.loads(line.text, parse_constant=_refuse, parse_float=_finite)
        except json.JSONDecodeError as error:
            problem = f"不是有效的 JSON (invalid JSON at column {error.colno}: {error.msg})"
            return Record(line.number, raw=raw, error=problem)
        except (ValueError, RecursionError):  # NaN, a number out of range, nested too deep
            return Record(line.number, raw=raw, error="不是有效的 JSON (invalid JSON)")
        if not isinstance(data, dict):
            return Record(line.number, raw=raw, error="不是 JSON 对象 (not a JSON object)")
        text, problem_or_none = check_text(data.get(self._field), self._field)
        return Record(line.number, data=data, text=text, error=problem_or_none)


class JsonlWriter:
    """Writes rows with their verdicts. A `verdict` that a row had before is replaced."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, record: Record, verdict: Verdict | None) -> None:
        row: dict[str, Any] = (
            {"line": record.line, "raw": record.raw} if record.data is None else dict(record.data)
        )
        row.pop(ERROR_KEY, None)  # of an earlier run
        row["verdict"] = None if verdict is None else verdict.to_dict()
        if record.error:
            row[ERROR_KEY] = record.error
        self._stream.write(_encode(row))


def _encode(row: dict[str, Any]) -> bytes:
    try:
        return (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can write down
        return (json.dumps(row) + "\n").encode("ascii")


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError("number out of range")
    return value
