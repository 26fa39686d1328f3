"""Words of debt collection that a disguise of one character hides, found by a table.

``resources/disguises.tsv`` lists, for each common word, the ways to write one of its characters by
its sound, shape, parts, pinyin, initial or emoji, or two of them in the wrong order. It holds no
string that stands in ordinary text (`data.build_disguises` says how that is made sure), so that
what is found can be put right without looking at the rest of the text.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

TABLE: Final = Path(__file__).parent / "resources" / "disguises.tsv"
_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
# No punctuation of clauses, and no space: "怎么还,钱不是我的" has no 还钱 in it. Nor what ordinary
# texts use between clauses or units ("提醒~您", "次/日", "|"), nor a mask ("小**贷").
_SEPARATED: Final = re.compile(rf"(?<=[{_HAN}])(?:[-.·_+^#]{{1,2}}|\*)(?=[{_HAN}])")


class Repair(NamedTuple):
    """``text[start:end]`` should read ``word``."""

    start: int
    end: int
    word: str


class _Table(NamedTuple):
    """words: the lexicon. disguises: disguise -> word. The others: first two characters -> lengths,
    longest first, of the words and of the disguises that begin with them."""

    words: frozenset[str]
    disguises: dict[str, str]
    word_lengths: dict[str, list[int]]
    disguise_lengths: dict[str, list[int]]


@cache
def _table() -> _Table:
    disguises: dict[str, str] = {}
    words = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        word, *forms = line.split(" ")
        words.append(word)
        disguises.update(dict.fromkeys(forms, word))
    return _Table(frozenset(words), disguises, _lengths(words), _lengths(disguises))


def _lengths(items: list[str] | dict[str, str]) -> dict[str, list[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for item in items:
        found[item[:2]].add(len(item))
    return {start: sorted(lengths, reverse=True) for start, lengths in found.items()}


def find_disguised(text: str) -> list[Repair]:
    """Return what to put right in a text of folded width and script, ascending and disjoint.

    A character that belongs to a word of the lexicon as it stands is never changed. Repairing
    therefore adds to the characters in such words each time, so that repeating it comes to an end.
    """
    table, lower = _table(), text.lower()
    if len(lower) != len(text):  # "İ" has two characters in lower case
        lower = "".join(char.lower() if char.isascii() else char for char in text)
    found: list[Repair] = []
    end = 0
    starts = table.disguise_lengths
    for at in [i for i in range(len(lower) - 1) if lower[i : i + 2] in starts]:
        for length in starts[lower[at : at + 2]] if at >= end else ():
            form = lower[at : at + length]
            word = table.disguises.get(form) if len(form) == length else None
            if word and not _inside_latin(lower, at, at + length):
                end = at + length
                found.append(Repair(at, end, word))
                break
    if not found:
        return found
    taken = _in_words(lower)
    return [one for one in found if taken.isdisjoint(_changed(lower, one))]


def find_separators(text: str) -> list[tuple[int, int]]:
    """Return the spans of symbols that part a word of the lexicon ("催.收", "通讯-录")."""
    spans = [match.span() for match in _SEPARATED.finditer(text)]
    if not spans:
        return []
    joined, places = [], []
    cut = {index for start, end in spans for index in range(start, end)}
    for index, char in enumerate(text):
        if index not in cut:
            joined.append(char)
            places.append(index)
    whole = [(places[a], places[b - 1] + 1) for a, b in _words("".join(joined))]
    standing = _words(text)
    return [
        (start, end)
        for start, end in spans
        if any(
            a < start and end < b and not any(_tears(word, (a, b)) for word in standing)
            for a, b in whole
        )
    ]


def _tears(word: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether two spans overlap without the first lying within the second."""
    return (
        word[0] < other[1]
        and other[0] < word[1]
        and not (other[0] <= word[0] and word[1] <= other[1])
    )


def _words(text: str) -> list[tuple[int, int]]:
    """Return the spans of all words of the lexicon, overlapping ones too."""
    words, lengths = _table().words, _table().word_lengths
    return [
        (start, start + length)
        for start in range(len(text) - 1)
        for length in lengths.get(text[start : start + 2], ())
        if start + length <= len(text) and text[start : start + length] in words
    ]


def _in_words(text: str) -> set[int]:
    return {index for start, end in _words(text) for index in range(start, end)}


def _changed(text: str, one: Repair) -> Iterator[int]:
    """Yield the indices of the characters that a repair changes."""
    before, after = shared(text[one.start : one.end], one.word)
    yield from range(one.start + before, one.end - after)


def shared(text: str, other: str) -> tuple[int, int]:
    """Return how many characters two strings have in common at the beginning and at the end."""
    most = min(len(text), len(other))
    before = 0
    while before < most and text[before] == other[before]:
        before += 1
    after = 0
    while after < most - before and text[-1 - after] == other[-1 - after]:
        after += 1
    return before, after


def _inside_latin(text: str, start: int, end: int) -> bool:
    """Tell whether a Latin letter at an end of the span goes on outside of it."""
    return (start > 0 and _latin(text[start]) and _latin(text[start - 1])) or (
        end < len(text) and _latin(text[end - 1]) and _latin(text[end])
    )


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
