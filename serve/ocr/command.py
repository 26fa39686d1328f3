"""``dunlens screenshot``: files in, their messages with verdicts on standard output."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from serve.classifier import TextClassifier
from serve.ocr.limits import MAX_IMAGE_BYTES
from serve.ocr.present import fields, lines
from serve.ocr.worker import load_engine
from serve.problems import ProblemError


def read_files(
    paths: Sequence[Path], load: Callable[[], TextClassifier], threads: int | None, as_json: bool
) -> int:
    """Print what each file says; return how many could not be read.

    Raises ProblemError (501) where the extra is missing.
    """
    reader = load_engine(threads)
    from serve.ocr.reader import read  # needs the extra, which is there by now

    classifier, bad = load(), 0
    for path in paths:
        try:
            with path.open("rb") as stream:
                reading = read(stream.read(MAX_IMAGE_BYTES + 1), reader, field=path.name)
        except ProblemError as problem:
            typer.echo(problem.in_both, err=True)
            bad += 1
            continue
        except OSError as error:
            typer.echo(f"{path}: {error.strerror}", err=True)
            bad += 1
            continue
        texts = [block.text for block in reading.received]
        verdicts = classifier.classify(texts) if texts else []
        if as_json:
            answer = {"file": str(path)} | fields(reading, verdicts, classifier.version)
            typer.echo(json.dumps(answer, ensure_ascii=False))
        else:
            typer.echo(f"{path.name}：")
            typer.echo("\n".join(lines(reading, verdicts) or ["没有找到文字 (no text found)"]))
    return bad
