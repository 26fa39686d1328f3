"""Jobs in the database: made, queued, worked on in chunks, cancelled, deleted."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from serve.triage.database import Database
from serve.triage.records import Job, NewBad, NewRow
from serve.triage.tables import bad_rows, clusters, jobs, reviews, rows

ACTIVE = ("queued", "running")
DELETE_AT_ONCE = 5_000
"""Rows deleted in one transaction, so that others get in between."""


class NoSuchJobError(LookupError):
    """There is no such job, or it is being deleted."""


class WrongStateError(ValueError):
    """The job's state does not allow this; `state` is what it is now."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def now() -> datetime:
    return datetime.now(UTC)


class JobStore(Database):
    """The part of the store that holds jobs."""

    retention_days: float

    def create_job(
        self,
        *,
        name: str,
        file_sha256: str,
        file_bytes: int,
        dialect: dict[str, Any],
        headings: Sequence[str],
        mapping: dict[str, Any] | None = None,
        owner_key: str | None = None,
        id: str | None = None,
    ) -> Job:
        """Add a job in state `uploaded`; its file must be on disk already (see uploads.py)."""
        created, job_id = now(), id or new_id()
        values = {
            "id": job_id,
            "name": name,
            "created_at": created,
            "expires_at": created + timedelta(days=self.retention_days),
            "state": "uploaded",
            "file_sha256": file_sha256,
            "file_bytes": file_bytes,
            "dialect": dialect,
            "headings": list(headings),
            "mapping": mapping,
            "rows_done": 0,
            "rows_bad": 0,
            "owner_key": owner_key,
        }
        with self.write() as connection:
            connection.execute(insert(jobs).values(values))
            return _job(connection, job_id)

    def job(self, job_id: str) -> Job:
        """Return a job. Raises NoSuchJobError."""
        with self.read() as connection:
            return _job(connection, job_id)

    def list_jobs(self, limit: int = 200) -> list[Job]:
        """Return the jobs, the newest first."""
        query = select(jobs).where(jobs.c.state != "deleting")
        query = query.order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)
        with self.read() as connection:
            return [_as_job(found) for found in connection.execute(query).mappings()]

    def set_mapping(self, job_id: str, mapping: dict[str, Any]) -> Job:
        """Set which column is what. Raises WrongStateError once rows have been read."""
        return self._change(job_id, ("uploaded",), mapping=mapping)

    def queue(self, job_id: str) -> Job:
        """Let the runner have the job; a cancelled or failed one goes on where it stopped."""
        states = ("uploaded", "cancelled", "failed")
        return self._change(job_id, states, state="queued", error=None, finished_at=None)

    def cancel(self, job_id: str) -> Job:
        """Stop a job; rows that are stored stay. Raises WrongStateError where it is not active."""
        return self._change(job_id, ACTIVE, state="cancelled", finished_at=now())

    def active_ids(self) -> list[str]:
        """Return the ids of the jobs that the runner has to work on, in the order of turns."""
        with self.read() as connection:
            return list(connection.scalars(_active()))

    def claim_next(self, after: str | None = None) -> Job | None:
        """Return the active job that is next in turn after job `after`, and mark it running.

        None where no job waits. Turns go round by id, so that every job gets one chunk in each.
        """
        while True:
            with self.write() as connection:
                ids: Sequence[str] = connection.scalars(_active()).all()
                if not ids:
                    return None
                chosen = next((i for i in ids if after is not None and i > after), ids[0])
                started = func.coalesce(jobs.c.started_at, now())
                claimed = connection.execute(
                    update(jobs)
                    .where(jobs.c.id == chosen, jobs.c.state.in_(ACTIVE))
                    .values(state="running", started_at=started)
                )
                if claimed.rowcount == 1:  # else it was cancelled since we looked
                    return _job(connection, chosen)

    def set_total(self, job_id: str, total: int) -> None:
        """Note how many records the file has."""
        with self.write() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(rows_total=total))

    def append_chunk(
        self,
        job_id: str,
        start: int,
        good: Sequence[NewRow],
        bad: Sequence[NewBad],
        done: int,
        model: str,
    ) -> bool:
        """Store the records start+1..done of a running job, all or none of them.

        Returns False, and stores nothing, where the job no longer runs or others have stored
        these records: the caller's work is then void.
        """
        with self.write() as connection:
            moved = connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id, jobs.c.state == "running", jobs.c.rows_done == start)
                .values(rows_done=done, rows_bad=jobs.c.rows_bad + len(bad), model=model)
            )
            if moved.rowcount != 1:
                return False
            if good:
                connection.execute(insert(rows), [_row_values(job_id, row) for row in good])
                _grow_clusters(connection, job_id, good)
            if bad:
                values = [{"job_id": job_id, **asdict(row)} for row in bad]
                connection.execute(insert(bad_rows), values)
            return True

    def finish(self, job_id: str) -> None:
        """Mark a running job as done."""
        with self.write() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id, jobs.c.state == "running")
                .values(state="done", finished_at=now(), rows_total=jobs.c.rows_done)
            )

    def fail(self, job_id: str, error: str) -> None:
        """Mark an active job as failed; `error` is a code, never content of the file."""
        with self.write() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id, jobs.c.state.in_(ACTIVE))
                .values(state="failed", finished_at=now(), error=error)
            )

    def delete_job(self, job_id: str) -> None:
        """Delete a job with all its rows and reviews. Its file: see retention.py.

        The job vanishes from all queries at once; its rows go in several transactions, and where
        that is interrupted, `unfinished_deletions` names it.
        """
        self.mark_deleting(job_id)
        for table in (rows, bad_rows, clusters):
            key = table.c.id if table is clusters else table.c.number
            while self._delete_some(table, key, job_id):
                pass
        with self.write() as connection:
            connection.execute(delete(reviews).where(reviews.c.job_id == job_id))
            connection.execute(delete(jobs).where(jobs.c.id == job_id))

    def mark_deleting(self, job_id: str) -> None:
        """Hide a job from all queries and from the runner; there is no way back."""
        with self.write() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(state="deleting"))

    def unfinished_deletions(self) -> list[str]:
        """Return the ids of jobs whose deletion was interrupted."""
        with self.read() as connection:
            return list(connection.scalars(select(jobs.c.id).where(jobs.c.state == "deleting")))

    def lifetimes(self) -> dict[str, tuple[datetime, datetime]]:
        """Return when each job was made and when it comes to its end, by the clock of then."""
        query = select(jobs.c.id, jobs.c.created_at, jobs.c.expires_at)
        with self.read() as connection:
            return {row.id: (row.created_at, row.expires_at) for row in connection.execute(query)}

    def job_ids(self) -> set[str]:
        """Return the ids of all jobs."""
        with self.read() as connection:
            return set(connection.scalars(select(jobs.c.id)))

    def _change(self, job_id: str, states: Sequence[str], **values: Any) -> Job:
        with self.write() as connection:
            changed = connection.execute(
                update(jobs).where(jobs.c.id == job_id, jobs.c.state.in_(states)).values(values)
            )
            job = _job(connection, job_id)
            if changed.rowcount != 1:
                raise WrongStateError(job.state)
            return job

    def _delete_some(self, table: Any, key: Any, job_id: str) -> bool:
        some = select(key).where(table.c.job_id == job_id).limit(DELETE_AT_ONCE)
        with self.write() as connection:
            gone = connection.execute(delete(table).where(table.c.job_id == job_id, key.in_(some)))
            return gone.rowcount > 0


def new_id() -> str:
    """Return a job id: unguessable, safe in a path and a URL."""
    return secrets.token_hex(16)


def _active() -> Select[Any]:
    return select(jobs.c.id).where(jobs.c.state.in_(ACTIVE)).order_by(jobs.c.id)


def _job(connection: Connection, job_id: str) -> Job:
    query = select(jobs).where(jobs.c.id == job_id, jobs.c.state != "deleting")
    found = connection.execute(query).mappings().one_or_none()
    if found is None:
        raise NoSuchJobError(job_id)
    return _as_job(found)


def _as_job(found: RowMapping) -> Job:
    return Job(**found)


def _row_values(job_id: str, row: NewRow) -> dict[str, Any]:
    values = dict(vars(row))
    return values | {
        "job_id": job_id,
        "current_label": row.label,
        "current_also": row.also,
        "reviewed": 0,
    }


def _grow_clusters(connection: Connection, job_id: str, good: Sequence[NewRow]) -> None:
    """Add the rows to the size, and to the first and last time, of their clusters."""
    found: dict[int, dict[str, Any]] = {}
    for row in good:
        if row.cluster is None:
            continue
        entry = found.setdefault(
            row.cluster,
            {
                "job_id": job_id,
                "id": row.cluster,
                "size": 0,
                "first_number": row.number,
                "first_seen": row.sent_at,
                "last_seen": row.sent_at,
            },
        )
        entry["size"] += 1
        if row.sent_at is not None:
            entry["first_seen"] = min(entry["first_seen"] or row.sent_at, row.sent_at)
            entry["last_seen"] = max(entry["last_seen"] or row.sent_at, row.sent_at)
    if not found:
        return
    is_sqlite = connection.dialect.name == "sqlite"
    add: Any = (sqlite if is_sqlite else postgresql).insert(clusters)
    new, old = add.excluded, clusters.c
    least, most = (func.min, func.max) if is_sqlite else (func.least, func.greatest)
    merged = {
        "size": old.size + new.size,
        # min and max of SQLite give NULL where one of the two is
        "first_seen": func.coalesce(
            least(old.first_seen, new.first_seen), old.first_seen, new.first_seen
        ),
        "last_seen": func.coalesce(
            most(old.last_seen, new.last_seen), old.last_seen, new.last_seen
        ),
    }
    connection.execute(
        add.on_conflict_do_update(index_elements=["job_id", "id"], set_=merged),
        list(found.values()),
    )
