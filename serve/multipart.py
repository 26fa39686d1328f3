"""One file out of a multipart/form-data body, in memory: frameworks put large ones on the disk."""

from __future__ import annotations

from typing import Final

from serve.problems import ProblemError

MAX_PARTS: Final = 20


def file_field(body: bytes, content_type: str, name: str) -> bytes:
    """Return the content of the first part called `name`.

    Raises ProblemError: `invalid` (field "body") where the body is no such form or has too many
    parts, `missing_field` where no part has the name. Needs the package python-multipart.
    """
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    _, options = parse_options_header(content_type)
    parts = _Parts(name.encode())
    try:
        parser = MultipartParser(options[b"boundary"], parts.callbacks())  # type: ignore[arg-type]
        parser.write(body)
        parser.finalize()
    except (FormParserError, KeyError, ValueError):
        raise ProblemError("invalid", field="body") from None
    if not parts.ended:
        raise ProblemError("invalid", field="body")
    if parts.content is None:
        raise ProblemError("missing_field", field=name)
    return bytes(parts.content)


class _Parts:
    """Collects the wanted part from the parser's callbacks."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.content: bytearray | None = None
        self.ended = False
        self._count = 0
        self._inside = False
        self._field, self._value = bytearray(), bytearray()

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._data,
            "on_part_end": self._leave,
            "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise ProblemError("invalid", field="body")

    def _header(self) -> None:
        from python_multipart.multipart import parse_options_header

        if bytes(self._field).lower() == b"content-disposition" and self.content is None:
            _, options = parse_options_header(bytes(self._value))
            if options.get(b"name") == self.name:
                self._inside, self.content = True, bytearray()
        self._field.clear()
        self._value.clear()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._inside and self.content is not None:
            self.content += data[start:end]

    def _leave(self) -> None:
        self._inside = False

    def _end(self) -> None:
        self.ended = True
