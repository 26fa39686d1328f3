"""A day's requests as fast as they go: does anything grow?

``python tests/serve/trust/soak.py --hours 24 --rate 1 --minutes 20`` starts a server, sends as
many requests as that rate gives in that time (verdicts, reasons, pages, reports, refusals, and
whole batches: uploaded, classified, exported, deleted), and prints memory, open files, threads,
size of the data folder and waiting times of each tenth of them. It stops after so many minutes and
says how far it came. Exits with 1 where an answer was not the expected one, or where the last
tenths exceed the first ones, the warm-up left out, by more than `TARGETS` allow.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent.parent))
from fake_server import ServerProcess, running_server
from load import cpu_s, memory_mib, quantile

CLIENTS = 4
PARTS = 10
WARM_UP = 2
"""Parts left out: caches and pools fill."""
TARGETS = {"memory_mib": 16.0, "files": 8, "threads": 4, "data_mib": 8.0, "cpu_ms_ratio": 1.25}
JOBS = "/v1/triage/jobs"
TEXT = "今天五点前不还款，就把你的同事都通知一遍"
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
OCTETS = {"content-type": "application/octet-stream", "x-filename": quote("投诉.csv")}
CSV = ("短信内容,发送号码\n" + f"{TEXT},1069\n" * 20).encode()
EVERY = 50
"""One of so many requests begins a batch, which takes six and more."""

Request = tuple[str, str, dict[str, str], bytes, int]


def _json(path: str, body: object, status: int = 200) -> Request:
    return "POST", path, JSON, json.dumps(body).encode(), status


REQUESTS: list[Request] = [
    _json("/v1/classify", {"texts": [TEXT] * 4}),
    _json("/v1/classify", {"texts": [TEXT], "explain": True}),
    _json("/v1/classify", {"texts": []}, 422),
    _json("/v1/report", {"messages": [{"text": TEXT}], "format": "docx"}),
    ("POST", "/", FORM, f"text={quote(TEXT)}".encode(), 200),
    ("GET", "/", {}, b"", 200),
    ("GET", "/static/style.css", {}, b"", 200),
    ("GET", "/nothing", {}, b"", 404),
    ("GET", "/healthz", {}, b"", 200),
    ("GET", JOBS, {}, b"", 200),
]


@dataclass
class Part:
    """What one tenth of the requests met. waits: seconds until each answer."""

    waits: list[float] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    def line(self) -> str:
        return (
            f"{len(self.waits):7} requests  median {1000 * median(self.waits):6.1f} ms  "
            f"p99 {1000 * quantile(self.waits, 0.99):7.1f} ms  "
            f"{self.figures['cpu_ms']:5.2f} ms of processor each  "
            f"{self.figures['memory_mib']:6.1f} MiB  {self.figures['files']:3.0f} files  "
            f"{self.figures['threads']:3.0f} threads  data {self.figures['data_mib']:5.1f} MiB"
        )


class Soak:
    """Sends requests from several threads and counts answers that were not expected."""

    def __init__(self, server: ServerProcess, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.port = int(server.url.rpartition(":")[2])
        self.sent = 0
        self.wrong: list[str] = []
        self._here = threading.local()
        self._numbers = count()

    def part(self, requests: int, until: float) -> Part:
        """Send a number of requests, or as many as there is time for."""
        part, began = Part(), cpu_s(self.server.process.pid)

        def work() -> None:
            while len(part.waits) < requests and time.monotonic() < until:
                number = next(self._numbers)
                if number % EVERY == 0:
                    self._batch(part)
                else:
                    self._send(part, REQUESTS[number % len(REQUESTS)])
            if (connection := getattr(self._here, "connection", None)) is not None:
                connection.close()

        with ThreadPoolExecutor(CLIENTS) as pool:
            for done in [pool.submit(work) for _ in range(CLIENTS)]:
                done.result()
        self.sent += len(part.waits)
        pid = self.server.process.pid
        part.figures = {
            "memory_mib": memory_mib(pid),
            "files": len(list(Path(f"/proc/{pid}/fd").iterdir())),
            "threads": len(list(Path(f"/proc/{pid}/task").iterdir())),
            "data_mib": sum(file.stat().st_size for file in self.folder.rglob("*.sqlite*")) / 2**20,
            "cpu_ms": (cpu_s(pid) - began) * 1000 / max(1, len(part.waits)),
        }
        return part

    def _send(self, part: Part, request: Request) -> bytes:
        method, path, headers, body, status = request
        began = time.perf_counter()
        try:
            connection = self._connection()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._here.connection = None
            self.wrong.append(f"{method} {path}: {type(error).__name__}")
            return b""
        part.waits.append(time.perf_counter() - began)
        if answer.status != status:
            self.wrong.append(f"{method} {path}: {answer.status}")
        return content

    def _connection(self) -> http.client.HTTPConnection:
        """Return this thread's connection, a new one for every hundredth request."""
        used = getattr(self._here, "used", 0)
        found = getattr(self._here, "connection", None)
        if found is None or used % 100 == 0:
            if found is not None:
                found.close()
            found = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self._here.connection, self._here.used = found, used + 1
        return found

    def _batch(self, part: Part) -> None:
        taken = self._send(part, ("POST", JOBS, OCTETS, CSV, 201))
        if not taken:
            return
        job = f"{JOBS}/{json.loads(taken)['job']['id']}"
        columns = {"text": "短信内容", "sender": "发送号码"}
        self._send(part, _json(f"{job}/start", {"mapping": columns}))
        end = time.monotonic() + 60
        while json.loads(self._send(part, ("GET", job, {}, b"", 200)) or "{}")["state"] != "done":
            if time.monotonic() > end:
                self.wrong.append("a batch was not done within 60 s")
                return
            time.sleep(0.05)
        rows = json.loads(self._send(part, ("GET", f"{job}/rows", {}, b"", 200)))["total"]
        if rows != 20:
            self.wrong.append(f"{20 - rows} rows of a batch were lost")
        self._send(part, ("GET", f"{job}/export?format=xlsx", {}, b"", 200))
        self._send(part, ("DELETE", job, {}, b"", 204))


def grown(parts: list[Part]) -> dict[str, float]:
    """Return by how much the last parts exceed the first after the warm-up, by name of target."""
    early, late = parts[WARM_UP : WARM_UP + 2], parts[-2:]

    def change(name: str) -> float:
        before, after = (max(part.figures[name] for part in some) for some in (early, late))
        return after / before if name == "cpu_ms" else after - before

    return {name: change(name.removesuffix("_ratio")) for name in TARGETS}


def soak(folder: Path, requests: int, seconds: float, model: str = "fake") -> tuple[Soak, int]:
    """Run and print; return the soak and how many targets were missed."""
    with running_server(folder, model=model) as server:
        run, until, parts = Soak(server, folder), time.monotonic() + seconds, []
        for _ in range(PARTS):
            part = run.part(requests // PARTS, min(until, time.monotonic() + seconds / PARTS))
            print(part.line(), flush=True)
            parts.append(part)
    missed = 0
    print(f"{run.sent} of {requests} requests answered, {len(run.wrong)} not as expected")
    for line in sorted(set(run.wrong))[:10]:
        print(f"  {line}")
    for name, value in grown(parts).items():
        met = value <= TARGETS[name]
        missed += not met
        print(f"{name:12} {value:+6.2f}  target <= {TARGETS[name]}: {'met' if met else 'MISSED'}")
    return run, missed


def main() -> int:
    """Run with the options of the command line and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--rate", type=float, default=1, help="requests a second of that day")
    parser.add_argument("--minutes", type=float, default=20, help="stop after so many")
    parser.add_argument("--model", choices=["fake", "shipped"], default="fake")
    options = parser.parse_args()
    requests = int(options.hours * 3600 * options.rate)
    with tempfile.TemporaryDirectory() as folder:
        run, missed = soak(Path(folder), requests, options.minutes * 60, options.model)
    return 1 if missed or run.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
