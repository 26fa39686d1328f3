"""Files that hold people's texts: readable by their owner only, never half written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step. Raises OSError where that cannot be done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(text.encode("utf-8", "surrogatepass"))
    scratch.replace(path)


def append_private(path: Path, line: str) -> None:
    """Append a line and see it onto the disk, so that a kill loses nothing decided before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "wb") as file:
        file.write(f"{line}\n".encode("utf-8", "surrogatepass"))
        file.flush()
        os.fsync(file.fileno())


def read_lines(path: Path) -> list[tuple[int, str]]:
    """Return the lines of a JSON Lines file that are not blank, with their numbers from 1.

    Split at line feeds alone: a text may hold other characters that end a line elsewhere.
    """
    lines = path.read_text(encoding="utf-8").split("\n")
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def json_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
