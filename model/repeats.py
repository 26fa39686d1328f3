"""Remember the logits of texts that were read before: complaint batches are full of repeats."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

CAPACITY = 20_000  # texts; about 3 MiB

Rows = NDArray[np.float32]


class Repeats:
    """A bounded memory from a text to its logits, the longest unused forgotten first.

    It holds digests, no texts. One text always has the same logits (`model.backends`), so whether
    they are computed or remembered makes no difference. May be used from several threads.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._known: OrderedDict[bytes, Rows] = OrderedDict()
        self._lock = threading.Lock()

    def look_up(self, texts: Sequence[str], compute: Callable[[list[str]], Rows]) -> Rows:
        """Return logits [n, labels], computing each distinct text that is not known once."""
        keys = [_digest(text) for text in texts]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            found |= zip(missing, compute(list(missing.values())), strict=True)
        with self._lock:
            for key in dict.fromkeys(keys):
                self._known[key] = found[key].copy()  # a view would keep its whole batch alive
                self._known.move_to_end(key)
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return np.stack([found[key] for key in keys])


def _digest(text: str) -> bytes:
    # normalised text has no lone surrogates, but whoever asks need not know
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
