"""Text whose line feeds cannot be found byte by byte, as a stream of UTF-8 that has them.

That is UTF-16, and files of old Macintosh programs whose lines end with a carriage return alone.
"""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO, Final

_CHUNK: Final = 2**16


class Utf8Stream(io.RawIOBase):
    """Reads a stream in another encoding as UTF-8; what is invalid becomes U+FFFD."""

    def __init__(self, source: BinaryIO, encoding: str, returns: bool = False) -> None:
        """returns: carriage returns are the ends of lines."""
        self._source, self._returns = source, returns
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            data = self._source.read(_CHUNK)
            self._ended = not data
            text = self._decoder.decode(data, final=self._ended)
            if self._returns:
                text = text.replace("\r", "\n")
            self._ready = text.encode("utf-8", "replace")
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
    start = source.read(_CHUNK).decode(encoding, "replace")
    source.seek(0)
    returns = "\r" in start[:-1] and "\n" not in start
    if returns or encoding.startswith("utf-16"):
        return io.BufferedReader(Utf8Stream(source, encoding, returns)), "utf-8"
    return source, encoding
