"""A synthetic batch of complaints: known scripts, each sent many times with light changes."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from data.duplicates import shingles

_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国红梅鹏飞晓东"
_FIRMS: Final = ("好借钱", "速贷宝", "某某金融", "云信贷后", "诚信法务")
_SWAPS: Final = (
    ("尽快", "马上"), ("立即", "立刻"), ("您", "你"), ("还款", "还钱"), ("今天", "今日"),
    ("请", "请您"), ("我们", "我司"), ("否则", "不然"), ("联系", "通知"), ("处理", "解决"),
)  # fmt: skip
_TAILS: Final = ("", "。", "！", "谢谢。", "收到请回复。", "速回！")


def distinct_texts(texts: Sequence[str], count: int, rng: random.Random) -> list[str]:
    """Return texts no two of which are near-duplicates: Jaccard similarity of 4-grams < 0.3."""
    holders: dict[str, list[int]] = {}
    sizes: list[int] = []
    found: list[str] = []
    for text in rng.sample(list(texts), len(texts)):
        grams = shingles(text)
        shared = Counter(other for gram in grams for other in holders.get(gram, ()))
        if any(n >= 0.3 * (len(grams) + sizes[other] - n) for other, n in shared.items()):
            continue
        for gram in grams:
            holders.setdefault(gram, []).append(len(found))
        sizes.append(len(grams))
        found.append(text)
        if len(found) == count:
            return found
    raise ValueError(f"only {len(found)} distinct texts, {count} wanted")


def batch(
    texts: Sequence[str], rows: int, scripts: int, singles: int, seed: int, edits: int = 0
) -> list[tuple[str, int]]:
    """Return `rows` shuffled (text, script) pairs.

    The scripts' shares fall like 1/rank (Zipf), each at least two rows; beside them, `singles`
    texts that occur once. Texts have 16 letters or more: shorter ones are no scripts.
    edits: light edits in each sent text beyond those that `vary` makes.
    """
    rng = random.Random(seed)  # noqa: S311  a batch to measure with, no secret
    long = [text for text in texts if len(re.sub(r"[\W\d]", "", text)) >= 16]
    chosen = distinct_texts(long, scripts + singles, rng)
    weights = [1 / rank for rank in range(1, scripts + 1)]
    more = rng.choices(range(scripts), weights, k=rows - singles - 2 * scripts)
    sent = [*range(scripts), *range(scripts), *more]
    pairs = [(vary(chosen[script], rng, edits), script) for script in sent]
    pairs += [(text, scripts + i) for i, text in enumerate(chosen[scripts:])]
    rng.shuffle(pairs)
    return pairs


def vary(text: str, rng: random.Random, edits: int = 0) -> str:
    """Return the text as sent to somebody else: other name and numbers, up to two light edits.

    edits: so many more.
    """
    text = re.sub(r"\d+", lambda found: _digits(len(found[0]), rng), text)
    text = re.sub("[一-龥]([某*]{1,2})(?=先生|女士)", lambda _: _name(rng), text)
    if rng.random() < 0.5:
        title, mark = rng.choice(["先生", "女士", "", ""]), rng.choice(["，", "：", "您好，"])
        text = f"{_name(rng)}{title}{mark}{text}"
    if rng.random() < 0.2:
        text = f"【{rng.choice(_FIRMS)}】{text}"
    for _ in range(rng.choice([0, 1, 1, 2]) + edits):
        text = _edit(text, rng)
    return text


def _edit(text: str, rng: random.Random) -> str:
    kind = rng.randrange(4)
    if kind == 0:
        old, new = rng.choice([swap for swap in _SWAPS if swap[0] in text] or [("", "")])
        return text.replace(old, new) if old else text
    at = rng.randrange(len(text))
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + rng.choice("，。！ 吧啊了") + text[at:]
    return text.rstrip("。！!") + rng.choice(_TAILS)


def _name(rng: random.Random) -> str:
    return rng.choice(_SURNAMES) + "".join(rng.choices(_GIVEN, k=rng.choice([1, 2, 2])))


def _digits(length: int, rng: random.Random) -> str:
    first = str(rng.randrange(1, 10))
    size = max(1, length + rng.choice([0, 0, 0, -1, 1])) if length < 6 else length
    return first + "".join(str(rng.randrange(10)) for _ in range(size - 1))


def pairwise(truth: Sequence[int], found: Sequence[int]) -> tuple[float, float, float]:
    """Return precision, recall and F1 over pairs of rows that are in one cluster."""
    both = _pairs(Counter(zip(truth, found, strict=True)).values())
    true, claimed = _pairs(Counter(truth).values()), _pairs(Counter(found).values())
    precision, recall = both / max(1, claimed), both / max(1, true)
    return precision, recall, 2 * precision * recall / max(1e-12, precision + recall)


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
