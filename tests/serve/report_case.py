"""A case for the tests of the report: the fake classifier's verdicts, and an answer made up here.

The law is invented, so that a change in the law book changes no test of the report.
"""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
from fakes import KEYWORDS, verdict

from model.evidence import Evidence, Span
from model.law import (
    Answer,
    Channel,
    Finding,
    Guidance,
    Provision,
    SourceNote,
    Step,
    Words,
)
from model.verdict import Verdict
from serve.explain import Explained
from serve.report.case import Versions
from serve.report.content import build
from serve.report.document import Document
from serve.report.schemas import ReportRequest

VERSIONS = Versions("9.9.9", "fake-1")
THREAT = "今天不还就在门口等你，告诉你同事"
REMINDER = "【某某】请还款"
CHAT = "早上好"


def words(zh: str, en: str) -> Words:
    return Words(zh=zh, en=en)


def provision(**changed: Any) -> Provision:
    made = Provision(
        id="invented-7",
        law=words("虚构法", "Invented Act"),
        article=words("第七条", "art. 7"),
        title=words("虚构行为", "invented conduct"),
        summary=words("虚构的概要", "an invented summary"),
        tier="administrative",
        maximum=words("虚构的后果", "an invented outcome"),
        condition=words("多次", "repetition"),
        in_force=date(2026, 1, 1),
        until=None,
        source="R1",
        old_article=words("第六条", "art. 6"),
    )
    return made.model_copy(update=changed)


def invented_answer(found: Verdict) -> Answer:
    """Return an answer with one of everything for a threat, and next to nothing otherwise."""
    note = SourceNote(mark="R1", text=words("虚构法规库", "an invented collection"))
    if found.label != "threat_extortion":
        return Answer(
            severity="none",
            note=words("无", "none"),
            urgent=None,
            despair=None,
            provisions=(),
            guidance=(),
            findings=(),
            steps=(),
            keep=(words("原始短信", "the original"),),
            debt_stays=None,
            sources=(),
        )
    status = words("二手资料", "second hand")
    channel = Channel(
        id="c",
        number="00000",
        name=words("虚构热线", "invented line"),
        purpose=words("咨询", "to ask"),
        source="S",
        status=status,
    )
    return Answer(
        severity="urgent",
        note=words("威胁", "a threat"),
        urgent=words("如有危险请先拨打 110", "in danger call 110 first"),
        despair=words("心理援助 12356", "crisis line 12356"),
        provisions=(provision(),),
        guidance=(
            Guidance(id="g", text=words("虚构指引", "invented guide"), status=status, source="S"),
        ),
        findings=(
            Finding(
                id="f",
                text=words("时间不当", "unlawful hour"),
                source="S",
                status=status,
            ),
        ),
        steps=(Step(id="s", text=words("先报警", "call"), channel=channel, source="S"),),
        keep=(words("原始短信", "the original"), words("通话记录", "the call log")),
        debt_stays=words("欠款仍需偿还", "the debt stays"),
        sources=(note,),
    )


def evidence(text: str, found: Verdict) -> tuple[Evidence, ...]:
    """Return the fake's keywords as evidence."""
    return tuple(
        Evidence(label, (Span(start, start + len(KEYWORDS[label])),), 0.12, 0.93)
        for label in dict.fromkeys([found.label, *found.also])
        if label in KEYWORDS and (start := text.find(KEYWORDS[label])) >= 0
    )


def explain(text: str) -> Explained:
    found = verdict(text)
    return Explained(text, found, evidence(text, found), invented_answer(found))


def request(*messages: dict[str, Any] | str, **more: Any) -> ReportRequest:
    full = [{"text": item} if isinstance(item, str) else item for item in messages]
    return ReportRequest.model_validate({"messages": full, **more})


def document(*messages: dict[str, Any] | str, **more: Any) -> Document:
    asked = request(*messages, **more)
    return build(asked, [explain(item.text) for item in asked.messages], VERSIONS)


def pdf_text(file: bytes | Path) -> str:
    """Return a PDF's text without spaces and line ends, which are the layout's."""
    pages = pypdf.PdfReader(io.BytesIO(file) if isinstance(file, bytes) else file).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
