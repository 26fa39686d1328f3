"""Rows, clusters and aggregates of a job, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    bindparam,
    desc,
    func,
    or_,
    select,
    update,
)

from serve.triage.database import Database
from serve.triage.records import Cluster, Counts, Filters, NewBad, Page, Row, Sort
from serve.triage.tables import bad_rows, clusters, rows

ROW_COLUMNS = [rows.c[field.name] for field in fields(Row)]
BATCH = 1_000
MOST_SENDERS = 50
"""Senders that a list shows; all of them are in the rows."""

Where = list[ColumnElement[bool]]


class NoSuchRowError(LookupError):
    """The job has no such row (or it could not be read: see the bad rows)."""


class RowStore(Database):
    """The part of the store that answers questions about rows."""

    def page_rows(
        self,
        job_id: str,
        filters: Filters | None = None,
        *,
        sort: Sort = "severity",
        descending: bool = True,
        offset: int = 0,
        limit: int = 50,
    ) -> Page:
        """Return some rows in order; ascending is exactly the reverse of descending."""
        where = conditions(job_id, filters)
        count = select(func.count()).select_from(rows).where(*where)
        numbers = select(rows.c.number).where(*where).order_by(*_order(sort, descending))
        searching = filters is not None and bool(filters.q)
        if searching:  # no index helps: read all texts, but only once
            numbers = numbers.add_columns(func.count().over())
        with self.read() as connection:
            # First the numbers, which an index can give, then only the rows that are shown.
            chosen = connection.execute(numbers.offset(offset).limit(limit)).all()
            wanted = [entry[0] for entry in chosen]
            if searching and (chosen or offset == 0):
                total = chosen[0][1] if chosen else 0
            else:
                total = connection.scalar(count)
            query = select(*ROW_COLUMNS).where(rows.c.job_id == job_id, rows.c.number.in_(wanted))
            found = {row.number: row for row in map(_row, connection.execute(query).mappings())}
        return Page([found[number] for number in wanted], total or 0)

    def iter_rows(
        self,
        job_id: str,
        filters: Filters | None = None,
        *,
        sort: Sort = "number",
        descending: bool = False,
    ) -> Iterator[Row]:
        """Yield all rows in order, as they are at the first one, in constant memory."""
        query = select(*ROW_COLUMNS).where(*conditions(job_id, filters))
        query = query.order_by(*_order(sort, descending))
        with self.read() as connection:
            result = connection.execution_options(yield_per=BATCH).execute(query)
            for found in result.mappings():
                yield _row(found)

    def row(self, job_id: str, number: int) -> Row:
        """Return one row. Raises NoSuchRowError."""
        query = select(*ROW_COLUMNS).where(rows.c.job_id == job_id, rows.c.number == number)
        with self.read() as connection:
            found = connection.execute(query).mappings().one_or_none()
        if found is None:
            raise NoSuchRowError(number)
        return _row(found)

    def bad(self, job_id: str, offset: int = 0, limit: int = 50) -> list[NewBad]:
        """Return records that could not be read, in the order of the file."""
        columns = [bad_rows.c[field.name] for field in fields(NewBad)]
        query = select(*columns).where(bad_rows.c.job_id == job_id).order_by(bad_rows.c.number)
        with self.read() as connection:
            found = connection.execute(query.offset(offset).limit(limit)).mappings()
            return [NewBad(**row) for row in found]

    def clusters(self, job_id: str, offset: int = 0, limit: int = 50) -> list[Cluster]:
        """Return the clusters of two rows or more, the largest first."""
        query = (
            select(clusters, rows.c.text, rows.c.current_label)
            .join(
                rows,
                (rows.c.job_id == clusters.c.job_id) & (rows.c.number == clusters.c.first_number),
            )
            .where(clusters.c.job_id == job_id, clusters.c.size >= 2)
            .order_by(clusters.c.size.desc(), clusters.c.id)
        )
        with self.read() as connection:
            found = connection.execute(query.offset(offset).limit(limit)).mappings().all()
        return [self._cluster(job_id, row) for row in found]

    def cluster_senders(
        self, job_id: str, cluster: int, limit: int = MOST_SENDERS
    ) -> list[tuple[str, int]]:
        """Return (sender, rows) of a cluster, the most frequent first."""
        count = func.count().label("count")
        query = (
            select(rows.c.sender, count)
            .where(*conditions(job_id, Filters(cluster=cluster)), rows.c.sender.is_not(None))
            .group_by(rows.c.sender)
            .order_by(desc(count), rows.c.sender)
            .limit(limit)
        )
        with self.read() as connection:
            return [(str(sender), int(number)) for sender, number in connection.execute(query)]

    def cluster_firsts(self, job_id: str) -> Iterator[tuple[int, str, int]]:
        """Yield (id, text of the first row, size) of all clusters, by id."""
        of_first = (rows.c.job_id == clusters.c.job_id) & (rows.c.number == clusters.c.first_number)
        query = select(clusters.c.id, rows.c.text, clusters.c.size).join(rows, of_first)
        query = query.where(clusters.c.job_id == job_id).order_by(clusters.c.id)
        with self.read() as connection:
            for found in connection.execution_options(yield_per=BATCH).execute(query):
                yield found.id, found.text, found.size

    def rows_in_clusters(self, job_id: str, after: int, upto: int) -> list[tuple[Row, int]]:
        """Return the rows after+1..upto that share their cluster, each with its size."""
        same = (rows.c.job_id == clusters.c.job_id) & (rows.c.cluster == clusters.c.id)
        query = select(*ROW_COLUMNS, clusters.c.size).join(clusters, same)
        query = query.where(rows.c.job_id == job_id, rows.c.number.between(after + 1, upto))
        query = query.where(clusters.c.size >= 2).order_by(rows.c.number)
        with self.read() as connection:
            found = connection.execute(query).mappings().all()
        return [(_row({k: v for k, v in row.items() if k != "size"}), row["size"]) for row in found]

    def set_severity(
        self, job_id: str, found: Sequence[tuple[int, float, Sequence[dict[str, Any]]]]
    ) -> None:
        """Set (number, severity, parts) of rows."""
        query = (
            update(rows)
            .where(rows.c.job_id == job_id, rows.c.number == bindparam("row"))
            .values(severity=bindparam("points"), severity_parts=bindparam("parts"))
        )
        values = [{"row": row, "points": points, "parts": parts} for row, points, parts in found]
        if values:
            with self.write() as connection:
                connection.execute(query, values)

    def counts(self, job_id: str) -> Counts:
        """Return the aggregates of a job."""
        of_job = rows.c.job_id == job_id
        day = func.date(rows.c.sent_at)
        label = rows.c.current_label
        by_day = (
            select(day, label, func.count())
            .where(of_job, rows.c.sent_at.is_not(None))
            .group_by(day, label)
            .order_by(day)
        )
        with self.read() as connection:
            labels = connection.execute(
                select(label, func.count()).where(of_job).group_by(label)
            ).all()
            days: dict[str, dict[str, int]] = {}
            for date, name, count in connection.execute(by_day):
                days.setdefault(str(date), {})[name] = count
            shared = select(func.count()).select_from(clusters)
            of_two = (clusters.c.job_id == job_id, clusters.c.size >= 2)
            tally = select(func.count()).select_from(rows).where(of_job)
            return Counts(
                labels={str(name): int(count) for name, count in labels},
                days=list(days.items()),
                senders=_gravest(connection, of_job, rows.c.sender),
                signatures=_gravest(connection, of_job, rows.c.signature),
                clusters=connection.scalar(shared.where(*of_two)) or 0,
                reviewed=connection.scalar(tally.where(rows.c.reviewed > 0)) or 0,
                to_review=connection.scalar(
                    tally.where(rows.c.reviewed == 0, rows.c.review.is_not(None))
                )
                or 0,
            )

    def _cluster(self, job_id: str, row: RowMapping) -> Cluster:
        senders = self.cluster_senders(job_id, row["id"])
        query = select(func.count(func.distinct(rows.c.sender)))
        query = query.where(*conditions(job_id, Filters(cluster=row["id"])))
        with self.read() as connection:
            count = connection.scalar(query)
        return Cluster(
            id=row["id"],
            size=row["size"],
            first_number=row["first_number"],
            first_seen=row["first_seen"],
            last_seen=row["last_seen"],
            text=row["text"],
            label=row["current_label"],
            senders=[sender for sender, _ in senders],
            sender_count=count or 0,
        )


def conditions(job_id: str, filters: Filters | None) -> Where:
    """Return the conditions that select the rows of a job that pass the filters."""
    where: Where = [rows.c.job_id == job_id]
    if filters is None:
        return where
    exact = {
        rows.c.current_label: filters.label,
        rows.c.sender: filters.sender,
        rows.c.signature: filters.signature,
        rows.c.cluster: filters.cluster,
    }
    where += [column == value for column, value in exact.items() if value is not None]
    if filters.review is not None:
        where.append(rows.c.review.is_not(None) if filters.review else rows.c.review.is_(None))
    if filters.reviewed is not None:
        where.append(rows.c.reviewed > 0 if filters.reviewed else rows.c.reviewed == 0)
    if filters.q:
        # True of all rows; it leads SQLite to read them as they lie, four times as fast as
        # in the order of another index.
        where.append(rows.c.number > 0)
        columns = (rows.c.text, rows.c.sender, rows.c.signature)
        where.append(or_(*(column.icontains(filters.q, autoescape=True) for column in columns)))
    return where


def _order(sort: Sort, descending: bool) -> list[ColumnElement[Any]]:
    """Equal rows stand as in the file; rows without a time always stand last."""
    number = rows.c.number
    if sort == "number":
        return [number.desc() if descending else number.asc()]
    column = rows.c[sort]
    first = column.desc() if descending else column.asc()
    if sort == "sent_at":
        first = first.nulls_last()
    return [first, number.asc() if descending else number.desc()]


def _gravest(
    connection: Any, of_job: ColumnElement[bool], column: ColumnElement[Any]
) -> list[tuple[str, int, float]]:
    """Return (value, rows, highest severity) for the values with the gravest rows."""
    most, count = func.max(rows.c.severity).label("most"), func.count().label("count")
    query: Select[Any] = (
        select(column, count, most)
        .where(of_job, column.is_not(None))
        .group_by(column)
        .order_by(desc(most), desc(count), column)
        .limit(MOST_SENDERS)
    )
    return [(str(a), int(b), float(c)) for a, b, c in connection.execute(query)]


def _row(found: RowMapping | Mapping[str, Any]) -> Row:
    return Row(**found)
