"""Jobs in the store: states, turns, chunks that are whole or not there, deletion."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from storerows import BEGIN, filled_job, new_job, new_row

from serve.triage.jobstore import NoSuchJobError, WrongStateError
from serve.triage.records import NewBad
from serve.triage.store import Store
from serve.triage.tables import bad_rows, clusters, metadata, reviews, rows


def running(store: Store) -> str:
    job = new_job(store)
    store.queue(job.id)
    store.claim_next()
    return job.id


def test_a_job_from_upload_to_end(store: Store) -> None:
    job = new_job(store, dialect={"kind": "csv"}, owner_key="k1")
    assert (job.state, job.rows_done, job.rows_total) == ("uploaded", 0, None)
    assert job.expires_at - job.created_at == timedelta(days=30)
    assert store.set_mapping(job.id, {"text": "内容"}).mapping == {"text": "内容"}
    assert store.active_ids() == []
    assert store.queue(job.id).state == "queued"
    claimed = store.claim_next()
    assert claimed is not None
    assert claimed.state == "running"
    assert claimed.started_at is not None
    store.set_total(job.id, 3)
    assert store.append_chunk(job.id, 0, [new_row(1), new_row(3)], [NewBad(2, "空", "x")], 3, "m")
    store.finish(job.id)
    done = store.job(job.id)
    assert (done.state, done.rows_total, done.rows_done, done.rows_bad) == ("done", 3, 3, 1)
    assert (done.model, done.headings, done.dialect) == ("m", ["内容", "时间"], {"kind": "csv"})
    assert done.finished_at is not None
    assert store.claim_next() is None


def test_states_that_do_not_follow_each_other_are_refused(store: Store) -> None:
    job = filled_job(store)
    for change in (store.queue, store.cancel, lambda i: store.set_mapping(i, {})):
        with pytest.raises(WrongStateError, match="done"):
            change(job.id)
    with pytest.raises(NoSuchJobError):
        store.queue("nothing")


def test_a_cancelled_job_keeps_its_rows_and_goes_on(store: Store) -> None:
    job = running(store)
    assert store.append_chunk(job, 0, [new_row(1)], [], 1, "m")
    assert store.cancel(job).state == "cancelled"
    assert not store.append_chunk(job, 1, [new_row(2)], [], 2, "m")
    assert store.claim_next() is None
    store.queue(job)
    store.claim_next()
    assert store.append_chunk(job, 1, [new_row(2)], [], 2, "m")
    assert store.page_rows(job).total == 2


def test_a_chunk_is_stored_once(store: Store) -> None:
    job = running(store)
    assert store.append_chunk(job, 0, [new_row(1, cluster=1)], [], 1, "m")
    assert not store.append_chunk(job, 0, [new_row(1, cluster=1)], [], 1, "m")
    assert store.page_rows(job).total == store.job(job).rows_done == 1
    assert next(iter(store.cluster_firsts(job)))[2] == 1


def test_a_chunk_that_fails_leaves_nothing(store: Store) -> None:
    job = running(store)
    twice = [new_row(1), replace(new_row(2), number=1)]
    with pytest.raises(IntegrityError):
        store.append_chunk(job, 0, twice, [NewBad(3, "空", "x")], 3, "m")
    assert store.page_rows(job).total == store.job(job).rows_done == 0
    assert store.bad(job) == []


def test_turns_go_round(store: Store) -> None:
    ids = sorted(running(store) for _ in range(3))
    turns, last = [], None
    for _ in range(6):
        job = store.claim_next(last)
        assert job is not None
        last = job.id
        turns.append(last)
    assert turns == ids * 2
    store.cancel(ids[1])
    after_gone = store.claim_next(ids[1])
    assert after_gone is not None
    assert after_gone.id == ids[2]


def test_clusters_grow_over_chunks(store: Store) -> None:
    job = running(store)
    times = [None, BEGIN, BEGIN - timedelta(days=1), BEGIN + timedelta(days=2), None]
    for number, at in enumerate(times, 1):
        row = new_row(number, cluster=7, sent_at=at, sender=f"s{number % 2}")
        assert store.append_chunk(job, number - 1, [row], [], number, "m")
    [found] = store.clusters(job)
    assert (found.id, found.size, found.first_number) == (7, 5, 1)
    assert (found.first_seen, found.last_seen) == (times[2], times[3])
    assert (found.senders, found.sender_count) == (["s1", "s0"], 2)


def test_deletion_leaves_nothing_and_touches_no_other_job(store: Store) -> None:
    kept, gone = filled_job(store), filled_job(store)
    for job in (kept, gone):
        store.add_review(job.id, 1, reviewer="a", label="harassment")
    store.delete_job(gone.id)
    with pytest.raises(NoSuchJobError):
        store.job(gone.id)
    with store.read() as connection:
        for table in (rows, bad_rows, clusters, reviews):
            query = select(func.count()).select_from(table).where(table.c.job_id == gone.id)
            assert connection.scalar(query) == 0, table.name
    assert store.page_rows(kept.id).total == 20
    assert len(store.reviews(kept.id)) == 1
    store.delete_job("nothing")


def test_a_job_that_is_being_deleted_shows_nowhere(store: Store) -> None:
    job = running(store)
    store.mark_deleting(job)
    assert store.list_jobs() == []
    assert store.claim_next() is None
    assert not store.append_chunk(job, 0, [new_row(1)], [], 1, "m")
    with pytest.raises(NoSuchJobError):
        store.cancel(job)
    assert store.unfinished_deletions() == [job]
    store.delete_job(job)
    assert store.unfinished_deletions() == []


def test_jobs_expire(store: Store) -> None:
    job = new_job(store)
    assert store.lifetimes() == {job.id: (job.created_at, job.expires_at)}


def test_any_text_can_be_stored(store: Store) -> None:
    job = running(store)
    odd = ["\x00", "\ud800", "=1+1", "😀", "a\r\nb"]
    row = new_row(1, original=odd, text="'; DROP TABLE rows; --", sender="%_\\")
    assert store.append_chunk(job, 0, [row], [], 1, "m")
    assert store.row(job, 1).original == odd
    assert store.row(job, 1).text == row.text


def test_no_table_is_forgotten_here() -> None:
    assert set(metadata.tables) == {"jobs", "rows", "bad_rows", "clusters", "reviews", "keys"}
