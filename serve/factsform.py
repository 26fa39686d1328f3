"""The form for what a message does not show: when it came, how often, to whom, for what money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from model.law import Facts
from serve.pagetext import FACT_NAMES, FACT_OPTIONS
from serve.problems import problem_of
from serve.report.fromtext import facts_of
from serve.wording import Language

INPUT_TYPES: Final = {"received_on": "date", "received_at": "time", "count_today": "number"}
"""HTML input of each fact; the others are chosen from a list."""

_COUNT = Facts.model_json_schema()["properties"]["count_today"]["anyOf"][0]


@dataclass(frozen=True)
class FactField:
    """One field of the form: what it is called, and what stands in it."""

    name: str
    words: str
    type: str | None
    options: tuple[tuple[str, str], ...]
    value: str
    wrong: bool
    min: int = _COUNT["minimum"]
    max: int = _COUNT["maximum"]


def read_facts(form: Mapping[str, str]) -> Facts:
    """Return the facts of a form; a blank field states nothing.

    Raises ProblemError (422), naming the field and its bound.
    """
    try:
        return Facts.model_validate(facts_of(form))
    except ValidationError as error:
        raise problem_of(error) from None


def fact_fields(
    form: Mapping[str, str], language: Language, wrong: str | None = None
) -> list[FactField]:
    """Return the fields with what was filled in; `wrong` is the name of the one at fault."""
    return [
        FactField(
            name=name,
            words=words,
            type=INPUT_TYPES.get(name),
            options=tuple(FACT_OPTIONS[language].get(name, {}).items()),
            value=form.get(name, "")[:20],
            wrong=name == wrong,
        )
        for name, words in FACT_NAMES[language].items()
    ]
