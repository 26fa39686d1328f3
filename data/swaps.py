"""Counterfactual texts: the same message to another person, of other sex, elsewhere, from another.

A label is about conduct, and none of these swaps changes what is done to whom it is done. What a
swap finds goes by lists of words (``resources/circumstances.toml``) and, for names, by
`data.names`, which needs the [train] extra.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from data.slices import word_lists
from data.text import fold

Swap = tuple[int, int, str]  # start, end, what comes in its place
_BEFORE_A_NAME: Final = frozenset("的是和与对找给叫让向请知")


@dataclass(frozen=True)
class Pair:
    """Two texts that a reader would label alike.

    found: whether the first is the text itself and the second has what it names swapped; else both
    have something of the kind put before the text.
    """

    first: str
    second: str
    found: bool


def counterfactual(text: str, kind: str, rng: Random) -> Pair:
    """Return a pair of texts that differ in what `kind`, one of `KINDS`, stands for.

    Width and script are folded. Equal states of `rng` give equal pairs. Raises ValueError for
    another kind.
    """
    if kind not in _FINDERS:
        raise ValueError(f"no kind {kind!r}: choose among {', '.join(KINDS)}")
    plain = fold(text).text
    parts, at = [], 0
    for start, end, other in sorted(set(_FINDERS[kind](plain, rng))):
        if start >= at:
            parts += [plain[at:start], other]
            at = end
    second = "".join([*parts, plain[at:]])
    if second != plain:
        return Pair(plain, second, found=True)
    first, other = _openings(kind, rng)
    return Pair(first + plain, other + plain, found=False)


def _openings(kind: str, rng: Random) -> tuple[str, str]:
    """Return two ways to begin a message that differ in the kind alone."""
    lists = word_lists()["swap"]
    surname, lender = rng.choice(lists["surnames"]), rng.choice(lists["lender_names"])
    if kind == "names":
        pairs = zip(rng.sample(lists["surnames"], 2), rng.sample(lists["given"], 2), strict=True)
        first, second = (surname + given for surname, given in pairs)
        return f"{first},", f"{second},"
    if kind == "sex":
        return f"{surname}先生,", f"{surname}女士,"
    if kind == "province":
        first, second = rng.sample(lists["provinces"], 2)
        return f"【{first}{lender}金融】", f"【{second}{lender}金融】"
    form = rng.choice(("银行", "消费金融", "小贷", "资管"))
    first, second = rng.sample(lists["lender_names"], 2)
    return f"【{first}{form}】", f"【{second}{form}】"


def _names(text: str, rng: Random) -> Iterator[Swap]:
    """Yield full names of three characters, each for a made-up one, and surnames before a title.

    `find_names` is made to miss none; a swap must not touch what is no name, so that of what it
    finds only what is made of surname and common given names is taken.
    """
    from data.names import SURNAMES, find_names, given_characters

    lists = word_lists()["swap"]
    chosen: dict[str, str] = {}

    def other(name: str) -> str:
        if name not in chosen:
            given = [one for one in lists["given"] if len(one) == len(name) - 1]
            new = rng.choice([one for one in lists["surnames"] if one != name[0]])
            chosen[name] = new + (rng.choice(given) if given else "")
        return chosen[name]

    common = set(lists["surnames"])
    for start, end, _ in find_names(text):
        name = text[start:end]
        if len(name) == 3 and name[0] in common and set(name[1:]) <= given_characters():
            yield start, end, other(name)
    for match in re.finditer(f"[{''.join(sorted(SURNAMES))}](?=(?:{_any('titles')}))", text):
        before = text[match.start() - 1 : match.start()]
        # 尊敬的张先生, but neither 老师 of 郑老师 nor 何 of 任何先生
        if not before or not ("\u4e00" <= before <= "\u9fff") or before in _BEFORE_A_NAME:
            yield *match.span(), other(match[0])


def _sex(text: str, rng: Random) -> Iterator[Swap]:
    table, pattern = _sexes()
    for match in pattern.finditer(text):
        if match["word"]:
            yield *match.span(), table[match[0]]


@cache
def _sexes() -> tuple[dict[str, str], re.Pattern[str]]:
    table: dict[str, str] = {}
    for pair in word_lists()["swap"]["sex"]:
        first, second = pair.split("/")
        table |= {first: second, second: first}
    kept = word_lists()["swap"]["sex_kept"]
    return table, re.compile(f"{_longer(kept)}|(?P<word>{_longer(list(table))})")


def _longer(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _any(name: str) -> str:
    return _longer(word_lists()["swap"][name])


def _among(*lists: str) -> Callable[[str, Random], Iterator[Swap]]:
    """Return a finder that swaps a word of a list for another of it, alike throughout a text."""

    def find(text: str, rng: Random) -> Iterator[Swap]:
        for name in lists:
            words = word_lists()["swap"][name]
            chosen: dict[str, str] = {}
            for match in re.finditer(_any(name), text):
                if match[0] not in chosen:
                    chosen[match[0]] = rng.choice([word for word in words if word != match[0]])
                yield *match.span(), chosen[match[0]]

    return find


def _lender(text: str, rng: Random) -> Iterator[Swap]:
    """Yield known lenders, and the made-up part of a lender's signature wherever it stands."""
    yield from _among("banks", "platforms")(text, rng)
    lists = word_lists()["swap"]
    signature = re.compile(f"[【\\[]([\u4e00-\u9fff]{{2,4}}?)(?:{_any('lender_kinds')})[】\\]]")
    for name in sorted({match[1] for match in signature.finditer(text)}):
        other = rng.choice([one for one in lists["lender_names"] if one != name])
        for match in re.finditer(re.escape(name), text):
            yield *match.span(), other


_FINDERS: Final[dict[str, Callable[[str, Random], Iterator[Swap]]]] = {
    "names": _names,
    "sex": _sex,
    "province": _among("provinces", "cities"),
    "lender": _lender,
}
KINDS: Final = tuple(_FINDERS)
