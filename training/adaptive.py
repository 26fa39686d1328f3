"""The adaptive attack: a greedy search for a disguise that changes a system's answer.

It may query the system on `QUERIES` texts in all, and change as much of a text as the other attacks
may. First it leaves out parts of the text in turn, to see on which the answer rests; then it tries
every kind of disguise on these, the weightiest first, and keeps what helps most, so that kinds are
combined. An unlawful text is to be taken for something else, any other text for an unlawful one:
the worst that disguises can do in either direction.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

import numpy as np
from tqdm import tqdm

from data.attacks import LASTING, STRENGTH, allowed
from data.obfuscate import Disguise
from training.predictors import BoolArray, Predictor

NAME = "adaptive"
QUERIES = 60
PARTS = 16
TOGETHER = 64  # texts attacked in step, so that a system is asked in batches


@dataclass(frozen=True)
class Answer:
    """reached: the attack's goal; score: the lower, the nearer to it."""

    reached: bool
    score: float


Search = Generator[list[str], list[Answer], str]


def search(text: str, rng: Random, queries: int = QUERIES, strength: float = STRENGTH) -> Search:
    """Yield texts to ask about, be sent an answer for each, return the disguised text at last."""
    (first,) = yield [text]
    left = queries - 1
    edits = allowed(text, strength)
    best, score = Disguise(text), first.score
    parts = _parts(text, min(PARTS, left))
    if first.reached or not parts or not edits:
        return text
    shown = yield ["".join(c for i, c in enumerate(text) if i not in part) for part in parts]
    left -= len(parts)
    order = sorted(range(len(parts)), key=lambda index: shown[index].score)
    share = max(1, math.ceil(edits * len(LASTING) / max(left, 1)))
    waiting = list(order)
    while waiting and left and edits:
        part = parts[waiting.pop(0)]
        tries = list(islice(_tries(best, part, min(share, edits), rng), left))
        if not tries:
            continue
        answers = yield [one.text for one, _ in tries]
        left -= len(tries)
        found = min(range(len(tries)), key=lambda i: (not answers[i].reached, answers[i].score))
        if answers[found].reached:
            return tries[found][0].text
        if answers[found].score < score:
            (best, made), score = tries[found], answers[found].score
            edits -= made
        if not waiting:
            waiting = list(order)  # what is left of each part, with other draws
    return best.text


def _parts(text: str, most: int) -> list[list[int]]:
    """Cut the positions of all that is no space into `most` parts of like length, or fewer."""
    places = [index for index, char in enumerate(text) if not char.isspace()]
    if not places or not most:
        return []
    return [part.tolist() for part in np.array_split(places, min(most, len(places)))]


def _tries(
    best: Disguise, part: Sequence[int], share: int, rng: Random
) -> Iterator[tuple[Disguise, int]]:
    """Yield the disguise with up to `share` further edits of one kind, and their number."""
    seen = {best.text}
    for kind in LASTING:
        one = best.copy()
        places = [index for index in one.order(rng) if index in set(part)]
        made = one.edit(kind, places, share, rng)
        if made and one.text not in seen:
            seen.add(one.text)
            yield one, made


def attack_all(
    texts: Sequence[str],
    unlawful: BoolArray,
    system: Predictor,
    seed: int = 0,
    queries: int = QUERIES,
    strength: float = STRENGTH,
) -> list[str]:
    """Return every text as the attack on this system leaves it.

    unlawful: bool [n], which texts are truly unlawful. Progress on stderr.
    """
    found: list[str] = []
    with tqdm(total=len(texts), desc=f"{NAME}: {system.name}", unit="row") as bar:
        for start in range(0, len(texts), TOGETHER):
            block = texts[start : start + TOGETHER]
            found += _in_step(block, unlawful[start:], system, seed, queries, strength)
            bar.update(len(block))
    return found


def _in_step(
    texts: Sequence[str],
    unlawful: BoolArray,
    system: Predictor,
    seed: int,
    queries: int,
    strength: float,
) -> list[str]:
    searches: dict[int, Search] = {}
    asked: dict[int, list[str]] = {}
    done = list(texts)
    for index, text in enumerate(texts):
        key = f"{seed}:{NAME}:{text}".encode("utf-8", "surrogatepass")
        searches[index] = search(text, Random(key), queries, strength)  # noqa: S311, no secret here
        asked[index] = next(searches[index])
    while asked:
        flat = iter(_ask([text for batch in asked.values() for text in batch], system))
        for index, batch in list(asked.items()):
            answers = [_towards(unlawful[index], *next(flat)) for _ in batch]
            try:
                asked[index] = searches[index].send(answers)
            except StopIteration as end:
                done[index] = end.value
                del asked[index]
    return done


def _ask(texts: list[str], system: Predictor) -> Iterator[tuple[bool, float]]:
    """Yield for each text whether it is called unlawful, and its highest unlawful probability."""
    found = system.predict(texts)
    unlawful = found.scheme.unlawful
    columns = [found.scheme.labels.index(label) for label in unlawful]
    scores = found.scores[:, columns].max(axis=1)
    for label, also, score in zip(found.labels, found.also, scores, strict=True):
        yield not {label, *also}.isdisjoint(unlawful), float(score)


def _towards(unlawful: bool, called: bool, score: float) -> Answer:
    return Answer(not called, score) if unlawful else Answer(called, -score)
