"""A case as the report tells it: its messages in order of time, each with what is known of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from serve.explain import Explained
from serve.report.schemas import Moment, ReportMessage, ReportRequest
from serve.report.words import WORDS
from serve.wording import Language


@dataclass(frozen=True)
class Versions:
    """What made the report: program (package) and model."""

    tool: str
    model: str


@dataclass(frozen=True)
class Entry:
    """A message with its number in the report, from 1."""

    number: int
    message: ReportMessage
    explained: Explained

    @property
    def sha256(self) -> str:
        """SHA-256 of the text's UTF-8 bytes, in hexadecimal digits."""
        return hashlib.sha256(self.message.text.encode()).hexdigest()


@dataclass(frozen=True)
class Case:
    """The entries in order of time; those without a time come last, in the order given."""

    language: Language
    title: str | None
    entries: tuple[Entry, ...]
    versions: Versions
    number: str

    @property
    def words(self) -> dict[str, str]:
        return WORDS[self.language]


def make_case(request: ReportRequest, explained: Sequence[Explained], versions: Versions) -> Case:
    """Return the case; `explained` has one item for each message of `request`, in its order."""
    pairs = sorted(
        zip(request.messages, explained, strict=True), key=lambda pair: _order(pair[0].moment)
    )
    return Case(
        language=request.language,
        title=request.title,
        entries=tuple(Entry(number, *pair) for number, pair in enumerate(pairs, start=1)),
        versions=versions,
        number=_number(request, versions),
    )


def show_moment(moment: Moment) -> str:
    """Return `2026-11-20 21:05`, or the day alone; seconds only where they are not 0."""
    if moment.clock is None:
        return moment.day.isoformat()
    unit = "seconds" if moment.clock.second else "minutes"
    return f"{moment.day.isoformat()} {moment.clock.isoformat(unit)}"


def _order(moment: Moment | None) -> tuple[Any, ...]:
    if moment is None:
        return (1,)
    return (0, moment.day, moment.clock or time.min)


def _number(request: ReportRequest, versions: Versions) -> str:
    """Return a short digest of everything that the report is made from, its format aside."""
    given = request.model_dump(mode="json", exclude={"format"})
    made_from = json.dumps([given, versions.tool, versions.model], sort_keys=True)
    digest = hashlib.sha256(made_from.encode()).hexdigest()[:16].upper()
    return "-".join(digest[i : i + 4] for i in range(0, 16, 4))
