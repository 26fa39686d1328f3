"""What a run learns from and is judged on: the corpus, or the user's own rows and labels."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from data.labelmap import LabelMap, read_label_map
from data.ownsplit import example_groups, split_examples
from data.rows import RowErrors
from data.scheme import Scheme
from data.splits import Split
from data.table import Example, read_examples
from data.unlabelled import Unlabelled
from training.config import TrainConfig


class Labelled(Protocol):
    """A row of the corpus or of the user's own."""

    @property
    def text(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def also(self) -> Sequence[str]: ...


Lesson = Labelled | Unlabelled
"""What a network learns from; of an unlabelled text only from what a teacher says of it."""


@dataclass(frozen=True)
class Material:
    """train, dev: rows under the labels of the scheme. unlabelled: what a teacher judges."""

    scheme: Scheme
    train: Sequence[Labelled]
    dev: Sequence[Labelled]
    unlabelled: Sequence[Unlabelled] = ()

    @property
    def lessons(self) -> list[Lesson]:
        """All that is learnt from, labelled rows first."""
        return [*self.train, *self.unlabelled]


def label_map(config: TrainConfig) -> LabelMap:
    """Return the label map of the configuration, or the one of the default labels.

    Raises LabelMapError where the file is wrong.
    """
    return LabelMap() if config.labels is None else read_label_map(config.labels)


def own_material(config: TrainConfig) -> Material:
    """Return the material of the rows under `data`.

    Raises LabelMapError, RowErrors (every problem of every file) or OSError.
    """
    labels = label_map(config)
    found = split_examples(read_examples(config.data, labels), labels.scheme)
    train = found["train"]
    if config.limit is not None:
        train = random.Random(0).sample(train, min(config.limit, len(train)))  # noqa: S311
    return Material(labels.scheme, train, found["dev"])


def own_split(config: TrainConfig, name: Split) -> tuple[list[Example], list[str]]:
    """Return the rows of one split of `data`, and the group of each.

    Raises RowErrors where the split has no rows.
    """
    labels = label_map(config)
    rows = split_examples(read_examples(config.data, labels), labels.scheme)[name]
    if not rows:
        raise RowErrors([f"{name} split: no rows; add rows, or choose another split"])
    return rows, example_groups(rows)


def check_same_rows(config: TrainConfig, environment: dict[str, Any], digest: str) -> None:
    """Raise ValueError where the development rows are not those that a run was judged on."""
    if environment["dev"]["sha256"] != digest:
        files = ", ".join(map(str, config.data)) or "the corpus"
        raise ValueError(f"{files}: the development rows have changed since the run; train again")
