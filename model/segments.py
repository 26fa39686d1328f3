"""Cut a text where evidence may begin and end: at clauses and at the model's own word pieces.

Everything here works on normalised text (`data.text.normalise`), in code points, half-open.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tokenizers import Tokenizer

Cut = tuple[int, int]

SHORTEST, LONGEST_SEGMENT = 5, 16  # pieces of a segment: a few words, and a long clause
PHRASE = 5  # pieces of a phrase, the smallest part of a segment that is judged by itself
_CLAUSE_END = re.compile(r"[,;:!?、。…\s]+|\.(?!\d)")
# Never cut inside: a number, date, address or word in Latin letters, also masked ("138****0000").
_ATOM = re.compile(r"[0-9A-Za-z*]+(?:[.,:/@_\-][0-9A-Za-z*]+)*")


def boundaries(text: str, tokenizer: Tokenizer) -> list[int]:
    """Return the positions at which the text may be cut, ascending, 0 and len(text) included."""
    if not text:
        return [0]
    inside = {at for m in _ATOM.finditer(text) for at in range(m.start() + 1, m.end())}
    starts = {start for start, _ in tokenizer.encode(text, add_special_tokens=False).offsets}
    return sorted({0, len(text)} | {at for at in starts - inside if 0 < at < len(text)})


def segments(text: str, cuts: Sequence[int]) -> list[Cut]:
    """Return consecutive segments that cover the text: clauses, with their closing mark.

    A clause of fewer than SHORTEST pieces stays with its successor, one of more than
    LONGEST_SEGMENT is divided evenly. cuts: `boundaries` of the text.
    """
    # A mark may share a piece with the next word, so a clause ends where its last piece does.
    ends = {cuts[bisect_left(cuts, m.end())] for m in _CLAUSE_END.finditer(text)} | {len(text)}
    found: list[Cut] = []
    first = 0
    for last in sorted(bisect_left(cuts, end) for end in ends):
        if last - first >= SHORTEST or (last == len(cuts) - 1 > first and not found):
            found += parts(cuts[first : last + 1], LONGEST_SEGMENT)
            first = last
    if found and first < len(cuts) - 1:
        found[-1] = (found[-1][0], len(text))
    return found


def phrases(segment: Cut, cuts: Sequence[int]) -> list[Cut]:
    """Return the phrases of a segment, of about PHRASE pieces each."""
    start, end = segment
    return parts(cuts[bisect_left(cuts, start) : bisect_right(cuts, end)], PHRASE)


def parts(cuts: Sequence[int], most: int) -> list[Cut]:
    """Divide the pieces between cuts evenly into as few parts as hold `most` pieces at most."""
    pieces = len(cuts) - 1
    count = -(-pieces // most)
    return list(pairwise(cuts[index * pieces // count] for index in range(count + 1)))


def blocks(segments: Sequence[Cut], longest: int) -> list[list[Cut]]:
    """Group consecutive segments into blocks of at most `longest` characters (or one segment)."""
    found: list[list[Cut]] = []
    for segment in segments:
        if found and segment[1] - found[-1][0][0] <= longest:
            found[-1].append(segment)
        else:
            found.append([segment])
    return found


def joined(spans: Iterable[Cut]) -> list[Cut]:
    """Return the spans sorted, with those that touch or overlap made one."""
    found: list[Cut] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def stripped(text: str, span: Cut) -> Cut:
    """Return the span without punctuation and white space at its ends, if anything is left."""
    start, end = span
    while start < end and unicodedata.category(text[start])[0] in "PZ":
        start += 1
    while end > start and unicodedata.category(text[end - 1])[0] in "PZ":
        end -= 1
    return (start, end) if start < end else span


def without(text: str, spans: Iterable[Cut]) -> str:
    """Return the text with the spans (sorted, disjoint) deleted."""
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


def alone(text: str, spans: Iterable[Cut]) -> str:
    """Return nothing but the spans (sorted, disjoint) of the text."""
    return "".join(text[start:end] for start, end in spans)
