"""Write a text the way senders do who want to get past a filter, or who type in haste.

Used to augment training texts and to measure robustness. ``data.text.normalise`` undoes some kinds
(traditional, zero_width, full_width, and longer runs of insert_symbols and spaces), so a model
that reads normalised texts learns from the others.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

_TABLE: Final = Path(__file__).parent / "resources" / "confusion.tsv"
# Characters of the words that filters look for, and that senders therefore disguise first.
_SENSITIVE: Final = frozenset(
    "催收债欠款贷还钱逾期死杀砍打弄废刀血妈逼狗畜生贱滚婊傻操骗法院公安警察抓捕刑拘牢律师诉讼立案"
    "通讯录爆曝群发联系身份证照片家孩子父母单位领导上门堵泼漆花圈微信电话征"
)
# Deleted by nobody: losing one of these would change what the text says, and so its label.
_KEPT: Final = _SENSITIVE | frozenset("不没未勿别莫非无")
_SYMBOLS: Final = ".·-_*/|~+、，^#"
_ZERO_WIDTH: Final = "\u200b\u200c\u200d\u2060\ufeff"
_EMOJI: Final = {
    "钱": "💰", "款": "💰", "死": "💀", "杀": "🔪", "刀": "🔪", "砍": "🔪", "家": "🏠",
    "电": "⚡", "话": "☎️", "血": "🩸", "狗": "🐶", "警": "👮", "车": "🚗", "信": "✉️",
    "人": "👤", "火": "🔥", "心": "❤️", "打": "👊", "手": "✋", "眼": "👀", "卡": "💳",
    "吃": "🍚", "爸": "👨", "妈": "👩", "子": "👶", "房": "🏠", "日": "☀️", "月": "🌙",
    "一": "1️⃣", "二": "2️⃣", "三": "3️⃣", "猪": "🐷", "鸡": "🐔", "马": "🐴", "录": "📒",
    "笑": "😄", "哭": "😭", "滚": "🌀", "好": "👌", "炸": "💣", "爆": "💥", "门": "🚪",
}  # fmt: skip


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    """Return kind (sound, shape, split, traditional, pinyin) -> character -> substitutes."""
    tables: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        kind, char, items = line.split("\t")
        tables[kind][char] = items.split(" ")
    return tables


def _from_table(kind: str) -> Callable[[str, Random], str]:
    def substitute(char: str, rng: Random) -> str:
        items = _tables()[kind].get(char)
        return rng.choice(items) if items else char

    return substitute


def _initial(char: str, rng: Random) -> str:
    return _tables()["pinyin"].get(char, [char])[0][0]


def _zero_width(char: str, rng: Random) -> str:
    return char + rng.choice(_ZERO_WIDTH) if _is_han(char) else char


def _full_width(char: str, rng: Random) -> str:
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char


def _emoji(char: str, rng: Random) -> str:
    return _EMOJI.get(char, char)


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
    "full_width": _full_width,
    "emoji": _emoji,
    "deletion": _deletion,
}
_BETWEEN: Final[dict[str, str]] = {"insert_symbols": _SYMBOLS, "spaces": " "}
KINDS: Final = (*_SUBSTITUTE, *_BETWEEN, "swap")


def obfuscate(
    text: str, rng: Random, strength: float = 0.15, kinds: Sequence[str] | None = None
) -> str:
    """Return the text with about ``strength`` of its characters disguised.

    One to three of ``kinds`` (by default any of ``KINDS``) are drawn and share at most
    ``ceil(strength * len(text))`` edits: characters replaced or dropped, separators inserted, or
    neighbours swapped. Sensitive characters come first. No character is edited twice, and a kind
    that finds nothing to edit leaves its share unused. The result depends only on the arguments
    and the state of ``rng``. Raises ValueError for an unknown kind or a strength outside 0..1.
    """
    pool = KINDS if kinds is None else tuple(kinds)
    if unknown := set(pool).difference(KINDS):
        raise ValueError(f"no kind {sorted(unknown)}: choose among {', '.join(KINDS)}")
    if not 0 <= strength <= 1:
        raise ValueError(f"strength {strength} is not between 0 and 1")
    budget = math.ceil(strength * len(text))
    if not budget or not pool:
        return text
    chosen = rng.sample(pool, min(len(pool), budget, rng.randint(1, 3)))
    cells = list(text)
    free = set(range(len(cells)))
    for position, kind in enumerate(chosen):
        share = budget // len(chosen) + (position < budget % len(chosen))
        _edit(cells, free, kind, share, rng)
    return "".join(cells)


def _edit(cells: list[str], free: set[int], kind: str, share: int, rng: Random) -> None:
    """Make up to ``share`` edits of one kind in place, at free positions, and take those."""
    for index in _order(cells, free, rng):
        if share <= 0:
            return
        if index not in free:
            continue
        if kind in _SUBSTITUTE:
            share -= _substitute(cells, free, index, _SUBSTITUTE[kind], rng)
        elif kind in _BETWEEN:
            share -= _separate(cells, free, index, rng.choice(_BETWEEN[kind]), share)
        else:
            share -= _swap(cells, free, index)


def _order(cells: list[str], free: set[int], rng: Random) -> list[int]:
    """Return the free positions in random order, those of sensitive characters rather first."""
    draw = {index: rng.random() - 0.6 * (cells[index] in _SENSITIVE) for index in sorted(free)}
    return sorted(draw, key=draw.__getitem__)


def _substitute(
    cells: list[str],
    free: set[int],
    index: int,
    substitute: Callable[[str, Random], str],
    rng: Random,
) -> int:
    new = substitute(cells[index], rng)
    if new == cells[index]:
        return 0
    cells[index] = new
    free.discard(index)
    return 1


def _separate(cells: list[str], free: set[int], start: int, symbol: str, most: int) -> int:
    """Put one symbol between consecutive Han characters from ``start`` on; return how many."""
    end = start
    while end - start < most and _han_pair(cells, free, end):
        cells[end] += symbol
        free.discard(end)
        end += 1
    if end > start:
        free.discard(end)
    return end - start


def _swap(cells: list[str], free: set[int], index: int) -> int:
    if not _han_pair(cells, free, index) or cells[index] == cells[index + 1]:
        return 0
    cells[index], cells[index + 1] = cells[index + 1], cells[index]
    free.difference_update((index, index + 1))
    return 1


def _han_pair(cells: list[str], free: set[int], index: int) -> bool:
    """Tell whether this and the next position are free and hold Han characters."""
    return {index, index + 1} <= free and _is_han(cells[index]) and _is_han(cells[index + 1])


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"
