"""Overload, slow and vanished clients, a stop under load, broken artifact, full disk, no database.

The command ``load.py`` measures overload for longer, with its figures.
"""

from __future__ import annotations

import errno
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import load
import pytest
from fake_server import ROOT, free_port, running_server
from fastapi.testclient import TestClient

from model.manifest import sha256
from serve.triage.uploads import Upload

ARTIFACT = ROOT / "model" / "artifact"
BODY = {"texts": ["请还款"]}
JOBS = "/v1/triage/jobs"
OCTETS = {"content-type": "application/octet-stream", "x-filename": "a.csv"}


def test_overload_is_refused_and_no_request_is_lost(tmp_path: Path) -> None:
    [figures] = load.measure(tmp_path, [4], seconds=2)
    assert figures.odd == []
    assert len(figures.answers) == 4 * load.CAPACITY * 2
    assert len(figures.of(200)) >= load.CAPACITY, "it goes on answering"
    assert len(figures.of(503)) >= load.CAPACITY, "and refuses the rest"
    assert {answer.status for answer in figures.health} == {200}
    assert figures.memory[1] - figures.memory[0] < 10


def uploaded(folder: Path) -> list[str]:
    """Return the files of uploads, whole or not."""
    files = (folder / "data" / "uploads").iterdir()
    return [file.name for file in files if file.suffix in (".bin", ".part")]


def raw(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10)


def test_slow_and_half_open_connections_keep_nobody_out(tmp_path: Path) -> None:
    head = b"POST /v1/classify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with running_server(tmp_path, body_timeout_s=1) as server:
        silent = [raw(server.url) for _ in range(100)]
        slow = [raw(server.url) for _ in range(50)]
        for connection in slow:
            connection.sendall(head + b"Content-Length: 100\r\n\r\n{")
        answers = [httpx.post(f"{server.url}/v1/classify", json=BODY) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 5
        assert {connection.recv(12) for connection in slow} == {b"HTTP/1.1 408"}
        for connection in [*silent, *slow]:
            connection.close()
        assert httpx.get(f"{server.url}/readyz").status_code == 200


def test_the_work_for_a_client_that_has_gone_makes_room(tmp_path: Path) -> None:
    with running_server(tmp_path, delay_s=0.2, queue_size=2) as server:
        body = b'{"texts": ["x"]}'
        for _ in range(2):
            with raw(server.url) as connection:
                connection.sendall(
                    b"POST /v1/classify HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    b"Content-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                )
        end = time.monotonic() + 10
        while httpx.post(f"{server.url}/v1/classify", json=BODY, timeout=10).status_code != 200:
            assert time.monotonic() < end, "the queue is never free again"
            time.sleep(0.05)
        assert "unhandled" not in server.log()


def test_a_stop_under_load_loses_nothing_that_was_accepted(tmp_path: Path) -> None:
    def post(url: str) -> int:
        try:
            return httpx.post(f"{url}/v1/classify", json=BODY, timeout=20).status_code
        except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
            return 0  # it listens no more, or left the connection in the listener's queue

    with running_server(tmp_path, delay_s=0.2) as server, ThreadPoolExecutor(8) as pool:
        first = [pool.submit(post, server.url) for _ in range(8)]
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        later = [pool.submit(post, server.url) for _ in range(8)]
        assert [answer.result() for answer in first] == [200] * 8
        assert {answer.result() for answer in later} <= {0, 200, 503}
        assert server.process.wait(15) in (0, -signal.SIGTERM)


def test_a_request_on_an_open_connection_is_answered_though_a_stop_has_begun(
    tmp_path: Path,
) -> None:
    with running_server(tmp_path, delay_s=0.2) as server, raw(server.url) as connection:
        httpx.get(f"{server.url}/healthz")  # answered after it: the connection was taken on
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.15)  # uvicorn looks for the signal every 0.1 s
        body = b'{"texts": ["x"]}'
        connection.sendall(
            b"POST /v1/classify HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        assert connection.recv(12) in (b"HTTP/1.1 200", b"HTTP/1.1 503")
        assert server.process.wait(15) in (0, -signal.SIGTERM)


@pytest.mark.parametrize("name", ["model.int8.onnx", "tokenizer.json"])
def test_a_corrupt_artifact_is_refused_with_file_and_hash(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "artifact"
    shutil.copytree(ARTIFACT, folder)
    broken = bytearray((folder / name).read_bytes())
    broken[len(broken) // 2] ^= 1
    (folder / name).write_bytes(broken)
    command = [sys.executable, "-m", "serve.cli", "serve", "--port", str(free_port())]
    done = subprocess.run(
        [*command, "--artifact", str(folder)], cwd=ROOT, capture_output=True, timeout=60
    )
    assert done.returncode == 1
    said = done.stderr.decode()
    assert name in said
    assert sha256(ARTIFACT / name) in said


def test_a_full_disk_is_told_and_leaves_nothing(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Any, chunk: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Upload, "write", full)
        answer = client.post(JOBS, content="短信内容\n请还款\n".encode(), headers=OCTETS)
    assert answer.status_code == 507
    assert answer.json()["error"]["code"] == "disk_full"
    assert uploaded(tmp_path) == []
    assert client.get(JOBS).json() == {"jobs": []}
    again = client.post(JOBS, content="短信内容\n请还款\n".encode(), headers=OCTETS)
    assert again.status_code == 201


def test_the_database_goes_and_comes_back(client: TestClient, tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = client.app.state.desk.store  # type: ignore[attr-defined]
    assert client.post(JOBS, content=b"text\nx\n", headers=OCTETS).status_code == 201
    store.close()
    hidden = [(file, file.with_suffix(".away")) for file in data.glob("dunlens.sqlite")]
    for file, away in hidden:
        file.rename(away)
        file.mkdir()  # a folder cannot be opened as a database
    gone = client.get(JOBS)
    assert (gone.status_code, gone.headers["retry-after"]) == (503, "5")
    assert gone.json()["error"]["code"] == "database_gone"
    upload = client.post(JOBS, content=b"text\nx\n", headers=OCTETS)
    assert upload.status_code == 503, "an upload without a job is not acknowledged"
    assert client.post("/v1/classify", json=BODY).status_code == 200, "it needs no database"
    for file, away in hidden:
        file.rmdir()
        away.rename(file)
    assert len(client.get(JOBS).json()["jobs"]) == 1
    assert len(uploaded(tmp_path)) == 1
