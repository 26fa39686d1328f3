"""Rows to evaluate on: a checked JSON Lines file, read as a stream, or a split of the corpus.

A row needs ``text`` and ``label``; ``also`` defaults to nothing, other keys are ignored except
``set`` (its contrast set) and those in `FACETS`, by which the report breaks the figures down,
beside what the text itself shows (`data.slices`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.rows import RowErrors
from data.scheme import DEFAULT, Scheme
from data.slices import text_facets
from data.splits import Split
from data.table import Example

FACETS = ("form", "recipient", "channel", "hard", "kind", "sure", "file")


@dataclass(frozen=True)
class Truth:
    """What is known of a row apart from its text.

    group: name shared by rows that are not independent of each other, or None.
    contrast: name of the contrast set, unique within the evaluated rows, or None.
    facets: values of those of `FACETS` that the row has, and of all in `data.slices.FACETS`.
    """

    label: str
    also: tuple[str, ...] = ()
    group: str | None = None
    contrast: str | None = None
    facets: Mapping[str, str] = field(default_factory=dict)


def check_file(path: Path, scheme: Scheme = DEFAULT) -> int:
    """Validate a row file under a label scheme and return its number of rows.

    Raises RowErrors with every problem as ``file:line: field: message``, OSError if unreadable.
    """
    problems: list[str] = []
    count = 0
    for number, line in _numbered(path):
        found = _problems(line, scheme)
        problems += [f"{path}:{number}: {problem}" for problem in found]
        count += not found
    if not count and not problems:
        problems.append(f"{path}:1: line: the file has no rows")
    if problems:
        raise RowErrors(problems)
    return count


def stream_file(path: Path) -> Iterator[tuple[str, Truth]]:
    """Yield text and truth of the rows of a file that `check_file` has passed."""
    for _, line in _numbered(path):
        row = json.loads(line)
        name = row.get("set")
        yield (
            row["text"],
            Truth(
                label=row["label"],
                also=tuple(row.get("also") or ()),
                group=name,
                contrast=name,
                facets=_facets(row),
            ),
        )


def load_split_rows(name: Split) -> list[tuple[str, Truth]]:
    """Return text and truth of the corpus rows in a split (``train``, ``dev`` or ``test``).

    Rows that the splits keep together (contrast sets, near-duplicates) share a group.
    """
    from data.corpus import group_ids, load_split

    rows = load_split(name)
    return [
        (
            row.text,
            Truth(
                label=row.label,
                also=tuple(row.also),
                group=str(group),
                contrast=f"{row.file}/{row.set}" if row.set else None,
                facets=_facets({**row.model_dump(), "file": row.file}),
            ),
        )
        for row, group in zip(rows, group_ids(rows), strict=True)
    ]


def example_rows(
    examples: Sequence[Example], groups: Sequence[str | None]
) -> list[tuple[str, Truth]]:
    """Return text and truth of a user's own rows; groups: of rows that depend on each other."""
    return [
        (
            row.text,
            Truth(
                label=row.label,
                also=tuple(row.also),
                group=group,
                facets={**text_facets(row.text), **row.facets, "file": row.file},
            ),
        )
        for row, group in zip(examples, groups, strict=True)
    ]


def _numbered(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, line


def _problems(line: bytes, scheme: Scheme) -> list[str]:
    try:
        row = json.loads(line.decode())
    except UnicodeDecodeError as error:
        return [f"line: not UTF-8 at byte {error.start}"]
    except ValueError as error:
        return [f"line: not JSON: {error}"]
    if not isinstance(row, dict):
        return ["line: must be a JSON object"]
    return _text_problems(row.get("text")) + _label_problems(row, scheme)


def _text_problems(text: Any) -> list[str]:
    if not isinstance(text, str):
        return ["text: must be a string"]
    return [] if text.strip() else ["text: must not be blank"]


def _label_problems(row: dict[str, Any], scheme: Scheme) -> list[str]:
    label, also = row.get("label"), row.get("also")
    also = [] if also is None else also
    found: list[str] = []
    if label not in scheme.classes:
        found.append(f"label: {label!r} is not one of {', '.join(scheme.classes)}")
    if not isinstance(also, list) or any(name not in scheme.unlawful for name in also):
        return [*found, f"also: must be a list out of {', '.join(scheme.unlawful)}"]
    if len(set(also)) != len(also) or label in also:
        found.append("also: repeats a label")
    if label == scheme.none and also:
        found.append(f"also: must be empty where label is {scheme.none}")
    name = row.get("set")
    if name is not None and not isinstance(name, str):
        found.append("set: must be a string")
    return found


def _facets(row: Mapping[str, Any]) -> dict[str, str]:
    stated = {key: str(row[key]).lower() for key in FACETS if row.get(key) is not None}
    return text_facets(row["text"]) | stated
