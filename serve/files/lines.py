"""Physical lines of a stream, each of bounded length, with what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from serve.limits import MAX_CHARS, MAX_LINE_BYTES

BOM: Final = "\ufeff"
"""Byte order mark, which may stand at the very beginning."""

_SKIP_BYTES: Final = 2**20


class Line(NamedTuple):
    """A line with its end, decoded; `error` says why it cannot be used."""

    number: int
    text: str
    error: str | None = None
    too_long: bool = False


def read_lines(
    stream: BinaryIO, max_bytes: int = MAX_LINE_BYTES, encoding: str = "utf-8"
) -> Iterator[Line]:
    """Yield the lines of a stream; only ``\\n`` ends a line.

    encoding: one in which the byte 0x0A is always a line feed (UTF-8, GB18030, Big5; not UTF-16).
    Invalid bytes are kept readable as backslash escapes; of an over-long line, the beginning.
    """
    name = encoding.upper()
    number = 0
    while data := stream.readline(max_bytes + 1):
        number += 1
        if len(data) > max_bytes and not data.endswith(b"\n"):
            _skip_rest(stream)
            start = data[: 4 * MAX_CHARS].decode(encoding, "replace")[:MAX_CHARS]
            error = f"行超过 {max_bytes} 字节 (line has over {max_bytes} bytes)"
            yield Line(number, start, error, too_long=True)
            continue
        try:
            yield Line(number, data.decode(encoding))
        except UnicodeDecodeError:
            text = data.decode(encoding, "backslashreplace")
            yield Line(number, text, f"不是有效的 {name} (not valid {name})")


def _skip_rest(stream: BinaryIO) -> None:
    while (rest := stream.readline(_SKIP_BYTES)) and not rest.endswith(b"\n"):
        pass
