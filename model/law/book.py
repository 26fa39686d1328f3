"""The law book: what its files hold, checked on loading, and the answer to a label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from data.labels import targets
from data.text import normalise
from model.law.conditions import Case, When
from model.law.entries import (
    FindingEntry,
    KeepEntry,
    LineEntry,
    PatternEntry,
    RuleEntry,
    SeverityEntry,
    StepEntry,
)
from model.law.reader import Entries, read
from model.law.types import (
    SEVERITIES,
    Answer,
    Channel,
    Facts,
    Finding,
    Guidance,
    Provision,
    Severity,
    SourceNote,
    Step,
    Words,
)

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Book:
    """Everything an answer can say, and the conditions under which it says it."""

    notes: tuple[SourceNote, ...]
    provisions: dict[str, Provision]
    guidance: dict[str, Guidance]
    channels: dict[str, Channel]
    patterns: dict[str, tuple[re.Pattern[str], ...]]
    severity: SeverityEntry
    rules: tuple[RuleEntry, ...]
    findings: tuple[FindingEntry, ...]
    steps: tuple[StepEntry, ...]
    keep: tuple[KeepEntry, ...]
    lines: tuple[LineEntry, ...]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Book:
        """Read the book's files. Raises LawError, which names file, entry and field at fault."""
        return cls._of(read(folder))

    @classmethod
    def _of(cls, entries: Entries) -> Book:
        laws = {law.id: law for law in entries.law}
        provisions = {
            entry.id: Provision(
                **entry.model_dump(exclude={"law", "in_force"}),
                law=laws[entry.law].name,
                in_force=entry.in_force or laws[entry.law].in_force,
                until=laws[entry.law].until,
            )
            for entry in entries.provision
        }
        return cls(
            notes=tuple(SourceNote(mark=mark.id, text=mark.text) for mark in entries.mark),
            provisions=provisions,
            guidance={entry.id: entry for entry in entries.guidance},
            channels={entry.id: entry for entry in entries.channel},
            patterns={entry.id: _compiled(entry) for entry in entries.pattern},
            severity=entries.severity[0],
            rules=entries.rule,
            findings=entries.finding,
            steps=entries.step,
            keep=entries.keep,
            lines=entries.line,
        )

    def answer(
        self,
        label: str,
        also: Iterable[str] = (),
        facts: Facts | None = None,
        text: str | None = None,
    ) -> Answer:
        """Return the answer to a label; see `model.law.answer`."""
        case = self._case(label, frozenset(also), facts or Facts(), text)
        findings = tuple(e.finding() for e in self.findings if self._applies(e.when, case))
        case = self._with_severity(case, findings)
        provisions, guidance = self._law(case)
        steps = tuple(self._step(e) for e in self.steps if self._applies(e.when, case, e))
        keep = [e for e in self.keep if self._applies(e.when, case)]
        note = self._line("note", case)
        if note is None:  # the reader has checked that there is one for every label
            raise ValueError(f"no note for {label}")
        marks: set[str] = {provision.source for provision in provisions}
        marks |= {entry.source for entry in guidance} | {entry.source for entry in findings}
        marks |= {entry.source for entry in steps} | {entry.source for entry in keep}
        marks |= {step.channel.source for step in steps if step.channel}
        return Answer(
            severity=case.severity,
            note=note,
            urgent=self._line("urgent", case),
            despair=self._line("despair", case),
            provisions=provisions,
            guidance=guidance,
            findings=findings,
            steps=steps,
            keep=tuple(entry.text for entry in keep),
            debt_stays=self._line("debt_stays", case),
            sources=tuple(note for note in self.notes if note.mark in marks),
        )

    def _case(self, label: str, also: frozenset[str], facts: Facts, text: str | None) -> Case:
        targets(label, also)  # raises ValueError for a label that there is not
        labels = also | {label}
        severity = max((self.severity.of[name] for name in labels), key=SEVERITIES.index)
        return Case(
            primary=label,
            labels=labels,
            severity=severity,
            facts=facts,
            text=None if text is None else normalise(text).text,
        )

    def _with_severity(self, case: Case, findings: tuple[Finding, ...]) -> Case:
        """Return the case with the severity that a lawful text has where there is a finding."""
        if not findings:
            return case
        severity: Severity = max(case.severity, self.severity.with_finding, key=SEVERITIES.index)
        return Case(case.primary, case.labels, severity, case.facts, case.text)

    def _law(self, case: Case) -> tuple[tuple[Provision, ...], tuple[Guidance, ...]]:
        applying = [rule for rule in self.rules if self._applies(rule.when, case)]
        provisions = dict.fromkeys(
            id_
            for rule in applying
            for id_ in rule.provisions
            if _current(self.provisions[id_], case.facts.received_on)
        )
        guidance = dict.fromkeys(id_ for rule in applying for id_ in rule.guidance)
        return (
            tuple(self.provisions[id_] for id_ in provisions),
            tuple(self.guidance[id_] for id_ in guidance),
        )

    def _applies(self, when: When, case: Case, dated: StepEntry | None = None) -> bool:
        return when.matches(case, self.patterns) and (
            dated is None or _current(dated, case.facts.received_on)
        )

    def _step(self, entry: StepEntry) -> Step:
        channel = self.channels[entry.channel] if entry.channel else None
        return Step(id=entry.id, text=entry.text, channel=channel, source=entry.source)

    def _line(self, kind: str, case: Case) -> Words | None:
        lines = (e for e in self.lines if e.kind == kind and self._applies(e.when, case))
        return next((entry.text for entry in lines), None)


def _compiled(entry: PatternEntry) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(expression) for expression in entry.any)


def _current(entry: Provision | StepEntry, day: date | None) -> bool:
    """Tell whether the text applied on that day; a day not stated counts as today's law."""
    if day is None:
        return entry.until is None
    return (entry.in_force is None or entry.in_force <= day) and (
        entry.until is None or day <= entry.until
    )


@lru_cache(maxsize=1)
def default_book() -> Book:
    """Return the shipped law book, read once."""
    return Book.load()


def answer(
    label: str,
    also: Iterable[str] = (),
    facts: Facts | None = None,
    text: str | None = None,
) -> Answer:
    """Return what a person needs after a verdict: law, findings, steps, evidence to keep.

    facts: what the user states; nothing is inferred from the text. text: the message; it only
    leaves out provisions on things that it does not mention, and decides whether to show the line
    for somebody in despair. Raises ValueError for labels that do not exist or do not go together.
    """
    return default_book().answer(label, also, facts, text)
