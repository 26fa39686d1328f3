"""The command ``dunlens drift``: files in, lines out, errors in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from serve.classifier import TextClassifier
from serve.drift import as_json, as_lines, corpus_texts, drift, read_texts
from serve.exits import fail
from serve.triage.intake import IntakeError
from serve.wording import Language

if TYPE_CHECKING:
    from model import Classifier


def run(
    batch: Path,
    reference: Path | None,
    column: str | None,
    rows: int,
    json_wanted: bool,
    language: Language,
    load: Callable[[], TextClassifier],
) -> str:
    """Compare, print, and return the advice. Leaves with 2 for a wrong call."""
    from model.drift import FEWEST

    texts = _read(batch, column, rows)
    others = corpus_texts(rows) if reference is None else _read(reference, column, rows)
    for path, found in ((batch, texts), (reference, others)):
        if len(found) < FEWEST:
            fail(
                f"{path}：只有 {len(found)} 条不重复的文本，至少需要 {FEWEST} 条 "
                f"({len(found)} distinct texts; {FEWEST} are needed)"
            )
    classifier = cast("Classifier", load())  # it is asked for more than a service needs
    result = drift(classifier, texts, others)
    if json_wanted:
        typer.echo(as_json(result, len(texts), len(others), classifier.version))
    else:
        for line in as_lines(result, len(texts), len(others), language):
            typer.echo(line)
    return result.advice


def _read(path: Path, column: str | None, rows: int) -> list[str]:
    try:
        return read_texts(path, column, rows)
    except IntakeError as error:
        fail(f"{path}：{error}")
    except OSError as error:
        fail(f"{path}: {error.strerror}")
