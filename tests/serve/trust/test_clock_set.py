"""The clock of a real server is set by days while it works (libfaketime; steady time goes on)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import libfaketime
import pytest
from fake_server import running_server
from waiting import wait_until

from serve.triage.jobstore import now
from serve.triage.store import Store

JOBS = "/v1/triage/jobs"
ROWS = "短信内容\n" + "今天不还就在门口等你\n" * 600
OCTETS = {"content-type": "application/octet-stream", "x-filename": "a.csv"}


class MachineClock:
    """The clock that processes started meanwhile see."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._file = folder / "clock"
        self.set(0)
        vendored = Path(libfaketime.__file__).parent / "vendor" / "libfaketime" / "src"
        monkeypatch.setenv("LD_PRELOAD", str(vendored / "libfaketime.so.1"))
        monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(self._file))
        monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
        monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")

    def set(self, days: int) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(f"{days:+}d\n")
        new.replace(self._file)


def test_work_and_keys_while_the_clock_jumps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "data" / "dunlens.sqlite")
    names = {"lasting": None, "short": now() + timedelta(days=10)}
    bearer = {
        name: {"authorization": f"Bearer {store.create_key(name, ['admin'], ends)[1]}"}
        for name, ends in names.items()
    }
    store.close()
    clock = MachineClock(tmp_path, monkeypatch)
    limits = {"host": "0.0.0.0", "key_rate": 0, "address_rate": 0}
    with (
        running_server(tmp_path, delay_s=0.3, **limits) as server,
        httpx.Client(base_url=server.url, timeout=20, headers=bearer["lasting"]) as client,
    ):

        def classify(key: str) -> int:
            body = {"texts": ["还款"]}
            return client.post("/v1/classify", json=body, headers=bearer[key]).status_code

        job = client.post(JOBS, content=ROWS.encode(), headers=OCTETS).json()["job"]["id"]
        started = client.post(f"{JOBS}/{job}/start", json={"mapping": {"text": "短信内容"}})
        assert started.status_code == 200
        for days in (40, -40, 4000, 0):
            clock.set(days)
            assert classify("lasting") == 200
            assert classify("short") == (401 if days > 10 else 200)
            assert client.get("/healthz").status_code == 200
            shown = client.get(f"{JOBS}/{job}").json()
            assert (shown["rate"] or 1) > 0
            assert (shown["seconds_left"] or 0) < 600
        wait_until(lambda: client.get(f"{JOBS}/{job}").json()["state"] == "done", seconds=60)
        assert client.get(f"{JOBS}/{job}/rows").json()["total"] == 600
        assert "unhandled" not in server.log()
        assert "interrupted" not in server.log()


def test_days_on_the_clock_do_not_fill_the_bucket_of_a_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = MachineClock(tmp_path, monkeypatch)
    with running_server(tmp_path, address_rate=1) as server:
        answers = [httpx.get(f"{server.url}/docs").status_code for _ in range(6)]
        assert answers == [200] * 5 + [429]
        for days in (4000, -4000):
            clock.set(days)
            assert httpx.get(f"{server.url}/docs").status_code == 429
