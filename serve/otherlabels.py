"""Verdicts of a model with other labels than the default ones, as lines for a terminal.

The law, the steps and the page are written for the default labels (`data.labels`); of a model that
was trained under another label scheme only what it found is said, in the scheme's own words.
"""

from __future__ import annotations

import json
from typing import Any

from data.scheme import DEFAULT, Scheme
from model.verdict import REVIEW_EN, REVIEW_ZH, Verdict
from serve.classifier import TextClassifier
from serve.wording import NO_ADVICE, confidence_word

NO_LAW = (
    "此模型用的是另一套标签，不附规定和做法。",
    "this model has labels of its own, for which no law or steps are given",
)


def scheme_of(classifier: TextClassifier) -> Scheme:
    """Return the labels of a classifier."""
    found: Scheme = getattr(classifier, "scheme", DEFAULT)
    return found


def shown(classifier: TextClassifier, text: str, start: str, as_json: bool, explain: bool) -> str:
    """Classify one text and return what is printed of it. start: the text's beginning."""
    scheme = scheme_of(classifier)
    [verdict] = classifier.classify([text])
    evidence = classifier.explain(text, verdict) if explain else ()
    if as_json:
        value: dict[str, Any] = dict(verdict.to_dict())
        if explain:
            value["evidence"] = [
                {"label": e.label, "spans": [[s.start, s.end] for s in e.spans]} for e in evidence
            ]
        return json.dumps(value, ensure_ascii=False)
    lines = [f"文本：{start}", *verdict_lines(verdict, scheme)]
    for item in evidence:
        parts = (text[span.start : span.end] for span in item.spans)
        words = " ".join(f"「{''.join(filter(str.isprintable, part))}」" for part in parts)
        lines.append(f"依据 (words): {scheme.zh[item.label]} ({scheme.en[item.label]})  {words}")
    if explain:
        lines.append(f"{NO_LAW[0]}  ({NO_LAW[1]})")
    return "\n".join([*lines, f"{NO_ADVICE['zh']}  ({NO_ADVICE['en']})"])


def verdict_lines(verdict: Verdict, scheme: Scheme) -> list[str]:
    """Return a verdict in a few lines, Chinese first, English in brackets."""
    sure = [confidence_word(verdict.confidence, language) for language in ("zh", "en")]
    scores = "  ".join(f"{scheme.zh[x]} {100 * verdict.scores[x]:.0f}%" for x in scheme.labels)
    lines = [
        f"类别：{scheme.zh[verdict.label]}  ({scheme.en[verdict.label]})",
        f"把握：{sure[0]}，约 {100 * verdict.confidence:.0f}%  (confidence: {sure[1]})",
        f"得分：{scores}",
    ]
    if verdict.also:
        zh, en = ([names[x] for x in verdict.also] for names in (scheme.zh, scheme.en))
        lines.append(f"另有：{'；'.join(zh)}  (also: {'; '.join(en)})")
    if verdict.review:
        lines.append(f"复核：{REVIEW_ZH[verdict.review]}  (review: {REVIEW_EN[verdict.review]})")
    return lines
