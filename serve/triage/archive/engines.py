"""Where the parts are done: in this process, or by the workers of a Ray cluster.

Both call `do_part`, so that a part has the same results wherever it is done. Ray carries the names
of parts and their counts only: texts go from the storage to a worker and back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from serve.classifier import TextClassifier, load_classifier
from serve.triage.archive.parts import Outcome, do_part
from serve.triage.archive.plan import Part
from serve.triage.archive.sources import ArchiveError

MOST_BLOCKS: Final = 4_096
"""Blocks of parts that Ray keeps track of at most."""


@dataclass(frozen=True)
class Work:
    """What all parts have in common.

    threads: of a worker; model: the version that every worker must have.
    """

    folder: Path
    column: str | None
    model: str
    artifact: Path | None = None
    threads: int | None = None


def run_local(parts: Sequence[Part], work: Work, classifier: TextClassifier) -> Iterator[Outcome]:
    """Do the parts one after the other."""
    for part in parts:
        yield do_part(part, work.folder, classifier, work.column, work.model)


class PartWorker:
    """An actor of Ray: loads the model once, then does one part after the other."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._classifier = load_classifier(work.artifact, work.threads or 1)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        part, work = Part(**row), self._work
        return asdict(do_part(part, work.folder, self._classifier, work.column, work.model))


def run_on_ray(
    parts: Sequence[Part], work: Work, address: str | None = None, workers: int | None = None
) -> Iterator[Outcome]:
    """Do the parts on a Ray cluster, in any order; without an address, RAY_ADDRESS or a local one.

    workers: at most; by default as many as the cluster has processors for. A part whose worker is
    lost is done again by another one. Raises ArchiveError where there is no Ray, or no cluster.
    """
    if not parts:
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    try:
        import ray
    except ModuleNotFoundError:
        raise ArchiveError("缺少 ray：请安装 (install): pip install 'dunlens[ray]'") from None
    own = not ray.is_initialized()
    if own:
        try:
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except ConnectionError:
            raise ArchiveError(f"{address}：连不上 Ray (no Ray cluster answers there)") from None
    try:
        yield from _on_cluster(parts, work, workers)
    finally:
        if own:
            ray.shutdown()


def _on_cluster(parts: Sequence[Part], work: Work, workers: int | None) -> Iterator[Outcome]:
    import ray
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    processors = work.threads or 1
    most = workers or max(1, int(ray.cluster_resources().get("CPU", 1)) // processors)
    most = min(most, len(parts))
    blocks = min(len(parts), MOST_BLOCKS)
    outcomes = ray.data.from_items(
        [asdict(part) for part in parts], override_num_blocks=blocks
    ).map(
        PartWorker,
        fn_constructor_args=(work,),
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=most),
        num_cpus=processors,
    )
    for row in outcomes.iter_rows():
        yield Outcome(**row)
