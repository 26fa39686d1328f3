"""``/v1/triage/jobs/{id}/export``: the rows that meet the filters as one file, as it is made."""

from __future__ import annotations

import contextlib
import io
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import Annotated, Any, BinaryIO, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from serve.access import require
from serve.problems import ProblemError
from serve.routes.triage_common import PROBLEMS, Desk, desk, filters, found_job
from serve.triage.export import XLSX_MAX_ROWS, export_csv, export_xlsx
from serve.triage.intake import Inspection
from serve.triage.records import Row
from serve.triage.reviewstore import effective
from serve.triage.schemas import ExportQuery

PIECES: Final = 16
"""Pieces of a file that wait for a slow client; then the making of it waits as well."""
PIECE_BYTES: Final = 2**16

KINDS: Final[dict[str, tuple[Callable[..., int], str]]] = {
    "csv": (export_csv, "text/csv; charset=utf-8"),
    "xlsx": (export_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}

router = APIRouter(
    prefix="/v1/triage/jobs/{job_id}",
    tags=["triage"],
    responses=PROBLEMS,
    dependencies=[Depends(require("triage"))],
)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {kind.partition(";")[0]: {} for _, kind in KINDS.values()}}},
    summary="导出 · Export",
)
def get_export(
    job_id: str, query: Annotated[ExportQuery, Query()], desk: Annotated[Desk, Depends(desk)]
) -> StreamingResponse:
    """The original columns untouched, then verdict, severity and corrections."""
    return export(desk, job_id, query)


def export(desk: Desk, job_id: str, query: ExportQuery) -> StreamingResponse:
    """Return the file as a response. Raises ProblemError where it cannot be made."""
    job = found_job(desk, job_id)
    chosen = filters(query)
    if query.format == "xlsx":
        total = desk.store.page_rows(job_id, chosen, limit=1).total
        if total >= XLSX_MAX_ROWS:  # one line is the heading
            raise ProblemError("too_many_rows", field="format", limit=XLSX_MAX_ROWS - 1)
    write, media_type = KINDS[query.format]
    headings = Inspection.from_dict(job.dialect).original_headings
    rows = desk.store.iter_rows(job_id, chosen, sort=query.sort, descending=query.order == "desc")
    noted = _with_notes(rows, _notes(desk, job_id))
    name = f"{PurePath(job.name).stem}-dunlens.{query.format}"
    return StreamingResponse(
        pieces(lambda out: write(noted, headings, out)),
        media_type=media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )


def _notes(desk: Desk, job_id: str) -> dict[int, str]:
    """Return the last note that stands of each row that has one."""
    standing = effective(desk.store.reviews(job_id))
    return {entry.number: entry.note for entry in standing if entry.note}


def _with_notes(rows: Iterable[Row], notes: dict[int, str]) -> Iterator[tuple[Row, str]]:
    return ((row, notes.get(row.number, "")) for row in rows)


class _Abandoned(Exception):  # noqa: N818  no error: the client has gone
    pass


class _Pipe(io.RawIOBase):
    """A file to write to in one thread, whose pieces are taken in another."""

    def __init__(self) -> None:
        self.pieces: queue.Queue[bytes | BaseException | None] = queue.Queue(PIECES)
        self.abandoned = threading.Event()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.put(bytes(piece))
        return len(piece)

    def put(self, piece: bytes | BaseException | None) -> None:
        while not self.abandoned.is_set():
            try:
                self.pieces.put(piece, timeout=0.5)
            except queue.Full:
                continue
            return
        raise _Abandoned


def pieces(write: Callable[[BinaryIO], object]) -> Iterator[bytes]:
    """Yield what `write` writes to the file it is given, while it writes, in bounded memory."""
    pipe = _Pipe()

    def run() -> None:
        end: BaseException | None = None
        try:
            with io.BufferedWriter(pipe, PIECE_BYTES) as out:
                write(out)
        except Exception as error:  # noqa: BLE001  raised again where the pieces are taken
            end = error
        with contextlib.suppress(_Abandoned):
            pipe.put(end)

    thread = threading.Thread(target=run, name="dunlens-export", daemon=True)
    thread.start()
    try:
        while (piece := pipe.pieces.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece  # the connection breaks off: half a file must not look whole
            yield piece
    finally:
        pipe.abandoned.set()
