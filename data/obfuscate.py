"""Write a text the way senders do who want to get past a filter, or who type in haste.

Used to augment training texts and to measure robustness. ``data.text.normalise`` undoes some kinds
(traditional, zero_width, combining, full_width, longer runs of insert_symbols and spaces), so a
model that reads normalised texts learns from the others.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from statistics import pstdev
from typing import Final

_RESOURCES: Final = Path(__file__).parent / "resources"
_TABLE: Final = _RESOURCES / "confusion.tsv"
# Characters of the words that filters look for, and that senders therefore disguise first.
_SENSITIVE: Final = frozenset(
    "催收债欠款贷还钱逾期死杀砍打弄废刀血妈逼狗畜生贱滚婊傻操骗法院公安警察抓捕刑拘牢律师诉讼立案"
    "通讯录爆曝群发联系身份证照片家孩子父母单位领导上门堵泼漆花圈微信电话征"
)
# Deleted by nobody: losing one of these would change what the text says, and so its label.
_KEPT: Final = _SENSITIVE | frozenset("不没未勿别莫非无")
_SYMBOLS: Final = ".·-_*/|~+、，^#"
# Of how many standard deviations of the weights chance makes up in an order by weight.
_CHANCE: Final = 0.5
_ZERO_WIDTH: Final = "\u200b\u200c\u200d\u2060\ufeff"
_MARKS: Final = "\u0336\u0335\u0332\u0305\u20dd\u0488"  # strike-through, lines, circles


@cache
def tables() -> dict[str, dict[str, list[str]]]:
    """Return kind (sound, shape, split, traditional, pinyin) -> character -> substitutes."""
    tables: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        kind, char, items = line.split("\t")
        tables[kind][char] = items.split(" ")
    return tables


@cache
def emoji_table() -> dict[str, str]:
    """Return word or single character -> emoji."""
    lines = (_RESOURCES / "emoji.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def _from_table(kind: str) -> Callable[[str, Random], str]:
    def substitute(char: str, rng: Random) -> str:
        items = tables()[kind].get(char)
        return rng.choice(items) if items else char

    return substitute


def _initial(char: str, rng: Random) -> str:
    return tables()["pinyin"].get(char, [char])[0][0]


def _zero_width(char: str, rng: Random) -> str:
    return char + rng.choice(_ZERO_WIDTH) if _is_han(char) else char


def _combining(char: str, rng: Random) -> str:
    return char + rng.choice(_MARKS) if _is_han(char) else char


def _full_width(char: str, rng: Random) -> str:
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char


def _emoji(char: str, rng: Random) -> str:
    return emoji_table().get(char, char)


def _deletion(char: str, rng: Random) -> str:
    return "" if _is_han(char) and char not in _KEPT else char


_SUBSTITUTE: Final[dict[str, Callable[[str, Random], str]]] = {
    "homophone": _from_table("sound"),
    "lookalike": _from_table("shape"),
    "split": _from_table("split"),
    "pinyin": _from_table("pinyin"),
    "initials": _initial,
    "traditional": _from_table("traditional"),
    "zero_width": _zero_width,
    "combining": _combining,
    "full_width": _full_width,
    "emoji": _emoji,
    "deletion": _deletion,
}
_BETWEEN: Final[dict[str, str]] = {"insert_symbols": _SYMBOLS, "spaces": " "}
KINDS: Final = (*_SUBSTITUTE, *_BETWEEN, "swap")


def obfuscate(
    text: str,
    rng: Random,
    strength: float = 0.15,
    kinds: Sequence[str] | None = None,
    weights: Sequence[float] | None = None,
) -> str:
    """Return the text with about ``strength`` of its characters disguised.

    One to three of ``kinds`` (by default any of ``KINDS``) are drawn and share at most
    ``ceil(strength * len(text))`` edits: characters replaced or dropped, separators inserted, or
    neighbours swapped. Sensitive characters come first, or rather those of greater ``weights`` (one
    a character). No character is edited twice, and a kind that finds nothing to edit leaves its
    share unused. The result depends only on the arguments and the state of ``rng``. Raises
    ValueError for an unknown kind, a strength outside 0..1 or another number of weights.
    """
    pool = KINDS if kinds is None else tuple(kinds)
    if unknown := set(pool).difference(KINDS):
        raise ValueError(f"no kind {sorted(unknown)}: choose among {', '.join(KINDS)}")
    if not 0 <= strength <= 1:
        raise ValueError(f"strength {strength} is not between 0 and 1")
    if weights is not None and len(weights) != len(text):
        raise ValueError(f"{len(weights)} weights for {len(text)} characters")
    budget = math.ceil(strength * len(text))
    if not budget or not pool:
        return text
    chosen = rng.sample(pool, min(len(pool), budget, rng.randint(1, 3)))
    disguise = Disguise(text)
    for position, kind in enumerate(chosen):
        share = budget // len(chosen) + (position < budget % len(chosen))
        disguise.edit(kind, disguise.order(rng, weights), share, rng)
    return disguise.text


class Disguise:
    """A text under way to its disguise: a cell for each of its characters, none edited twice."""

    def __init__(self, text: str) -> None:
        self.cells = list(text)
        self.free = set(range(len(text)))

    @property
    def text(self) -> str:
        """The text as it stands."""
        return "".join(self.cells)

    def copy(self) -> "Disguise":
        """Return one that can go on in another way."""
        other = Disguise("")
        other.cells, other.free = self.cells.copy(), self.free.copy()
        return other

    def order(self, rng: Random, weights: Sequence[float] | None = None) -> list[int]:
        """Return the free positions in random order, those of sensitive characters rather first.

        weights: one a position; those of greater weight rather first instead.
        """
        places = sorted(self.free)
        if weights is None:
            draw = {i: rng.random() - 0.6 * (self.cells[i] in _SENSITIVE) for i in places}
        else:
            scale = pstdev(weights) if len(weights) > 1 else 0.0
            draw = {i: rng.gauss(0, _CHANCE) * scale - weights[i] for i in places}
        return sorted(draw, key=draw.__getitem__)

    def edit(self, kind: str, order: Sequence[int], share: int, rng: Random) -> int:
        """Make up to ``share`` edits of one kind at the positions in turn; return how many.

        A position that is not free, or where the kind finds nothing to edit, is passed over.
        """
        left = share
        for index in order:
            if left <= 0:
                break
            if index not in self.free:
                continue
            if kind == "emoji" and (cost := self._emoji_word(index, left)):
                left -= cost
            elif kind in _SUBSTITUTE:
                left -= self._substitute(index, _SUBSTITUTE[kind], rng)
            elif kind in _BETWEEN:
                left -= self._separate(index, rng.choice(_BETWEEN[kind]), left)
            else:
                left -= self._swap(index)
        return share - left

    def _substitute(self, index: int, substitute: Callable[[str, Random], str], rng: Random) -> int:
        new = substitute(self.cells[index], rng)
        if new == self.cells[index]:
            return 0
        self.cells[index] = new
        self.free.discard(index)
        return 1

    def _emoji_word(self, start: int, most: int) -> int:
        """Put one emoji for a word that begins here; return its length, an edit a character."""
        for length in (3, 2):
            places = range(start, start + length)
            if length <= most and self.free.issuperset(places):
                word = "".join(self.cells[start : start + length])
                if emoji := emoji_table().get(word):
                    self.cells[start : start + length] = [emoji, *[""] * (length - 1)]
                    self.free.difference_update(places)
                    return length
        return 0

    def _separate(self, start: int, symbol: str, most: int) -> int:
        """Put one symbol between consecutive Han characters from here on; return how many."""
        end = start
        while end - start < most and self._han_pair(end):
            self.cells[end] += symbol
            self.free.discard(end)
            end += 1
        if end > start:
            self.free.discard(end)
        return end - start

    def _swap(self, index: int) -> int:
        if not self._han_pair(index) or self.cells[index] == self.cells[index + 1]:
            return 0
        self.cells[index : index + 2] = self.cells[index + 1], self.cells[index]
        self.free.difference_update((index, index + 1))
        return 1

    def _han_pair(self, index: int) -> bool:
        """Tell whether this and the next position are free and hold Han characters."""
        return {index, index + 1} <= self.free and all(map(_is_han, self.cells[index : index + 2]))


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"
