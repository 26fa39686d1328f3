"""Text normalisation with a map back to the original, character by character.

In order: width and form (NFKC), invisible characters and stray combining marks dropped,
traditional to simplified characters, white space folded to single spaces and stripped, a character
repeated more than three times cut to three, words split by a repeated separator joined
("死.全.家"), and words of debt collection with a character disguised or a symbol between put right
("崔收", "通xun录", "还.钱"; `data.repair`). The steps repeat until nothing changes, which makes
the function idempotent.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from data.repair import find_disguised, find_separators, shared

_RESOURCES: Final = Path(__file__).parent / "resources"

# Controls, format and bidirectional characters, fillers, variation selectors, tags, lone
# surrogates, non-characters: nothing that a reader sees. U+001C to U+001F count as white space.
_INVISIBLE: Final = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891"
    "\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
    "]+"
)
# What is left of these after composition strikes out or decorates its neighbour ("死̶", "1⃣").
_MARKS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_SPACES: Final = re.compile("^ +| +$|(?<= ) +")
_REPEATS: Final = re.compile(r"([^\d*×#Xx])\1\1(\1+)")  # digits and masks ("138****", "xxxx") stay
_HAN: Final = "[\u3400-\u4dbf\u4e00-\u9fff]"
# Three or more single Han characters with the same separator between them. Punctuation that
# separates clauses or list items is no separator here, nor is a mask ("住**镇**路"). A space is one
# only where the run is not attached to other Han characters, so that spaced phrases keep their
# words ("我们 都 知道").
_SYMBOL: Final = r"(?:[^\w\s,;:!?、。()《》【】\[\]<>“”‘’\"'…¥$%@&*#×]|_)"
_SPLIT: Final = re.compile(
    f"{_HAN}(?P<s>{_SYMBOL}{{1,2}}){_HAN}(?:(?P=s){_HAN})+"
    f"|(?<!{_HAN}){_HAN} {_HAN}(?: {_HAN})+(?!{_HAN})"
)


def _single_characters() -> dict[int, str]:
    """Return the one-to-one part of the work: full-width forms, spaces, simplification."""
    lines = (_RESOURCES / "t2s.tsv").read_text(encoding="utf-8").splitlines()
    table = {ord(line[0]): line[2] for line in lines}
    for code in range(0xFF01, 0xFFE7):
        folded = unicodedata.normalize("NFKC", chr(code))
        if len(folded) == 1 and folded != chr(code) and not unicodedata.combining(folded):
            table[code] = folded
    spaces = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u2800\u3000"
    for code in [*map(ord, spaces), *range(0x2000, 0x200B)]:
        table[code] = " "
    return table


_ONE_TO_ONE: Final = _single_characters()


@dataclass(frozen=True, slots=True)
class Normalised:
    """A normalised text; ``offsets[i]`` is the index in ``original`` of ``text[i]``'s source.

    Offsets never decrease; several characters may come from one ("…" gives "...").
    """

    text: str
    offsets: tuple[int, ...]
    original: str

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span of ``original`` behind ``text[start:end]``.

        Marks that decorate the last character are included, and all letters that it was read from
        ("cui" for 催). Raises ValueError unless 0 <= start <= end <= len(text).
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span {start}:{end} outside a text of {len(self.text)} characters")
        if start == end:
            at = self.offsets[start] if start < len(self.text) else len(self.original)
            return at, at
        last = self.offsets[end - 1] + 1
        following = self.offsets[end] if end < len(self.text) else len(self.original)
        while last < following and _belongs(self.original[last]):
            last += 1
        return self.offsets[start], last


def normalise(text: str) -> Normalised:
    """Return the text as the model reads it, with its offsets; never raises for a ``str``."""
    return _repeat(text, repair=True)


def fold(text: str) -> Normalised:
    """Return the text normalised but for the words put right: what `data.repair` works on."""
    return _repeat(text, repair=False)


def _repeat(text: str, repair: bool) -> Normalised:
    current = text.translate(_ONE_TO_ONE)
    offsets: list[int] | range = range(len(text))
    while True:
        changed, offsets = _pass(current, offsets)
        if repair and changed == current:
            changed, offsets = _repair(current, offsets)
        # A first pass may expand ("㎏"); every later one only shortens, maps to final forms or adds
        # to the words of the lexicon, so this ends, and there another call finds nothing to do.
        if changed == current:
            return Normalised(current, tuple(offsets), text)
        current = changed.translate(_ONE_TO_ONE)


def _pass(text: str, offsets: list[int] | range) -> tuple[str, list[int] | range]:
    text, offsets = _delete(text, offsets, [m.span() for m in _INVISIBLE.finditer(text)])
    if not unicodedata.is_normalized("NFKC", text):
        text, offsets = _compose(text, offsets)
    text, offsets = _delete(text, offsets, [m.span() for m in _MARKS.finditer(text)])
    text, offsets = _delete(text, offsets, [m.span() for m in _SPACES.finditer(text)])
    text, offsets = _delete(text, offsets, [m.span(2) for m in _REPEATS.finditer(text)])
    return _delete(text, offsets, _separators(text))


def _repair(text: str, offsets: list[int] | range) -> tuple[str, list[int] | range]:
    text, offsets = _delete(text, offsets, find_separators(text))
    repairs = find_disguised(text)
    if not repairs:
        return text, offsets
    parts: list[str] = []
    kept: list[int] = []
    at = 0
    for start, end, word in repairs:
        before, after = shared(text[start:end], word)
        first, last = start + before, end - after  # of what the disguise changed
        new = word[before : len(word) - after]
        same = len(new) == last - first
        parts += [text[at:first], new]
        kept.extend(offsets[at:first])
        kept.extend(offsets[first:last] if same else [offsets[first]] * len(new))
        at = last
    parts.append(text[at:])
    kept.extend(offsets[at:])
    return "".join(parts), kept


def _delete(
    text: str, offsets: list[int] | range, spans: list[tuple[int, int]]
) -> tuple[str, list[int] | range]:
    """Cut the given spans (ascending, disjoint) out of the text and its offsets."""
    if not spans:
        return text, offsets
    parts: list[str] = []
    kept: list[int] = []
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        parts.append(text[at:start])
        kept.extend(offsets[at:start])
        at = end
    return "".join(parts), kept


def _compose(text: str, offsets: list[int] | range) -> tuple[str, list[int] | range]:
    """Apply NFKC to each character together with the marks that follow it."""
    parts: list[str] = []
    kept: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _joins(text[end]):
            end += 1
        piece = text[start:end]
        composed = unicodedata.normalize("NFKC", piece)
        parts.append(composed)
        kept.extend(offsets[start:end] if composed == piece else [offsets[start]] * len(composed))
        start = end
    return "".join(parts), kept


@lru_cache(maxsize=4096)
def _joins(char: str) -> bool:
    """Tell whether a character combines with the one before it."""
    return unicodedata.combining(unicodedata.normalize("NFKD", char)[0]) != 0 or (
        "\u1161" <= char <= "\u1175" or "\u11a8" <= char <= "\u11c2"  # Hangul vowels and finals
    )


def _belongs(char: str) -> bool:
    """Tell whether a character, itself left out, is part of the one before it for a reader."""
    return _joins(char) or char.isalnum()


def _separators(text: str) -> list[tuple[int, int]]:
    """Return the spans of the separators inside split words."""
    spans: list[tuple[int, int]] = []
    for match in _SPLIT.finditer(text):
        step = 1 + len(match["s"] or " ")
        spans += [(at + 1, at + step) for at in range(match.start(), match.end() - 1, step)]
    return spans
