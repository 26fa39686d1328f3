"""A case from a file: JSON Lines or CSV, one message a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from pydantic import ValidationError

from serve.files.csvfile import CsvReader
from serve.files.jsonl import JsonlReader
from serve.files.record import FileError, Record
from serve.problems import problem_of
from serve.report.fromtext import FACTS, message_of, tidy_moment
from serve.report.schemas import MAX_MESSAGES, ReportMessage

KEPT = ("text", "sent_at", "sender", "facts")


def read_case(source: BinaryIO, format: str) -> list[ReportMessage]:
    """Return the messages of a file; columns and keys that we do not know are left out.

    CSV has the facts as columns of their own; so may JSON Lines, or as an object `facts`. Raises
    FileError with the line at fault: a report must not leave out a message.
    """
    messages: list[ReportMessage] = []
    for record, fields in _rows(source, format):
        if len(messages) == MAX_MESSAGES:
            raise FileError(f"最多 {MAX_MESSAGES} 条信息 (at most {MAX_MESSAGES} messages)")
        if record.error:
            raise _error(record.line, record.error)
        try:
            messages.append(ReportMessage.model_validate(fields))
        except ValidationError as error:
            raise _error(record.line, problem_of(error).in_both) from None
    if not messages:
        raise FileError("文件里没有信息 (the file holds no message)")
    return messages


def _error(line: int, message: str) -> FileError:
    return FileError(f"第 {line} 行 (line {line})：{message}")


def _rows(source: BinaryIO, format: str) -> Iterator[tuple[Record, Mapping[str, Any]]]:
    if format == "csv":
        rows = CsvReader(source, "text")
        for record in rows:
            cells: list[str] = record.data or []
            yield record, message_of(dict(zip(rows.header, cells, strict=False)))
        return
    records: Iterable[Record] = JsonlReader(source, "text")
    for record in records:
        yield record, _from_object(record.data or {})


def _from_object(row: Mapping[str, Any]) -> dict[str, Any]:
    message = {name: row[name] for name in KEPT if row.get(name) is not None}
    flat = {name: row[name] for name in FACTS if row.get(name) is not None}
    if flat and "facts" not in message:
        message["facts"] = flat
    if isinstance(message.get("sent_at"), str):
        message["sent_at"] = tidy_moment(message["sent_at"])
    return message
