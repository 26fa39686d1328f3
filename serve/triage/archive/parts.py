"""One part of an archive: its rows read, classified and written, all of them or none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from model.verdict import Verdict
from serve.classifier import TextClassifier
from serve.files.output import open_output
from serve.triage.archive.plan import Part
from serve.triage.archive.sources import ArchiveError, open_source
from serve.triage.intake import BadRow, IntakeError, Record
from serve.triage.jobwork import new_row, text_of
from serve.triage.runner import CHUNK
from serve.triage.uploads import sync_folder

BAD: Final = ".bad.jsonl"
"""Ending of the file beside a part's results that lists the rows without one."""


@dataclass(frozen=True)
class Outcome:
    """rows: of the part, good and bad; error: why there is no result, None where there is one."""

    name: str
    rows: int
    error: str | None = None


def bad_file(folder: Path, part: Part) -> Path:
    """Return where the bad rows of a part are listed; there is no such file where it has none."""
    return folder / (part.name.removesuffix(".jsonl") + BAD)


def is_done(folder: Path, part: Part) -> bool:
    """Tell whether a part is finished: its file gets this name once it is whole and on disk."""
    return (folder / part.name).is_file()


def bad_rows(folder: Path, part: Part) -> list[dict[str, Any]]:
    """Return the bad rows of a part that is done."""
    try:
        with bad_file(folder, part).open(encoding="utf-8", newline="\n") as lines:
            return [json.loads(line) for line in lines]
    except FileNotFoundError:
        return []


def do_part(
    part: Part, folder: Path, classifier: TextClassifier, column: str | None, model: str
) -> Outcome:
    """Do a part; whatever goes wrong with it is in the outcome, so that the others go on."""
    try:
        if classifier.version != model:
            raise ArchiveError(
                f"这里的模型是 {classifier.version}，应为 {model} (the model here is another one)"
            )
        _write(part, folder, classifier, column)
    except (ArchiveError, IntakeError) as error:
        return Outcome(part.name, 0, str(error))
    except Exception as error:  # noqa: BLE001  only its type: a message could quote a text
        return Outcome(part.name, 0, type(error).__name__)
    return Outcome(part.name, part.stop - part.start)


def _write(part: Part, folder: Path, classifier: TextClassifier, column: str | None) -> None:
    source = open_source(Path(part.path), column)
    target, bad = folder / part.name, bad_file(folder, part)
    count = refused = 0
    # The one opened last gets its name first: once a part is done, its bad rows are listed.
    with open_output(target) as stream, open_output(bad) as bad_stream:
        for records in _chunks(source.records(part.start, part.stop)):
            good = [record for record in records if isinstance(record, Record)]
            wrong = [record for record in records if isinstance(record, BadRow)]
            verdicts = classifier.classify([text_of(record) for record in good])
            for record, verdict in zip(good, verdicts, strict=True):
                stream.write(_line(_result(part, record, verdict, source.headings)))
            for row in wrong:
                bad_stream.write(_line(_refusal(part, row)))
            count, refused = count + len(records), refused + len(wrong)
        if count != part.stop - part.start:
            raise ArchiveError("文件的行数有变 (the number of rows has changed)")
        for out in (bad_stream, stream):
            out.flush()
            os.fsync(out.fileno())
    if not refused:
        bad.unlink()
    sync_folder(folder)


def _chunks(records: Iterator[Record | BadRow]) -> Iterator[list[Record | BadRow]]:
    while chunk := list(islice(records, CHUNK)):
        yield chunk


def _result(
    part: Part, record: Record, verdict: Verdict, headings: Sequence[str]
) -> dict[str, Any]:
    row = new_row(record, verdict, None, 1)
    return {
        "source": part.path,
        "number": record.number,
        "original": dict(zip(headings, record.original, strict=False)),
        "surplus": list(record.original[len(headings) :]),
        "verdict": verdict.to_dict(),
        "severity": row.severity,
        "severity_parts": {entry["code"]: entry["points"] for entry in row.severity_parts},
        "sent_at": None if record.sent_at is None else record.sent_at.isoformat(" "),
        "sender": row.sender,
        "signature": row.signature,
        "text_key": row.text_key,
    }


def _refusal(part: Part, row: BadRow) -> dict[str, Any]:
    reasons = {"zh": row.reason_zh, "en": row.reason_en}
    return {"source": part.path, "number": row.number, "column": row.column, **reasons}


def _line(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
