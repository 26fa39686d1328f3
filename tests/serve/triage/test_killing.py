"""kill -9 of a real server: what was acknowledged is there, and every row exactly once."""

from __future__ import annotations

import random
from pathlib import Path

import httpx
from fake_server import running_server
from killing import file_of, kill, killed_until_done, outcome, start, upload, wait_done

from serve.triage.store import Store

ROWS = 2_000


def killed_and_whole(folder: Path, database: str | Path, most: int, **settings: object) -> int:
    """Run one file unharmed and one under kills; compare; return the number of kills."""
    content = file_of(ROWS)
    with running_server(folder, **settings) as server:
        whole = upload(server.url, content)
        start(server.url, whole)
        wait_done(server.url, whole)
        broken = upload(server.url, content)
        start(server.url, broken)
        kill(server)
    kills = killed_until_done(folder, broken, random.Random(3), 0.4, most, **settings)
    store = Store(database)
    assert outcome(store, broken) == outcome(store, whole)
    store.close()
    return kills


def test_no_row_is_lost_or_doubled(tmp_path: Path) -> None:
    database = tmp_path / "data" / "dunlens.sqlite"
    assert killed_and_whole(tmp_path, database, most=5, delay_s=0.005) >= 2


def test_no_row_is_lost_or_doubled_on_postgresql(tmp_path: Path, postgres_database: str) -> None:
    settings = {"delay_s": 0.005, "database_url": postgres_database}
    assert killed_and_whole(tmp_path, postgres_database, most=2, **settings) >= 1


def test_an_upload_that_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    content = file_of(300)
    with running_server(tmp_path) as server:
        job = upload(server.url, content)
        kill(server)
    assert (tmp_path / "data" / "uploads" / f"{job}.bin").read_bytes() == content
    with running_server(tmp_path) as server:
        start(server.url, job)
        wait_done(server.url, job)


def test_a_deletion_that_was_interrupted_is_ended(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        job = upload(server.url, file_of(300))
        kill(server)
    store = Store(tmp_path / "data" / "dunlens.sqlite")
    store.mark_deleting(job)  # as far as a killed deletion may have come
    with running_server(tmp_path) as server:
        assert httpx.get(f"{server.url}/v1/triage/jobs/{job}").status_code == 404
        for _ in range(200):
            if not store.job_ids():
                break
            httpx.get(f"{server.url}/healthz")
    assert store.job_ids() == set()
    assert list((tmp_path / "data" / "uploads").glob("*.bin")) == []
    store.close()
