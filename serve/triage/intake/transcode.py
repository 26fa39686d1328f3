"""UTF-16 as a stream of UTF-8, because its line feeds cannot be found byte by byte."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO, Final

_CHUNK: Final = 2**16


class Utf8Stream(io.RawIOBase):
    """Reads a stream in another encoding as UTF-8; what is invalid becomes U+FFFD."""

    def __init__(self, source: BinaryIO, encoding: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            data = self._source.read(_CHUNK)
            self._ended = not data
            self._ready = self._decoder.decode(data, final=self._ended).encode("utf-8", "replace")
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def close(self) -> None:
        self._source.close()
        super().close()


def open_text(path: str, encoding: str) -> tuple[BinaryIO, str]:
    """Open a text file; return a stream and the encoding to decode its lines with."""
    source = open(path, "rb")  # noqa: SIM115 - the caller closes it
    if encoding.startswith("utf-16"):
        return io.BufferedReader(Utf8Stream(source, encoding)), "utf-8"
    return source, encoding
