"""Rows in the store: order, filters, pages, clusters and aggregates."""

from __future__ import annotations

from itertools import pairwise

import pytest
from storerows import BEGIN, filled_job, new_job, new_row

from serve.triage.records import Filters, Row, Sort
from serve.triage.rowstore import NoSuchRowError
from serve.triage.store import Store


def numbers(found: list[Row]) -> list[int]:
    return [row.number for row in found]


@pytest.mark.parametrize("sort", ["severity", "number", "sent_at", "confidence"])
def test_order_and_pages_agree(store: Store, sort: Sort) -> None:
    job = filled_job(store, rows=23)
    down = numbers(store.page_rows(job.id, sort=sort, limit=100).rows)
    up = numbers(store.page_rows(job.id, sort=sort, descending=False, limit=100).rows)
    assert sorted(down) == list(range(1, 24))
    pages = [store.page_rows(job.id, sort=sort, offset=i, limit=5) for i in range(0, 25, 5)]
    assert [n for page in pages for n in numbers(page.rows)] == down
    assert {page.total for page in pages} == {23}
    assert numbers(list(store.iter_rows(job.id, sort=sort, descending=True))) == down
    if sort != "sent_at":  # whose rows without a time stand last in both
        assert up == down[::-1]
    keys = [getattr(store.row(job.id, n), sort) for n in down]
    known = [key for key in keys if key is not None]
    assert known == sorted(known, reverse=True)
    assert keys[len(known) :] == [None] * (len(keys) - len(known))


def test_equals_stand_as_in_the_file(store: Store) -> None:
    job = new_job(store)
    store.queue(job.id)
    store.claim_next()
    store.append_chunk(job.id, 0, [new_row(i, severity=5) for i in range(1, 9)], [], 8, "m")
    assert numbers(store.page_rows(job.id).rows) == list(range(1, 9))


def test_filters_meet(store: Store) -> None:
    job = filled_job(store, rows=20)
    everything = list(store.iter_rows(job.id))

    def found(**filters: object) -> list[int]:
        page = store.page_rows(job.id, Filters(**filters), sort="number", descending=False)
        assert page.total == len(page.rows)
        return numbers(page.rows)

    assert found(label="threat_extortion") == [r.number for r in everything if r.number % 2]
    assert found(review=True) == [r.number for r in everything if r.review]
    assert found(review=False) == [r.number for r in everything if not r.review]
    assert found(sender="10601") == [r.number for r in everything if r.sender == "10601"]
    assert found(q="第1条") == [1]
    assert found(q="10602", label="lawful_reminder") == [
        r.number for r in everything if r.sender == "10602" and r.number % 2 == 0
    ]
    assert found(q="%") == found(q="_") == found(q="\\") == []
    store.add_review(job.id, 2, reviewer="a", label="harassment")
    assert found(label="harassment") == found(reviewed=True) == [2]
    assert len(found(reviewed=False)) == 19


def test_search_ignores_the_case_of_latin_letters(store: Store) -> None:
    job = new_job(store)
    store.queue(job.id)
    store.claim_next()
    store.append_chunk(job.id, 0, [new_row(1, text="加我VX", signature="ABC金融")], [], 1, "m")
    assert store.page_rows(job.id, Filters(q="vx")).total == 1
    assert store.page_rows(job.id, Filters(q="abc金")).total == 1
    assert store.page_rows(job.id, Filters(signature="ABC金融")).total == 1


def test_a_row_that_is_not_there(store: Store) -> None:
    job = filled_job(store, rows=3, bad=1)
    with pytest.raises(NoSuchRowError):
        store.row(job.id, 4)
    [bad] = store.bad(job.id)
    assert (bad.number, bad.reason_zh, bad.column) == (4, "空白", "内容")


def test_iteration_sees_one_state(store: Store) -> None:
    job = filled_job(store, rows=20)
    seen = store.iter_rows(job.id)
    first = next(seen)
    store.add_review(job.id, 20, reviewer="a", label="harassment")
    rest = list(seen)
    assert numbers([first, *rest]) == list(range(1, 21))
    assert rest[-1].current_label == "lawful_reminder"


def test_counts(store: Store) -> None:
    job = filled_job(store, rows=20)
    store.add_review(job.id, 3, reviewer="a", label="out_of_scope")
    counts = store.counts(job.id)
    assert counts.labels == {"threat_extortion": 9, "lawful_reminder": 10, "out_of_scope": 1}
    days = [day for day, _ in counts.days]
    assert days[0] == str(BEGIN.date())
    assert all(a < b for a, b in pairwise(days))
    timed = [row for row in store.iter_rows(job.id) if row.sent_at]
    assert sum(sum(labels.values()) for _, labels in counts.days) == len(timed)
    worst = [severity for _, _, severity in counts.senders]
    assert worst == sorted(worst, reverse=True)
    assert {sender for sender, _, _ in counts.senders} == {"10600", "10601", "10602"}
    assert counts.signatures == []
    assert counts.reviewed == 1
    unsure = [row for row in store.iter_rows(job.id) if row.review and row.number != 3]
    assert counts.to_review == len(unsure)


def test_clusters_come_by_size_and_severity_can_follow_it(store: Store) -> None:
    job = new_job(store)
    store.queue(job.id)
    store.claim_next()
    of = {1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 3}
    store.append_chunk(
        job.id, 0, [new_row(n, cluster=c, sender="x") for n, c in of.items()], [], 6, "m"
    )
    assert [(c.id, c.size) for c in store.clusters(job.id)] == [(3, 3), (2, 2)]
    assert [c.id for c in store.clusters(job.id, offset=1)] == [2]
    assert store.counts(job.id).clusters == 2
    assert [(r.number, size) for r, size in store.rows_in_clusters(job.id, 2, 5)] == [
        (3, 2),
        (4, 3),
        (5, 3),
    ]
    store.set_severity(job.id, [(5, 99.5, [])])
    store.set_severity(job.id, [])
    assert store.page_rows(job.id, limit=1).rows[0].severity == 99.5
    assert [key for key, _, _ in store.cluster_firsts(job.id)] == [1, 2, 3]
