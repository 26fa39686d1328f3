"""Which column holds what: told from its heading, else from its cells."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from serve.triage.intake.cells import han, is_data, is_phone, is_time, letters
from serve.triage.intake.model import Mapping, Role
from serve.triage.intake.when import parse_when

HEADINGS: Final[dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "headings.toml").read_text(encoding="utf-8")
)
"""Well-known headings by role, the most telling first."""

_ORDER: Final[tuple[Role, ...]] = ("text", "sent_at", "sender", "recipient", "id")
_FIT: Final = 0.6
"""Share of a column's filled cells that must look like times or numbers to be taken as such."""


def plain(heading: str) -> str:
    """Return a heading as it is compared: "短信 内容（必填）" gives "短信内容"."""
    folded = unicodedata.normalize("NFKC", heading).lower()
    without_notes = re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】", "", folded)
    return re.sub(r"[\W_]+", "", without_notes or folded)


def is_known(heading: str) -> bool:
    """Tell whether a cell is one of the well-known headings."""
    return plain(heading) in _KNOWN


_KNOWN: Final = frozenset(name for names in HEADINGS.values() for name in names)

_LOOK_CHARS: Final = 4000
"""Of a cell that is looked at to guess what its column holds."""


def guess_mapping(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Mapping | None:
    """Return the likely mapping of columns named `headings` with some of their rows.

    None where no column holds text. Each column takes at most one role. A heading that matches
    exactly wins over one that contains a well-known heading, and that over the cells' looks.
    """
    columns = [[row[i][:_LOOK_CHARS] for row in rows if i < len(row) and row[i].strip()]
               for i in range(len(headings))]  # fmt: skip
    taken: dict[Role, int] = {}
    for role in _ORDER:
        free = [i for i in range(len(headings)) if i not in taken.values()]
        found = _by_heading(role, headings, columns, free)
        if found is None:
            found = _by_cells(role, columns, free)
        if found is not None:
            taken[role] = found
    if "text" not in taken:
        return None
    return Mapping(**{role: headings[i] for role, i in taken.items()})


def _by_heading(
    role: Role, headings: Sequence[str], columns: list[list[str]], free: list[int]
) -> int | None:
    plains = {i: plain(headings[i]) for i in free}
    fits = _FITS[role]
    for name in HEADINGS[role]:
        for i in free:
            if plains[i] == name and fits(columns[i]):
                return i
    for name in HEADINGS[role]:
        if len(name) < (2 if not name.isascii() else 4):
            continue
        for i in free:
            if name in plains[i] and fits(columns[i]):
                return i
    return None


def _by_cells(role: Role, columns: list[list[str]], free: list[int]) -> int | None:
    if role == "text":
        return _longest_text(columns, free)
    looks: dict[Role, Callable[[str], bool]] = {"sent_at": is_time, "sender": is_phone}
    if role not in looks:
        return None
    shares = {i: _share(columns[i], looks[role]) for i in free if columns[i]}
    best = max(shares, key=lambda i: (shares[i], -i), default=None)
    return best if best is not None and shares[best] >= _FIT else None


def _longest_text(columns: list[list[str]], free: list[int]) -> int | None:
    """Return the column with most Chinese characters a cell; without any, most letters."""
    for count in (han, letters):
        lengths = {i: sum(map(count, columns[i])) / len(columns[i]) for i in free if columns[i]}
        best = max(lengths, key=lambda i: (lengths[i], -i), default=None)
        if best is not None and lengths[best] >= 2:
            return best
    return None


def _share(cells: list[str], looks: Callable[[str], bool]) -> float:
    return sum(map(looks, cells)) / len(cells) if cells else 0.0


def _may_be_text(cells: list[str]) -> bool:
    return not cells or (_share(cells, is_data) < _FIT and sum(map(letters, cells)) >= len(cells))


def _may_be_times(cells: list[str]) -> bool:
    return not cells or _share(cells, lambda cell: parse_when(cell) is not None) >= _FIT


def _may_be_party(cells: list[str]) -> bool:
    """A number, a name or a firm: no long text and no time."""
    return not cells or _share(cells, lambda cell: len(cell) <= 40 and not is_time(cell)) >= _FIT


_FITS: Final[dict[Role, Callable[[list[str]], bool]]] = {
    "text": _may_be_text,
    "sent_at": _may_be_times,
    "sender": _may_be_party,
    "recipient": _may_be_party,
    "id": _may_be_party,
}
