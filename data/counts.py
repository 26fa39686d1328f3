"""Counts of the corpus as Markdown tables, for the datasheet."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from data.labels import CLASSES

if TYPE_CHECKING:
    from data.corpus import CorpusRow

FIELDS = ("split", "file", "form", "recipient", "channel", "hard", "also")


def counts(rows: "Sequence[CorpusRow]", split: Mapping[str, str]) -> str:
    """Return a table for each field, and one for form, recipient and channel together.

    Values stand down the side, the five classes across.
    """
    parts = [_field(rows, field, split) for field in FIELDS]
    combined: Counter[tuple[str, str]] = Counter()
    combined.update((f"{row.form} | {row.recipient} | {row.channel}", row.label) for row in rows)
    parts.append(table("form | recipient | channel", combined, total=False))
    return "\n\n".join(parts)


def _field(rows: "Sequence[CorpusRow]", field: str, split: Mapping[str, str]) -> str:
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found.update((value, row.label) for value in _values(row, field, split))
    # A row has none to three values of `also`, so their sum would count no rows.
    return table(field, found, total=field != "also")


def _values(row: "CorpusRow", field: str, split: Mapping[str, str]) -> Iterable[str]:
    if field == "split":
        return [split.get(row.id, "none")]
    if field == "also":
        return row.also
    return [str(getattr(row, field)).lower()]


def table(heading: str, found: Counter[tuple[str, str]], total: bool = True) -> str:
    """Return a Markdown table of (value, label) counts; a ``|`` in a value starts a new column."""
    columns = heading.count("|") + 1
    lines = [
        f"| {heading} | {' | '.join(CLASSES)} | all |",
        "|" + " --- |" * columns + " ---: |" * (len(CLASSES) + 1),
    ]
    values = sorted({value for value, _ in found})
    for value in values:
        lines.append(_line(value, [found[value, label] for label in CLASSES]))
    if total:
        sums = [sum(found[value, label] for value in values) for label in CLASSES]
        lines.append(_line("all" + " |" * (columns - 1), sums))
    return "\n".join(lines)


def _line(value: str, numbers: list[int]) -> str:
    return f"| {value} | {' | '.join(f'{n:,}' for n in [*numbers, sum(numbers)])} |"
