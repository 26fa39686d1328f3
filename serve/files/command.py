"""The file mode of ``dunlens classify``: paths, progress and messages on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import typer
from tqdm import tqdm

from serve.classifier import TextClassifier
from serve.files.output import open_output
from serve.files.record import FileError
from serve.files.run import Outcome, classify_file, format_of


def classify_paths(
    source: str,
    target: str,
    format: str | None,
    field: str,
    load: Callable[[], TextClassifier],
) -> int:
    """Classify a file ("-": standard input) into another ("-": standard output).

    Returns the number of bad rows. Leaves with code 2 where the files cannot be used at all.
    """
    try:
        chosen = _choose_format(source, target, format)
        with _open_input(source) as input_stream, _open_output(target) as output_stream:
            outcome = _run(input_stream, output_stream, load(), chosen, field)
    except FileError as error:
        raise _leave(str(error)) from None
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise _leave(f"{error.filename or source}: {error.strerror}") from None
    typer.echo(
        f"完成 {outcome.rows} 行，坏行 {outcome.bad} 行 ({outcome.rows} rows, {outcome.bad} bad)",
        err=True,
    )
    return outcome.bad


def _run(
    source: BinaryIO, target: BinaryIO, classifier: TextClassifier, format: str, field: str
) -> Outcome:
    pause = 0.5 if sys.stderr.isatty() else 10  # seconds; a log wants few lines
    with tqdm(unit="行", file=sys.stderr, mininterval=pause) as bar:

        def on_bad(line: int, error: str) -> None:
            tqdm.write(f"第 {line} 行：{error}", file=sys.stderr)

        def on_batch(outcome: Outcome) -> None:
            bar.update(outcome.rows - bar.n)

        return classify_file(
            source,
            target,
            classifier,
            format=format,
            field=field,
            on_bad=on_bad,
            on_batch=on_batch,
        )


def _choose_format(source: str, target: str, format: str | None) -> str:
    """Return the format of both files; raise FileError where it is unknown or they differ."""
    chosen = format or format_of(source) or (format_of(target) if source == "-" else None)
    if chosen is None:
        raise FileError(
            f"无法从扩展名判断 {source} 的格式，请用 --format jsonl 或 csv "
            "(unknown extension: use --format)"
        )
    if format_of(target) not in (None, chosen):
        raise FileError(
            f"输入是 {chosen}，输出也必须是 {chosen} (the output has the format of the input)"
        )
    return chosen


@contextmanager
def _open_input(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
    else:
        with Path(path).open("rb") as stream:
            yield stream


@contextmanager
def _open_output(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    else:
        with open_output(Path(path)) as stream:
            yield stream


def _leave(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(2)
