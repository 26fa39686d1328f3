"""Label Studio: rows out as tasks with suggestions, annotations in as rows.

``export`` writes ``tasks.json`` (Label Studio's JSON task format) and ``config.xml`` (the labelling
interface for the scheme). ``import`` reads what Label Studio exports as JSON and writes rows: one
file of the latest annotation of each task and, with --by-annotator, a file for each annotator, as
`dunlens agreement` takes them. Every field of a record travels along in the task's data.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from data.labelmap import Columns, LabelMap
from data.rows import RowErrors
from data.scheme import Scheme

LABEL: Final = "label"
ALSO: Final = "also"
TEXT: Final = "text"
RECORD: Final = "record"
"""Key of a task's data that holds the record's fields as they came, labels included."""


@dataclass(frozen=True)
class Suggestion:
    """What is shown to the annotator as already chosen. score: 0..1, or None."""

    label: str
    also: tuple[str, ...] = ()
    score: float | None = None
    model: str = "rows"


@dataclass(frozen=True)
class Annotated:
    """A record that came back, with its new labels, and who gave them."""

    record: dict[str, Any]
    text: str
    label: str
    also: tuple[str, ...]
    annotator: str
    updated: str


def interface(scheme: Scheme) -> str:
    """Return the labelling interface: one primary label, any further unlawful ones."""

    def choice(name: str, key: int | None) -> str:
        hotkey = f" hotkey={quoteattr(str(key))}" if key is not None and key < 10 else ""
        shown = quoteattr(f"{scheme.zh[name]} {scheme.en[name]}")
        # the alias is what an annotation holds, the value what the annotator sees
        return f"    <Choice value={shown} alias={quoteattr(name)}{hotkey}/>"

    primary = [choice(name, number) for number, name in enumerate(scheme.classes, 1)]
    lines = [
        "<View>",
        f'  <Text name="{TEXT}" value="${TEXT}"/>',
        '  <Header value="标签 label"/>',
        f'  <Choices name="{LABEL}" toName="{TEXT}" choice="single-radio" required="true">',
        *primary,
        "  </Choices>",
    ]
    if scheme.unlawful:
        lines += [
            '  <Header value="另有 also"/>',
            f'  <Choices name="{ALSO}" toName="{TEXT}" choice="multiple">',
            *(choice(name, None) for name in scheme.unlawful),
            "  </Choices>",
        ]
    return "\n".join([*lines, "</View>"]) + "\n"


def to_task(record: dict[str, Any], text: str, suggestion: Suggestion | None) -> dict[str, Any]:
    """Return a task with the record's text and all of its fields."""
    task: dict[str, Any] = {"data": {TEXT: text, RECORD: record}}
    if suggestion is not None:
        result = [_choices(LABEL, [suggestion.label])]
        if suggestion.also:
            result.append(_choices(ALSO, suggestion.also))
        prediction: dict[str, Any] = {"model_version": suggestion.model, "result": result}
        if suggestion.score is not None:
            prediction["score"] = suggestion.score
        task["predictions"] = [prediction]
    return task


def _choices(name: str, chosen: Sequence[str]) -> dict[str, Any]:
    return {
        "from_name": name,
        "to_name": TEXT,
        "type": "choices",
        "value": {"choices": list(chosen)},
    }


def read_annotated(path: Path, scheme: Scheme) -> list[Annotated]:
    """Read a JSON export: every finished annotation of every task, in their order.

    Tasks without one are left out, as are annotations that were skipped ("cancelled"). Raises
    RowErrors listing every bad task, and OSError where the file cannot be read.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise RowErrors([f"{path}: not JSON: {error}"]) from error
    if not isinstance(tasks, list):
        raise RowErrors([f"{path}: must be a list of tasks: export it as JSON, not JSON-MIN"])
    found: list[Annotated] = []
    problems: list[str] = []
    for number, task in enumerate(tasks, 1):
        name = task.get("id", number) if isinstance(task, dict) else number
        try:
            found += _of_task(task, scheme)
        except (KeyError, TypeError, AttributeError) as error:
            problems.append(f"{path}: task {name}: not as Label Studio exports it: {error!r}")
        except ValueError as error:
            problems.append(f"{path}: task {name}: {error}")
    if problems:
        raise RowErrors(problems)
    return found


def _of_task(task: dict[str, Any], scheme: Scheme) -> list[Annotated]:
    text = task["data"][TEXT]
    if not isinstance(text, str) or not text.strip():
        raise ValueError("data.text: must be a text that is not blank")
    found = []
    for annotation in task.get("annotations", ()):
        if annotation.get("was_cancelled"):
            continue
        label, also = _labels(annotation["result"], scheme)
        found.append(
            Annotated(
                record=dict(task["data"].get(RECORD) or {}),
                text=text,
                label=label,
                also=also,
                annotator=_name(annotation.get("completed_by")),
                updated=str(annotation.get("updated_at") or annotation.get("created_at") or ""),
            )
        )
    return found


def _labels(result: Sequence[dict[str, Any]], scheme: Scheme) -> tuple[str, tuple[str, ...]]:
    chosen: dict[str, list[str]] = {LABEL: [], ALSO: []}
    for part in result:
        if part.get("type") == "choices" and part["from_name"] in chosen:
            chosen[part["from_name"]] += part["value"]["choices"]
    if len(chosen[LABEL]) != 1:
        raise ValueError(f"label: needs one choice, has {len(chosen[LABEL])}")
    label, also = chosen[LABEL][0], tuple(chosen[ALSO])
    if label not in scheme.classes:
        raise ValueError(f"label: {label!r} is not one of {', '.join(scheme.classes)}")
    also = tuple(name for name in also if name != label)  # ticked in both lists: said once
    if unknown := [name for name in also if name not in scheme.unlawful]:
        raise ValueError(f"also: {', '.join(unknown)} not among {', '.join(scheme.unlawful)}")
    if label == scheme.none and also:
        raise ValueError(f"also: must be empty where the label is {scheme.none}")
    return label, also


def _name(completed_by: Any) -> str:
    """Return who made an annotation: Label Studio gives a number, or an object with an address."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("id", completed_by.get("email"))
    return "unknown" if completed_by is None else str(completed_by)


def to_row(one: Annotated, labels: LabelMap) -> dict[str, Any]:
    """Return the record with the labels that it was given, under the user's own column names."""
    columns: Columns = labels.columns
    return one.record | {
        columns.text: one.text,
        columns.label: one.label,
        columns.also: list(one.also),
    }


def latest(found: Sequence[Annotated]) -> list[Annotated]:
    """Return the newest annotation of each text; the later in the file where times agree."""
    newest: dict[str, Annotated] = {}
    for one in found:
        if one.text not in newest or newest[one.text].updated <= one.updated:
            newest[one.text] = one
    return list(newest.values())
