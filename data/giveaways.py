"""What gives a row's label away without its meaning being understood, for the datasheet."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import TYPE_CHECKING

from data.labels import CLASSES

if TYPE_CHECKING:
    from data.corpus import CorpusRow

MARKS: dict[str, str] = {
    "【": "【",
    "digit": r"\d",
    "! or ！": "[!！]",
    "? or ？": "[?？]",
    "您": "您",
    "no punctuation": r"^[\w\s]*$",
}
NGRAMS = 10  # shown for each label
RARE = 15  # n-grams in fewer rows say little


def giveaways(rows: "Sequence[CorpusRow]") -> str:
    """Return Markdown: lengths, surface marks, what one field alone tells, telling n-grams."""
    return "\n\n".join((_lengths(rows), _marks(rows), _majorities(rows), _ngrams(rows)))


def _lengths(rows: "Sequence[CorpusRow]") -> str:
    lines = [
        "| characters | 10 % | median | 90 % | longest |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for label in CLASSES:
        sizes = [len(row.text) for row in rows if row.label == label]
        tenths = quantiles(sizes, n=10)
        cells = [*(f"{tenths[at]:.0f}" for at in (0, 4, 8)), str(max(sizes))]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _marks(rows: "Sequence[CorpusRow]") -> str:
    lines = [f"| rows with | {' | '.join(CLASSES)} |", "| --- |" + " ---: |" * len(CLASSES)]
    for name, pattern in MARKS.items():
        shares = []
        for label in CLASSES:
            texts = [row.text for row in rows if row.label == label]
            hits = sum(re.search(pattern, text) is not None for text in texts)
            shares.append(f"{100 * hits / len(texts):.0f} %")
        lines.append(f"| {name} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _majorities(rows: "Sequence[CorpusRow]") -> str:
    """Tell how often the commonest label of a field's value is right: a guess without the text."""
    guesses: dict[str, Callable[[CorpusRow], object]] = {
        "nothing": lambda row: None,
        "form": lambda row: row.form,
        "channel": lambda row: row.channel,
        "recipient": lambda row: row.recipient,
        "length (quarters of a doubling)": lambda row: round(4 * math.log2(len(row.text))),
        "form, channel and recipient": lambda row: (row.form, row.channel, row.recipient),
    }
    lines = ["| guessing the label from | right |", "| --- | ---: |"]
    for name, key in guesses.items():
        seen: dict[object, Counter[str]] = defaultdict(Counter)
        for row in rows:
            seen[key(row)][row.label] += 1
        right = sum(max(labels.values()) for labels in seen.values())
        lines.append(f"| {name} | {100 * right / len(rows):.0f} % |")
    return "\n".join(lines)


def _ngrams(rows: "Sequence[CorpusRow]") -> str:
    """List the n-grams most over-represented among a label's rows (z of the log odds)."""
    every: Counter[str] = Counter()
    by_label: dict[str, Counter[str]] = {label: Counter() for label in CLASSES}
    for row in rows:
        grams = _grams(row.text)
        every.update(grams)
        by_label[row.label].update(grams)
    lines = [
        "| label | n-grams (share of the rows holding it that have the label; 0 is any number) |",
        "| --- | --- |",
    ]
    for label in CLASSES:
        size = sum(row.label == label for row in rows)
        scored = sorted(
            (-_z(by_label[label][gram], size, count, len(rows)), gram)
            for gram, count in every.items()
            if count >= RARE and "|" not in gram
        )
        chosen: list[str] = []
        for _, gram in scored:
            if len(chosen) == NGRAMS:
                break
            if not any(gram in other or other in gram for other in chosen):
                chosen.append(gram)
        cells = (f"{gram} ({100 * by_label[label][gram] / every[gram]:.0f} %)" for gram in chosen)
        lines.append(f"| {label} | {'、'.join(cells)} |")
    return "\n".join(lines)


def _grams(text: str) -> set[str]:
    """Return the 2- to 4-grams of a text, with every number and Latin word as one unit."""
    units = re.findall(r"[A-Za-z]+|\d[\d,.]*|\S", text)
    units = ["0" if unit[0].isdigit() else unit for unit in units]
    return {"".join(units[i : i + n]) for n in (2, 3, 4) for i in range(len(units) - n + 1)}


def _z(inside: int, size: int, everywhere: int, total: int) -> float:
    """Return the z score of the log odds ratio of a feature inside and outside a label's rows."""
    outside, rest = everywhere - inside, total - size
    cells = (inside, size - inside, outside, rest - outside)
    a, b, c, d = (cell + 0.5 for cell in cells)
    return (math.log(a / b) - math.log(c / d)) / math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
