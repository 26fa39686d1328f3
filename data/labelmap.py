"""Read `labels.toml`: a label scheme, and how the user's own files say what it calls by its names.

    name = "example"

    [[labels]]                     # in the order of the model's outputs
    name = "fair_contact"
    zh = "合规联系"
    en = "fair contact"
    unlawful = false

    [none]                         # the answer where no label is present
    name = "unrelated"
    zh = "无关"
    en = "unrelated"

Optional: `gravity` (names, gravest first; else the order of the labels, unlawful ones first),
`[costs.TRUTH]` with `ANSWER = number` for costs that differ from `data.scheme.default_costs`,
`[data]` for columns, and `[values]` with `"what the file says" = "label"`. Without `[[labels]]` and
`[none]` the labels are those of `data.labels`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.scheme import DEFAULT, Scheme, default_costs

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]
Words = Annotated[str, Field(min_length=1, max_length=60)]
MOST_LABELS = 64


class LabelMapError(ValueError):
    """A label map is wrong; the message names the file and every bad field, a line each."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _None(_Strict):
    name: Name
    zh: Words
    en: Words


class _Label(_None):
    unlawful: bool


class Columns(_Strict):
    """Names of the columns (CSV) or keys (JSON Lines) of the user's files.

    also: further labels, as a JSON list or parted by `separator`. group: rows of one group stay in
    one split. split: train, dev or test, for those who split their rows themselves.
    facets: columns by whose values figures are broken down.
    """

    text: str = "text"
    label: str = "label"
    also: str = "also"
    group: str = "group"
    split: str = "split"
    facets: list[str] = []
    separator: str = Field(default=";", min_length=1)
    encoding: str = "utf-8"


class _File(_Strict):
    name: Name = DEFAULT.name
    labels: list[_Label] = Field(default=[], max_length=MOST_LABELS)
    none: _None | None = None
    gravity: list[str] = []
    costs: dict[str, dict[str, Annotated[float, Field(ge=0, le=1000)]]] = {}
    data: Columns = Columns()
    values: dict[str, str] = {}

    @model_validator(mode="after")
    def _fit_together(self) -> _File:
        if bool(self.labels) != (self.none is not None):
            raise ValueError("labels, none: give both, or neither for the labels of data/labels.py")
        names = [label.name for label in self.labels] + [self.none.name if self.none else ""]
        classes = set(names) if self.labels else set(DEFAULT.classes)
        problems = [f"{name!r} is given twice" for name in classes if names.count(name) > 1]
        if self.gravity and sorted(self.gravity) != sorted(names[:-1]):
            problems.append(f"gravity: must name each label once: {', '.join(names[:-1])}")
        for truth, row in self.costs.items():
            unknown = {truth, *row} - classes
            problems += [f"costs: {name!r} is no label" for name in sorted(unknown)]
            if row.get(truth):
                problems.append(f"costs.{truth}.{truth}: a right answer costs 0")
        unknown = set(self.values.values()) - classes
        problems += [f"values: {name!r} is no label" for name in sorted(unknown)]
        if problems:
            raise ValueError("; ".join(problems))
        return self


@dataclass(frozen=True)
class LabelMap:
    """A scheme, the columns of the user's files, and what their values mean.

    values: what a file says -> class; names of the scheme mean themselves.
    """

    scheme: Scheme = DEFAULT
    columns: Columns = field(default_factory=Columns)
    values: dict[str, str] | None = None

    def meaning(self, value: str) -> str | None:
        """Return the class that a file's value stands for, None where it stands for none."""
        value = value.strip()
        return (self.values or {}).get(value, value if value in self.scheme.classes else None)


def read_label_map(path: Path) -> LabelMap:
    """Read a label map. Raises LabelMapError, listing every bad field."""
    try:
        found = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LabelMapError(f"{path}: {error}") from error
    except RecursionError:
        raise LabelMapError(f"{path}: nested too deep") from None
    except ValidationError as error:
        lines = [f"{path}: {_describe(item)}" for item in error.errors()]
        raise LabelMapError("\n".join(lines)) from error
    return LabelMap(_scheme(found), found.data, found.values)


def _describe(item: Any) -> str:
    where = ".".join(map(str, item["loc"]))
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _scheme(found: _File) -> Scheme:
    if found.none is None:
        base = DEFAULT
    else:
        named = [*found.labels, found.none]
        labels = tuple(label.name for label in found.labels)
        unlawful = tuple(label.name for label in found.labels if label.unlawful)
        lawful = tuple(name for name in labels if name not in unlawful)
        gravity = tuple(found.gravity) or (*unlawful, *lawful)
        base = Scheme(
            name=found.name,
            labels=labels,
            none=found.none.name,
            unlawful=unlawful,
            gravity=gravity,
            zh={one.name: one.zh for one in named},
            en={one.name: one.en for one in named},
            costs=default_costs(labels, unlawful, gravity),
        )
    costs = tuple(
        tuple(
            found.costs.get(truth, {}).get(answer, cost)
            for answer, cost in zip(base.classes, row, strict=True)
        )
        for truth, row in zip(base.classes, base.costs, strict=True)
    )
    return replace(base, costs=costs)
