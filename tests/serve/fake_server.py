"""A real server process: ``python fake_server.py PORT DELAY_S fake|shipped``.

It serves the fake classifier or the shipped model.

Tests here and in tests/e2e start it; settings come from DUNLENS_* as for the real command.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


class ServerProcess:
    """A running server: its address, its process and what it has logged so far."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.url, self._log = process, f"http://127.0.0.1:{port}", log

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(
    folder: Path, delay_s: float = 0, model: str = "fake", **settings: object
) -> Iterator[ServerProcess]:
    """Start a server that logs into `folder`, wait until it is ready, stop it at the end."""
    port, log = free_port(), folder / "server.log"
    outside = {key: value for key, value in os.environ.items() if not key.startswith("DUNLENS_")}
    settings = {"data_dir": folder / "data"} | settings
    environment = {f"DUNLENS_{name.upper()}": str(value) for name, value in settings.items()}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, __file__, str(port), str(delay_s), model],
            cwd=ROOT,
            env=outside | {"PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"} | environment,
            stdout=stream,
            stderr=stream,
        )
    server = ServerProcess(process, port, log)
    try:
        _wait_ready(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_ready(server: ServerProcess, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.process.poll() is None, server.log()
        try:
            if httpx.get(f"{server.url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(server.log())


def main() -> int:
    from fakes import FakeClassifier

    from serve.server import load_settings, run

    port, delay_s, model = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    fake = FakeClassifier(delay_s=delay_s) if model == "fake" else None
    if fake is not None:
        fake.calls = deque(maxlen=1)  # type: ignore[assignment]  # memory is measured
    return run(load_settings(port=port), fake)


if __name__ == "__main__":
    raise SystemExit(main())
