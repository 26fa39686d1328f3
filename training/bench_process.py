"""What a fresh process needs until its first verdict: seconds and memory, model by model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

TIMES: Final = 5
CHILD: Final = """
import json, resource, sys, time
begun = time.perf_counter()
from model import Classifier
imported = time.perf_counter()
classifier = Classifier.load(sys.argv[1])
loaded = time.perf_counter()
classifier.classify(["您的借款已逾期，请尽快还款。"])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"import_s": imported - begun, "load_s": loaded - imported, "peak_mib": peak}))
"""


def cold_start(artifact: Path, times: int = TIMES) -> dict[str, Any]:
    """Return medians over fresh processes: start to first verdict, of it import and load, memory.

    first_ever_s: of the first one, which compiles the graph where the backend keeps that for the
    others. Files are in the disk cache.
    """
    with tempfile.TemporaryDirectory() as cache:
        first, *others = [_once(artifact, cache) for _ in range(times + 1)]
    found: dict[str, Any] = {key: float(np.median([one[key] for one in others])) for key in first}
    spread = [one["first_verdict_s"] for one in others]
    return found | {
        "first_verdict_range": [min(spread), max(spread)],
        "first_ever_s": first["first_verdict_s"],
    }


def _once(artifact: Path, cache: str) -> dict[str, float]:
    begun = time.perf_counter()
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", CHILD, str(artifact.resolve())],
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "XDG_CACHE_HOME": cache},
    )
    spent = time.perf_counter() - begun
    return {"first_verdict_s": spent, **json.loads(done.stdout)}
