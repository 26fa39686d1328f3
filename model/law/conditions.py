"""When an entry of the law book applies: conditions as data, and the case they are held against."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Literal

from pydantic import Field

from data.rows import Label
from model.law.types import Facts, Frozen, Severity

Reply = Literal["yes", "no", "unstated"]
Patterns = Mapping[str, Sequence[re.Pattern[str]]]


@dataclass(frozen=True)
class Case:
    """One message: its labels, the stated facts and, if given, its normalised text."""

    primary: str
    labels: frozenset[str]
    severity: Severity
    facts: Facts
    text: str | None


class Hours(Frozen):
    """A span of the day, `start` included and `end` not; it may run over midnight."""

    start: time
    end: time

    def contains(self, moment: time) -> bool:
        """Tell whether the time of day lies within."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


class Count(Frozen):
    """A number of contacts, more than `over` and at most `at_most`."""

    over: int = Field(ge=0)
    at_most: int | None = None

    def contains(self, count: int) -> bool:
        """Tell whether the count lies within."""
        return count > self.over and (self.at_most is None or count <= self.at_most)


class When(Frozen):
    """Conditions that must all hold; one left out always does.

    labels: any of these is the label or stands in `also`; primary: the label is one of these.
    recipient, beyond_debt, unlawful_debt: the accepted replies, "unstated" being one of them.
    hours, count: hold only for a stated time or number.
    cue: names of patterns, one of which is in the text. Without a text the entry stays, because its
        own words state its condition, unless needs_text.
    """

    labels: tuple[Label, ...] = ()
    primary: tuple[Label, ...] = ()
    severity: tuple[Severity, ...] = ()
    recipient: tuple[Literal["debtor", "guarantor", "third_party", "unstated"], ...] = ()
    beyond_debt: tuple[Reply, ...] = ()
    unlawful_debt: tuple[Reply, ...] = ()
    hours: Hours | None = None
    count: Count | None = None
    cue: tuple[str, ...] = ()
    needs_text: bool = False

    def matches(self, case: Case, patterns: Patterns) -> bool:
        """Tell whether every condition holds for the case."""
        facts = case.facts
        return (
            (not self.labels or not case.labels.isdisjoint(self.labels))
            and (not self.primary or case.primary in self.primary)
            and (not self.severity or case.severity in self.severity)
            and (not self.recipient or (facts.recipient or "unstated") in self.recipient)
            and (not self.beyond_debt or _reply(facts.beyond_debt) in self.beyond_debt)
            and (not self.unlawful_debt or _reply(facts.unlawful_debt) in self.unlawful_debt)
            and (self.hours is None or _within(self.hours, facts.received_at))
            and (self.count is None or _counted(self.count, facts.count_today))
            and self._cued(case.text, patterns)
        )

    def _cued(self, text: str | None, patterns: Patterns) -> bool:
        if not self.cue:
            return True
        if text is None:
            return not self.needs_text
        return any(pattern.search(text) for name in self.cue for pattern in patterns[name])


def _reply(fact: bool | None) -> Reply:
    return "unstated" if fact is None else "yes" if fact else "no"


def _within(hours: Hours, moment: time | None) -> bool:
    return moment is not None and hours.contains(moment)


def _counted(count: Count, number: int | None) -> bool:
    return number is not None and count.contains(number)
