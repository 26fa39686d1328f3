"""Somebody sets the machine's clock while the server runs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from storerows import new_job

from serve.triage import clock
from serve.triage.jobstore import now
from serve.triage.pace import Pace
from serve.triage.retention import Retention
from serve.triage.store import Store
from serve.triage.uploads import Uploads

DAY_S = 86_400.0
YEAR = timedelta(days=365)


class Clocks:
    """A wall clock that can be set, and the time that really passes."""

    def __init__(self) -> None:
        self.offset, self.passed, self._start = timedelta(), 0.0, now()

    def wall(self) -> datetime:
        return self._start + timedelta(seconds=self.passed) + self.offset

    def steady(self) -> float:
        return self.passed


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    monkeypatch.setattr("serve.triage.jobstore.now", made.wall)
    return made


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads")


@pytest.fixture
def retention(store: Store, uploads: Uploads, clocks: Clocks) -> Retention:
    return Retention(store, uploads, clocks.wall, clocks.steady)


@pytest.mark.parametrize("step", [YEAR, -YEAR, timedelta(days=31), -timedelta(days=31)])
def test_a_batch_is_kept_for_its_time_whatever_the_clock_says(
    store: Store, retention: Retention, clocks: Clocks, step: timedelta
) -> None:
    before = new_job(store).id
    retention.sweep()
    clocks.passed += 5
    just_before = new_job(store).id
    clocks.offset = step
    just_after = new_job(store).id
    clocks.passed += 5
    assert retention.sweep() == 0
    after = new_job(store).id
    assert retention.sweep() == 0
    clocks.offset = timedelta()  # and it is put right
    clocks.passed += 29 * DAY_S
    assert retention.sweep() == 0
    assert store.job_ids() == {before, just_before, just_after, after}
    clocks.passed += DAY_S
    assert retention.sweep() == 4
    assert store.job_ids() == set()


def test_a_clock_that_was_wrong_at_the_start_keeps_nothing_for_ever(
    store: Store, retention: Retention, clocks: Clocks
) -> None:
    new_job(store)
    clocks.offset = -26 * YEAR
    assert retention.sweep() == 0
    clocks.passed += 30 * DAY_S
    assert retention.sweep() == 1


def test_an_upload_under_way_looks_old_but_is_not_deleted(
    store: Store, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    with uploads.begin() as upload:
        upload.write(b"x")
        later = time.time() + 2 * DAY_S
        monkeypatch.setattr("serve.triage.uploads.time.time", lambda: later)
        Retention(store, uploads).sweep()
        upload.commit()
        Retention(store, uploads).sweep()
        assert upload.path.exists()
    Retention(store, uploads).sweep()
    assert not upload.path.exists(), "no job was made of it"


def test_a_file_that_vanishes_meanwhile_is_no_error(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    (uploads.folder / "a.part").write_bytes(b"x")
    os.utime(uploads.folder / "a.part", (0, 0))
    glob: Callable[..., list[Path]] = lambda folder, what: [folder / what.replace("*", "gone")]  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(Path, "glob", glob)
        assert uploads.delete_orphans(set()) == 0
    assert uploads.delete_orphans(set()) == 1


def test_a_clock_set_back_brings_no_expired_key_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = store.create_key("k", ["classify"], now() + timedelta(hours=1))
    assert store.check_token(token)
    passed = clock.steady
    monkeypatch.setattr(clock, "steady", lambda: passed() + 2 * 3600)
    monkeypatch.setattr(clock, "now", lambda: now() - YEAR)
    assert store.check_token(token) is None
    assert not store.has_valid_key()


def test_a_clock_set_forward_ends_keys_until_it_is_put_right(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = store.create_key("k", ["classify"], now() + timedelta(days=1))
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: now() + YEAR)
        assert store.check_token(token) is None
    assert store.check_token(token)


def test_progress_does_not_look_at_the_clock(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pace, job = Pace(), new_job(store).id
    pace.note(job, 0)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    pace.note(job, 10)
    store.queue(job)
    found = pace.progress(store.claim_next())  # type: ignore[arg-type]
    assert found is not None
    assert found.rate > 0
