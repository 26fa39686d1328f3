"""Pace: rows a second of late, and the time that is left."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from storerows import filled_job

from serve.triage.pace import WINDOW_S, Pace, Progress
from serve.triage.records import Job
from serve.triage.store import Store


@pytest.fixture
def job(tmp_path: Path) -> Job:
    store = Store(tmp_path / "a.sqlite")
    found = store.job(filled_job(store).id)
    store.close()
    return dataclasses.replace(found, state="running", rows_total=1_000, rows_done=0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_rate_and_time_left(job: Job) -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.progress(job) is None
    pace.note(job.id, 0)
    assert pace.progress(job) is None
    clock.now = 2
    pace.note(job.id, 200)
    now = dataclasses.replace(job, rows_done=200)
    assert pace.progress(now) == Progress(100, 8)
    assert pace.progress(dataclasses.replace(now, rows_total=None)) == Progress(100, None)
    assert pace.progress(dataclasses.replace(now, state="done")) is None
    pace.forget(job.id)
    assert pace.progress(now) is None


def test_only_the_last_seconds_count(job: Job) -> None:
    clock = Clock()
    pace = Pace(clock)
    for second in range(100):
        clock.now = second
        pace.note(job.id, 10 * second if second < 50 else 500 + 100 * (second - 50))
    progress = pace.progress(dataclasses.replace(job, rows_done=900))
    assert progress is not None
    assert progress.rate == pytest.approx(100)
    assert WINDOW_S < 50


def test_a_slow_job_still_has_a_rate(job: Job) -> None:
    clock = Clock()
    pace = Pace(clock)
    for step in range(4):
        clock.now = step * 3 * WINDOW_S
        pace.note(job.id, 60 * step)
    progress = pace.progress(job)
    assert progress is not None
    assert progress.rate == pytest.approx(1)
