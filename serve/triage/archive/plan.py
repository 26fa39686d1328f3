"""Which parts an archive has, noted in the output folder, so that a later run finds the same."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter

from serve.files.output import open_output
from serve.triage.archive.sources import ArchiveError, open_source
from serve.triage.intake import IntakeError
from serve.triage.uploads import sync_folder

PLAN: Final = "plan.json"
LOCK: Final = ".lock"
FORMAT: Final = 1
PART_ROWS: Final = 50_000
"""Rows of a part: a killed run loses what it had of the parts under way."""


@dataclass(frozen=True)
class Part:
    """Rows start+1..stop of a file; their results stand in a file of this name."""

    path: str
    start: int
    stop: int

    @property
    def name(self) -> str:
        digest = blake2b(os.fsencode(self.path), digest_size=6).hexdigest()
        return f"{Path(self.path).stem[:40]}-{digest}-{self.start:010d}.jsonl"


@dataclass(frozen=True)
class Counted:
    """A file as it was when its rows were counted."""

    bytes: int
    mtime_ns: int
    rows: Annotated[int, Field(ge=0)]


@dataclass
class Plan:
    """What all runs into one output folder have in common.

    files: by path; refused: by path, why a file cannot be used.
    """

    model: str
    column: str | None
    part_rows: Annotated[int, Field(ge=1)]
    files: dict[str, Counted] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def parts(self) -> Iterator[Part]:
        """Yield the parts in the order of the files and their rows."""
        for path, about in sorted(self.files.items()):
            for start in range(0, about.rows, self.part_rows):
                yield Part(path, start, min(start + self.part_rows, about.rows))


def make_plan(
    files: Iterable[Path],
    folder: Path,
    model: str,
    column: str | None = None,
    part_rows: int = PART_ROWS,
) -> Plan:
    """Return the plan for these files, grown from the one in the folder, and note it there.

    Files that are new are counted; the others keep their parts, also where `part_rows` differs.
    Raises ArchiveError where the folder's results are of another model or column, or of a file
    that has changed since.
    """
    plan = _noted(folder) or Plan(model, column, part_rows)
    if (plan.model, plan.column) != (model, column):
        raise ArchiveError(
            f"{folder}：其中的结果来自另一个模型或另一列，请换一个空文件夹 "
            "(its results are of another model or column: choose an empty folder)"
        )
    plan.refused = {}
    for path in files:
        stat, known = path.stat(), plan.files.get(str(path))
        if known is None:
            try:
                rows = open_source(path, column).count()
                plan.files[str(path)] = Counted(stat.st_size, stat.st_mtime_ns, rows)
            except IntakeError as error:
                plan.refused[str(path)] = str(error)
        elif (known.bytes, known.mtime_ns) != (stat.st_size, stat.st_mtime_ns):
            raise ArchiveError(
                f"{path}：上次运行之后文件有改动，请换一个空文件夹 "
                "(the file has changed since the last run: choose an empty folder)"
            )
    with open_output(folder / PLAN) as stream:
        stream.write(json.dumps(asdict(plan), ensure_ascii=False, indent=1).encode())
        stream.flush()
        os.fsync(stream.fileno())
    sync_folder(folder)
    return plan


def _noted(folder: Path) -> Plan | None:
    """Return the plan in the folder. Raises ArchiveError where it cannot be used."""
    try:
        plan = TypeAdapter(Plan).validate_json((folder / PLAN).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        raise ArchiveError(f"{folder / PLAN}：已损坏 (damaged)") from None
    if plan.format != FORMAT:
        raise ArchiveError(f"{folder / PLAN}：不是本版本的格式 (not this version's format)")
    return plan


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder and keep other runs out of it; remove what a killed run has left unfinished.

    Raises ArchiveError where another run is at work in it, OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(
                f"{folder}：另一个运行正在写入 (another run is writing there)"
            ) from None
        for left in folder.glob(".*.part"):
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)
