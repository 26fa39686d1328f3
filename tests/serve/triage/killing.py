"""kill -9 of a real server at random moments of a job, until the job is done.

As a command it measures: ``python killing.py --jobs 50 --rows 20000``. Durability does not depend
on the network, so by default it serves the tests' toy artifact; ``--model shipped`` is far slower.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[3])]

import httpx  # noqa: E402
from fake_server import ROOT, ServerProcess, running_server  # noqa: E402

from serve.triage.runner import CHUNK  # noqa: E402
from serve.triage.store import Store  # noqa: E402

KINDS = (
    "今天还款，编号{n}",
    "不要脸的东西第{n}次",
    "今天不还就在门口等你和你同事",
    "天气很好{n}",
    "",
)


def file_of(rows: int, seed: int = 0) -> bytes:
    """Return a CSV file with repeats, near-duplicates and rows that cannot be read."""
    pick = random.Random(seed)
    lines = ["内容,时间,号码"]
    for n in range(rows):
        text = pick.choice(KINDS).format(n=pick.randrange(rows))
        lines.append(f"{text},2026-03-{1 + n % 28:02d} {n % 24:02d}:15,1069{pick.randrange(50)}")
    return "\n".join(lines).encode()


def upload(url: str, content: bytes, name: str = "投诉.csv") -> str:
    """Upload a file; return the id of its job once the server has taken it."""
    headers = {"x-filename": quote(name), "content-type": "application/octet-stream"}
    answer = httpx.post(f"{url}/v1/triage/jobs", content=content, headers=headers, timeout=60)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["job"]["id"])


def start(url: str, job: str) -> None:
    mapping = httpx.get(f"{url}/v1/triage/jobs/{job}/inspection").json()["mapping"]
    answer = httpx.post(f"{url}/v1/triage/jobs/{job}/start", json={"mapping": mapping})
    assert answer.status_code == 200, answer.text


def state(url: str, job: str) -> dict[str, object]:
    found: dict[str, object] = httpx.get(f"{url}/v1/triage/jobs/{job}").json()
    assert found["state"] != "failed", found
    return found


def wait_done(url: str, job: str, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while state(url, job)["state"] != "done":
        assert time.monotonic() < end, state(url, job)
        time.sleep(0.05)


def wait_until(url: str, job: str, rows: int) -> None:
    """Return once so many rows have their verdicts."""
    while int(str(state(url, job)["rows_done"])) < rows:
        time.sleep(0.01)


def kill(server: ServerProcess) -> None:
    server.process.kill()
    server.process.wait()


def killed_until_done(
    folder: Path, job: str, pick: random.Random, longest_s: float, most: int, **settings: object
) -> int:
    """Start the server and kill it at random, `most` times at most; return how often."""
    for kills in range(most):
        with running_server(folder, **settings) as server:
            time.sleep(pick.uniform(0, longest_s))
            done = state(server.url, job)["state"] == "done"
            kill(server)
        if done:
            return kills
    with running_server(folder, **settings) as server:
        wait_done(server.url, job)
    return most


def outcome(store: Store, job: str) -> tuple[object, ...]:
    """Return all that a job has come to, but for its ids and times."""
    found = store.job(job)
    rows = [{**vars(row), "job_id": None} for row in store.iter_rows(job)]
    totals = (found.state, found.rows_done, found.rows_bad, found.rows_total)
    return totals, rows, store.bad(job, limit=10**6), store.clusters(job, limit=10**6)


def settings_of(model: str, folder: Path) -> dict[str, object]:
    """Return what `running_server` is given to serve the fake, toy or shipped model."""
    if model != "toy":
        return {"model": model}
    sys.path.append(str(ROOT / "tests" / "model"))
    from toy_artifact import write_toy_artifact

    return {"model": "shipped", "artifact": write_toy_artifact(folder / "toy")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", choices=["fake", "toy", "shipped"], default="toy")
    parser.add_argument("--wait", type=float, default=3_600, help="seconds for one job at most")
    args = parser.parse_args()
    pick, exact, midway = random.Random(args.seed), 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder, content = Path(name), file_of(args.rows)
        settings = settings_of(args.model, folder)
        with running_server(folder, **settings) as server:
            whole = upload(server.url, content)
            begun = time.monotonic()
            start(server.url, whole)
            wait_done(server.url, whole, args.wait)
            took = time.monotonic() - begun
        store = Store(folder / "data" / "dunlens.sqlite")
        wanted = outcome(store, whole)
        for number in range(args.jobs):
            with running_server(folder, **settings) as server:
                job = upload(server.url, content)
                start(server.url, job)
                wait_until(server.url, job, pick.randrange(args.rows))
                time.sleep(pick.uniform(0, 2 * took / args.rows * CHUNK))
                kill(server)
            killed_at = store.job(job).rows_done
            with running_server(folder, **settings) as server:
                wait_done(server.url, job, args.wait)
            same = outcome(store, job) == wanted
            exact += same
            midway += killed_at < args.rows
            verdict = "exact" if same else "WRONG"
            print(f"{number + 1}: killed at row {killed_at}: {verdict}", flush=True)
            store.delete_job(job)
        store.close()
    print(
        f"{exact} of {args.jobs} complete and exact, {midway} of them killed before the last row "
        f"({args.rows} rows, {args.model} model, {took:.1f} s unharmed)"
    )
    return 0 if exact == args.jobs else 1


if __name__ == "__main__":
    raise SystemExit(main())
