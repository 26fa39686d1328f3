"""The runner: chunks, turns, cancel, failures, restarts; on SQLite and on PostgreSQL."""

from __future__ import annotations

import errno
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fakes import verdict
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from waiting import wait_until

from model.verdict import Verdict
from serve.triage.intake import inspect
from serve.triage.records import Job
from serve.triage.retention import Retention
from serve.triage.runner import Runner
from serve.triage.store import Store
from serve.triage.tables import jobs
from serve.triage.uploads import Uploads

SECRET = "机密内容zzz"
Classify = Callable[[Sequence[str], threading.Event], "list[Verdict] | None"]


def at_once(texts: Sequence[str], stop: threading.Event) -> list[Verdict] | None:
    return [verdict(text) for text in texts]


def texts(count: int) -> list[str]:
    kinds = ("今天还款", "不要脸", "门口等你，同事都知道", "天气很好", "")
    return [f"{kinds[i % 5]}{i if i % 5 != 4 else ''}" for i in range(count)]


def take(store: Store, uploads: Uploads, lines: Sequence[str]) -> Job:
    """Take in and queue a CSV file as the upload route does."""
    rows = [f"{number},{line},1069{number % 7}" for number, line in enumerate(lines)]
    return take_file(store, uploads, "\r\n".join(["编号,内容,号码", *rows]).encode(), "投诉.csv")


def take_file(store: Store, uploads: Uploads, content: bytes, name: str) -> Job:
    with uploads.begin() as upload:
        upload.write(content)
        upload.commit()
    inspection = inspect(upload.path, name)
    job = store.create_job(
        id=upload.job_id,
        name=name,
        file_sha256=upload.sha256,
        file_bytes=upload.bytes,
        dialect=inspection.to_dict(),
        headings=inspection.headings,
        mapping=inspection.mapping.to_dict(),
    )
    return store.queue(job.id)


@contextmanager
def running(
    store: Store, uploads: Uploads, classify: Classify = at_once, **more: Any
) -> Iterator[Runner]:
    runner = Runner(store, uploads, classify, lambda: "fake-1", Retention(store, uploads), **more)
    runner.start()
    try:
        yield runner
    finally:
        runner.close()


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads")


def finish(store: Store, *found: Job, seconds: float = 60) -> None:
    wait_until(lambda: all(store.job(job.id).state == "done" for job in found), seconds)


def everything(store: Store, job: Job) -> list[dict[str, Any]]:
    return [{**vars(row), "job_id": None} for row in store.iter_rows(job.id)]


def test_a_file_becomes_rows_in_its_order(store: Store, uploads: Uploads) -> None:
    lines = texts(103)
    job = take(store, uploads, lines)
    with running(store, uploads, chunk=20):
        finish(store, job)
    done = store.job(job.id)
    assert (done.rows_done, done.rows_total, done.rows_bad) == (103, 103, 20)
    assert done.model == "fake-1"
    rows = list(store.iter_rows(job.id))
    assert [row.text for row in rows] == [line for line in lines if line]
    assert [row.label for row in rows] == [verdict(row.text).label for row in rows]
    assert [row.original[0] for row in rows] == [str(row.number - 1) for row in rows]
    assert [bad.number for bad in store.bad(job.id)] == [n for n in range(1, 104) if n % 5 == 0]
    assert {row.sender for row in rows} == {f"1069{n}" for n in range(7)}


def test_repeats_share_a_cluster_and_their_final_size_counts(
    store: Store, uploads: Uploads
) -> None:
    script = "您的借款已严重逾期，今天不还款我们就到你家门口等你，通知你的同事和家人"
    job = take(store, uploads, [script, "天气很好", *[script] * 30])
    with running(store, uploads, chunk=8):
        finish(store, job)
    [cluster] = store.clusters(job.id)
    assert cluster.size == 31
    same = [row for row in store.iter_rows(job.id) if row.cluster == cluster.id]
    assert len({row.severity for row in same}) == 1
    assert len({str(row.severity_parts) for row in same}) == 1


def test_a_restart_goes_on_and_gives_the_same(store: Store, uploads: Uploads) -> None:
    lines = texts(120) + texts(60)
    whole = take(store, uploads, lines)
    with running(store, uploads, chunk=16):
        finish(store, whole)
    broken = take(store, uploads, lines)
    classified: list[str] = []

    def slowly(found: Sequence[str], stop: threading.Event) -> list[Verdict] | None:
        stop.wait(0.05)
        classified.extend(found)
        return None if stop.is_set() else at_once(found, stop)

    def went_on(before: int) -> bool:
        now = store.job(broken.id)
        return now.rows_done > before or now.state == "done"

    while store.job(broken.id).state != "done":
        with running(store, uploads, slowly, chunk=16):
            wait_until(partial(went_on, store.job(broken.id).rows_done), 30)
    assert everything(store, broken) == everything(store, whole)
    assert len(classified) < 3 * len(lines), "a restart must not begin anew"


def test_jobs_take_turns(store: Store, uploads: Uploads) -> None:
    order: list[str] = []

    def note(found: Sequence[str], stop: threading.Event) -> list[Verdict] | None:
        order.extend(text[:1] for text in found[:1])
        return at_once(found, stop)

    long = take(store, uploads, [f"长{i}" for i in range(200)])
    short = take(store, uploads, [f"短{i}" for i in range(20)])
    with running(store, uploads, note, chunk=10):
        finish(store, long, short)
    last_of_short = max(i for i, name in enumerate(order) if name == "短")
    assert last_of_short <= 6, order


def test_cancel_stops_within_a_chunk_and_can_go_on(store: Store, uploads: Uploads) -> None:
    job = take(store, uploads, texts(400))
    gate = threading.Event()

    def slowly(found: Sequence[str], stop: threading.Event) -> list[Verdict] | None:
        gate.wait(0.02)
        return at_once(found, stop)

    with running(store, uploads, slowly, chunk=10) as runner:
        wait_until(lambda: store.job(job.id).rows_done >= 20, 30)
        assert runner.progress(store.job(job.id)) is not None
        done = store.cancel(job.id).rows_done
        gate.set()
        other = take(store, uploads, texts(30))
        runner.wake()
        finish(store, other)
        assert store.job(job.id).rows_done == done
        assert runner.progress(store.job(job.id)) is None
        store.queue(job.id)
        finish(store, job)
    assert len(everything(store, job)) == 320


def test_a_deleted_job_is_dropped(store: Store, uploads: Uploads) -> None:
    job, other = take(store, uploads, texts(400)), take(store, uploads, texts(40))
    retention = Retention(store, uploads)
    with running(store, uploads, chunk=10):
        wait_until(lambda: store.job(job.id).rows_done >= 10, 30)
        retention.delete(job.id)
        finish(store, other)
    assert [found.id for found in store.list_jobs()] == [other.id]
    assert not uploads.path(job.id).exists()


def test_retention_does_not_wait_for_an_idle_moment(
    store: Store, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serve.triage.retention.EVERY_S", 0.0)
    old, job = take(store, uploads, texts(5)), take(store, uploads, texts(4_000))
    store.cancel(old.id)
    with store.write() as connection:
        connection.execute(
            update(jobs)
            .where(jobs.c.id == old.id)
            .values(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
        )
    with running(store, uploads, chunk=10):
        wait_until(lambda: old.id not in store.job_ids(), 30)
        assert store.job(job.id).state == "running"


def fails(found: Sequence[str], stop: threading.Event) -> list[Verdict] | None:
    raise ValueError(SECRET)


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        (lambda job, uploads: uploads.delete(job.id), "file_unreadable"),
        (lambda job, uploads: None, "internal"),
    ],
)
def test_a_job_that_fails_says_so_and_stops_no_other(
    store: Store, uploads: Uploads, caplog: pytest.LogCaptureFixture, harm: Any, error: str
) -> None:
    bad, good = take(store, uploads, [SECRET]), take(store, uploads, texts(30))
    harm(bad, uploads)

    def classify(found: Sequence[str], stop: threading.Event) -> list[Verdict] | None:
        return fails(found, stop) if SECRET in found else at_once(found, stop)

    logging.getLogger("dunlens").propagate = True
    with caplog.at_level(logging.INFO), running(store, uploads, classify):
        finish(store, good)
        wait_until(lambda: store.job(bad.id).state == "failed", 30)
    assert store.job(bad.id).error == error
    assert "job failed" in caplog.text
    assert SECRET not in caplog.text


def test_a_database_that_fails_for_a_while_costs_nothing(
    store: Store, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serve.triage.runner.RETRY_S", 0.05)
    failures = iter(range(3))
    append = store.append_chunk

    def sometimes(*given: Any) -> bool:
        if next(failures, None) is not None:
            raise OperationalError("INSERT", {}, Exception("disk full"))
        return append(*given)

    monkeypatch.setattr(store, "append_chunk", sometimes)
    job = take(store, uploads, texts(50))
    with running(store, uploads, chunk=8):
        finish(store, job)
    assert len(everything(store, job)) == 40


def test_a_disk_that_fails_during_a_sweep_does_not_end_the_runner(
    store: Store, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serve.triage.runner.RETRY_S", 0.05)
    monkeypatch.setattr("serve.triage.retention.EVERY_S", 0.0)
    failures, delete = iter(range(3)), uploads.delete_orphans

    def sometimes(known: set[str]) -> int:
        if next(failures, None) is not None:
            raise OSError(errno.EIO, "Input/output error")
        return delete(known)

    monkeypatch.setattr(uploads, "delete_orphans", sometimes)
    job = take(store, uploads, texts(50))
    with running(store, uploads, chunk=8):
        finish(store, job)
    assert next(failures, None) is None
    assert len(everything(store, job)) == 40


def test_two_runners_share_no_work_and_one_takes_over(store: Store, tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    used: list[str] = []

    def classify(name: str) -> Classify:
        def run(found: Sequence[str], stop: threading.Event) -> list[Verdict] | None:
            used.append(name)
            return at_once(found, stop)

        return run

    other_store = Store(store.url.render_as_string(hide_password=False))
    with running(other_store, uploads, classify("second")):
        with running(store, uploads, classify("first")):
            first = take(store, uploads, texts(60))
            finish(store, first)
        assert len(set(used)) == 1
        used.clear()
        second = take(store, uploads, texts(60))
        finish(store, second)
    other_store.close()
    assert len(everything(store, first)) == len(everything(store, second)) == 48


def test_characters_that_no_database_takes(store: Store, uploads: Uploads) -> None:
    odd = ["今天\x00还款", "不要脸\ud83d", "😀=1+1", "\x00"]
    lines = [json.dumps({"text": text, "号码": text}) for text in odd]
    job = take_file(store, uploads, "\n".join(lines).encode(), "odd.jsonl")
    with running(store, uploads):
        finish(store, job)
    rows = {row.number: row for row in store.iter_rows(job.id)}
    assert [rows[n].text for n in (1, 2, 3)] == ["今天还款", "不要脸?", "😀=1+1"]
    assert (rows[1].label, rows[2].label) == ("lawful_reminder", "harassment")
    assert all(odd[row.number - 1] in row.original for row in rows.values())
    assert store.job(job.id).rows_done == 4


def test_closing_does_not_wait_for_the_chunk(store: Store, uploads: Uploads) -> None:
    def until_stopped(found: Sequence[str], stop: threading.Event) -> list[Verdict] | None:
        stop.wait(60)
        return None

    job = take(store, uploads, texts(10))
    with running(store, uploads, until_stopped):
        wait_until(lambda: store.job(job.id).state == "running", 30)
        started = time.monotonic()
    assert time.monotonic() - started < 5
    assert store.job(job.id).state == "running"
