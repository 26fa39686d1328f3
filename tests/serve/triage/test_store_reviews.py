"""Reviews: the trail only grows, on both databases; undo; agreement of reviewers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sklearn.metrics import cohen_kappa_score
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from storerows import filled_job

from serve.triage.reviewstore import NothingToUndoError, ReviewError, cohen_kappa
from serve.triage.rowstore import NoSuchRowError
from serve.triage.store import Store


def test_a_review_changes_what_counts_and_is_kept(store: Store) -> None:
    job = filled_job(store)
    row = store.add_review(
        job.id,
        2,
        reviewer="甲",
        label="threat_extortion",
        also=["harassment", "privacy_disclosure"],
        note="上门",
    )
    assert row == store.row(job.id, 2)
    assert (row.label, row.current_label, row.reviewed) == (
        "lawful_reminder",
        "threat_extortion",
        1,
    )
    [review] = store.reviews(job.id, 2)
    assert (review.reviewer, review.note, review.model) == ("甲", "上门", "model-1")
    assert (review.from_label, review.from_also) == ("lawful_reminder", [])
    assert review.to_label == "threat_extortion"
    assert review.to_also == ["privacy_disclosure", "harassment"]  # gravest first
    assert review.undoes is None


def test_undo_appends_the_inverse_as_often_as_one_likes(store: Store) -> None:
    job = filled_job(store)
    store.add_review(job.id, 2, reviewer="甲", label="harassment")
    store.add_review(job.id, 2, reviewer="甲", label="out_of_scope")
    assert store.undo_review(job.id, 2, reviewer="甲").current_label == "harassment"
    row = store.undo_review(job.id, 2, reviewer="甲")
    assert (row.current_label, row.reviewed) == ("lawful_reminder", 0)
    with pytest.raises(NothingToUndoError):
        store.undo_review(job.id, 2, reviewer="甲")
    trail = store.reviews(job.id, 2)
    assert [r.undoes for r in trail] == [None, None, trail[1].id, trail[0].id]
    assert store.add_review(job.id, 2, reviewer="甲", label="harassment").reviewed == 1


def test_nobody_undoes_what_another_has_reviewed(store: Store) -> None:
    job = filled_job(store)
    store.add_review(job.id, 2, reviewer="甲", label="harassment")
    store.add_review(job.id, 2, reviewer="乙", label="threat_extortion")
    with pytest.raises(NothingToUndoError):
        store.undo_review(job.id, 2, reviewer="甲")
    store.undo_review(job.id, 2, reviewer="乙")
    assert store.undo_review(job.id, 2, reviewer="甲").reviewed == 0


@pytest.mark.parametrize(
    ("label", "also", "field"),
    [
        ("nonsense", [], "label"),
        ("harassment", ["lawful_reminder"], "also"),
        ("harassment", ["harassment"], "also"),
        ("harassment", ["threat_extortion", "threat_extortion"], "also"),
        ("out_of_scope", ["harassment"], "also"),
    ],
)
def test_labels_that_cannot_stand_together(
    store: Store, label: str, also: list[str], field: str
) -> None:
    job = filled_job(store)
    with pytest.raises(ReviewError) as refused:
        store.add_review(job.id, 1, reviewer="甲", label=label, also=also)
    assert refused.value.field == field
    assert store.reviews(job.id) == []


def test_bounds_of_a_review(store: Store) -> None:
    job = filled_job(store)
    with pytest.raises(ReviewError, match="note"):
        store.add_review(job.id, 1, reviewer="甲", label="harassment", note="长" * 2001)
    with pytest.raises(NoSuchRowError):
        store.add_review(job.id, 999, reviewer="甲", label="harassment")
    with pytest.raises(NoSuchRowError):
        store.undo_review(job.id, 999, reviewer="甲")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reviews SET note = 'changed'",
        "UPDATE reviews SET reviewer = 'another' WHERE number = 1",
        "DELETE FROM reviews",
        "DELETE FROM reviews WHERE number = 1",
        "sqlite: REPLACE INTO reviews SELECT * FROM reviews",
        "postgresql: TRUNCATE reviews",
        "postgresql: INSERT INTO reviews SELECT * FROM reviews"
        " ON CONFLICT (id) DO UPDATE SET note = 'changed'",
    ],
)
def test_the_database_itself_refuses_to_change_the_trail(store: Store, statement: str) -> None:
    only, _, rest = statement.rpartition(": ")
    if only and only != store.url.get_backend_name():
        return  # the statement is one of the other database
    job = filled_job(store)
    store.add_review(job.id, 1, reviewer="甲", label="harassment", note="原")
    before = store.reviews(job.id)
    with pytest.raises(DBAPIError, match="append-only"), store.write() as connection:
        connection.execute(text(rest))
    assert store.reviews(job.id) == before


def test_the_way_of_deletion_cannot_be_gone_back(store: Store) -> None:
    job = filled_job(store)
    store.mark_deleting(job.id)
    with pytest.raises(DBAPIError, match="being deleted"), store.write() as connection:
        connection.execute(text("UPDATE jobs SET state = 'done'"))


def test_reviews_at_the_same_time_follow_one_another(store: Store) -> None:
    job = filled_job(store)
    labels = ["harassment", "threat_extortion", "out_of_scope", "lawful_reminder"] * 3
    with ThreadPoolExecutor(4) as pool:
        for label in labels:
            pool.submit(store.add_review, job.id, 1, reviewer="甲", label=label)
    trail = store.reviews(job.id, 1)
    assert len(trail) == len(labels)
    came_from = ["threat_extortion", *[review.to_label for review in trail[:-1]]]
    assert [review.from_label for review in trail] == came_from
    assert store.row(job.id, 1).reviewed == len(labels)


def test_agreement_of_two_and_of_three(store: Store) -> None:
    job = filled_job(store, rows=12)
    first = ["harassment", "threat_extortion", "out_of_scope", "harassment"]
    second = ["harassment", "threat_extortion", "harassment", "harassment"]
    for number, (one, other) in enumerate(zip(first, second, strict=True), 1):
        store.add_review(job.id, number, reviewer="甲", label="lawful_reminder")  # then better
        store.add_review(job.id, number, reviewer="甲", label=one)
        store.add_review(job.id, number, reviewer="乙", label=other)
    store.add_review(job.id, 9, reviewer="甲", label="harassment")
    store.add_review(job.id, 10, reviewer="乙", label="harassment")
    [found] = store.agreement(job.id)
    assert found.reviewers == ("乙", "甲")
    assert (found.rows, found.agreed) == (4, 0.75)
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second))
    store.add_review(job.id, 1, reviewer="丙", label="harassment")
    assert [a.reviewers for a in store.agreement(job.id)] == [
        ("丙", "乙"),
        ("丙", "甲"),
        ("乙", "甲"),
    ]
    assert [a.kappa for a in store.agreement(job.id)][:2] == [None, None]


def test_undone_reviews_do_not_count_for_agreement(store: Store) -> None:
    job = filled_job(store)
    store.add_review(job.id, 1, reviewer="甲", label="harassment")
    store.add_review(job.id, 1, reviewer="乙", label="harassment")
    store.undo_review(job.id, 1, reviewer="乙")
    assert store.agreement(job.id) == []


def test_kappa_is_that_of_the_literature() -> None:
    # Cohen (1960): observed 0.7, expected 0.5
    pairs = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)
    assert cohen_kappa([("a", "a")]) is None
    assert cohen_kappa([("a", "b"), ("b", "a")]) == -1


def test_reviewed_rows(store: Store) -> None:
    one, other = filled_job(store), filled_job(store)
    store.add_review(one.id, 3, reviewer="甲", label="harassment")
    store.add_review(other.id, 4, reviewer="甲", label="harassment")
    store.add_review(other.id, 5, reviewer="甲", label="harassment")
    store.undo_review(other.id, 5, reviewer="甲")
    assert [row.number for row in store.reviewed_rows(one.id)] == [3]
    assert {(row.job_id, row.number) for row in store.reviewed_rows()} == {
        (one.id, 3),
        (other.id, 4),
    }
