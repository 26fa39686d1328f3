"""A file of complaints ranked without a server: read, classify, order by severity, write."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serve.classifier import TextClassifier
from serve.files.output import open_output
from serve.triage.export import XLSX_MAX_ROWS, export_csv, export_xlsx
from serve.triage.intake import Inspection, IntakeError, Mapping, count_records, inspect
from serve.triage.intake.model import Record
from serve.triage.intake.problems import refusal
from serve.triage.jobwork import JobWork, text_of
from serve.triage.records import Job, NewBad
from serve.triage.runner import CHUNK
from serve.triage.store import Store
from serve.wording import Language

WRITERS: Final = {".csv": export_csv, ".xlsx": export_xlsx}


@dataclass(frozen=True)
class Outcome:
    """rows: read, good and bad."""

    rows: int
    bad: int


def triage_file(
    source: Path,
    target: Path,
    load: Callable[[], TextClassifier],
    *,
    column: str | None = None,
    language: Language = "zh",
    on_bad: Callable[[NewBad], None] = lambda bad: None,
    on_chunk: Callable[[int, int | None], None] = lambda done, total: None,
) -> Outcome:
    """Write the rows of `source` to `target` (.csv or .xlsx), the gravest first.

    column: that holds the texts, where the guess is wrong. on_chunk: given rows done and in all.
    While it works, what it has found lies in a hidden folder beside `target`, which it removes.
    Raises IntakeError where the file or the column cannot be used; OSError.
    """
    inspection = inspect(source, source.name)
    mapping = inspection.mapping.with_text(column)
    write = WRITERS[target.suffix.lower()]
    if write is export_xlsx and count_records(source, inspection) >= XLSX_MAX_ROWS:
        raise refusal("too_many_rows", "format", XLSX_MAX_ROWS)
    with _working_store(target) as store:
        job = _job(store, source, inspection, mapping)
        work = JobWork(store, job, source)
        _classify(work, load(), lambda: on_chunk(work.done, store.job(job.id).rows_total))
        while work.rank_on():
            pass
        for bad in _all_bad(store, job.id):
            on_bad(bad)
        rows = ((row, "") for row in store.iter_rows(job.id, sort="severity", descending=True))
        with open_output(target) as out:
            write(rows, inspection.original_headings, out, language)
        done = store.job(job.id)
        return Outcome(done.rows_done, done.rows_bad)


def _classify(work: JobWork, classifier: TextClassifier, on_chunk: Callable[[], None]) -> None:
    while records := work.read(CHUNK):
        texts = [text_of(record) for record in records if isinstance(record, Record)]
        work.store(records, classifier.classify(texts), classifier.version)
        work.count()
        on_chunk()


def _job(store: Store, source: Path, inspection: Inspection, mapping: Mapping) -> Job:
    job = store.create_job(
        name=source.name,
        file_sha256="",
        file_bytes=source.stat().st_size,
        dialect=inspection.to_dict(),
        headings=inspection.headings,
        mapping=mapping.to_dict(),
    )
    store.queue(job.id)
    claimed = store.claim_next()
    assert claimed is not None  # noqa: S101  it was queued the line before
    return claimed


def _all_bad(store: Store, job_id: str) -> Iterator[NewBad]:
    offset = 0
    while found := store.bad(job_id, offset=offset, limit=1_000):
        yield from found
        offset += len(found)


@contextmanager
def _working_store(target: Path) -> Iterator[Store]:
    """A database in a folder of its own beside the result, gone at the end."""
    folder = target.resolve().parent / f".{target.name}.{secrets.token_hex(4)}.part"
    folder.mkdir(mode=0o700)
    try:
        store = Store(folder / "work.sqlite")
        try:
            yield store
        finally:
            store.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


__all__ = ["IntakeError", "Outcome", "triage_file"]
