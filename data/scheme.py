"""A label scheme: which labels there are, which of them are unlawful, which is gravest.

`data.labels` is the default one; another jurisdiction or another question declares its own in TOML
(`data.labelmap`). A model that was trained under another scheme carries it as `labels.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from data import labels as default

SCHEME: Final = "labels.json"
"""Name of the file in a run's or an artifact's folder; without it the scheme is the default."""

FORMAT: Final = 1

# What a wrong answer costs, by what it does; see `default_costs`.
AS_LAWFUL, AS_NONE, LESS_GRAVE, GRAVER = 4, 3, 2, 1
ACCUSED, FALSE_ALARM, OTHERWISE = 2, 6, 1


@dataclass(frozen=True)
class Scheme:
    """labels: in the order of a model's outputs; none: the answer where none of them is present.

    unlawful: those that the law forbids; only these stand in ``also``, beside a primary label.
    gravity: all labels, gravest first; the gravest that is present is the primary one.
    zh, en: names for people of every class.
    costs: [classes][classes], cost of answering the column's class when the row's is true.
    """

    name: str
    labels: tuple[str, ...]
    none: str
    unlawful: tuple[str, ...]
    gravity: tuple[str, ...]
    zh: Mapping[str, str]
    en: Mapping[str, str]
    costs: Sequence[Sequence[float]]

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """All values that a row's or a verdict's ``label`` may take."""
        return (*self.labels, self.none)

    @cached_property
    def is_default(self) -> bool:
        """Whether the labels are those that pages, law and API are written for."""
        return (self.labels, self.none) == (default.LABELS, default.OUT_OF_SCOPE)

    def targets(self, label: str, also: Iterable[str] = ()) -> tuple[int, ...]:
        """Return the 0/1 targets, in the order of ``labels``, of a row with these labels.

        Raises ValueError for an unknown name, and where ``also`` is not empty beside ``none``.
        """
        others = set(also)
        if label not in self.classes:
            raise ValueError(f"label {label!r} is not one of {', '.join(self.classes)}")
        if unknown := others.difference(self.labels):
            raise ValueError(f"also {sorted(unknown)} not among {', '.join(self.labels)}")
        if label == self.none and others:
            raise ValueError(f"label {self.none} admits no other label, got {sorted(others)}")
        present = others | {label}
        return tuple(int(name in present) for name in self.labels)

    def save(self, folder: Path) -> None:
        """Write the scheme into a folder; the default one leaves no file."""
        if self != DEFAULT:
            value = {"format": FORMAT, **asdict(self)}
            text = json.dumps(value, ensure_ascii=False, indent=1)
            (folder / SCHEME).write_text(text + "\n", encoding="utf-8")

    @staticmethod
    def load(folder: Path) -> Scheme:
        """Return a folder's scheme; the default one where it has no file of its own.

        Raises ValueError, naming the file, where it is damaged.
        """
        path = folder / SCHEME
        if not path.is_file():
            return DEFAULT
        try:
            return _from_json(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{path} is damaged: {error}") from error


def _from_json(value: dict[str, Any]) -> Scheme:
    if value.pop("format") != FORMAT:
        raise ValueError(f"format is not {FORMAT}")
    for key in ("labels", "unlawful", "gravity"):
        value[key] = tuple(value[key])
    scheme = Scheme(**value | {"costs": tuple(map(tuple, value["costs"]))})
    names = set(scheme.classes)
    if (
        set(scheme.gravity) != set(scheme.labels)
        or not set(scheme.unlawful) <= set(scheme.labels)
        or not names <= scheme.zh.keys() & scheme.en.keys()
        or {len(row) for row in scheme.costs} | {len(scheme.costs)} != {len(names)}
    ):
        raise ValueError("its labels do not fit together")
    return scheme


def default_costs(
    labels: Sequence[str], unlawful: Iterable[str], gravity: Sequence[str]
) -> tuple[tuple[float, ...], ...]:
    """Return the cost [labels + 1][labels + 1] of each answer, by one rule for every scheme.

    An unlawful message called lawful leaves somebody alone with it; called none of the labels it
    does so less plainly. Conduct called by a less grave name warns too little, by a graver one too
    much. An honest sender accused costs less than an ordinary message called unlawful, because a
    service sees far more of those than a corpus holds.
    """
    forbidden = set(unlawful)

    def cost(truth: str | None, answer: str | None) -> float:
        if truth == answer:
            return 0
        if truth in forbidden:
            if answer not in forbidden:
                return AS_NONE if answer is None else AS_LAWFUL
            rank = [name for name in gravity if name in (truth, answer)]
            return GRAVER if rank[0] == answer else LESS_GRAVE
        if answer in forbidden:
            return FALSE_ALARM if truth is None else ACCUSED
        return OTHERWISE

    classes = (*labels, None)
    return tuple(tuple(cost(truth, answer) for answer in classes) for truth in classes)


DEFAULT: Final = Scheme(
    name="dunlens",
    labels=default.LABELS,
    none=default.OUT_OF_SCOPE,
    unlawful=default.UNLAWFUL,
    gravity=default.GRAVITY,
    zh=default.LABEL_ZH,
    en=default.LABEL_EN,
    costs=default_costs(default.LABELS, default.UNLAWFUL, default.GRAVITY),
)
"""The four labels of `data.labels`."""
