"""Prepare the next part while the one before it is worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


def ahead(prepare: Callable[[T], U], parts: Sequence[T]) -> Iterator[U]:
    """Yield `prepare(part)` for each part, the next one being prepared in a thread meanwhile."""
    if len(parts) < 2:
        yield from map(prepare, parts)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="dunlens-ahead") as thread:
        coming = thread.submit(prepare, parts[0])
        for part in parts[1:]:
            ready, coming = coming.result(), thread.submit(prepare, part)
            yield ready
        yield coming.result()
