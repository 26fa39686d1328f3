"""Rows an archive's workers do on a local Ray: ``python ray_growth.py --rows 8000``.

Each number of workers does the same parts into an empty folder. Time counts from the start of the
cluster's work to the last part, loading of the model included; memory is the highest of all
workers together.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[3])]

import psutil  # noqa: E402
import ray  # noqa: E402
from measuring import texts_of  # noqa: E402

from model.manifest import read_manifest  # noqa: E402
from model.shipped import DEFAULT_ARTIFACT, artifact_folder  # noqa: E402
from serve.triage.archive.engines import Work, run_on_ray  # noqa: E402
from serve.triage.archive.plan import make_plan  # noqa: E402

WORKER = "ray::MapWorker"  # what Ray calls the processes of its pool


def workers_mib() -> float:
    """Return the resident memory of this process's workers."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            if any(WORKER in part for part in process.cmdline()):
                total += process.memory_info().rss
        except psutil.Error:  # it has ended meanwhile
            continue
    return total / 2**20


def point(artifact: Path, source: Path, folder: Path, parts: int, workers: int) -> dict[str, Any]:
    """Return seconds and memory of so many workers on one file."""
    folder.mkdir()
    version, _ = read_manifest(artifact)
    rows = sum(1 for _ in source.open(encoding="utf-8"))
    plan = make_plan([source], folder, version, part_rows=-(-rows // parts))
    work = Work(folder, None, version, artifact, threads=1)
    done, highest = threading.Event(), [0.0]

    def watch() -> None:
        while not done.wait(0.25):
            highest[0] = max(highest[0], workers_mib())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    begun = time.perf_counter()
    outcomes = list(run_on_ray(list(plan.parts()), work, workers=workers))
    seconds = time.perf_counter() - begun
    done.set()
    watcher.join()
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    assert not failed, failed[0]
    assert sum(outcome.rows for outcome in outcomes) == rows
    return {"at": workers, "rows": rows, "seconds": seconds, "peak_mib": highest[0]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifact", type=artifact_folder, default=DEFAULT_ARTIFACT)
    parser.add_argument("--rows", type=int, default=8_000)
    parser.add_argument("--parts", type=int, default=8)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--output", type=Path)
    args = parser.parse_args()
    lines = [json.dumps({"内容": text}) for text in texts_of(args.rows)]
    ray.init(
        num_cpus=max(args.workers),
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
    )
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "texts.jsonl"
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        points = [
            point(args.artifact.resolve(), source, Path(name) / str(n), args.parts, n)
            for n in args.workers
        ]
    ray.shutdown()
    text = json.dumps({"points": points}, indent=1) + "\n"
    if args.output:
        args.output.parent.mkdir(parents=True, exist_ok=True)
        args.output.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
