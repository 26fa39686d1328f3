"""Reviewed rows as corpus rows: de-identified, ready for ``dunlens train --extra``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydantic import ValidationError

from data.deidentify import deidentify
from data.rows import Row as CorpusRow
from serve.triage.records import Row

SCENARIO: Final = "desk_review"
"""The `scenario` of all exported rows, so that they can be told from authored ones."""


def corpus_rows(
    rows: Iterable[Row], form: str = "message", channel: str = "sms"
) -> Iterator[CorpusRow | None]:
    """Yield the corpus row of each reviewed row, each different one once; None where none can be.

    None stands for a row whose labels the guide does not allow for its form (a narrative takes the
    gravest). `hard` marks the rows where the model was wrong. form, channel: of all rows, as the
    file does not say. Needs the extra [train] (jieba).
    """
    seen: set[tuple[str, str, tuple[str, ...]]] = set()
    for row in rows:
        try:
            found = _corpus_row(row, form, channel)
        except ValidationError:
            yield None
            continue
        key = (found.text, found.label, tuple(found.also))
        if key not in seen:
            seen.add(key)
            yield found


def _corpus_row(row: Row, form: str, channel: str) -> CorpusRow:
    wrong = (row.label, set(row.also)) != (row.current_label, set(row.current_also))
    values: dict[str, Any] = {
        "text": deidentify(row.text),
        "label": row.current_label,
        "also": list(row.current_also),
        "form": form,
        "recipient": "unknown",
        "channel": channel,
        "scenario": SCENARIO,
        "hard": wrong,
    }
    return CorpusRow.model_validate(values)
