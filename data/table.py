"""A user's own labelled rows, CSV or JSON Lines, under any label scheme.

Every problem of every file is reported at once, with file, line, field and what to do about it.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from data.labelmap import LabelMap
from data.rows import RowErrors
from data.splits import SPLITS, Split

JSON_LINES = (".jsonl", ".ndjson", ".json")
MOST_LINES = 8  # line numbers in one message
LONGEST = 100_000  # characters of a text; beyond it a quotation mark is missing somewhere


@dataclass(frozen=True)
class Example:
    """A labelled text. file, line: where it stands; facets: values to break figures down by.

    group: rows of one group stay in one split; split: where the user's file puts the row.
    """

    text: str
    label: str
    also: tuple[str, ...] = ()
    group: str | None = None
    split: Split | None = None
    file: str = ""
    line: int = 0
    facets: Mapping[str, str] = field(default_factory=dict)


def read_examples(paths: Sequence[Path], labels: LabelMap) -> list[Example]:
    """Read the rows of all files, in order.

    Raises RowErrors listing every problem as ``file:line: field: message; fix``, and OSError where
    a file cannot be read.
    """
    reader = _Reader(labels)
    for path in paths:
        reader.read(path)
    return reader.finish()


class _Reader:
    """Gathers rows and problems over all files."""

    def __init__(self, labels: LabelMap) -> None:
        self._labels, self._columns = labels, labels.columns
        self._examples: list[Example] = []
        self._problems: list[tuple[str, int, str]] = []
        self._unknown: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        self._first: dict[str, Example] = {}

    def read(self, path: Path) -> None:
        """Read one file."""
        before = len(self._examples) + len(self._problems) + len(self._unknown)
        rows = _json_lines(path) if path.suffix.lower() in JSON_LINES else self._csv(path)
        for line, row in rows:
            if isinstance(row, str):
                self._problem(path, line, row)
            else:
                self._row(path, line, row)
        if len(self._examples) + len(self._problems) + len(self._unknown) == before:
            self._problem(path, 1, "line: the file has no rows")

    def finish(self) -> list[Example]:
        """Return the rows. Raises RowErrors where there was any problem."""
        for (path, name, value), lines in self._unknown.items():
            shown = ", ".join(map(str, lines[:MOST_LINES])) + ", …" * (len(lines) > MOST_LINES)
            where = f"{len(lines)} rows, lines {shown}" if len(lines) > 1 else "1 row"
            message = f"{name}: {value!r} is not a label ({where}); {self._advice(value)}"
            self._problems.append((path, lines[0], message))
        if self._problems:
            # a stable sort by place: problems of one line keep their order
            ordered = sorted(self._problems, key=lambda problem: problem[:2])
            raise RowErrors(f"{path}:{line}: {message}" for path, line, message in ordered)
        return self._examples

    def _advice(self, value: str) -> str:
        classes = self._labels.scheme.classes
        known = {name.casefold(): name for name in classes}
        known |= {w.casefold(): n for names in self._names() for n, w in names.items()}
        near = get_close_matches(value.casefold(), known, n=1)
        target = known[near[0]] if near else classes[0]
        line = f"[values] {json.dumps(value, ensure_ascii=False)} = {json.dumps(target)}"
        start = "did you mean" if near else "say what it means"
        return f"{start}: put {line} into the label map (labels: {', '.join(classes)})"

    def _names(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        return self._labels.scheme.zh, self._labels.scheme.en

    def _problem(self, path: Path, line: int, message: str) -> None:
        self._problems.append((str(path), line, message))

    def _csv(self, path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
        encoding = self._columns.encoding
        try:
            codecs.lookup(encoding)
        except LookupError:
            yield 1, f"line: {encoding!r} is no encoding; correct it under [data] in the label map"
            return
        encoding = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
        with path.open(encoding=encoding, newline="") as stream:
            rows = csv.DictReader(stream, strict=True)
            try:
                if missing := self._missing(rows.fieldnames or ()):
                    yield 1, missing
                    return
                end = rows.line_num
                for row in rows:
                    start, end = end + 1, rows.line_num
                    yield start, _whole(row)
            except UnicodeDecodeError:
                yield (
                    rows.line_num + 1,
                    f"line: not {encoding} here or below; save the file as UTF-8, or name its "
                    'encoding under [data] in the label map (encoding = "gb18030")',
                )
            except csv.Error as error:
                yield (
                    rows.line_num,
                    f"line: {error}; a quotation mark is missing or not doubled here or above",
                )

    def _missing(self, there: Sequence[str]) -> str | None:
        missing = [n for n in (self._columns.text, self._columns.label) if n not in there]
        if not missing:
            return None
        return (
            f"{', '.join(missing)}: no such column (columns: {', '.join(there) or 'none'}); name "
            "the columns under [data] in the label map"
        )

    def _row(self, path: Path, line: int, row: Mapping[str, Any]) -> None:
        before = len(self._problems), sum(map(len, self._unknown.values()))
        text, label = self._text(path, line, row), self._label(path, line, row)
        also, split = self._also(path, line, row, label), self._split(path, line, row)
        if (len(self._problems), sum(map(len, self._unknown.values()))) != before:
            return
        facets = {
            name: str(row[name]).lower()
            for name in self._columns.facets
            if row.get(name) not in (None, "")
        }
        group = row.get(self._columns.group)
        example = Example(
            text=cast(str, text),
            label=cast(str, label),
            also=tuple(also),
            group=str(group) if group not in (None, "") else None,
            split=split,
            file=path.stem,
            line=line,
            facets=facets,
        )
        if self._agrees(path, example):
            self._examples.append(example)

    def _agrees(self, path: Path, example: Example) -> bool:
        """Whether an equal text above, if any, has the same labels; if not, that is a problem."""
        first = self._first.setdefault(example.text.strip(), example)
        if (first.label, set(first.also)) == (example.label, set(example.also)):
            return True
        self._problem(
            path,
            example.line,
            f"{self._columns.label}: {example.label} contradicts {first.label} for the same text "
            f"in {first.file}, line {first.line}; decide on one, or delete one row",
        )
        return False

    def _text(self, path: Path, line: int, row: Mapping[str, Any]) -> str | None:
        name, text = self._columns.text, row.get(self._columns.text)
        if not isinstance(text, str):
            kind = "is missing" if text is None else f"must be a string, not {text!r}"
            self._problem(path, line, f"{name}: {kind}; give the text or delete the row")
        elif not text.strip():
            self._problem(path, line, f"{name}: is blank; give the text or delete the row")
        elif len(text) > LONGEST:
            self._problem(
                path,
                line,
                f"{name}: {len(text):,} characters, more than {LONGEST:,}; cut it, or look for a "
                "quotation mark that is not closed",
            )
        else:
            return text
        return None

    def _label(self, path: Path, line: int, row: Mapping[str, Any]) -> str | None:
        name, value = self._columns.label, row.get(self._columns.label)
        if value is None or not str(value).strip():
            self._problem(path, line, f"{name}: is empty; label the row or delete it")
            return None
        return self._meaning(path, line, name, str(value))

    def _meaning(self, path: Path, line: int, name: str, value: str) -> str | None:
        found = self._labels.meaning(value)
        if found is None:
            self._unknown[str(path), name, value.strip()].append(line)
        return found

    def _also(
        self, path: Path, line: int, row: Mapping[str, Any], label: str | None
    ) -> Sequence[str]:
        name, value = self._columns.also, row.get(self._columns.also)
        if value in (None, ""):
            return ()
        if isinstance(value, str):
            parts = [part for part in value.split(self._columns.separator) if part.strip()]
        elif isinstance(value, list) and all(isinstance(part, str) for part in value):
            parts = value
        else:
            self._problem(path, line, f"{name}: must be a list of labels, not {value!r}")
            return ()
        scheme = self._labels.scheme
        found = [self._meaning(path, line, name, part) for part in parts]
        known = [one for one in found if one is not None]
        for one in known:
            if one not in scheme.unlawful:
                allowed = ", ".join(scheme.unlawful) or "none"
                self._problem(
                    path,
                    line,
                    f"{name}: {one} may not stand here; take it out (unlawful: {allowed})",
                )
        if known and label == scheme.none:
            self._problem(
                path, line, f"{name}: must be empty where the label is {scheme.none}; correct one"
            )
        if len(set(known)) != len(known) or label in known:
            self._problem(path, line, f"{name}: names a label twice; name each once")
        return known

    def _split(self, path: Path, line: int, row: Mapping[str, Any]) -> Split | None:
        name, value = self._columns.split, row.get(self._columns.split)
        if value in (None, ""):
            return None
        if value not in SPLITS:
            self._problem(
                path, line, f"{name}: {value!r} is no split; write {', '.join(SPLITS)} or nothing"
            )
            return None
        return cast(Split, value)


def _whole(row: dict[str, Any]) -> dict[str, Any] | str:
    """Return the row, or what is wrong with its number of cells."""
    if None in row:
        return "line: more cells than the heading; put a text with commas into quotation marks"
    if None in row.values():
        return "line: fewer cells than the heading; complete the row or delete it"
    return row


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, _json_row(line)


def _json_row(line: bytes) -> dict[str, Any] | str:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return f"line: not UTF-8 at byte {error.start}; save the file as UTF-8"
    except (ValueError, RecursionError) as error:
        return f"line: not JSON: {error}; one JSON object a line"
    return row if isinstance(row, dict) else "line: must be a JSON object"
