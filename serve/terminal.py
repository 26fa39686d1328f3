"""A verdict, and its reasons where they are asked for, as lines for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from model.law import Facts, Provision, Step
from serve.classifier import TextClassifier
from serve.explain import Explained, explained
from serve.otherlabels import scheme_of, shown
from serve.pagetext import PAGE
from serve.present import View, speaker, view
from serve.schemas import ExplainedVerdictOut
from serve.wording import NO_ADVICE, TIERS, Language


class FactsError(ValueError):
    """The facts are wrong; the message names the field and its bound, Chinese first."""


@dataclass(frozen=True)
class Style:
    """How verdicts are printed: as JSON or in words, with or without their reasons."""

    as_json: bool = False
    explain: bool = False
    facts: Facts | None = None
    language: Language = "zh"

    @classmethod
    def of(cls, *, as_json: bool, explain: bool, facts: str | None, language: Language) -> Style:
        """Return the style of the command's options; `facts` is JSON. Raises FactsError."""
        return cls(as_json, explain, None if facts is None else _read_facts(facts), language)


def _read_facts(text: str) -> Facts:
    try:
        return Facts.model_validate_json(text)
    except ValidationError as error:
        from serve.problems import problem_of  # brings the HTTP framework

        raise FactsError(problem_of(error, root="facts").in_both) from None


def shown_verdict(classifier: TextClassifier, text: str, style: Style) -> str:
    """Classify one text and return what is printed of it."""
    if not scheme_of(classifier).is_default:
        start = f"{printable(text[:30])}{'…' * (len(text) > 30)}"
        return shown(classifier, text, start, style.as_json, style.explain)
    [verdict] = classifier.classify([text])
    if style.as_json and not style.explain:
        return json.dumps(verdict.to_dict(), ensure_ascii=False)
    evidence = classifier.explain(text, verdict) if style.explain else ()
    found = explained(text, verdict, evidence, style.facts)
    if style.as_json:
        return ExplainedVerdictOut.model_validate(found.fields()).model_dump_json()
    lines = [f"文本：{printable(text[:30])}{'…' * (len(text) > 30)}", *verdict_lines(found)]
    if style.explain:
        lines += reason_lines(found, style.language)
    return "\n".join(lines)


def verdict_lines(explained: Explained) -> list[str]:
    """Return the verdict in a few lines, Chinese first, English in brackets."""
    zh, en = view(explained, "zh"), view(explained, "en")
    scores = "  ".join(f"{score.name} {score.percent}%" for score in zh.scores)
    lines = [
        f"类别：{zh.name}  ({en.name})",
        f"把握：{zh.confidence}，约 {zh.confidence_percent}%  (confidence: {en.confidence})",
        f"得分：{scores}",
    ]
    if zh.also:
        lines.append(f"另有：{'；'.join(zh.also)}  (also: {'; '.join(en.also)})")
    if zh.review:
        lines.append(f"复核：{zh.review}  (review: {en.review})")
    for words in (explained.answer.urgent, explained.answer.despair):
        if words:
            lines.append(f"提示：{words.zh}  ({words.en})")
    lines.append(f"{NO_ADVICE['zh']}  ({NO_ADVICE['en']})")
    return lines


def reason_lines(explained: Explained, language: Language) -> list[str]:
    """Return the words that decided, the next steps and the law, in one language."""
    shown, answer, say = view(explained, language), explained.answer, speaker(language)
    page = PAGE[language]
    sections: list[tuple[str, Sequence[str]]] = [
        (page["words"], [*_reasons(shown, language)]),
        (page["findings"], [f"{say(f.text)} [{say(f.status)}]" for f in answer.findings]),
        (page["steps"], [*_steps(answer.steps, language)]),
        (page["keep"], [say(thing) for thing in answer.keep]),
        (page["law"], [*_provisions(answer.provisions, shown, language)]),
        (
            page["guidance"].format(count=len(answer.guidance)),
            [f"{say(item.text)} [{say(item.status)}]" for item in answer.guidance],
        ),
    ]
    lines = ["", say(answer.note)]
    for title, items in sections:
        if items:
            lines += ["", title, *(f"  {n}. {item}" for n, item in enumerate(items, start=1))]
    if answer.debt_stays:
        lines += ["", say(answer.debt_stays)]
    return lines


def _reasons(shown: View, language: Language) -> Iterator[str]:
    colon = PAGE[language]["colon"]
    for reason in shown.reasons:
        words = " ".join(f"「{printable(part)}」" for part in reason.words)
        yield f"{reason.name}{colon}{words}"


def _steps(steps: Sequence[Step], language: Language) -> Iterator[str]:
    say = speaker(language)
    for step in steps:
        channel = step.channel
        number = f" ({channel.number})" if channel and channel.number else ""
        status = f" [{say(channel.status)}]" if channel and not channel.verified else ""
        yield f"{say(step.text)}{number}{status}"


def _provisions(provisions: Sequence[Provision], shown: View, language: Language) -> Iterator[str]:
    say, page = speaker(language), PAGE[language]
    for each in provisions:
        parts = [
            f"[{TIERS[language][each.tier]}] {say(each.title)}",
            f"{say(each.law)} {say(each.article)}",
            say(each.summary),
        ]
        for name, words in (("maximum", each.maximum), ("condition", each.condition)):
            if words:
                parts.append(f"{page[name]}{page['colon']}{say(words)}")
        parts.append(f"{page['source']}{page['colon']}{shown.sources[each.source]}")
        yield "\n     ".join(parts)


def printable(text: str) -> str:
    """Return a text on one line, without characters that steer a terminal."""
    return "".join(filter(str.isprintable, " ".join(text.split())))
