"""JSON Lines: each object is a row, its keys are the columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from serve.files.lines import BOM, read_lines
from serve.triage.intake.limits import MAX_ROW_BYTES
from serve.triage.intake.problems import Problem, bad_json
from serve.triage.intake.rows import RawRow, line_problem
from serve.triage.intake.transcode import open_text

MAX_NESTING: Final = 100
"""Containers within one another: what is parsed in C is written again in Python."""


class _Number(str):
    """A number as it is written, so that 1.10 and 20-digit numbers come out as they went in."""

    __slots__ = ()


def jsonl_objects(
    path: Path, encoding: str
) -> Iterator[tuple[int, dict[str, Any], Problem | None]]:
    """Yield (line, object, problem) for every line that is not blank."""
    stream, line_encoding = open_text(str(path), encoding)
    with closing(stream):
        for line in read_lines(stream, MAX_ROW_BYTES, line_encoding):
            text = line.text.removeprefix(BOM) if line.number == 1 else line.text
            if line.error:
                yield line.number, {}, line_problem([line], encoding)
            elif text.strip():
                yield line.number, *_parse(text)


def jsonl_rows(path: Path, encoding: str, keys: Sequence[str]) -> Iterator[RawRow]:
    """Yield the values of `keys` in order; keys beyond these follow in one cell, as an object."""
    known = set(keys)
    for line, values, problem in jsonl_objects(path, encoding):
        cells = [_cell(values.get(key)) for key in keys]
        if surplus := {key: value for key, value in values.items() if key not in known}:
            cells.append(_dump(surplus))
        yield RawRow(line, cells, problem)


def _parse(text: str) -> tuple[dict[str, Any], Problem | None]:
    try:
        found = json.loads(
            text,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refuse,
            object_pairs_hook=_unique,
        )
    except json.JSONDecodeError as error:
        return {}, bad_json(f"{error.msg} (column {error.colno})")
    except (ValueError, RecursionError) as error:  # NaN, a key given twice, nested too deep
        return {}, bad_json(str(error) if isinstance(error, ValueError) else "nested too deep")
    if not isinstance(found, dict):
        return {}, bad_json()
    if _is_deep(found):
        return {}, bad_json("nested too deep")
    return found, None


def _is_deep(found: dict[str, Any]) -> bool:
    level: list[Any] = [found]
    for _ in range(MAX_NESTING):
        containers = [each for each in level if isinstance(each, dict | list)]
        level = [
            inner
            for each in containers
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else _dump(value)


def _dump(value: Any) -> str:
    """Return a value as JSON, numbers as they were written."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        inner = (f"{json.dumps(key, ensure_ascii=False)}: {_dump(v)}" for key, v in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
