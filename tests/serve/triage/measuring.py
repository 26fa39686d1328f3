"""Figures of a real server with the shipped model: ``python measuring.py --rows 100000``.

Memory of the server's process from start to end, throughput beside the bare classifier on the same
texts, waiting time of single requests with and without a job, time to the first ranked rows.
The texts are the corpus's, each made different by its number, so that none repeats. Prints the
figures, and exits with 1 where one misses its target.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from itertools import count as counting
from itertools import cycle, islice
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[3])]

import httpx  # noqa: E402
from fake_server import running_server  # noqa: E402
from killing import start, state, upload  # noqa: E402

from data.corpus import load_split  # noqa: E402

SINGLE = "今天五点前不还，就把你通讯录里的人挨个通知一遍"
TARGETS = {"first_rows_s": 5.0, "memory_growth_mib": 150.0, "ratio": 5.0}  # at most
LEAST_SHARE = 0.85
NUMBER = counting()  # a text that came before would be remembered, and be no measure of waiting


def texts_of(count: int) -> list[str]:
    """Return texts of real lengths, no two alike."""
    rows = [row.text.replace("\n", " ") for row in load_split("train") if len(row.text) < 3_900]
    random.Random(0).shuffle(rows)
    return [f"{text} 第{n}" for n, text in enumerate(islice(cycle(rows), count))]


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def p95_ms(client: httpx.Client, count: int, pause_s: float, until: threading.Event) -> float:
    taken = []
    while len(taken) < count and not until.is_set():
        begun = time.perf_counter()
        answer = client.post(
            "/v1/classify", json={"texts": [f"{SINGLE} {next(NUMBER)}"]}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        taken.append((time.perf_counter() - begun) * 1000)
        time.sleep(pause_s)
    return sorted(taken)[int(0.95 * (len(taken) - 1))]


def bare_rate(texts: list[str], threads: int | None) -> float:
    from model import Classifier

    classifier = Classifier.load(threads=threads)
    classifier.classify(texts[:64])
    begun = time.perf_counter()
    for at in range(0, len(texts), 256):
        classifier.classify(texts[at : at + 256])
    return len(texts) / (time.perf_counter() - begun)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--bare", type=int, default=5_000, help="texts for the bare classifier")
    parser.add_argument("--single", type=int, default=200, help="single requests, each time")
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    texts = texts_of(args.rows)
    lines = [json.dumps({"内容": text, "号码": f"1069{n % 997}"}) for n, text in enumerate(texts)]
    settings = {} if args.threads is None else {"threads": args.threads}
    never = threading.Event()
    with (
        tempfile.TemporaryDirectory() as name,
        running_server(Path(name), model="shipped", **settings) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        pid = server.process.pid
        p95_ms(client, 20, 0, never)
        idle = p95_ms(client, args.single, 0.05, never)
        memory, highest = resident_mib(pid), 0.0
        begun = time.perf_counter()
        job = upload(server.url, "\n".join(lines).encode(), "texts.jsonl")
        start(server.url, job)
        while not state(server.url, job)["rows_done"]:
            time.sleep(0.02)
        first = time.perf_counter() - begun
        loaded = p95_ms(client, args.single, 0.05, never)
        quiet, done = time.perf_counter(), int(str(state(server.url, job)["rows_done"]))
        while state(server.url, job)["state"] != "done":
            highest = max(highest, resident_mib(pid))
            time.sleep(0.5)
        rate = (args.rows - done) / (time.perf_counter() - quiet)
    bare = bare_rate(texts[-args.bare :], args.threads)
    figures = {
        "rows": args.rows,
        "first_rows_s": round(first, 2),
        "memory_growth_mib": round(highest - memory, 1),
        "rows_per_s": round(rate, 1),
        "bare_per_s": round(bare, 1),
        "share_of_bare": round(rate / bare, 3),
        "single_p95_idle_ms": round(idle, 1),
        "single_p95_loaded_ms": round(loaded, 1),
        "ratio": round(loaded / idle, 2),
    }
    print(json.dumps(figures, indent=1))
    missed = [f"{name}: at most {most}" for name, most in TARGETS.items() if figures[name] > most]
    if figures["share_of_bare"] < LEAST_SHARE:
        missed.append(f"share_of_bare: at least {LEAST_SHARE}")
    print("missed:", *missed or ["none"])
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
