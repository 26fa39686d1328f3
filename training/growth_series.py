"""Measure how time and memory grow; each series in a fresh process, so that memory is its own."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from tokenizers import Tokenizer

from data.corpus import load_split
from data.text import normalise
from model.classifier import PART, TOKENIZER, Classifier

Point = dict[str, Any]
"""`at` (rows, tokens, threads or workers), `seconds`, `peak_mib` of the process so far."""

REPEATS: Final = 15  # readings of one length, of which the median counts


def alone(measure: Callable[..., list[Point]], *arguments: object) -> list[Point]:
    """Return what the measuring function gives in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(measure, *arguments).result()


def different_texts() -> Iterator[str]:
    """Yield texts of real lengths without end, no two alike."""
    texts = [row.text for row in load_split("dev")]
    for number, text in zip(count(), cycle(texts), strict=False):
        yield f"{text} 第{number}"


def rows_series(artifact: Path, threads: int, sizes: Sequence[int], cap_s: float) -> list[Point]:
    """Stream texts; return a point at each number of rows, and one where the seconds were up.

    Texts are made and forgotten part by part; the clock stands still while they are made.
    """
    classifier, texts = Classifier.load(artifact, threads), different_texts()
    points: list[Point] = []
    done, spent = 0, 0.0
    for size in sorted(sizes):
        while done < size and spent < cap_s:
            part = list(islice(texts, min(PART, size - done)))
            start = time.perf_counter()
            classifier.classify(part)
            spent += time.perf_counter() - start
            done += len(part)
        points.append({"at": done, "seconds": spent, "peak_mib": peak_mib()})
        if done < size:
            break
    return points


def length_series(artifact: Path, threads: int, lengths: Sequence[int]) -> list[Point]:
    """Return the median time of one text of so many tokens."""
    classifier = Classifier.load(artifact, threads, remember=0)
    tokenizer = Tokenizer.from_file(str(artifact / TOKENIZER))
    points = []
    for length in sorted(lengths):
        spent = []
        for text in texts_of_length(tokenizer, length, REPEATS):
            start = time.perf_counter()
            classifier.classify([text])
            spent.append(time.perf_counter() - start)
        points.append({"at": length, "seconds": float(np.median(spent)), "peak_mib": peak_mib()})
    return points


def texts_of_length(tokenizer: Tokenizer, tokens: int, number: int) -> list[str]:
    """Return so many texts, cut from real ones put together, each of `tokens` tokens or nearly."""
    found = []
    texts = different_texts()
    for _ in range(number):
        long = ""
        while len(long) < 4 * tokens + 20:
            long += normalise(next(texts)).text
        cut = tokenizer.encode(long, add_special_tokens=False).offsets
        found.append(long[: cut[min(tokens, len(cut)) - 1][1]])
    return found


def threads_point(artifact: Path, threads: int, rows: int) -> list[Point]:
    """Return the time of so many rows with one number of threads."""
    classifier = Classifier.load(artifact, threads, remember=0)
    texts = list(islice(different_texts(), rows))
    classifier.classify(texts[:32])
    start = time.perf_counter()
    classifier.classify(texts)
    return [{"at": threads, "seconds": time.perf_counter() - start, "peak_mib": peak_mib()}]


def peak_mib() -> float:
    """Return the highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
