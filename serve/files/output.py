"""Where results go: a file that appears only once it is complete, or a stream."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def open_output(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside `path` that takes its place at the end, or vanishes upon an error.

    Only the owner may read it, unless it replaces a file: then it takes over that file's mode at
    the end. A device or a pipe is written directly: it must not be replaced by a file.
    """
    target = path.resolve()  # through a link, so that the link stays one
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            yield stream
        return
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            yield stream
        if target.exists():
            part.chmod(target.stat().st_mode & 0o777)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
