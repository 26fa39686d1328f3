"""Texts without labels, for a student to read with its teacher; sources in unlabelled/README.md."""

import json
from pathlib import Path
from typing import Final, NamedTuple

from data.rows import RowErrors

UNLABELLED_DIR: Final = Path(__file__).parent / "unlabelled"


class Unlabelled(NamedTuple):
    """A text of which nobody has said what it is."""

    text: str


def read_unlabelled(path: str | Path) -> list[Unlabelled]:
    """Read a JSON Lines file of objects with a ``text``; blank lines are skipped.

    Raises RowErrors listing every bad line, OSError where the file cannot be read.
    """
    found: list[Unlabelled] = []
    problems: list[str] = []
    for number, line in enumerate(Path(path).read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            problems.append(f"{path}:{number}: line: {error}")
            continue
        text = record.get("text") if isinstance(record, dict) else None
        if isinstance(text, str) and text.strip():
            found.append(Unlabelled(text))
        else:
            problems.append(f"{path}:{number}: text: must be a string that is not blank")
    if problems:
        raise RowErrors(problems)
    return found
