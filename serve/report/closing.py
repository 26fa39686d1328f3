"""The end of the report: its limits and how to check it, then a part for the person alone."""

from __future__ import annotations

from collections.abc import Iterable

from data.labels import OUT_OF_SCOPE
from model.law import Answer, Channel, Step, Words
from model.law.types import SEVERITIES
from serve.report.case import Case
from serve.report.document import (
    Block,
    Bullets,
    Heading,
    Notice,
    PageBreak,
    Pairs,
    Paragraph,
    Runs,
    Signature,
)
from serve.report.visible import name_of, runs, stand_in, unseen
from serve.report.words import UNKNOWN

UNSEEN_LISTED = 40
"""Kinds of characters without a glyph that are listed by name."""


def closing(case: Case) -> list[Block]:
    """Return what the program cannot know, how to check the originals, and signature lines."""
    w = case.words
    return [
        Heading(1, runs(w["unknown"])),
        Bullets(tuple(runs(item) for item in UNKNOWN[case.language])),
        Heading(1, runs(w["hash_title"])),
        Paragraph(runs(w["hash_text"])),
        *_unseen(case),
        Signature((w["signature_name"], w["signature_date"])),
    ]


def _unseen(case: Case) -> list[Block]:
    w = case.words
    texts = [entry.message.text for entry in case.entries]
    texts += [entry.message.sender or "" for entry in case.entries]
    found = unseen([*texts, case.title or ""])
    if not found:
        return []
    items: list[Runs] = [
        runs(
            w["unseen_value"].format(
                code=stand_in(char), name=name_of(char, w["control"]), count=count
            )
        )
        for char, count in sorted(found.items())[:UNSEEN_LISTED]
    ]
    if len(found) > UNSEEN_LISTED:
        items.append(runs(w["unseen_more"].format(count=len(found) - UNSEEN_LISTED)))
    return [Paragraph(runs(w["unseen_text"])), Bullets(tuple(items))]


def for_the_person(case: Case) -> list[Block]:
    """Return the next steps, on a page that need not be handed in."""
    w, language = case.words, case.language
    answers = _gravest_first(case)
    steps = {step.id: step for answer in answers for step in answer.steps}
    channels = {s.channel.id: s.channel for s in steps.values() if s.channel is not None}
    blocks: list[Block] = [
        PageBreak(),
        Heading(1, runs(w["steps"])),
        Paragraph(runs(w["steps_text"])),
    ]
    for line in _distinct(answer.urgent for answer in answers):
        blocks.append(Notice(runs(getattr(line, language)), urgent=True))
    for line in _distinct(answer.despair for answer in answers):
        blocks.append(Notice(runs(getattr(line, language))))
    if steps:
        blocks += [
            Heading(2, runs(w["do"])),
            Bullets(tuple(_step(case, s) for s in steps.values())),
        ]
    if channels:
        rows = tuple(_channel(case, channel) for channel in channels.values())
        blocks += [Heading(2, runs(w["channels"])), Pairs(rows)]
    keep = _distinct(words for answer in answers for words in answer.keep)
    if keep:
        items = tuple(runs(getattr(words, language)) for words in keep)
        blocks += [Heading(2, runs(w["keep"])), Bullets(items)]
    for line in _distinct(answer.debt_stays for answer in answers):
        blocks.append(Paragraph(runs(getattr(line, language))))
    return blocks


def _gravest_first(case: Case) -> list[Answer]:
    """Return the answers, without those to texts that collect nothing where there are others."""
    found = [e.explained for e in case.entries if e.explained.verdict.label != OUT_OF_SCOPE]
    answers = [item.answer for item in found or [e.explained for e in case.entries]]
    return sorted(answers, key=lambda answer: -SEVERITIES.index(answer.severity))


def _distinct(lines: Iterable[Words | None]) -> list[Words]:
    return list(dict.fromkeys(line for line in lines if line is not None))


def _step(case: Case, step: Step) -> Runs:
    w = case.words
    mark = "" if step.source != "S" else w["status"].format(status=w["unverified"])
    return runs(getattr(step.text, case.language) + mark)


def _channel(case: Case, channel: Channel) -> tuple[str, Runs]:
    """Return the number, or the name of what has none, and what it is for, with its status."""
    w, language = case.words, case.language
    name, purpose = getattr(channel.name, language), getattr(channel.purpose, language)
    status = w["status"].format(status=getattr(channel.status, language).rstrip("。."))
    if channel.number is None:
        return name, runs(f"{purpose}{status}")
    return channel.number, runs(f"{name}{w['colon']}{purpose}{status}")
