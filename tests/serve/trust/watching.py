"""Sees every log line, and every file that Python opens for writing, of this process."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

CLIENT_LOGGERS = ("httpx", "httpx2", "httpcore", "httpcore2")
"""Of the test's own client, which names the addresses that it asks for."""
_watching: list[set[Path]] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open" or not _watching:
        return
    path, _, flags = arguments
    writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes and isinstance(path, str | bytes | os.PathLike):
        _watching[-1].add(Path(os.fsdecode(path)))


sys.addaudithook(_audit)  # it cannot be taken away again, so it looks whether anybody watches


@contextmanager
def written_files() -> Iterator[set[Path]]:
    """Collect the paths that are opened for writing; those of SQLite's own code are not seen."""
    _watching.append(set())
    try:
        yield _watching[-1]
    finally:
        _watching.pop()


@contextmanager
def log_lines() -> Iterator[list[str]]:
    """Collect the lines of every logger, at level DEBUG, tracebacks included."""
    lines: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name.partition(".")[0] not in CLIENT_LOGGERS:
                lines.append(self.format(record))

    handler = Collect(logging.DEBUG)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    loggers = [logging.getLogger(name) for name in (None, "dunlens", "uvicorn")]
    before = [(logger, logger.level) for logger in loggers]
    clients = [logging.getLogger(name) for name in CLIENT_LOGGERS]
    for logger in clients:  # another test's handler must not print what the client asked
        logger.propagate = False
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        for logger in clients:
            logger.propagate = True
        for logger, level in before:
            logger.removeHandler(handler)
            logger.setLevel(level)


def forms(marker: str) -> list[bytes]:
    """Return how a text may stand in a file or a line."""
    escaped = marker.encode("unicode_escape")
    written = [marker.encode(), marker.encode("gb18030"), escaped, escaped.upper()]
    return [*written, marker.encode("utf-16-le"), quote(marker).encode(), marker[2:].encode()]


def found_in(content: bytes, markers: list[str]) -> list[str]:
    """Return the markers that stand in the content in any form."""
    return [marker for marker in markers if any(form in content for form in forms(marker))]


def found_below(folder: Path, markers: list[str]) -> dict[str, int]:
    """Return how many of the markers stand in each file below a folder, names included."""
    found = {}
    for file in folder.rglob("*"):
        content = str(file).encode() + (file.read_bytes() if file.is_file() else b"")
        if count := len(found_in(content, markers)):
            found[file.name] = count
    return found
