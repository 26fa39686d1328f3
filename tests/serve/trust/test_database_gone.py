"""PostgreSQL crashes while a real server works, and comes back: no row is lost."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
import psycopg
from fake_server import running_server
from waiting import wait_until

sys.path.insert(0, str(Path(__file__).parent.parent / "triage"))
from postgres import running_postgres, stopped

JOBS = "/v1/triage/jobs"
ROWS = 2000
CSV = "短信内容\n" + "".join(f"第{n}条：今天不还就在门口等你\n" for n in range(ROWS))
OCTETS = {"content-type": "application/octet-stream", "x-filename": "a.csv"}


def test_postgresql_crashes_and_comes_back(tmp_path: Path) -> None:
    with running_postgres() as server_url:
        with psycopg.connect(server_url.format(database="postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE desk")
        url = server_url.format(database="desk")
        with (
            running_server(tmp_path, delay_s=0.3, database_url=url) as server,
            httpx.Client(base_url=server.url, timeout=60) as client,
        ):
            job = client.post(JOBS, content=CSV.encode(), headers=OCTETS).json()["job"]["id"]
            client.post(f"{JOBS}/{job}/start", json={"mapping": {"text": "短信内容"}})
            wait_until(lambda: client.get(f"{JOBS}/{job}").json()["rows_done"] > 0, seconds=60)
            with stopped(server_url):
                gone = client.get(JOBS)
                assert (gone.status_code, gone.headers["retry-after"]) == (503, "5")
                assert gone.json()["error"]["code"] == "database_gone"
                upload = client.post(JOBS, content=b"text\nx\n", headers=OCTETS)
                assert upload.status_code == 503, "what has no job is not acknowledged"
                assert client.get("/healthz").status_code == 200
                answer = client.post("/v1/classify", json={"texts": ["还款"]})
                assert answer.status_code == 200, "it needs no database"
            wait_until(lambda: client.get(JOBS).status_code == 200, seconds=30)
            wait_until(lambda: client.get(f"{JOBS}/{job}").json()["state"] == "done", seconds=120)
            assert client.get(f"{JOBS}/{job}/rows").json()["total"] == ROWS
            assert [found["id"] for found in client.get(JOBS).json()["jobs"]] == [job]
            assert [file.stem for file in (tmp_path / "data/uploads").glob("*.bin")] == [job]
            assert "unhandled OperationalError" in server.log()
