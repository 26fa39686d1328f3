"""The suite of attacks: named disguises with a default strength, repeatable from a seed.

The bound: an attack changes at most a given share of the characters (15 %, rounded up); all others
stand, unchanged and in their order. `kept` measures it on the texts themselves, whatever made them.
A symbol, space, mark or invisible character between them changes none. Of a character deleted a
reader has nothing left, so that deletion goes half as far; and a text of less than `SHORTEST`
characters has none to spare.
"""

from dataclasses import dataclass
from math import ceil
from random import Random
from typing import Final

from data.obfuscate import KINDS, obfuscate

STRENGTH: Final = 0.15
LOSSY: Final = 0.5
SHORTEST: Final = 4
# Without the kinds that normalisation undoes for certain: who can read its source wastes no query.
# And without deletion: aimed at what tells, it takes away the very word (骂, 砍) by which the text
# is unlawful, and then a reader does not find it either.
LASTING: Final = (
    *("homophone", "lookalike", "split", "pinyin", "initials", "emoji"),
    *("insert_symbols", "swap"),
)
"""Kinds for attacks that choose where to strike."""


@dataclass(frozen=True)
class Attack:
    """A way to disguise a text.

    kinds: out of `data.obfuscate.KINDS`; of several, one to three are drawn for each text.
    """

    name: str
    kinds: tuple[str, ...]
    strength: float = STRENGTH

    def __call__(self, text: str, seed: int = 0) -> str:
        """Return the text disguised; the same for the same text and seed."""
        # Seeded by the text, so that a text's disguise does not depend on its neighbours.
        key = f"{seed}:{self.name}:{text}".encode("utf-8", "surrogatepass")
        return obfuscate(text, Random(key), self.strength, self.kinds)  # noqa: S311, no secret here


MIXED: Final = "mixed"
"""The attack that draws one to three of all kinds for each text."""


def suite(strength: float = STRENGTH) -> dict[str, Attack]:
    """Return every attack that does not query the model, by name."""
    single = {
        kind: Attack(kind, (kind,), strength * (LOSSY if kind == "deletion" else 1))
        for kind in KINDS
    }
    return {**single, MIXED: Attack(MIXED, KINDS, strength)}


def kept(original: str, disguised: str) -> float:
    """Return the share of the original's characters that stand in the disguised text in order.

    Length of the longest common subsequence over length of the original, by the bit-parallel
    algorithm of Hyyrö (2004); 1 for an empty original.
    """
    if not original:
        return 1.0
    places: dict[str, int] = {}
    for index, char in enumerate(original):
        places[char] = places.get(char, 0) | 1 << index
    full = (1 << len(original)) - 1
    row = full  # a 0 bit for each character that the best subsequence so far takes
    for char in disguised:
        hits = row & places.get(char, 0)
        row = ((row + hits) | (row - hits)) & full
    return (len(original) - row.bit_count()) / len(original)


def allowed(text: str, strength: float = STRENGTH) -> int:
    """Return how many characters of a text an attack may change."""
    return ceil(strength * len(text)) if len(text) >= SHORTEST else 0


def legible(original: str, disguised: str, strength: float = STRENGTH) -> bool:
    """Tell whether a disguise keeps the bound, so that a reader can still read it."""
    lost = len(original) - round(kept(original, disguised) * len(original))
    return lost <= allowed(original, strength)
