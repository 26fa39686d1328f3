"""Small questions of the desk page to the database, for the rows that it shows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from serve.triage.database import Database
from serve.triage.records import Row
from serve.triage.tables import clusters, rows


def cluster_sizes(database: Database, job_id: str, of: Sequence[Row]) -> dict[int, int]:
    """Return the sizes of the clusters that these rows belong to."""
    wanted = {row.cluster for row in of if row.cluster is not None}
    query = select(clusters.c.id, clusters.c.size)
    query = query.where(clusters.c.job_id == job_id, clusters.c.id.in_(wanted))
    with database.read() as connection:
        return {int(key): int(size) for key, size in connection.execute(query)}


def cluster_count(database: Database, job_id: str) -> int:
    """Return how many clusters of two rows or more a job has."""
    query = select(func.count()).select_from(clusters)
    query = query.where(clusters.c.job_id == job_id, clusters.c.size >= 2)
    with database.read() as connection:
        return connection.scalar(query) or 0


def sender_count(database: Database, job_id: str, cluster: int | None) -> int:
    """Return how many different senders a cluster has; 0 without a cluster."""
    if cluster is None:
        return 0
    query = select(func.count(func.distinct(rows.c.sender)))
    query = query.where(rows.c.job_id == job_id, rows.c.cluster == cluster)
    with database.read() as connection:
        return connection.scalar(query) or 0
