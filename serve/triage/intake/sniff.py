"""What kind of file it is and how its text is encoded, told from bounded samples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from charset_normalizer import from_bytes

from serve.triage.intake.limits import MAX_FILE_BYTES, SAMPLE_BYTES
from serve.triage.intake.problems import refusal

_UTF16: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_LEGACY: Final = ("gb18030", "big5hkscs")
_UTF8_SHARE: Final = 0.5
_LEGACY_SHARE: Final = 0.8
"""Of the lines that are not plain ASCII, so many must decode; the others become bad rows."""


def check_size(path: Path) -> int:
    """Return the size of a file; raise IntakeError where it is empty or too large."""
    size = path.stat().st_size
    if size == 0:
        raise refusal("empty_file")
    if size > MAX_FILE_BYTES:
        raise refusal("file_too_large", limit=MAX_FILE_BYTES)
    return size


def is_zip(path: Path) -> bool:
    """Tell a zip archive, which an XLSX file is, from text; raise IntakeError for old Excel."""
    with path.open("rb") as stream:
        start = stream.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):  # OLE: .xls, or XLSX behind a password
        raise refusal("old_excel")
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file: utf-8, utf-16-le, utf-16-be, gb18030 or big5hkscs.

    UTF-16 needs its byte order mark. Raises IntakeError where the file is no text (it holds NUL
    bytes) or in none of these.
    """
    lines, start = _sample(path)
    if start[:2] in _UTF16:
        return _UTF16[start[:2]]
    if any(b"\0" in line for line in lines):
        raise refusal("not_text")
    foreign = [line for line in lines if not line.isascii()]
    # GB18030 takes nearly every sequence of bytes, UTF-8 hardly any that was not meant as such:
    # so UTF-8 is asked first, and one broken line does not turn a file into the other.
    if not foreign or start.startswith(b"\xef\xbb\xbf") or _share(foreign, "utf-8") >= _UTF8_SHARE:
        return "utf-8"
    fitting = [name for name in _LEGACY if _share(foreign, name) >= _LEGACY_SHARE]
    if not fitting:
        raise refusal("unknown_encoding", limit="UTF-8")
    if len(fitting) == 1:
        return fitting[0]
    return _likelier(b"\n".join(foreign), fitting)


def _sample(path: Path) -> tuple[list[bytes], bytes]:
    """Return whole lines from the beginning, the middle and the end, and the first bytes."""
    size = path.stat().st_size
    lines: list[bytes] = []
    start = b""
    with path.open("rb") as stream:
        for place in sorted({0, max(0, size // 2), max(0, size - SAMPLE_BYTES)}):
            stream.seek(place)
            data = stream.read(SAMPLE_BYTES)
            start = start or data[:4]
            found = data.split(b"\n")
            # a line cut by the sample's edge may be cut within a character
            first = 1 if place else 0
            last = len(found) if stream.tell() >= size else len(found) - 1
            lines += found[first:last] or [found[0][:SAMPLE_BYTES]]
    return lines, start


def _share(lines: list[bytes], encoding: str) -> float:
    return sum(_decodes(line, encoding) for line in lines) / len(lines)


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _likelier(data: bytes, names: list[str]) -> str:
    """Return which of some encodings makes more of a language of the bytes."""
    best = from_bytes(data[:SAMPLE_BYTES], cp_isolation=names).best()
    return best.encoding if best is not None and best.encoding in names else names[0]


def ending_of(filename: str) -> str:
    """Return the lower-case ending of a file's name, without the dot."""
    found = re.search(r"\.([A-Za-z0-9]{1,8})$", filename.strip())
    return found[1].lower() if found else ""
