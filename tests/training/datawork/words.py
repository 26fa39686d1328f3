"""Rows whose class a word gives away, and another label scheme, for the tests of data work."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from data.labels import CLASSES
from data.table import Example
from training.datawork.source import Item

WORDS = {
    "lawful_reminder": ["请及时还款", "账单已到期", "谢谢配合"],
    "harassment": ["不要脸", "废物", "打到你接为止"],
    "threat_extortion": ["砍死你", "上门泼漆", "叫人堵你"],
    "privacy_disclosure": ["转告张某欠钱", "公开身份证", "群发通讯录"],
    "out_of_scope": ["验证码", "快递到了", "晚上吃饭"],
}
FILLER = "今天明天后天你好我们他们这里那里可以已经还有因为所以"

SCHEME = """
name = "three"
[[labels]]
name = "fair"
zh = "合规"
en = "fair"
unlawful = false
[[labels]]
name = "abuse"
zh = "辱骂"
en = "abuse"
unlawful = true
[none]
name = "none"
zh = "无关"
en = "unrelated"
[data]
text = "body"
label = "class"
separator = "|"
[values]
"骂" = "abuse"
"""


def word_rows(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return rows as a file holds them; some threats disclose as well."""
    rng = Random(seed)
    rows = []
    for index in range(count):
        label = CLASSES[index % len(CLASSES)]
        also = ["privacy_disclosure"] if label == "threat_extortion" and rng.random() < 0.4 else []
        words = [rng.choice(WORDS[name]) for name in (label, *also)]
        text = "".join([*rng.choices(FILLER, k=8), *words, *rng.choices(FILLER, k=8)])
        rows.append({"text": text, "label": label, "also": also, "id": index})
    return rows


def items_of(rows: Sequence[dict[str, Any]], path: str = "rows.jsonl") -> list[Item]:
    """Return the rows as data work reads them."""
    return [
        Item(path, Example(row["text"], row["label"], tuple(row["also"]), file="rows", line=line))
        for line, row in enumerate(rows, 1)
    ]


def write_jsonl(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows as JSON Lines."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    return path
