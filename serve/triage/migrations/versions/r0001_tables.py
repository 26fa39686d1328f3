"""Jobs, rows, clusters, reviews, keys."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _jobs()
    _rows()
    _clusters()
    _reviews()
    _keys()


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("file_bytes", sa.BigInteger, nullable=False),
        sa.Column("dialect", sa.Text, nullable=False),
        sa.Column("headings", sa.Text, nullable=False),
        sa.Column("mapping", sa.Text),
        sa.Column("rows_total", sa.Integer),
        sa.Column("rows_done", sa.Integer, nullable=False),
        sa.Column("rows_bad", sa.Integer, nullable=False),
        sa.Column("model", sa.String(80)),
        sa.Column("error", sa.String(200)),
        sa.Column("started_at", sa.DateTime),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("owner_key", sa.String(32)),
    )


def _rows() -> None:
    op.create_table(
        "rows",
        sa.Column("job_id", sa.String(32), sa.ForeignKey("jobs.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("text_key", sa.String(64), nullable=False),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("sender", sa.Text),
        sa.Column("signature", sa.Text),
        sa.Column("original", sa.Text, nullable=False),
        sa.Column("label", sa.String(32), nullable=False),
        sa.Column("also", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("scores", sa.Text, nullable=False),
        sa.Column("review", sa.String(32)),
        sa.Column("severity", sa.Float, nullable=False),
        sa.Column("severity_parts", sa.Text, nullable=False),
        sa.Column("cluster", sa.Integer),
        sa.Column("current_label", sa.String(32), nullable=False),
        sa.Column("current_also", sa.Text, nullable=False),
        sa.Column("reviewed", sa.Integer, nullable=False),
    )
    op.create_index("ix_rows_cluster", "rows", ["job_id", "cluster", "sender", "number"])
    op.create_index("ix_rows_day", "rows", ["job_id", "sent_at", "current_label"])
    op.create_index("ix_rows_sender", "rows", ["job_id", "sender", "severity"])
    op.create_index("ix_rows_signature", "rows", ["job_id", "signature", "severity"])
    gravest = sa.text("severity DESC")
    order: list[Any] = [gravest, "number"]
    marks = ["review", "reviewed"]
    op.create_index("ix_rows_severity", "rows", ["job_id", *order, *marks])
    op.create_index("ix_rows_label", "rows", ["job_id", "current_label", *order, *marks])
    op.create_index("ix_rows_marks", "rows", ["job_id", *marks, *order, "confidence"])
    op.create_table(
        "bad_rows",
        sa.Column("job_id", sa.String(32), sa.ForeignKey("jobs.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("reason_zh", sa.Text, nullable=False),
        sa.Column("reason_en", sa.Text, nullable=False),
        sa.Column("column", sa.Text),
    )


def _clusters() -> None:
    op.create_table(
        "clusters",
        sa.Column("job_id", sa.String(32), sa.ForeignKey("jobs.id"), primary_key=True),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("first_number", sa.Integer, nullable=False),
        sa.Column("first_seen", sa.DateTime),
        sa.Column("last_seen", sa.DateTime),
    )
    op.create_index("ix_clusters_size", "clusters", ["job_id", "size"])


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("job_id", sa.String(32), sa.ForeignKey("jobs.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("reviewer", sa.String(80), nullable=False),
        sa.Column("from_label", sa.String(32), nullable=False),
        sa.Column("from_also", sa.Text, nullable=False),
        sa.Column("to_label", sa.String(32), nullable=False),
        sa.Column("to_also", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("undoes", COUNTER),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reviews_row", "reviews", ["job_id", "number"])


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime),
        sa.Column("revoked_at", sa.DateTime),
    )
