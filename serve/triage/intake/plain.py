"""Plain text: every line that is not blank is one message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from serve.files.lines import BOM, read_lines
from serve.triage.intake.limits import MAX_ROW_BYTES
from serve.triage.intake.rows import RawRow, line_problem
from serve.triage.intake.transcode import open_text


def plain_rows(path: Path, encoding: str) -> Iterator[RawRow]:
    """Yield the lines as rows of one cell."""
    stream, line_encoding = open_text(str(path), encoding)
    with closing(stream):
        for line in read_lines(stream, MAX_ROW_BYTES, line_encoding):
            text = line.text.removeprefix(BOM) if line.number == 1 else line.text
            yield RawRow(line.number, [text.rstrip("\r\n")], line_problem([line], encoding))
