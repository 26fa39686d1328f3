"""The entries of the law book's files, as they are written there."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from data.labels import CLASSES
from model.law.conditions import When
from model.law.types import Finding, Frozen, Mark, ReadMark, Severity, TextMark, Tier, Words

Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class MarkEntry(Frozen):
    """What a source mark means; status is said of each fact that bears it."""

    id: Mark
    text: Words


class LawEntry(Frozen):
    """A law, rule or interpretation."""

    id: Id
    name: Words
    in_force: date | None = None
    until: date | None = None


class ProvisionEntry(Frozen):
    """A provision; `law` is the id of its law, whose dates it has unless it states its own."""

    id: Id
    law: Id
    article: Words
    title: Words
    summary: Words
    tier: Tier
    maximum: Words | None = None
    condition: Words | None = None
    in_force: date | None = None
    source: ReadMark
    old_article: Words | None = None


class PatternEntry(Frozen):
    """Regular expressions over the normalised text, any of which is the cue."""

    id: Id
    any: tuple[str, ...] = Field(min_length=1)

    @field_validator("any")
    @classmethod
    def _usable(cls, expressions: tuple[str, ...]) -> tuple[str, ...]:
        for expression in expressions:
            try:
                everywhere = re.compile(expression).search("")
            except re.error as error:
                raise ValueError(f"{expression!r} is no regular expression: {error}") from error
            if everywhere:
                raise ValueError(f"{expression!r} is found in every text")
        return expressions


class RuleEntry(Frozen):
    """Which provisions and guidance apply when."""

    id: Id
    when: When
    provisions: tuple[Id, ...] = ()
    guidance: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _shows_something(self) -> RuleEntry:
        if not self.provisions and not self.guidance:
            raise ValueError("names neither provisions nor guidance")
        return self


class FindingEntry(Frozen):
    """A finding and the facts that lead to it."""

    id: Id
    when: When
    text: Words
    source: TextMark
    status: Words

    def finding(self) -> Finding:
        """Return what is shown."""
        return Finding(id=self.id, text=self.text, source=self.source, status=self.status)


class StepEntry(Frozen):
    """A step; `channel` is the id of a channel, the dates are those of the law it cites."""

    id: Id
    when: When
    text: Words
    source: TextMark
    channel: Id | None = None
    in_force: date | None = None
    until: date | None = None


class KeepEntry(Frozen):
    """A piece of evidence to keep, and how."""

    id: Id
    when: When
    text: Words
    source: TextMark


class LineEntry(Frozen):
    """A line that stands alone in the answer; the first of its kind that applies is shown."""

    id: Id
    kind: Literal["note", "urgent", "despair", "debt_stays"]
    when: When
    text: Words


class SeverityEntry(Frozen):
    """The severity of each label, and of a lawful text with a finding."""

    id: Id
    of: dict[str, Severity]
    with_finding: Severity

    @field_validator("of")
    @classmethod
    def _every_label(cls, of: dict[str, Severity]) -> dict[str, Severity]:
        if set(of) != set(CLASSES):
            raise ValueError(f"must have exactly {', '.join(CLASSES)}")
        return of
