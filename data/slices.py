"""Circumstances that a text shows by itself, to break figures down by: length and a few words.

Lists of words are a rough guide: they tell that a text names a man or an old person, not that the
debtor is one. They are for comparing groups of texts, never for treating one differently.
"""

import tomllib
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any, Final

from data.text import fold

FACETS: Final = ("length", "dialect", "gender_words", "age_words")
_FILE: Final = Path(__file__).parent / "resources" / "circumstances.toml"
_LENGTHS: Final = (16, 41, 101, 201)  # first lengths of the longer groups, in characters
_LENGTH_NAMES: Final = ("001–015", "016–040", "041–100", "101–200", "201 and more")
NONE, BOTH = "none", "both"


@cache
def word_lists() -> dict[str, dict[str, list[str]]]:
    """Return section -> name -> words of circumstances.toml."""
    found: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        section: {name: words.split() for name, words in lists.items()}
        for section, lists in found.items()
    }


def text_facets(text: str) -> dict[str, str]:
    """Return the value of each of `FACETS` for a text of any kind."""
    plain = fold(text).text
    lists = word_lists()
    gender, age = lists["gender"], lists["age"]
    named = _without(plain, gender["neither"])
    aged = _without(plain, age["no_age"])
    return {
        "length": _LENGTH_NAMES[bisect_right(_LENGTHS, len(text))],
        "dialect": next(
            (name for name, words in lists["dialect"].items() if _any(words, plain)), NONE
        ),
        "gender_words": _either(named, gender, "male", "female"),
        "age_words": _either(aged, age, "young", "old"),
    }


def _either(text: str, lists: dict[str, list[str]], first: str, second: str) -> str:
    found = [name for name in (first, second) if _any(lists[name], text)]
    return BOTH if len(found) == 2 else found[0] if found else NONE


def _any(words: list[str], text: str) -> bool:
    return any(word in text for word in words)


def _without(text: str, phrases: list[str]) -> str:
    for phrase in phrases:
        text = text.replace(phrase, " ")
    return text
