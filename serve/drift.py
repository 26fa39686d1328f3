"""``dunlens drift``: a batch of texts against those that the model was made for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from data.text import normalise
from model import Classifier
from model.drift import Drift, Measure, Sample, compare, gram_features
from serve.triage.intake import Record, inspect, read_records
from serve.wording import Language

NAMES: Final = {
    "words": {"zh": "用字用词", "en": "characters used"},
    "scores": {"zh": "各类别的概率", "en": "probabilities of the labels"},
    "confidence": {"zh": "把握程度", "en": "confidence"},
    "review": {"zh": "需复核的比例", "en": "share sent to review"},
    "labels": {"zh": "各类别的比例", "en": "shares of the labels"},
    "length": {"zh": "长度", "en": "length"},
    "unknown": {"zh": "词表外的字词", "en": "tokens unknown to the model"},
}
LEVELS: Final = {
    "stable": {"zh": "无明显变化", "en": "no change to speak of"},
    "watch": {"zh": "有变化", "en": "has changed"},
    "shifted": {"zh": "变化很大", "en": "has changed much"},
}
ADVICE: Final = {
    "stable": {
        "zh": "这批文本与参照相近，不需要重新标注。",
        "en": "The batch is like the reference. Nothing need be labelled anew.",
    },
    "watch": {
        "zh": "这批文本与参照有差别，但模型看来仍适用；请继续留意下一批。",
        "en": "The batch differs, but the model still seems to fit. Look at the next batch too.",
    },
    "relabel": {
        "zh": "这批文本与参照差别很大，原有的准确率未必适用。请从这批中随机抽取至少 {rows} 条"
        "人工标注，再用 dunlens evaluate --sets 检验（误差约 ±5 个百分点）；"
        "如果变差，用 dunlens train --extra 补充训练。",
        "en": "The batch is unlike the reference: what is known of the model may not hold for it. "
        "Have {rows} rows or more of it, drawn at random, labelled by people; measure on them "
        "with dunlens evaluate --sets (to within about 5 points); where the figures have fallen, "
        "train with dunlens train --extra.",
    },
}


def read_texts(path: Path, column: str | None, rows: int, seed: int = 0) -> list[str]:
    """Return up to `rows` distinct texts of a CSV, XLSX, JSONL or plain file, drawn with the seed.

    Repetitions, once normalised, count once: copies of one message are no further evidence. Raises
    IntakeError where the file or the column cannot be used; OSError.
    """
    rng = Random(seed)  # noqa: S311 - no secret here
    drawn: list[str] = []
    for count, text in enumerate(_distinct(path, column), start=1):
        if len(drawn) < rows:
            drawn.append(text)
        elif (place := rng.randrange(count)) < rows:
            drawn[place] = text
    return drawn


def _distinct(path: Path, column: str | None) -> Iterator[str]:
    inspection = inspect(path, path.name)
    mapping = inspection.mapping.with_text(column)
    seen: set[int] = set()
    for record in read_records(path, inspection, mapping):
        if isinstance(record, Record) and record.text:
            key = hash(normalise(record.text).text)
            if key not in seen:
                seen.add(key)
                yield record.text


def corpus_texts(rows: int, seed: int = 0) -> list[str]:
    """Return texts of the development split: of the training distribution, and not trained on."""
    from data.corpus import load_split

    texts = [row.text for row in load_split("dev")]
    return Random(seed).sample(texts, min(rows, len(texts)))  # noqa: S311 - no secret here


def describe(classifier: Classifier, texts: list[str]) -> Sample:
    """Return what `model.drift` compares of some texts."""
    verdicts = classifier.classify(texts)
    names, classes = classifier.scheme.labels, classifier.scheme.classes
    return Sample(
        labels=np.array([classes.index(one.label) for one in verdicts], dtype=np.int64),
        scores=np.array([[one.scores[name] for name in names] for one in verdicts]).reshape(
            len(texts), len(names)
        ),
        confidence=np.array([one.confidence for one in verdicts]),
        reviewed=np.array([float(one.review is not None) for one in verdicts]),
        lengths=np.array([float(len(text)) for text in texts]),
        unknown=np.array(classifier.unknown_shares(texts)),
        grams=gram_features([normalise(text).text for text in texts]),
    )


def drift(classifier: Classifier, batch: list[str], reference: list[str], seed: int = 0) -> Drift:
    """Compare two lists of texts. Raises ValueError where either has too few."""
    return compare(describe(classifier, reference), describe(classifier, batch), seed=seed)


def as_json(found: Drift, batch: int, reference: int, version: str) -> str:
    """Return the result as one JSON object."""
    value = {
        "advice": found.advice,
        "rows_to_label": found.rows if found.advice == "relabel" else 0,
        "batch": batch,
        "reference": reference,
        "model": version,
        "measures": [one.to_dict() for one in found.measures],
    }
    return json.dumps(value, ensure_ascii=False)


def as_lines(found: Drift, batch: int, reference: int, language: Language) -> Iterator[str]:
    """Yield the result for a terminal."""
    head = {
        "zh": f"这批 {batch} 条（不重复），参照 {reference} 条",
        "en": f"{batch} distinct texts of the batch, {reference} of the reference",
    }
    yield head[language]
    for one in found.measures:
        yield _line(one, language)
    yield ADVICE[found.advice][language].format(rows=found.rows)


def _line(one: Measure, language: Language) -> str:
    size = f"{one.size:.3f} (p {one.p:.3f})"
    if one.reference is not None and one.batch is not None:
        size = f"{100 * one.reference:.1f} % → {100 * one.batch:.1f} % (p {one.p:.3f})"
    return f"{NAMES[one.name][language]}: {LEVELS[one.level][language]}, {size}"
