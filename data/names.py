"""Personal names in Chinese text, found by surname and by what stands around them.

A name is a surname and one or two characters that are not together a word, where the neighbours
let a name be expected: a title, a word that introduces a person, the beginning of a sentence. What
jieba's tagger takes for a name is one too, if it begins with a surname. Needs the extra [train].
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

_RESOURCES: Final = Path(__file__).parent / "resources"
_LISTS: Final[dict[str, list[str]]] = {
    name: words.split()
    for name, words in tomllib.loads((_RESOURCES / "deidentify.toml").read_text("utf-8"))[
        "names"
    ].items()
}
SURNAMES: Final = frozenset(_LISTS["surnames"])
COMPOUND: Final = tuple(_LISTS["compound"])
_BEGINNINGS: Final = (*COMPOUND, *SURNAMES)

COMMON: Final = 50
"""Frequency in jieba's dictionary from which a word is one of everyday language."""
KNOWN: Final = 5
"""The same where it begins with a surname: rarer words too are no names then."""
GIVEN: Final = 20
"""Names in the dictionary that a character must stand in to count as one of given names."""


def _any(name: str) -> str:
    """Return a pattern for any word of a list, the longer ones first."""
    return "|".join(sorted(_LISTS[name], key=len, reverse=True))


_GIVEN: Final = f"[^\\W\\d_a-zA-Z{''.join(_LISTS['not_given'])}]"
_NAME: Final = f"(?:{_any('compound')}|[{''.join(_LISTS['surnames'])}])(?!{_any('kin')})"
_START: Final = r"(?:^|(?<=[\s,.!?:;、。】)”]))"
_FOLLOWS: Final = rf"[\s,.!?:;、。()\[\]【】《》“”\"'—…/|]|$|[{''.join(_LISTS['follows'])}]"
_STRONG: Final = re.compile(
    rf"(?:{_any('introduces')})(?:为|是|叫|系)?[\s:“\"'(《「]{{0,3}}"
    rf"(?P<name>{_NAME}{_GIVEN}{{1,2}}?)(?={_FOLLOWS})"
    rf"|(?P<titled>{_NAME}{_GIVEN}{{1,2}})(?={_any('titles')})"
    rf"|(?<=】)(?P<signed>{_NAME}{_GIVEN}{{1,2}})(?=[,:!])"
    rf"|{_START}(?P<called>{_NAME}{_GIVEN}{{1,2}})"
    r"(?=[,:!、\s]{0,2}[你您]|[,(\s]*(?:男|女|身份证|电话|手机|住址|家住|现年|\d{2}岁))"
)
_WEAK: Final = re.compile(
    rf"{_START}(?P<name>{_NAME}{_GIVEN}{{1,2}}?)"
    r"(?=[,:!、\s]|[\"”)]|欠|借|拖欠|逾期|已逾期|尚欠|在我|于20|因|向|的(?:欠|借|贷|债|电话|身份证|家))"
    rf"|(?<=、)(?P<listed>{_NAME}{_GIVEN}{{1,2}})(?=[。;]|$)"
)
_INTRODUCED: Final = re.compile(
    rf"(?:{_any('introduces')})(?:为|是|叫|系)?[\s:“\"'(《「]{{0,3}}(?P<name>{_NAME}{_GIVEN}{{2}})"
)
_JUST_A_NAME: Final = re.compile(rf"{_NAME}{_GIVEN}{{1,2}}")
_ANYWHERE: Final = re.compile(rf"(?P<name>{_NAME}{_GIVEN}{{2}})")


def find_names(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, substitute) of each name in a normalised text; the surname stays."""
    known: set[str] = set()
    for pattern, accept in _RULES:
        for at in _overlapping(pattern, text):
            group = next(name for name, value in at.groupdict().items() if value)
            name, start = at[group], at.start(group)
            if not _is_word(name) and accept(text, start, name):
                known.add(name)
                yield start, start + len(name), substitute(name)
    for start, end in _tagged(text):
        yield start, end, substitute(text[start:end])
    for name in known:  # named once, a person is known wherever the text names them again
        for again in re.finditer(re.escape(name), text):
            yield again.start(), again.end(), substitute(name)


def _in_strong_place(text: str, start: int, name: str) -> bool:
    return text[max(0, start - 1) : start + 1] not in _LISTS["endings"]


def _in_weak_place(text: str, start: int, name: str) -> bool:
    if name.startswith(COMPOUND):
        return True
    longer = any(text[start : start + length] in _everyday() for length in (3, 4))
    return name[0] not in _LISTS["rare"] and not longer


def _after_a_cue(text: str, start: int, name: str) -> bool:
    return (
        _in_strong_place(text, start, name)
        and set(name[-2:]) <= given_characters()
        and text[start + len(name) - 1 :][:2] not in _everyday()
    )


def _in_no_word(text: str, start: int, name: str) -> bool:
    """Return whether no common word shares a character with the name, and all of it fits one."""
    end = start + len(name)
    around = text[max(0, start - 1) : end + 1]
    pairs = {around[i : i + 2] for i in range(len(around) - 1)}
    compound = name.startswith(COMPOUND)
    rare = name[0] in _LISTS["rare"] and not compound
    return not rare and set(name[-2:]) <= given_characters() and pairs.isdisjoint(_everyday())


_RULES: Final = (
    (_STRONG, _in_strong_place),
    (_INTRODUCED, _after_a_cue),
    (_WEAK, _in_weak_place),
    (_ANYWHERE, _in_no_word),
)


def substitute(name: str) -> str:
    """Return 张某 for 张伟, 欧阳某 for 欧阳锋."""
    surname = name[:2] if name.startswith(COMPOUND) else name[0]
    return f"{surname}某"


def _is_word(name: str) -> bool:
    """Return whether the characters are, or begin with, a common word."""
    return name in _everyday() or (not name.startswith(COMPOUND) and name[:2] in _everyday())


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield matches from every place on, as the cue of one name may be the end of another."""
    at = 0
    while (found := pattern.search(text, at)) is not None:
        yield found
        at = found.start() + 1


@cache
def _everyday() -> frozenset[str]:
    """Return common words of two characters, and longer ones that begin with a surname."""
    return frozenset(_LISTS["words"]) | {
        word
        for word, count, kind in _dictionary()
        if not kind.startswith("nr")
        and (
            (len(word) == 2 and count >= COMMON)
            or (count >= KNOWN and 2 <= len(word) <= 4 and word.startswith(_BEGINNINGS))
        )
    }


@cache
def given_characters() -> frozenset[str]:
    """Return the characters of given names."""
    counts = Counter(
        char
        for word, _, kind in _dictionary()
        if kind.startswith("nr") and len(word) == 3 and word.startswith(_BEGINNINGS)
        for char in word[1:]
    )
    return frozenset(char for char, count in counts.items() if count >= GIVEN)


def _dictionary() -> Iterator[tuple[str, int, str]]:
    """Yield (word, frequency, part of speech) of jieba's dictionary; nr is a name."""
    import jieba  # not at import time: the serving installation has none

    with jieba.get_dict_file() as lines:
        for line in lines:
            word, count, kind = line.decode().split()
            yield word, int(count), kind


def _tagged(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of what jieba's tagger takes for a name with one of our surnames."""
    import jieba
    from jieba import posseg

    jieba.setLogLevel("WARNING")  # else it tells of its cache on stderr
    at = 0
    for word, kind in posseg.lcut(text):
        start = text.index(word, at)
        at = start + len(word)
        name = _JUST_A_NAME.fullmatch(word)
        if kind.startswith("nr") and name and not _is_word(word):
            yield start, at
