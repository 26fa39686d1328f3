"""Rank rows by how suspect their label is: confident learning on out-of-fold probabilities.

`cleanlab` scores how well a row's label fits what a model that has not seen the row believes of it
(Northcutt, Jiang and Chuang 2021, "Confident learning"). A low score is a reason to look, no proof.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from data.rows import RowErrors
from data.scheme import Scheme
from training.datawork.fastmodel import class_numbers
from training.datawork.files import json_lines, read_lines, write_private
from training.datawork.outoffold import Beliefs
from training.datawork.source import Item
from training.predictors import FloatArray

By = Literal["label", "set"]
PRESENT = 0.5


@dataclass(frozen=True)
class Suspect:
    """A row whose labels may be wrong, and what the model would say.

    score: 0 (does not fit) to 1 (fits); probability: the model's, of the row's own label.
    """

    rank: int
    path: str
    line: int
    text: str
    label: str
    also: tuple[str, ...]
    suggested: str
    suggested_also: tuple[str, ...]
    score: float
    probability: float


def label_scores(items: Sequence[Item], scheme: Scheme, beliefs: Beliefs) -> FloatArray:
    """Return how well each primary label fits, float [n] in 0..1.

    By normalised margin: the label's probability less that of the likeliest other one.
    """
    from cleanlab.rank import get_label_quality_scores

    at = class_numbers([item.row.label for item in items], scheme)
    found: Any = get_label_quality_scores(at, beliefs.classes, method="normalized_margin")
    return np.asarray(found, dtype=np.float64)


def set_scores(items: Sequence[Item], scheme: Scheme, beliefs: Beliefs) -> FloatArray:
    """Return how well each row's whole set of labels fits, `also` included, float [n] in 0..1."""
    from cleanlab.multilabel_classification import get_label_quality_scores

    sets = [
        [k for k, there in enumerate(scheme.targets(i.row.label, i.row.also)) if there]
        for i in items
    ]
    return np.asarray(get_label_quality_scores(sets, beliefs.labels), dtype=np.float64)


def rank_suspects(
    items: Sequence[Item], scheme: Scheme, beliefs: Beliefs, by: By = "label"
) -> list[Suspect]:
    """Return all rows, the most suspect first."""
    scores = (label_scores if by == "label" else set_scores)(items, scheme, beliefs)
    own = class_numbers([item.row.label for item in items], scheme)
    order = np.argsort(scores, kind="stable")
    return [
        _suspect(rank, items[i], scheme, beliefs, int(i), float(scores[i]), int(own[i]))
        for rank, i in enumerate(order, 1)
    ]


def _suspect(
    rank: int, item: Item, scheme: Scheme, beliefs: Beliefs, at: int, score: float, own: int
) -> Suspect:
    suggested = scheme.classes[int(beliefs.classes[at].argmax())]
    also = [
        name
        for name, share in zip(scheme.labels, beliefs.labels[at], strict=True)
        if share > PRESENT and name in scheme.unlawful and name != suggested
    ]
    return Suspect(
        rank=rank,
        path=item.path,
        line=item.row.line,
        text=item.row.text,
        label=item.row.label,
        also=item.row.also,
        suggested=suggested,
        # a class without labels admits no others, nor does a lawful one where the law is broken
        suggested_also=tuple(also) if suggested in scheme.unlawful else (),
        score=round(score, 6),
        probability=round(float(beliefs.classes[at, own]), 6),
    )


def write_suspects(suspects: Iterable[Suspect], path: Path) -> None:
    """Write the ranking as JSON Lines."""
    write_private(path, json_lines(asdict(one) for one in suspects))


def read_suspects(path: Path) -> list[Suspect]:
    """Read a ranking. Raises RowErrors naming every bad line, OSError where it cannot be read."""
    found: list[Suspect] = []
    problems: list[str] = []
    for number, line in read_lines(path):
        try:
            value = json.loads(line)
            for key in ("also", "suggested_also"):
                value[key] = tuple(value[key])
            found.append(Suspect(**value))
        except (ValueError, TypeError, KeyError) as error:
            problems.append(f"{path}:{number}: line: no suspect as `rank` writes them: {error}")
    if problems:
        raise RowErrors(problems)
    return found
