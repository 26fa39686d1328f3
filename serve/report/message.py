"""The part of the report about one message."""

from __future__ import annotations

from data.labels import UNLAWFUL
from model.evidence import Evidence
from model.law import Facts
from model.verdict import Verdict
from serve.highlight import segments
from serve.present import percent
from serve.report.case import Case, Entry, show_moment
from serve.report.document import Block, Heading, Pairs, Quotation, Run, Runs
from serve.report.provisions import cited
from serve.report.visible import one_line, runs
from serve.report.words import FACTS, WORDS
from serve.wording import LABELS, REVIEWS, Language, confidence_word

QUOTED_CHARS = 40
"""Characters of one span that are repeated below the message, where it stands in full."""


def reading(verdict: Verdict, language: Language) -> str:
    """Return the category with 可能涉嫌 where it is an unlawful one."""
    name = LABELS[language][verdict.label]
    return WORDS[language]["may"].format(name=name) if verdict.label in UNLAWFUL else name


def confidence(probability: float, language: Language) -> str:
    """Return the confidence in words and per cent."""
    return WORDS[language]["confidence_value"].format(
        word=confidence_word(probability, language), percent=percent(probability)
    )


def say(name: str | None, otherwise: str) -> Runs:
    """Return a name that the user gave, or words for its absence."""
    return one_line(name) if name and name.strip() else runs(otherwise)


def message_part(case: Case, entry: Entry) -> list[Block]:
    """Return the heading, the text with its highlights, and what is known about it."""
    w, moment = case.words, entry.message.moment
    heading: list[Run] = [Run(w["message"].format(number=entry.number))]
    if moment is not None:
        heading.append(Run(f" · {show_moment(moment)}"))
    if entry.message.sender and entry.message.sender.strip():
        heading += (Run(" · "), *one_line(entry.message.sender))
    return [
        Heading(2, tuple(heading)),
        Quotation(_highlighted(entry)),
        Pairs(tuple(_known(case, entry))),
    ]


def _highlighted(entry: Entry) -> Runs:
    found: list[Run] = []
    for segment in segments(entry.explained.text, entry.explained.evidence):
        found += runs(segment.text, segment.labels[0] if segment.labels else None)
    return tuple(found)


def _known(case: Case, entry: Entry) -> list[tuple[str, Runs]]:
    w, language = case.words, case.language
    verdict, answer = entry.explained.verdict, entry.explained.answer
    label = w["label_value"].format(
        reading=reading(verdict, language), confidence=confidence(verdict.confidence, language)
    )
    rows: list[tuple[str, Runs]] = [(w["label"], (Run(label, strong=True),))]
    if verdict.also:
        names = w["separator"].join(LABELS[language][name] for name in verdict.also)
        rows.append((w["also"], runs(names)))
    if verdict.review is not None:
        rows.append((w["review"], runs(REVIEWS[language][verdict.review])))
    rows.append((w["words"], _words(case, entry)))
    facts = w["separator"].join(stated(entry.message.stated, language))
    rows.append((w["facts"], runs(facts or w["facts_none"])))
    if answer.findings:
        lines = (
            w["finding_value"].format(
                text=getattr(finding.text, language),
                status=getattr(finding.status, language).rstrip("。."),
            )
            for finding in answer.findings
        )
        rows.append((w["findings"], runs("\n".join(lines))))
    laws = cited(answer.provisions, language)
    rows.append((w["laws"], runs(laws or w["laws_none"])))
    rows.append((w["hash"], runs(entry.sha256)))
    return rows


def _words(case: Case, entry: Entry) -> Runs:
    """Return the words that decided for each label, and how the probability depends on them."""
    found: list[Run] = []
    for item in entry.explained.evidence:
        if item.spans:
            found += [*([Run("\n")] if found else []), *_evidence(case, entry, item)]
    return tuple(found) or runs(case.words["no_words"])


def _evidence(case: Case, entry: Entry, item: Evidence) -> Runs:
    w, text = case.words, entry.explained.text
    before, after = w["words_value"].split("{words}")
    figures = after.format(
        full=percent(entry.explained.verdict.scores[item.label]),
        without=percent(item.without),
        alone=percent(item.alone),
    )
    quoted: list[Run] = []
    for span in item.spans:
        words = one_line(text[span.start : span.end], QUOTED_CHARS)
        quoted += [Run(w["word_join"])] if quoted else []
        quoted += (Run(w["word_open"]), *words, Run(w["word_close"]))
    return (Run(before.format(name=LABELS[case.language][item.label])), *quoted, Run(figures))


def stated(facts: Facts, language: Language) -> list[str]:
    """Return what the user states, a phrase for each fact."""
    phrases = []
    for name, value in facts:
        if value is None:
            continue
        key = name if name in FACTS[language] else f"{name}.{value}"
        shown = value.isoformat("minutes") if name == "received_at" else value
        phrases.append(FACTS[language][key].format(value=shown))
    return phrases
