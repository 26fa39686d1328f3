"""A real uvicorn process: draining, logs without content, refusals over a real socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fake_server
import httpx
from fake_server import ROOT, free_port, running_server

SECRET = "机密内容zzz"


def test_no_text_in_the_log(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, httpx.Client(base_url=server.url) as client:
        client.post("/v1/classify", json={"texts": [SECRET]})
        client.post("/v1/classify", json={"texts": [SECRET * 1000]})
        client.post("/v1/classify", json={SECRET: [SECRET]})
        client.post("/v1/classify", content=SECRET.encode())
        client.post("/", data={"text": SECRET})
        client.get("/", params={"text": SECRET})
        client.get(f"/{SECRET}", headers={b"user-agent": SECRET.encode()})
        client.request(f"GET{'zzz'}", "/")
        with socket.create_connection(("127.0.0.1", client.base_url.port or 0)) as raw:
            raw.sendall(f"{SECRET}\r\n\r\n".encode())
            raw.recv(1000)
        log = server.log()
    assert "POST /v1/classify 200" in log
    assert "POST /v1/classify 422" in log
    assert "GET - 404" in log
    assert "机密" not in log
    assert "zzz" not in log
    assert "%E6" not in log


def test_sigterm_finishes_what_is_under_way(tmp_path: Path) -> None:
    with running_server(tmp_path, delay_s=1.0) as server, ThreadPoolExecutor(1) as pool:
        url = f"{server.url}/v1/classify"
        answer = pool.submit(httpx.post, url, json={"texts": ["还款"]}, timeout=20)
        time.sleep(0.4)
        server.process.send_signal(signal.SIGTERM)
        assert answer.result().status_code == 200
        assert server.process.wait(10) in (0, -signal.SIGTERM)


def test_health_answers_fast_while_the_model_works(tmp_path: Path) -> None:
    with running_server(tmp_path, delay_s=0.8) as server, ThreadPoolExecutor(4) as pool:
        busy = [
            pool.submit(httpx.post, f"{server.url}/v1/classify", json={"texts": ["x"]}, timeout=20)
            for _ in range(4)
        ]
        time.sleep(0.2)
        with httpx.Client(base_url=server.url) as client:
            client.get("/healthz")
            times = []
            for _ in range(20):
                started = time.perf_counter()
                assert client.get("/healthz").status_code == 200
                times.append(time.perf_counter() - started)
        assert sorted(times)[10] < 0.05
        assert not all(f.done() for f in busy)
        assert {f.result().status_code for f in busy} == {200}


def test_a_large_body_gets_its_413_over_a_socket(tmp_path: Path) -> None:
    with running_server(tmp_path, max_body_bytes=100_000) as server:
        for _ in range(5):
            response = httpx.post(
                f"{server.url}/v1/classify",
                content=b" " * 8_000_000,
                headers={"content-type": "application/json"},
            )
            assert response.status_code == 413
            assert response.json()["error"]["limit"] == 100_000


def test_a_slow_body_gets_408(tmp_path: Path) -> None:
    with running_server(tmp_path, body_timeout_s=0.3) as server:
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        with socket.create_connection(address, timeout=5) as raw:
            raw.sendall(
                b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\n"
                b"Content-Length: 100\r\n\r\n{"
            )
            assert b" 408 " in raw.recv(1000).split(b"\r\n")[0]
        assert httpx.get(f"{server.url}/healthz").status_code == 200


def test_the_command_exits_where_the_model_does_not_load(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "serve.cli", "serve", "--port", str(free_port())]
    done = subprocess.run(
        [*command, "--artifact", str(tmp_path)], cwd=ROOT, capture_output=True, timeout=60
    )
    assert done.returncode == 1
    assert "模型加载失败" in done.stderr.decode()


def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        port = server.url.rpartition(":")[2]
        second = [sys.executable, str(Path(fake_server.__file__)), port, "0", "fake"]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(second, env=environment, capture_output=True, timeout=60)
    assert done.returncode == 1
    assert "--port" in done.stderr.decode()
