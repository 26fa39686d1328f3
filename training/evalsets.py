"""The sets of an evaluation: named streams of labelled texts, clean or obfuscated."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Literal

from tqdm import tqdm

from data.labelmap import LabelMap
from data.obfuscate import obfuscate
from data.scheme import DEFAULT, Scheme
from data.splits import Split
from data.table import read_examples
from model.manifest import sha256
from training.config import TrainConfig
from training.evalrows import Truth, check_file, example_rows, load_split_rows, stream_file
from training.material import own_split
from training.predictors import Predictions, Predictor

Kind = Literal["held_out", "real", "other"]
TextRow = tuple[str, Truth]


@dataclass(frozen=True)
class EvalSet:
    """A named set of rows.

    rows: starts a fresh pass over text and truth. size: number of rows.
    source: where the rows are from, as JSON values; no more of a path than the file's name.
    """

    name: str
    kind: Kind
    rows: Callable[[], Iterable[TextRow]]
    size: int
    source: Mapping[str, Any]
    obfuscated: bool = False


def split_rows(split: Split, origin: TrainConfig | None = None) -> list[TextRow]:
    """Return the rows of a split: of the corpus, or of the own data that `origin` names."""
    if origin is None:
        return load_split_rows(split)
    return example_rows(*own_split(origin, split))


def split_set(split: Split, origin: TrainConfig | None = None) -> EvalSet:
    """Return a split of the corpus, or of a run's own data, as a set under the split's name."""
    rows = split_rows(split, origin)
    source: dict[str, Any] = {"split": split}
    if origin is not None:
        source["data"] = [path.name for path in origin.data]
    return EvalSet(split, "held_out", lambda: rows, len(rows), source)


def file_set(name: str, path: Path, labels: LabelMap | None = None) -> EvalSet:
    """Return a row file as a set; a name that begins with ``real`` marks real texts.

    labels: of a model with labels of its own, or of a file with other columns and names; CSV needs
    one. Raises RowErrors where rows are wrong and OSError where the file cannot be read.
    """
    kind: Kind = "real" if name.startswith("real") else "other"
    source = {"file": path.name, "sha256": sha256(path)}
    if labels is None and path.suffix.lower() != ".csv":
        size = check_file(path)
        return EvalSet(name, kind, lambda: stream_file(path), size, source)
    examples = read_examples([path], labels or LabelMap())
    rows = example_rows(examples, [row.group for row in examples])
    return EvalSet(name, kind, lambda: rows, len(rows), source)


def named_file(item: str) -> tuple[str, Path]:
    """Return the two parts of an item of ``--sets``. Raises ValueError where one is missing."""
    name, _, path = item.partition("=")
    if not (name and path):
        raise ValueError(f"--sets {item}: must be NAME=FILE")
    return name, Path(path)


def obfuscated_set(clean: EvalSet, strength: float, seed: int) -> EvalSet:
    """Return the set with every text disguised, always in the same way for one seed."""

    def rows() -> Iterator[TextRow]:
        for text, truth in clean.rows():
            # Seeded by the text, so that a text's disguise does not depend on its neighbours.
            key = f"{seed}:{text}".encode("utf-8", "surrogatepass")
            yield obfuscate(text, Random(key), strength), truth  # noqa: S311, no secret here

    source = {**clean.source, "obfuscation": {"strength": strength, "seed": seed}}
    name = f"{clean.name}+obfuscated"
    return EvalSet(name, clean.kind, rows, clean.size, source, obfuscated=True)


def run_set(
    chosen: EvalSet, systems: Sequence[Predictor], batch: int = 512
) -> tuple[list[Truth], dict[str, Predictions], dict[str, float]]:
    """Pass the rows once through every system; only one batch of texts is in memory at a time.

    Returns the truths, each system's predictions, and the seconds each took. Progress on stderr.
    """
    truths: list[Truth] = []
    parts: dict[str, list[Predictions]] = {system.name: [] for system in systems}
    seconds = dict.fromkeys(parts, 0.0)
    with tqdm(total=chosen.size, desc=chosen.name, unit="row", file=sys.stderr) as bar:
        for rows in _batches(chosen.rows(), batch):
            texts = [text for text, _ in rows]
            truths += [truth for _, truth in rows]
            for system in systems:
                start = time.perf_counter()
                parts[system.name].append(system.predict(texts))
                seconds[system.name] += time.perf_counter() - start
            bar.update(len(rows))
    return (
        truths,
        {name: Predictions.join(part, scheme_of(systems)) for name, part in parts.items()},
        seconds,
    )


def scheme_of(systems: Sequence[Predictor]) -> Scheme:
    """Return the labels of all systems. Raises ValueError where they are not the same."""
    schemes = [getattr(system, "scheme", DEFAULT) for system in systems] or [DEFAULT]
    for system, scheme in zip(systems, schemes, strict=False):
        if (scheme.labels, scheme.none) != (schemes[0].labels, schemes[0].none):
            raise ValueError(
                f"{system.name} has the labels {', '.join(scheme.classes)}, not "
                f"{', '.join(schemes[0].classes)}: they cannot be compared"
            )
    return schemes[0]


def _batches(rows: Iterable[TextRow], size: int) -> Iterator[list[TextRow]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch
