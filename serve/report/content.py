"""Building the report's content, part by part. The layout is the renderers' business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from serve.explain import Explained
from serve.report.case import Case, Versions, make_case, show_moment
from serve.report.closing import closing, for_the_person
from serve.report.document import (
    Block,
    Document,
    Heading,
    Notice,
    Pairs,
    Paragraph,
    Run,
    Runs,
    Table,
)
from serve.report.message import confidence, message_part, reading, say
from serve.report.provisions import law_part
from serve.report.schemas import ReportRequest
from serve.report.visible import one_line, runs
from serve.wording import LABELS

START_CHARS = 14
"""Characters of a message that the chronology shows."""


def build(request: ReportRequest, explained: Sequence[Explained], versions: Versions) -> Document:
    """Return the report; `explained` has one item for each message of `request`, in its order."""
    case = make_case(request, explained, versions)
    w = case.words
    return Document(
        language=case.language,
        title=w["title"],
        subtitle=runs(w["made_by"]),
        footer=w["footer"].format(number=case.number),
        page=w["page"],
        blocks=(
            *_front(case),
            *_chronology(case),
            *_messages(case),
            *law_part(case),
            *closing(case),
            *for_the_person(case),
        ),
    )


def _front(case: Case) -> list[Block]:
    w = case.words
    title = [(w["case"], one_line(case.title))] if case.title and case.title.strip() else []
    rows: list[tuple[str, Runs]] = [
        *title,
        (w["count"], runs(w["count_value"].format(count=len(case.entries)))),
        (w["period"], runs(_period(case))),
        (w["kinds"], runs(_kinds(case))),
        (w["number"], runs(case.number)),
        (w["tool"], runs(f"DunLens {case.versions.tool}")),
        (w["model"], runs(case.versions.model)),
    ]
    return [
        Pairs(tuple(rows)),
        Heading(1, runs(w["what"])),
        Paragraph(runs(w["what_text"])),
        Notice(runs(w["no_guilt"])),
    ]


def _period(case: Case) -> str:
    moments = [e.message.moment for e in case.entries if e.message.moment is not None]
    if not moments:
        return case.words["undated"]
    period = case.words["period_value"].format(
        first=show_moment(moments[0]), last=show_moment(moments[-1])
    )
    missing = len(case.entries) - len(moments)
    return period + (case.words["part_dated"].format(count=missing) if missing else "")


def _kinds(case: Case) -> str:
    counts = Counter(entry.explained.verdict.label for entry in case.entries)
    return case.words["separator"].join(
        case.words["kind_value"].format(name=name, count=counts[label])
        for label, name in LABELS[case.language].items()
        if counts[label]
    )


def _chronology(case: Case) -> list[Block]:
    w = case.words
    columns = ("number", "time", "sender", "label", "confidence", "start")
    rows = []
    for entry in case.entries:
        moment, verdict = entry.message.moment, entry.explained.verdict
        rows.append(
            (
                runs(str(entry.number)),
                runs(w["no_time"] if moment is None else show_moment(moment)),
                say(entry.message.sender, w["no_sender"]),
                runs(reading(verdict, case.language)),
                runs(confidence(verdict.confidence, case.language)),
                one_line(entry.message.text, START_CHARS),
            )
        )
    return [
        Heading(1, runs(w["overview"])),
        Paragraph(runs(w["overview_text"]), small=True),
        Table(
            tuple(w[f"column_{name}"] for name in columns),
            tuple(rows),
            (0.06, 0.18, 0.18, 0.24, 0.14, 0.20),
        ),
    ]


def _messages(case: Case) -> list[Block]:
    w = case.words
    blocks: list[Block] = [
        Heading(1, runs(w["messages"])),
        Paragraph((Run(w["legend"]),), small=True),
    ]
    for entry in case.entries:
        blocks += message_part(case, entry)
    return blocks
