"""How long the desk takes to answer: ``python tests/serve/triage/desk_latency.py --rows 100000``.

Fills a new store with made-up rows, starts a real server on it (the model is a fake one, which no
request here needs) and prints the median and 95th percentile, in milliseconds, of what the page
asks for. DUNLENS_DATABASE_URL chooses PostgreSQL.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[3])]

import httpx  # noqa: E402
from fake_server import running_server  # noqa: E402
from made_up import fill  # noqa: E402

from serve.triage.store import Store  # noqa: E402


def questions(job: str, rows: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return what is asked, by name: path and query."""
    at = f"/v1/triage/jobs/{job}"
    return {
        "page (HTML)": (f"/triage/jobs/{job}", {}),
        "first page, by severity": (f"{at}/rows", {}),
        "last page": (f"{at}/rows", {"page": rows // 50}),
        "by time": (f"{at}/rows", {"sort": "sent_at"}),
        "by confidence": (f"{at}/rows", {"sort": "confidence", "order": "asc"}),
        "one label": (f"{at}/rows", {"label": "threat_extortion"}),
        "one label, model unsure": (f"{at}/rows", {"label": "harassment", "review": True}),
        "model unsure, not reviewed": (f"{at}/rows", {"review": True, "reviewed": False}),
        "reviewed (none is)": (f"{at}/rows", {"reviewed": True}),
        "search, many hits": (f"{at}/rows", {"q": "门口"}),
        "search, few hits": (f"{at}/rows", {"q": "王某华，今天下午3点"}),
        "search, no hit": (f"{at}/rows", {"q": "没有这几个字"}),
        "one cluster": (f"{at}/rows", {"cluster": 2}),
        "one row": (f"{at}/rows/{rows // 2}", {}),
        "clusters": (f"{at}/clusters", {}),
        "summary": (f"{at}/summary", {}),
        "list of jobs": ("/v1/triage/jobs", {}),
    }


def measure(client: httpx.Client, path: str, query: dict[str, Any], repeat: int) -> list[float]:
    """Return the milliseconds of each of `repeat` answers, after one that does not count."""
    times = []
    for _ in range(repeat + 1):
        began = time.perf_counter()
        client.get(path, params=query).raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    return times[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="keep the data there, and use it again")
    given = parser.parse_args()
    url = os.environ.get("DUNLENS_DATABASE_URL")
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        data = folder / "data"
        store = Store(url or data / "dunlens.sqlite")
        known = [job for job in store.list_jobs() if job.rows_done >= given.rows]
        job = known[0] if known else fill(store, given.rows)
        store.close()
        settings = {"data_dir": data} | ({"database_url": url} if url else {})
        with running_server(folder, **settings) as server, httpx.Client(base_url=server.url) as ask:
            print(f"{'what':30} {'median ms':>10} {'p95 ms':>10}   ({given.rows} rows)")
            for name, (path, query) in questions(job.id, given.rows).items():
                times = measure(ask, path, query, given.repeat)
                p95 = statistics.quantiles(times, n=20)[-1]
                print(f"{name:30} {statistics.median(times):10.1f} {p95:10.1f}")


if __name__ == "__main__":
    main()
