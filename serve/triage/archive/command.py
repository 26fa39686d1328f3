"""``dunlens triage INPUT… OUTPUT/``: progress and messages on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import typer
from tqdm import tqdm

from model import ArtifactError
from model.manifest import read_manifest
from model.shipped import artifact_folder
from serve.classifier import TextClassifier
from serve.exits import fail
from serve.triage.archive.engines import Work, run_local, run_on_ray
from serve.triage.archive.parts import Outcome, bad_rows, is_done
from serve.triage.archive.plan import PART_ROWS, Part, Plan, held, make_plan
from serve.triage.archive.sources import ArchiveError, find_files

Engine = Literal["local", "ray"]
MOST_SHOWN: Final = 100
"""Bad rows that are shown; all of them are in the files."""


@dataclass(frozen=True)
class Options:
    """threads: of the local classifier or of each worker; address: of a Ray cluster."""

    column: str | None = None
    artifact: Path | None = None
    threads: int | None = None
    address: str | None = None
    part_rows: int = PART_ROWS


def triage_archive(
    paths: Sequence[Path], engine: Engine, load: Callable[[], TextClassifier], options: Options
) -> bool:
    """Classify the files in all paths but the last into that folder; return whether all rows were.

    load: gives the classifier of the local engine. Leaves with 2 where it cannot be done at all,
    with 1 where parts have failed.
    """
    *inputs, folder = paths
    if not inputs:
        fail("用法 (usage): dunlens triage [--engine local|ray] INPUT… OUTPUT/")
    if folder.exists() and not folder.is_dir():
        fail(f"{folder}：最后一项应是结果文件夹 (the last one must be the folder of the results)")
    try:
        with held(folder):
            return _run(inputs, folder, load() if engine == "local" else None, options)
    except (ArchiveError, ArtifactError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or folder}: {error.strerror}")


def _run(
    inputs: Sequence[Path], folder: Path, classifier: TextClassifier | None, options: Options
) -> bool:
    """Plan, do what is not done, and sum up; on Ray without a classifier."""
    files = [path for path in find_files(inputs) if not path.is_relative_to(folder.resolve())]
    if not files:
        raise ArchiveError("没有可读的文件 (there is no file that can be read)")
    artifact, column = options.artifact, options.column
    version = classifier.version if classifier else read_manifest(artifact_folder(artifact))[0]
    with tqdm(files, unit="文件", file=sys.stderr, leave=False) as bar:
        plan = make_plan(bar, folder, version, column, options.part_rows)
    parts = [part for part in plan.parts() if not is_done(folder, part)]
    work = Work(folder.resolve(), column, version, artifact, options.threads)
    if classifier:
        outcomes = run_local(parts, work, classifier)
    else:
        outcomes = run_on_ray(parts, work, options.address)
    failed = _follow(outcomes, parts)
    return _summed_up(plan, folder, failed)


def _follow(outcomes: Iterator[Outcome], parts: Sequence[Part]) -> int:
    """Wait for the parts with a progress bar; return how many have failed."""
    failed = 0
    pause = 0.5 if sys.stderr.isatty() else 10
    rows = sum(part.stop - part.start for part in parts)
    with tqdm(total=rows, unit="行", file=sys.stderr, mininterval=pause) as bar:
        for outcome in outcomes:
            bar.update(outcome.rows)
            if outcome.error is not None:
                failed += 1
                tqdm.write(f"{outcome.name}：{outcome.error}", file=sys.stderr)
    return failed


def _summed_up(plan: Plan, folder: Path, failed: int) -> bool:
    """Tell what there is now; leave with 1 where parts have failed."""
    for path, reason in plan.refused.items():
        typer.echo(f"{path}：{reason}", err=True)
    rows = bad = 0
    for part in plan.parts():
        if not is_done(folder, part):
            continue
        wrong = bad_rows(folder, part)
        for row in wrong[: max(0, MOST_SHOWN - bad)]:
            typer.echo(f"{row['source']}：{row['zh']} ({row['en']})", err=True)
        rows, bad = rows + part.stop - part.start, bad + len(wrong)
    typer.echo(
        f"{folder}：{rows} 行，坏行 {bad} 行，未读的文件 {len(plan.refused)} 个"
        f" ({rows} rows, {bad} bad, {len(plan.refused)} files not read)",
        err=True,
    )
    if failed:
        fail(f"{failed} 个部分失败，可重新运行 ({failed} parts have failed: run it again)", code=1)
    return not bad and not plan.refused
