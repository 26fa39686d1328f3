"""Retention and uploads: what is deleted is gone from every file; nothing else is touched."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from storerows import new_row

from serve.triage.jobstore import NoSuchJobError, now
from serve.triage.retention import Retention
from serve.triage.store import Store
from serve.triage.uploads import Uploads

SECRET = "机密内容zzz张三丰身份证"


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "data" / "uploads")


def secret_job(store: Store, uploads: Uploads, rows: int = 300) -> str:
    """Make a job whose file, rows, bad rows, clusters and reviews all are there."""
    with uploads.begin() as upload:
        upload.write(SECRET.encode() * rows)
        upload.commit()
    job = store.create_job(
        id=upload.job_id,
        name=f"{SECRET}.csv",
        file_sha256=upload.sha256,
        file_bytes=upload.bytes,
        dialect={"preview": [[SECRET]]},
        headings=[SECRET],
    )
    store.queue(job.id)
    store.claim_next()
    good = [
        new_row(n, text=f"{SECRET}{n}" * 5, sender=f"{SECRET}{n}", original=[SECRET], cluster=n % 9)
        for n in range(1, rows + 1)
    ]
    assert store.append_chunk(job.id, 0, good, [], rows, "m")
    store.finish(job.id)
    store.add_review(job.id, 1, reviewer="甲", label="harassment", note=SECRET)
    return job.id


def traces(folder: Path) -> list[str]:
    """Return the files in which the secret stands, as UTF-8 or escaped."""
    signs = [SECRET.encode(), SECRET.encode("unicode_escape"), "张三丰".encode()]
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file.name for file in files if any(sign in file.read_bytes() for sign in signs)]


def test_deletion_leaves_no_trace_in_any_file(tmp_path: Path, uploads: Uploads) -> None:
    store = Store(tmp_path / "data" / "dunlens.sqlite")
    kept, gone = secret_job(store, uploads), secret_job(store, uploads)
    retention = Retention(store, uploads)
    retention.delete(kept)
    assert traces(tmp_path)  # of the other one
    size = (tmp_path / "data" / "dunlens.sqlite").stat().st_size
    retention.delete(gone)
    assert traces(tmp_path) == []
    assert (tmp_path / "data" / "dunlens.sqlite").stat().st_size < size
    with pytest.raises(NoSuchJobError):
        retention.delete(gone)
    store.close()
    assert traces(tmp_path) == []


def test_expired_jobs_go_with_their_files(store: Store, uploads: Uploads) -> None:
    old, new = secret_job(store, uploads, 3), secret_job(store, uploads, 3)
    with store.write() as connection:
        connection.exec_driver_sql(f"UPDATE jobs SET expires_at = '2020-01-01' WHERE id = '{old}'")
    retention = Retention(store, uploads)
    assert retention.sweep() == 1
    assert store.job_ids() == {new}
    assert [file.stem for file in uploads.folder.iterdir()] == [new]
    assert retention.sweep() == 0
    later = Retention(store, uploads, clock=lambda: now() + timedelta(days=31))
    assert later.sweep() == 1
    assert list(uploads.folder.iterdir()) == []


def test_a_sweep_ends_what_was_interrupted_at_any_step(store: Store, uploads: Uploads) -> None:
    job = secret_job(store, uploads, 3)
    store.mark_deleting(job)
    assert Retention(store, uploads).sweep() == 1
    assert store.job_ids() == set()
    assert list(uploads.folder.iterdir()) == []


def test_the_time_a_job_is_kept_is_the_stores(tmp_path: Path, uploads: Uploads) -> None:
    store = Store(tmp_path / "a.sqlite", retention_days=7)
    job = store.job(secret_job(store, uploads, 3))
    assert job.expires_at - job.created_at == timedelta(days=7)
    store.close()


@pytest.mark.parametrize("committed", [False, True])
def test_an_upload_that_breaks_off_leaves_nothing(uploads: Uploads, committed: bool) -> None:
    def break_off() -> None:
        with uploads.begin() as upload:
            upload.write(b"half")
            if committed:
                upload.commit()
            raise ConnectionError  # or the job could not be made

    with pytest.raises(ConnectionError):
        break_off()
    assert list(uploads.folder.iterdir()) == []


def test_an_upload_is_forced_onto_the_disk_before_its_name(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    sync, replace = os.fsync, os.replace

    def note_sync(descriptor: int) -> None:
        target = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        events.append("folder" if target.is_dir() else "file")
        sync(descriptor)

    def note_replace(source: Path, target: Path) -> None:
        events.append("name")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "replace", note_replace)
    with uploads.begin() as upload:
        upload.write(b"x" * 100_000)
        upload.commit()
    assert events == ["file", "name", "folder"]
    assert uploads.path(upload.job_id).read_bytes() == b"x" * 100_000
    assert uploads.path(upload.job_id).stat().st_mode & 0o777 == 0o600
    assert upload.bytes == 100_000


def test_orphans_go_once_they_are_old(store: Store, uploads: Uploads) -> None:
    known = secret_job(store, uploads, 3)
    names = ["aa.bin", "bb.part", "cc.bin"]
    for name in names:
        (uploads.folder / name).write_bytes(b"x")
    old = time.time() - 2 * 3600
    for name in (*names[:2], f"{known}.bin"):
        os.utime(uploads.folder / name, (old, old))
    Retention(store, uploads).sweep()
    assert {file.name for file in uploads.folder.iterdir()} == {"cc.bin", f"{known}.bin"}
