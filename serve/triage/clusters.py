"""Near-duplicates: one script sent to many people, with other names and amounts, is one cluster.

MinHash (Broder 1997, "On the resemblance and containment of documents") of the character n-grams of
the masked text, candidates by bands (locality-sensitive hashing), then an estimate of the Jaccard
similarity with the cluster's first text, of which one byte a hash is kept (Li and König 2010,
"b-bit minwise hashing"). A text joins the most similar cluster, if similar enough, or opens one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from data.text import normalise
from serve.triage.masking import masked

GRAM: Final = 2
"""Characters in a gram: few, as half of the messages have fewer than 34 once masked."""
BANDS: Final = 40
ROWS: Final = 3
SIMILAR: Final = 0.4
"""Estimated Jaccard similarity with the first text of a cluster from which a text belongs to it."""
_HASHES: Final = BANDS * ROWS
_FIRST_SLOTS: Final = 2**12
_MOST_SLOTS: Final = 2**19

_random = np.random.default_rng(20261125)
_MULTIPLY: Final = _random.integers(1, 2**63, _HASHES, dtype=np.uint64)[:, None] | np.uint64(1)
_ADD: Final = _random.integers(0, 2**63, _HASHES, dtype=np.uint64)[:, None]
_MIX: Final = _random.integers(1, 2**63, GRAM, dtype=np.uint64) | np.uint64(1)
_BAND_MIX: Final = _random.integers(1, 2**63, ROWS, dtype=np.uint64) | np.uint64(1)

Signature = npt.NDArray[np.uint64]


def text_key(text: str) -> str:
    """Return the same 32 hexadecimal digits for texts that the model reads as the same."""
    plain = normalise(text).text.encode("utf-8", "surrogatepass")
    return blake2b(plain, digest_size=16).hexdigest()


def sketch(text: str) -> Signature:
    """Return the MinHash of a text, (BANDS * ROWS,), each below 2**32."""
    bare = masked(text) or text
    codes = np.frombuffer(bare.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if len(codes) < GRAM:
        codes = np.concatenate([codes, np.zeros(GRAM - len(codes), np.uint64)])
    count = len(codes) - GRAM + 1
    grams = np.zeros(count, np.uint64)
    for place in range(GRAM):
        grams = (grams ^ codes[place : place + count]) * _MIX[place]
        grams ^= grams >> np.uint64(29)
    hashed: Signature = ((grams * _MULTIPLY + _ADD) >> np.uint64(32)).min(axis=1)
    return hashed


class Clusterer:
    """Gives each text the id of its cluster (from 1, in order of first appearance).

    The same texts in the same order give the same ids. Not thread-safe: one for each job. Memory
    grows with the clusters only; measured for a million different texts: 205 MiB at most. A slot of
    a band holds one cluster until a later one takes it over; with very many clusters, the early
    ones are found by fewer of their bands.

    Own code, because datasketch (MinHashLSH with the same bands) took 254 µs and 11.6 kB a text
    where this takes 75 µs and 0.2 kB, and brings scipy.
    """

    def __init__(self) -> None:
        self._count = 0
        self._sizes = np.zeros(_FIRST_SLOTS, np.int32)
        self._sketches = np.zeros((_FIRST_SLOTS, _HASHES), np.uint8)
        self._slots = np.zeros((BANDS, _FIRST_SLOTS), np.int32)  # cluster + 1; 0 where free

    def add(
        self, number: int, text: str, sender: str | None = None, sent_at: datetime | None = None
    ) -> int:
        """Return the cluster of this text: that of its nearest script, or a new one."""
        hashed = sketch(text)
        found = self._nearest(hashed)
        if found < 0:
            found = self._open(hashed)
        self._sizes[found] += 1
        return found + 1

    def size(self, cluster: int) -> int:
        """Return how many texts the cluster has so far."""
        return int(self._sizes[cluster - 1])

    def rebuild(self, firsts: Iterable[tuple[int, str, int]]) -> None:
        """Restore the state from (id, text of its first row, size) of all clusters, by id."""
        for cluster, text, size in firsts:
            if self._open(sketch(text)) != cluster - 1:
                raise ValueError("clusters must come in the order of their ids, without gaps")
            self._sizes[cluster - 1] = size

    def _nearest(self, hashed: Signature) -> int:
        slots = self._slots[np.arange(BANDS), self._bands(hashed)]
        candidates = np.unique(slots[slots > 0]) - 1
        if not len(candidates):
            return -1
        same = (self._sketches[candidates] == hashed.astype(np.uint8)).mean(axis=1)
        best = int(same.argmax())
        return int(candidates[best]) if same[best] >= SIMILAR else -1

    def _bands(self, hashed: Signature) -> npt.NDArray[np.int64]:
        """Return the slot of each band, (BANDS,)."""
        mixed = (hashed.reshape(BANDS, ROWS) * _BAND_MIX).sum(axis=1)
        mixed ^= mixed >> np.uint64(31)
        places: npt.NDArray[np.int64] = (mixed % np.uint64(self._slots.shape[1])).astype(np.int64)
        return places

    def _open(self, hashed: Signature) -> int:
        if self._count == len(self._sizes):
            self._grow()
        new = self._count
        self._sketches[new] = hashed.astype(np.uint8)
        self._slots[np.arange(BANDS), self._bands(hashed)] = new + 1
        self._count += 1
        return new

    def _grow(self) -> None:
        if self._slots.shape[1] < _MOST_SLOTS:
            # A slot's cluster belongs into one of its two images; which one is not kept, so it goes
            # to both, and the comparison of sketches sorts it out.
            self._slots = np.concatenate([self._slots, self._slots], axis=1)
        # in place, where the system can: a copy would be the peak of the memory
        self._sizes.resize(2 * self._count, refcheck=False)
        self._sketches.resize((2 * self._count, _HASHES), refcheck=False)
