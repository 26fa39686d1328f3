"""Reading the law book's files: every problem at once, each with its file, entry and field."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from data.labels import CLASSES
from model.law.entries import (
    FindingEntry,
    KeepEntry,
    LawEntry,
    LineEntry,
    MarkEntry,
    PatternEntry,
    ProvisionEntry,
    RuleEntry,
    SeverityEntry,
    StepEntry,
)
from model.law.types import Channel, Guidance

Entry = TypeVar("Entry", bound=BaseModel)

FILES = (
    "sources.toml",
    "police.toml",
    "criminal.toml",
    "civil.toml",
    "information.toml",
    "guidance.toml",
    "rules.toml",
    "help.toml",
)


class LawError(ValueError):
    """The law book is missing, damaged or contradicts itself; the message lists what is wrong."""


class Entries(NamedTuple):
    """The entries of all files, by the name of their table."""

    mark: tuple[MarkEntry, ...]
    law: tuple[LawEntry, ...]
    provision: tuple[ProvisionEntry, ...]
    guidance: tuple[Guidance, ...]
    channel: tuple[Channel, ...]
    pattern: tuple[PatternEntry, ...]
    severity: tuple[SeverityEntry, ...]
    rule: tuple[RuleEntry, ...]
    finding: tuple[FindingEntry, ...]
    step: tuple[StepEntry, ...]
    keep: tuple[KeepEntry, ...]
    line: tuple[LineEntry, ...]


TABLES: dict[str, type[BaseModel]] = {
    "mark": MarkEntry,
    "law": LawEntry,
    "provision": ProvisionEntry,
    "guidance": Guidance,
    "channel": Channel,
    "pattern": PatternEntry,
    "severity": SeverityEntry,
    "rule": RuleEntry,
    "finding": FindingEntry,
    "step": StepEntry,
    "keep": KeepEntry,
    "line": LineEntry,
}


def read(folder: Path) -> Entries:
    """Return the entries of all files in `folder`. Raises LawError."""
    problems: list[str] = []
    tables: dict[str, list[Any]] = {name: [] for name in TABLES}
    for name in FILES:
        for table, entry in _entries(folder / name, problems):
            tables[table].append(entry)
    if not problems:
        entries = Entries(**{name: tuple(found) for name, found in tables.items()})
        problems += _contradictions(entries)
    if problems:
        raise LawError("\n".join(problems))
    return entries


def _entries(path: Path, problems: list[str]) -> Iterator[tuple[str, BaseModel]]:
    """Yield the file's entries with their table; add to `problems` those that are no entries."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or not TOML
        problems.append(f"{path.name}: cannot be read: {error}")
        return
    if not content:
        problems.append(f"{path.name}: is empty")
    for table, rows in content.items():
        if table not in TABLES or not isinstance(rows, list):
            problems.append(f"{path.name}: {table}: is no table of the law book")
            continue
        for number, row in enumerate(rows, start=1):
            where = f"{path.name}: {table} {_name(row, number)}"
            try:
                yield table, TABLES[table].model_validate(row)
            except ValidationError as error:
                problems += [f"{where}: {_field(e)}{e['msg']}" for e in error.errors()]


def _name(row: object, number: int) -> str:
    return str(row["id"]) if isinstance(row, dict) and "id" in row else f"number {number}"


def _field(error: Any) -> str:
    path = ".".join(str(part) for part in error["loc"])
    return f"{path}: " if path else ""


def _contradictions(entries: Entries) -> list[str]:
    """Return what is wrong between entries that are right each by itself."""
    problems = []
    for table, rows in entries._asdict().items():
        repeated = [id_ for id_, times in Counter(row.id for row in rows).items() if times > 1]
        problems += [f"{table} {id_}: id: is there more than once" for id_ in repeated]
    if len(entries.severity) != 1:
        problems.append("severity: there must be exactly one")
    problems += _references(entries)
    problems += [
        f"provision {p.id}: old_article: needs a law with a date in_force"
        for p in entries.provision
        if p.old_article and not any(law.id == p.law and law.in_force for law in entries.law)
    ]
    noted = {label for line in entries.line if line.kind == "note" for label in line.when.primary}
    problems += [f"line: no note for {label}" for label in CLASSES if label not in noted]
    return problems


def _references(entries: Entries) -> list[str]:
    """Return references that lead nowhere, and entries that nothing refers to."""
    used_by: dict[str, list[tuple[str, str, Iterable[str]]]] = {
        "law": [("provision", p.id, [p.law]) for p in entries.provision],
        "provision": [("rule", r.id, r.provisions) for r in entries.rule],
        "guidance": [("rule", r.id, r.guidance) for r in entries.rule],
        "channel": [("step", s.id, [s.channel] if s.channel else []) for s in entries.step],
        "pattern": [
            (table, entry.id, entry.when.cue)
            for table in ("rule", "finding", "step", "keep", "line")
            for entry in getattr(entries, table)
        ],
        "mark": [
            (table, entry.id, [entry.source])
            for table in ("provision", "guidance", "channel", "finding", "step", "keep")
            for entry in getattr(entries, table)
        ],
    }
    problems = []
    for target, users in used_by.items():
        known = {row.id for row in getattr(entries, target)}
        named = {id_ for _, _, ids in users for id_ in ids}
        problems += [
            f"{table} {user}: there is no {target} {id_}"
            for table, user, ids in users
            for id_ in ids
            if id_ not in known
        ]
        problems += [f"{target} {id_}: nothing refers to it" for id_ in sorted(known - named)]
    return problems
