"""One labelled row, and a reader of row files that reports every problem at once."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from data.labels import GRAVITY, OUT_OF_SCOPE

MAX_TEXT = 4000

Label = Literal[
    "lawful_reminder", "harassment", "threat_extortion", "privacy_disclosure", "out_of_scope"
]
Unlawful = Literal["harassment", "threat_extortion", "privacy_disclosure"]


class Row(BaseModel):
    """A text with its labels and circumstances, as LABELLING.md defines them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=MAX_TEXT)
    label: Label
    also: list[Unlawful]
    form: Literal["message", "narrative"]
    recipient: Literal["debtor", "third_party", "public", "unknown"]
    channel: Literal["sms", "wechat", "call", "app", "letter", "social", "complaint"]
    scenario: str = Field(min_length=1)
    hard: bool
    set: str | None = None
    """Name of the contrast set within its file; the rows of a set differ in little but label."""
    source: str | None = None
    licence: str | None = None

    @field_validator("text")
    @classmethod
    def _not_blank(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("must not be blank")
        return text

    @model_validator(mode="after")
    def _labels_agree(self) -> "Row":
        if len(set(self.also)) != len(self.also):
            raise ValueError("also: names a label twice")
        if self.label in self.also:
            raise ValueError(f"also: repeats the primary label {self.label}")
        if self.label == OUT_OF_SCOPE and self.also:
            raise ValueError(f"also: must be empty where label is {OUT_OF_SCOPE}")
        if self.form == "narrative" and self.also:
            gravest = min({self.label, *self.also}, key=GRAVITY.index)
            if self.label != gravest:
                raise ValueError(f"label: must be {gravest}, the gravest that a narrative tells of")
        return self


class RowErrors(ValueError):  # noqa: N818 - plural, because it lists them all
    """Everything that is wrong with some row files; ``problems`` has one line for each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


def read_rows(path: str | Path) -> list[Row]:
    """Read a JSON Lines file of rows; blank lines are skipped.

    Raises RowErrors listing all problems, each as ``file:line: field: message``.
    """
    numbered, problems = parse_rows(path)
    if problems:
        raise RowErrors(problems)
    return [row for _, row in numbered]


def parse_rows(path: str | Path) -> tuple[list[tuple[int, Row]], list[str]]:
    """Read a file into the good rows with their line numbers (from 1), and the problems."""
    path = Path(path)
    rows: list[tuple[int, Row]] = []
    problems: list[str] = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            row, found = _parse_line(line)
            problems += [f"{path}:{number}: {problem}" for problem in found]
            if row is not None:
                rows.append((number, row))
    return rows, problems


def _parse_line(line: bytes) -> tuple[Row | None, list[str]]:
    if not line.strip():
        return None, []
    try:
        return Row.model_validate(json.loads(line.decode(), object_pairs_hook=_unique)), []
    except ValidationError as error:
        return None, [_describe(detail) for detail in error.errors(include_url=False)]
    except UnicodeDecodeError as error:
        return None, [f"line: not UTF-8 at byte {error.start}"]
    except RecursionError:
        return None, ["line: JSON is nested too deep"]
    except ValueError as error:  # bad JSON or a key given twice
        return None, [f"line: {error}"]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, refusing the repeated keys that ``json`` would silently drop."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise ValueError(f"key given twice: {', '.join(twice)}")
    return found


def _describe(detail: Any) -> str:
    """Turn one pydantic error into ``field: message``."""
    field = ".".join(map(str, detail["loc"]))
    message = str(detail["msg"]).removeprefix("Value error, ")
    if not field:  # raised by the whole-row validator, which names its field, or not an object
        return message if message.startswith(("also: ", "label: ")) else f"line: {message}"
    return f"{field}: {message}"
