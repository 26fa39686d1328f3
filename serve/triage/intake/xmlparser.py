"""A stream parser for the parts of an XLSX file."""

from __future__ import annotations

import re
from typing import Any, Final
from xml.parsers import expat

from serve.limits import MAX_CELL_CHARS

CHUNK: Final = 2**16
"""Bytes to feed at a time."""
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


class PartParser:
    """Calls `start` and `end` with local names; collects text while `wanted`.

    Phonetic hints (<rPh>) are passed over. A document type is refused: entities are what XML bombs
    are made of.
    """

    def __init__(self) -> None:
        self._expat = expat.ParserCreate(namespace_separator="}")
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = _refuse
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._characters
        self._text: list[str] = []
        self._chars = 0
        self._phonetic = 0
        self.wanted = False

    def feed(self, data: bytes, final: bool = False) -> None:
        """Raises ExpatError or ValueError where the part cannot be read."""
        self._expat.Parse(data, final)

    @property
    def has_text(self) -> bool:
        return bool(self._text)

    def take_text(self) -> str:
        """Return what was collected and begin anew."""
        text = "".join(self._text)
        self._text, self._chars = [], 0
        if "_x" in text:  # characters that XML cannot hold, such as carriage returns
            text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        return text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, name: str) -> None:
        raise NotImplementedError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition("}")[2]
        if local == "rPh":
            self._phonetic += 1
        elif not self._phonetic:
            self.start(local, attributes)

    def _end(self, name: str) -> None:
        local = name.rpartition("}")[2]
        if local == "rPh":
            self._phonetic -= 1
        elif not self._phonetic:
            self.end(local)

    def _characters(self, data: str) -> None:
        if self.wanted and self._chars <= MAX_CELL_CHARS:
            self._text.append(data)
            self._chars += len(data)


def _refuse(*_: Any) -> None:
    raise ValueError("document type")
