"""Shared strings of an XLSX file: read as far as they are asked for, kept on disk if many.

A million different messages are shared strings; in memory they would take some 200 MB.
"""

from __future__ import annotations

from array import array
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from serve.triage.intake.package import Book
from serve.triage.intake.xmlparser import CHUNK, PartParser

_IN_MEMORY: Final = 8 * 2**20


class _StringsParser(PartParser):
    """Collects each <si>: its text, or its runs joined."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.wanted = name == "t"

    def end(self, name: str) -> None:
        self.wanted = False
        if name == "si":
            self.found.append(self.take_text())


class SharedStrings:
    """The strings by index. folder: where those that do not fit into memory go.

    That file, beside the upload, has no name and is gone with the process.
    """

    def __init__(self, book: Book, folder: Path) -> None:
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(  # noqa: SIM115
            max_size=_IN_MEMORY, dir=str(folder)
        )
        self._ends = array("Q", [0])
        self._parser = _StringsParser()
        self._book = book
        self._part: IO[bytes] | None = None
        self._ended = book.strings is None

    def __getitem__(self, index: int) -> str:
        """Raises IndexError, and what a damaged part raises (`package.BROKEN`)."""
        while index >= len(self._ends) - 1 and not self._ended:
            self._read_on()
        if not 0 <= index < len(self._ends) - 1:
            raise IndexError(index)
        start = self._ends[index]
        self._file.seek(start)
        return self._file.read(self._ends[index + 1] - start).decode("utf-8", "surrogatepass")

    def _read_on(self) -> None:
        if self._part is None:
            self._part = self._book.archive.open(self._book.strings or "")
        data = self._part.read(CHUNK)
        self._parser.feed(data, final=not data)
        self._ended = not data
        self._file.seek(self._ends[-1])
        for text in self._parser.found:
            encoded = text.encode("utf-8", "surrogatepass")
            self._file.write(encoded)
            self._ends.append(self._ends[-1] + len(encoded))
        self._parser.found = []

    def close(self) -> None:
        self._file.close()
        if self._part is not None:
            self._part.close()
