"""Requests at several times the service's capacity, open loop, over real sockets.

``python tests/serve/trust/load.py --seconds 60`` starts a server whose model takes a fixed time,
so that its capacity is known, and prints for 1, 4 and 16 times that many requests a second: what
was answered, how soon refusals came, the waiting times of /healthz meanwhile, and the memory of
the process. With ``--model shipped`` it is the real model, whose capacity is measured first by
clients that wait.

Arrivals do not wait for answers (open loop: Schroeder, Wierman and Harchol-Balter,
Open Versus Closed, NSDI 2006), so a slow server is not spared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from fake_server import running_server

MODEL_S = 0.1
CAPACITY = 1 / MODEL_S
"""Requests a second that the model can answer: it takes one at a time."""
QUEUE = 4
PATIENCE_S = 20
BODY = json.dumps({"texts": ["请还款"]}).encode()
_numbers = count()


def varied() -> bytes:
    """Return a request of 8 texts that nobody has sent before: verdicts may be remembered."""
    said = [f"第{next(_numbers)}号：借款已逾期，今天不还清就上门找你家人和单位。" for _ in range(8)]
    return json.dumps({"texts": said}).encode()


BODIES: dict[str, Callable[[], bytes]] = {"fake": lambda: BODY, "shipped": varied}
"""The real model gets more to do, so that one processor can send 16 times what it answers."""


@dataclass(frozen=True)
class Answer:
    """status: 0 where none came; seconds: until it was whole; retry: a Retry-After was there."""

    status: int
    seconds: float
    retry: bool


@dataclass
class Figures:
    """What a load of `times` the capacity met. Times in seconds, memory in MiB."""

    times: float
    seconds: float
    capacity: float = CAPACITY
    behind_s: float = 0
    answers: list[Answer] = field(default_factory=list)
    health: list[Answer] = field(default_factory=list)
    memory: tuple[float, float] = (0, 0)
    cpu_s: float = 0

    @property
    def cpu_ms(self) -> float:
        """Processor time of the server for each request, which a busy machine does not change."""
        return self.cpu_s * 1000 / max(1, len(self.answers) + len(self.health))

    def of(self, *statuses: int) -> list[Answer]:
        return [answer for answer in self.answers if answer.status in statuses]

    @property
    def odd(self) -> list[Answer]:
        """Answers that are neither a verdict nor a refusal that says when to come again."""
        fair = [*self.of(200), *(a for a in self.of(429, 503) if a.retry)]
        return [answer for answer in self.answers if answer not in fair]

    @property
    def against_targets(self) -> list[tuple[str, float, str, bool]]:
        """Return (figure, value, target, met) of each."""
        refused = 1000 * quantile([answer.seconds for answer in self.of(429, 503)], 0.99)
        health = 1000 * quantile([answer.seconds for answer in self.health], 0.99)
        lost = len(self.odd) + sum(answer.status != 200 for answer in self.health)
        rate, expected = len(self.of(200)) / self.seconds, 0.9 * min(1, self.times) * self.capacity
        grown = self.memory[1] - self.memory[0]
        return [
            ("answered, /s", rate, f">= {expected:.1f}", rate >= expected),
            ("lost or without Retry-After", lost, "0", lost == 0),
            ("refused after, p99 ms", refused, "<= 100", refused <= 100),
            ("/healthz p99, ms", health, "<= 50", health <= 50),
            ("memory grown, MiB", grown, "<= 10", grown <= 10),
        ]

    def line(self) -> str:
        head = (
            f"{self.times:.0f}x: {len(self.answers)} asked, {len(self.of(429, 503))} refused, "
            f"{self.cpu_ms:.1f} ms of processor a request, memory {self.memory[1]:.0f} MiB"
        )
        told = [
            f"  {name:28} {value:8.1f}  target {target:9} {'met' if met else 'MISSED'}"
            for name, value, target, met in self.against_targets
        ]
        if self.behind_s > 0.1:
            told.append(f"  the sender fell {self.behind_s:.1f} s behind: its own times count")
        return "\n".join([head, *told])


def quantile(values: list[float], share: float) -> float:
    """Return the smallest value that at least this share does not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


async def ask(port: int, path: str, body: bytes | None = None) -> Answer:
    """Send one request on a connection of its own."""
    began = time.perf_counter()
    head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(head.encode() + b"Connection: close\r\n\r\n" + (body or b""))
            whole = await reader.read(-1)
            writer.close()
    except (OSError, TimeoutError):
        return Answer(0, time.perf_counter() - began, False)
    status = int(whole[9:12]) if whole.startswith(b"HTTP/1.1 ") else 0
    return Answer(status, time.perf_counter() - began, b"\r\nretry-after:" in whole.lower())


async def _steadily(
    rate: float, seconds: float, port: int, path: str, body: Callable[[], bytes] | None
) -> tuple[list[Answer], float]:
    """Send at a rate; return the answers, and by how many seconds the sending fell behind."""
    tasks, began, behind = [], time.perf_counter(), 0.0
    for number in range(int(rate * seconds)):
        early = began + number / rate - time.perf_counter()
        behind = max(behind, -early)
        await asyncio.sleep(max(0.0, early))
        tasks.append(asyncio.create_task(ask(port, path, body and body())))
    return await asyncio.gather(*tasks), behind


async def _load(
    port: int, rate: float, seconds: float, body: Callable[[], bytes]
) -> tuple[list[Answer], list[Answer], float]:
    (answers, behind), (health, _) = await asyncio.gather(
        _steadily(rate, seconds, port, "/v1/classify", body),
        _steadily(20, seconds, port, "/healthz", None),
    )
    return answers, health, behind


async def _capacity(port: int, body: Callable[[], bytes], seconds: float = 5) -> float:
    """Return the requests a second that two clients get answered who wait for each answer."""
    answered, end = 0, time.perf_counter() + seconds

    async def client() -> None:
        nonlocal answered
        while time.perf_counter() < end:
            answered += (await ask(port, "/v1/classify", body())).status == 200

    await asyncio.gather(client(), client())
    return answered / seconds


def memory_mib(pid: int) -> float:
    """Return the resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(folder: Path, loads: list[float], seconds: float, model: str = "fake") -> list[Figures]:
    """Start a server in a folder and put it under each load for so many seconds."""
    found = []
    with running_server(folder, delay_s=MODEL_S, model=model, queue_size=QUEUE) as server:
        port = int(server.url.rpartition(":")[2])
        body = BODIES[model]
        capacity = CAPACITY if model == "fake" else asyncio.run(_capacity(port, body))
        asyncio.run(
            _load(port, 4 * capacity, 1, body)
        )  # its memory grows with the first connections
        for times in loads:
            figures = Figures(times, seconds, capacity)
            before, busy = memory_mib(server.process.pid), cpu_s(server.process.pid)
            figures.answers, figures.health, figures.behind_s = asyncio.run(
                _load(port, times * capacity, seconds, body)
            )
            figures.seconds = seconds + figures.behind_s
            figures.cpu_s = cpu_s(server.process.pid) - busy
            figures.memory = (before, memory_mib(server.process.pid))
            found.append(figures)
    return found


def main() -> int:
    """Print the figures of each load; return 1 where one misses its target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--model", choices=["fake", "shipped"], default="fake")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), [1, 4, 16], options.seconds, options.model)
    print(f"capacity {found[0].capacity:.0f}/s, queue of {QUEUE}")
    print("\n".join(figures.line() for figures in found))
    return 0 if all(met for each in found for *_, met in each.against_targets) else 1


if __name__ == "__main__":
    raise SystemExit(main())
