"""A toy problem whose classes are given away by words, and a predictor that needs no training."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from data.labels import CLASSES, LABELS
from training.evalrows import Truth
from training.predictors import FloatArray, Predictions

WORDS = {
    "lawful_reminder": ["请及时还款", "账单已到期", "谢谢配合"],
    "harassment": ["不要脸", "废物", "打到你接为止"],
    "threat_extortion": ["砍死你", "上门泼漆", "叫人堵你"],
    "privacy_disclosure": ["转告张某欠钱", "公开身份证", "群发通讯录"],
    "out_of_scope": ["验证码", "快递到了", "晚上吃饭"],
}
FILLER = "今天明天后天你好我们他们这里那里可以已经还有因为所以"


def toy_rows(n: int, seed: int) -> list[tuple[str, Truth]]:
    """Return n texts, every fifth of one class; some threats disclose as well."""
    rng = Random(seed)
    rows = []
    for index in range(n):
        label = CLASSES[index % len(CLASSES)]
        also = ["privacy_disclosure"] if label == "threat_extortion" and rng.random() < 0.4 else []
        words = [rng.choice(WORDS[name]) for name in (label, *also)]
        text = "".join([*rng.choices(FILLER, k=8), *words, *rng.choices(FILLER, k=8)])
        rows.append((text, Truth(label, tuple(also))))
    return rows


def write_rows(path: Path, rows: Sequence[tuple[str, Truth]], **extra: Any) -> Path:
    """Write rows as JSON Lines, with further keys."""
    lines = [
        json.dumps({"text": text, "label": row.label, "also": list(row.also), **extra})
        for text, row in rows
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class WordPredictor:
    """Knows the toy words but for labels it is ``blind`` to; is unsure where it finds none."""

    def __init__(self, name: str = "model", blind: Sequence[str] = ()) -> None:
        self.name = name
        self._known = [label for label in LABELS if label not in blind]

    def predict(self, texts: Sequence[str]) -> Predictions:
        found = [
            [label for label in self._known if any(word in text for word in WORDS[label])]
            for text in texts
        ]
        # Threats first, as the guide has it.
        for labels in found:
            labels.sort(key=lambda label: label != "threat_extortion")
        scores: FloatArray = np.array(
            [[0.95 if label in labels else 0.05 for label in LABELS] for labels in found]
        ).reshape(len(texts), len(LABELS))
        return Predictions(
            labels=[labels[0] if labels else "out_of_scope" for labels in found],
            also=[labels[1:] for labels in found],
            confidence=np.array([0.95 if labels else 0.8 for labels in found]),
            scores=scores,
            review=[None if labels else "low_confidence" for labels in found],
        )
